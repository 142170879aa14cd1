extension DefinitionGraph {
    /// The text of a Mermaid state diagram (`stateDiagram-v2`). A single machine that starts with the process is the
    /// diagram itself, others are composite states.
    ///
    /// Mermaid has no style for single edges: how often a transition was taken stands behind its label.
    public func mermaid(marking overlay: ProcessOverlay? = nil) -> String {
        var writer = MermaidWriter(overlay: overlay)
        writer.write(self)
        return writer.text
    }
}

private struct MermaidWriter {
    let overlay: ProcessOverlay?
    private(set) var text = ""
    private var ids = MermaidNames()
    /// Class → the ids that have it.
    private var current: [String] = []
    private var visited: [String] = []
    private var ends: [EndNode.Kind: [String]] = [:]

    init(overlay: ProcessOverlay?) {
        self.overlay = overlay
    }

    mutating func write(_ graph: DefinitionGraph) {
        var title = graph.name
        if let caption = overlay?.caption { title += " · \(caption)" }
        line("---")
        line("title: \(MermaidText.quoted(title))")
        line("---")
        line("stateDiagram-v2")
        line("    direction TB")
        let isComposite = graph.machines.count > 1 || graph.machines.contains { $0.spawning != nil }
        for machine in graph.machines {
            guard isComposite else {
                write(machine, in: nil, indent: "    ")
                continue
            }
            let id = ids.unique(machine.name)
            let label = machine.spawning.map { "\(machine.name), one per \($0.list)" } ?? machine.name
            line("    state \"\(MermaidText.escaped(label))\" as \(id) {")
            line("        direction TB")
            write(machine, in: machine.name, indent: "        ")
            line("    }")
        }
        writeClasses()
    }

    private mutating func write(_ machine: MachineGraph, in prefix: String?, indent: String) {
        var states: [String: String] = [:]
        for state in machine.states {
            let id = ids.unique(prefix.map { "\($0)_\(state.name)" } ?? state.name)
            states[state.name] = id
            write(state, as: id, of: machine, indent: indent)
        }
        var ends: [EndNode: String] = [:]
        for end in machine.ends {
            let id = ids.unique((prefix.map { "\($0)_" } ?? "") + "end_\(end.kind.rawValue)")
            ends[end] = id
            self.ends[end.kind, default: []].append(id)
            line("\(indent)state \"\(MermaidText.escaped(end.words))\" as \(id)")
        }
        if let initial = states[machine.initial] {
            let label = machine.spawning.map { " : \(MermaidText.escaped($0.event))" } ?? ""
            line("\(indent)[*] --> \(initial)\(label)")
        }
        for edge in machine.edges {
            let target: String? =
                switch edge.target {
                case .state(let name): states[name]
                case .end(let end): ends[end]
                }
            guard let from = states[edge.from], let target else { continue }
            var label = MermaidText.label(edge.label)
            if let end = edge.thenEnds { label += ", then \(end.words)" }
            let count = overlay?.count(of: edge, in: machine.name) ?? 0
            if count > 0 { label += " ×\(count)" }
            line("\(indent)\(from) --> \(target) : \(MermaidText.escaped(label))")
        }
        for state in machine.states where state.isFinal {
            if let id = states[state.name] { line("\(indent)\(id) --> [*]") }
        }
        for end in machine.ends {
            if let id = ends[end] { line("\(indent)\(id) --> [*]") }
        }
    }

    private mutating func write(_ state: StateNode, as id: String, of machine: MachineGraph, indent: String) {
        let present = overlay?.count(of: machine.name, in: state.name) ?? 0
        let name = present > 1 ? "\(state.name) ×\(present)" : state.name
        line("\(indent)state \"\(MermaidText.escaped(name))\" as \(id)")
        var details: [String] = []
        if let task = state.task { details.append("task \(task)") }
        if let undo = state.undo { details.append("undo \(undo)") }
        if !state.deferred.isEmpty { details.append("defers \(state.deferred.joined(separator: ", "))") }
        for stay in state.stays {
            let count = overlay?.count(of: stay, in: state.name, of: machine.name) ?? 0
            details.append(MermaidText.label(stay, stays: true) + (count > 0 ? " ×\(count)" : ""))
        }
        for detail in details { line("\(indent)\(id) : \(MermaidText.escaped(detail))") }
        if present > 0 {
            current.append(id)
        } else if overlay?.hasVisited(state.name, of: machine.name) ?? false {
            visited.append(id)
        }
    }

    private mutating func writeClasses() {
        for (kind, style) in [
            (EndNode.Kind.complete, "fill:#dcf3e1,color:#1c2128"), (.cancel, "fill:#f7ecd0,color:#1c2128"),
            (.fail, "fill:#fbe0dd,color:#1c2128"),
        ] {
            writeClass(kind.rawValue, style, ends[kind] ?? [])
        }
        writeClass("visited", "stroke:#1463c7", visited)
        writeClass("current", "fill:#cfe4ff,stroke:#1463c7,stroke-width:3px,color:#1c2128", current)
    }

    private mutating func writeClass(_ name: String, _ style: String, _ ids: [String]) {
        guard !ids.isEmpty else { return }
        line("    classDef \(name) \(style)")
        for id in ids { line("    class \(id) \(name)") }
    }

    private mutating func line(_ content: String) {
        text += content
        text += "\n"
    }
}
