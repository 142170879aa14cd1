import JSON
import ProcessManagement

/// An operator wants processes to go on under another version of their definition.
public struct MigrationRequest: Sendable, Equatable {
    public var tenant: String
    public var toVersion: Int
    /// For states that the other version calls otherwise.
    public var stateMap: StateMap
    /// Machines in mapped states enter their new states: tasks are planned and timers start.
    public var enter: Bool
    /// Nothing is recorded; the receipt says what would be.
    public var dryRun: Bool
    public var reason: String?
    /// Who asks; nil for a caller without a key.
    public var by: String?
    /// Unique per request; ids of what follows are made from it.
    public var requestID: String
    /// The caller named the request: for the same process the same id again is the same request.
    public var isNamed: Bool

    public init(
        tenant: String, toVersion: Int, stateMap: StateMap = StateMap(), enter: Bool = false, dryRun: Bool = false,
        reason: String? = nil, by: String? = nil, requestID: String, isNamed: Bool = false
    ) {
        self.tenant = tenant
        self.toVersion = toVersion
        self.stateMap = stateMap
        self.enter = enter
        self.dryRun = dryRun
        self.reason = reason
        self.by = by
        self.requestID = requestID
        self.isNamed = isNamed
    }
}

/// What a migration made, or would make, of one process.
public struct MigrationReceipt: Sendable {
    /// The process on its new version.
    public var view: ProcessView
    /// Nil where the process was on that version before: nothing was recorded.
    public var migrated: ProcessMigrated?
    /// The tasks that its next events, outcomes and timers would plan, at most `wouldPlanLimit`.
    public var wouldPlan: [PlannedNext]

    public struct PlannedNext: Sendable, Equatable {
        public var machineID: String
        public var on: String
        public var taskType: String
    }

    public static let wouldPlanLimit = 1_000
}

/// One version of a definition, to be deleted.
public struct VersionRequest: Sendable, Equatable {
    public var name: String
    public var version: Int

    public init(name: String, version: Int) {
        self.name = name
        self.version = version
    }
}
