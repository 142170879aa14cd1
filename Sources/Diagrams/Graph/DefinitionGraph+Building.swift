import Chrono
import Definitions
import JSON

extension DefinitionGraph {
    public init(_ definition: Definition) {
        let document = definition.canonical
        self.init(
            name: definition.name, version: definition.version, description: definition.description,
            machines: definition.machines.map { MachineGraph($0, in: document) })
    }
}

extension DefinitionGraph {
    /// Reads the document of a definition; nil if it has faults.
    public init?(document: JSONView, version: Int) {
        guard let (definition, _) = try? Definition.decode(document, version: version) else { return nil }
        self.init(definition)
    }
}

extension MachineGraph {
    init(_ machine: MachineDeclaration, in document: JSONValue) {
        var builder = MachineBuilder(document: document)
        for state in machine.states { builder.add(state, isInitial: state.name == machine.initial) }
        self.init(
            name: machine.name,
            spawning: machine.spawn.map { Spawning(event: $0.on, list: Words.oneLine($0.forEach.source)) },
            initial: machine.initial, states: builder.states, ends: builder.ends, edges: builder.edges)
    }
}

/// Collects one machine, state by state.
private struct MachineBuilder {
    let document: JSONValue
    var states: [StateNode] = []
    var ends: [EndNode] = []
    var edges: [TransitionEdge] = []

    mutating func add(_ state: StateDeclaration, isInitial: Bool) {
        var stays: [TransitionLabel] = []
        for trigger in triggers(of: state) {
            for transition in state.on[trigger] ?? [] {
                add(transition, of: state, label(transition, trigger: trigger), &stays)
            }
        }
        for after in state.after {
            let label = label(after.transition, trigger: due(after), recorded: "after")
            add(after.transition, of: state, label, &stays)
        }
        for transition in state.always {
            add(transition, of: state, label(transition, trigger: "always"), &stays)
        }
        states.append(
            StateNode(
                name: state.name, isInitial: isInitial, isFinal: state.isFinal, task: state.task?.type,
                undo: state.task?.undo?.type, timers: state.after.map(due), deferred: state.deferred, stays: stays))
    }

    private mutating func add(
        _ transition: TransitionDeclaration, of state: StateDeclaration, _ label: TransitionLabel,
        _ stays: inout [TransitionLabel]
    ) {
        let end = transition.end.map(EndNode.init)
        if let to = transition.to {
            edges.append(TransitionEdge(from: state.name, target: .state(to), label: label, thenEnds: end))
        } else if let end {
            if !ends.contains(end) { ends.append(end) }
            edges.append(TransitionEdge(from: state.name, target: .end(end), label: label))
        } else {
            stays.append(label)
        }
    }

    private func label(
        _ transition: TransitionDeclaration, trigger: String, recorded: String? = nil
    ) -> TransitionLabel {
        var effects: [String] = []
        if let task = transition.task { effects.append("task \(task.type)") }
        effects += transition.commands.map { "command \($0.command)" }
        effects += transition.raises.map { "raise \($0.type)" }
        return TransitionLabel(
            trigger: trigger, guardText: transition.when.map { Words.oneLine($0.source) }, name: transition.name,
            effects: effects, sets: value(at: transition.pointer)?["set"]?.objectValue?.members.map(\.name) ?? [],
            recorded: recorded)
    }

    /// In the order of the document, which the declaration does not keep.
    private func triggers(of state: StateDeclaration) -> [String] {
        let written = value(at: state.pointer)?["on"]?.objectValue?.members.map(\.name) ?? []
        return written.filter { state.on[$0] != nil } + state.on.keys.sortedTexts.filter { !written.contains($0) }
    }

    private func due(_ after: AfterDeclaration) -> String {
        switch after.due {
        case .delay(let span): "after \(span.text)"
        case .computedDelay: "after \(expression(value(at: after.pointer)?["delay"]?.stringValue ?? "a delay"))"
        case .at(let expression): "at \(Words.oneLine(expression.source))"
        }
    }

    /// A template that is one expression, without its braces.
    private func expression(_ template: String) -> String {
        let isWhole = template.hasPrefix("${") && template.hasSuffix("}") && !template.dropFirst(2).contains("${")
        return Words.oneLine(isWhole ? String(template.dropFirst(2).dropLast()) : template)
    }

    /// The value that a JSON Pointer names (RFC 6901).
    private func value(at pointer: String) -> JSONValue? {
        var value = document
        for token in pointer.split(separator: "/") {
            let name = Words.replacing("~0", by: "~", in: Words.replacing("~1", by: "/", in: String(token)))
            guard let next = value[name] ?? Int(name).flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return value
    }
}

extension EndNode {
    init(_ end: EndDeclaration) {
        switch end {
        case .complete: self.init(kind: .complete)
        case .cancel(_, let compensates): self.init(kind: .cancel, compensates: compensates)
        case .fail(_, let compensates): self.init(kind: .fail, compensates: compensates)
        }
    }
}
