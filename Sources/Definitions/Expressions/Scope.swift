import CEL

/// The variables of expressions; the raw value is the slot in the activation.
enum Variable: Int, Sendable, CaseIterable {
    case event, data, process, machine, machines, counts, now, task, item, results

    var name: String {
        switch self {
        case .event: "event"
        case .data: "data"
        case .process: "process"
        case .machine: "machine"
        case .machines: "machines"
        case .counts: "counts"
        case .now: "now"
        case .task: "task"
        case .item: "item"
        case .results: "results"
        }
    }
}

/// Which variables a place in a definition has.
enum Scope: Int, Sendable, CaseIterable {
    case eventKey
    case initialData
    case forEach
    case spawnID
    case alwaysCondition
    case step

    /// In the order of their slots.
    var variables: [Variable] {
        switch self {
        case .eventKey: [.event]
        case .initialData: [.event, .process, .now]
        case .forEach: [.event, .data, .process]
        case .spawnID: [.event, .data, .process, .item]
        case .alwaysCondition: [.data, .process, .machine, .machines, .counts]
        case .step: [.event, .data, .process, .machine, .machines, .counts, .now, .task, .results]
        }
    }

    private static let allVariables = Scope.allCases.map(\.variables)

    /// What a slot of this scope's environment holds.
    func variable(inSlot slot: Int) -> Variable { Scope.allVariables[rawValue][slot] }
}
