import JSON

/// A state machine inside a process, as its recorded facts left it.
public struct Machine: Sendable, Equatable {
    /// The declared name for a static machine, `<name>/<id>` for a spawned one.
    public let id: String
    /// The machine's name in the definition; many spawned machines share it.
    public let name: String
    public internal(set) var state: String
    /// The element of `for_each` that a spawned machine was made for.
    public let item: JSONView?
    /// Version of the `TransitionPlanned` that entered the present state: what belongs to this stay and no other.
    public internal(set) var enteredAt: Int64
    /// The open task of the present state, cancelled when the state is left.
    public internal(set) var stateTask: TaskID?
    /// Versions of the events that this machine put off, oldest first.
    public internal(set) var deferred: [Int64]
    /// An `always` of the present state failed and an incident was raised for it; there is one for each stay.
    public internal(set) var hasFailingAlways: Bool
    /// Made for an item, not with the process.
    public var isSpawned: Bool { id.utf8.count != name.utf8.count }
    /// What it ended with, if it is in a final state that has a `result`.
    public internal(set) var result: JSONView?
    /// What ends with the present state, so that leaving it walks over nothing that stays.
    var timers: [TimerID] = []
    var incidents: [IncidentID] = []

    public init(
        id: String, name: String, state: String, item: JSONView? = nil, enteredAt: Int64,
        stateTask: TaskID? = nil, deferred: [Int64] = [], hasFailingAlways: Bool = false, result: JSONView? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.item = item
        self.enteredAt = enteredAt
        self.stateTask = stateTask
        self.deferred = deferred
        self.hasFailingAlways = hasFailingAlways
        self.result = result
    }
}
