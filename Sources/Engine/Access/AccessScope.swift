/// What a caller may do. Every route of the API asks for exactly one of these.
public enum AccessScope: String, Sendable, Hashable, CaseIterable {
    /// Post events.
    case writeEvents = "events:write"
    /// Claim tasks and settle them.
    case workTasks = "tasks:work"
    case read
    /// Act on processes, incidents, unmatched events and deliveries; migrate; move a test clock.
    case operate
    /// Everything, and alone definitions, webhooks, keys and the record of what operators did.
    case admin
}

extension Set<AccessScope> {
    public func allows(_ scope: AccessScope) -> Bool { contains(scope) || contains(.admin) }

    /// Their names in the order of the declaration.
    public var names: [String] { AccessScope.allCases.filter(contains).map(\.rawValue) }
}
