import CEL
import JSON
import ProcessManagement

extension DefinitionReader {
    private static let transitionFields = [
        "name", "when", "to", "set", "correlate", "task", "commands", "raise", "publish", "complete", "cancel", "fail",
        "compensate",
    ]

    /// `beside` names further fields that the caller reads.
    mutating func transition(
        _ view: JSONView, at pointer: String, of machine: String, beside others: [String] = [],
        condition scope: Scope = .step
    ) -> TransitionDeclaration? {
        let known = others + Self.transitionFields
        guard let fields = fields(view, at: pointer, of: "a transition", known: known) else { return nil }
        let to = string("to", in: fields)
        if let to, !names.hasState(to, of: machine) {
            unknownState(to, at: fields.pointer(to: "to"), of: machine)
        }
        let when = condition(in: fields, scope: scope)
        let set = fields["set"].map { template($0, at: fields.pointer(to: "set")) }
        if let set { requireObject(set, "'set'") }
        let end = self.end(fields)
        let raises = drafts("raise", in: fields, of: "a raised event")
        if end != nil, !raises.isEmpty {
            fault(fields.pointer(to: "raise"), "nothing is raised by a transition that ends the process")
        }
        return TransitionDeclaration(
            pointer: pointer, name: string("name", in: fields), when: when, to: to, set: set,
            correlate: correlate(fields), task: fields["task"].flatMap { task($0, at: fields.pointer(to: "task")) },
            commands: commands(fields), raises: raises,
            publishes: drafts("publish", in: fields, of: "a published event"), end: end, reads: reads(of: when))
    }

    private func reads(of condition: CompiledExpression?) -> [StateRead] {
        var reads: [StateRead] = []
        for path in condition?.program.reads ?? [] {
            let read: StateRead?
            switch path.first {
            case "data": read = path.count > 1 ? .data(ExactText(path[1])) : .allData
            case "counts":
                if path.count > 2 {
                    read = .count(machine: path[1], state: path[2])
                } else {
                    read = path.count > 1 ? .counts(machine: path[1]) : .allCounts
                }
            case "machines": read = .machines
            default: read = nil
            }
            if let read, !reads.contains(read) { reads.append(read) }
        }
        return reads
    }

    private mutating func end(_ fields: Fields) -> EndDeclaration? {
        let given = ["complete", "cancel", "fail"].filter(fields.has)
        if given.count > 1 {
            fault(fields.pointer, "a transition has at most one of 'complete', 'cancel' and 'fail'")
        }
        let compensate = flag("compensate", in: fields, default: false)
        if compensate, given.isEmpty || given == ["complete"] {
            fault(fields.pointer(to: "compensate"), "'compensate' goes with 'cancel' or 'fail'")
        }
        guard let kind = given.first, let view = fields[kind] else { return nil }
        let template = template(view, at: fields.pointer(to: kind))
        if kind == "complete" { return .complete(result: template) }
        if view.kind != .string { fault(fields.pointer(to: kind), "a reason has to be a string") }
        return kind == "cancel"
            ? .cancel(reason: template, compensate: compensate) : .fail(reason: template, compensate: compensate)
    }

    private mutating func correlate(_ fields: Fields) -> [CorrelationDeclaration] {
        guard let view = fields["correlate"] else { return [] }
        let pointer = fields.pointer(to: "correlate")
        guard view.kind == .object else {
            fault(pointer, "'correlate' has to be an object")
            return []
        }
        var correlations: [CorrelationDeclaration] = []
        for (name, value) in view.members {
            let place = JSONPointer.child(pointer, name)
            if !NameRules.isType(name) { fault(place, "'\(name)' is no name of a correlation") }
            let template = template(value, at: place)
            switch template.root {
            case .array, .object: fault(place, "a correlation has to be a string or an integer")
            case .literal where value.stringValue == nil && value.int64Value == nil:
                fault(place, "a correlation has to be a string or an integer")
            case .hole(let expression):
                switch expression.program.type {
                case .string, .int, .uint, .null, .dyn, .optional: break
                default: wrongResult(ofHole: expression, "a correlation has to be a string or an integer")
                }
            case .literal, .text: break
            }
            correlations.append(CorrelationDeclaration(name: name, value: template))
        }
        return correlations
    }

    private mutating func commands(_ fields: Fields) -> [CommandDeclaration] {
        var commands: [CommandDeclaration] = []
        for (view, pointer) in list("commands", in: fields) {
            let what = "a command"
            guard let fields = self.fields(view, at: pointer, of: what, known: ["command", "payload"]),
                let command = requiredString("command", in: fields, of: what)
            else { continue }
            if !NameRules.isType(command) {
                fault(fields.pointer(to: "command"), "a command has up to 255 visible characters")
            }
            let payload =
                fields["payload"].map { template($0, at: fields.pointer(to: "payload")) }
                ?? Template(pointer: pointer, constant: JSONView([:]))
            commands.append(CommandDeclaration(pointer: pointer, command: command, payload: payload))
        }
        return commands
    }

    /// Events that the transition makes, raised or published.
    private mutating func drafts(_ name: String, in fields: Fields, of what: String) -> [EventDraft] {
        var drafts: [EventDraft] = []
        for (view, pointer) in list(name, in: fields) {
            guard let fields = self.fields(view, at: pointer, of: what, known: ["type", "data"]),
                let type = requiredString("type", in: fields, of: what)
            else { continue }
            checkEventType(type, at: fields.pointer(to: "type"))
            let data =
                fields["data"].map { template($0, at: fields.pointer(to: "data")) }
                ?? Template(pointer: pointer, constant: JSONView([:]))
            drafts.append(EventDraft(pointer: pointer, type: type, data: data))
        }
        return drafts
    }
}
