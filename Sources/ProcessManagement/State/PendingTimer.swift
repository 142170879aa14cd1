import Chrono

/// A timer that has not fired. It belongs to one state entry of one machine, or to the process.
public struct PendingTimer: Sendable, Equatable {
    public let id: TimerID
    /// Nil for the deadline of a cooperative cancel.
    public let machineID: String?
    public let dueAt: Instant
    public let state: String?
    /// Which entry of the state's `after` list.
    public let index: Int
    public let name: String?

    public init(id: TimerID, machineID: String?, dueAt: Instant, state: String?, index: Int, name: String?) {
        self.id = id
        self.machineID = machineID
        self.dueAt = dueAt
        self.state = state
        self.index = index
        self.name = name
    }
}
