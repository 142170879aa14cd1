import Chrono

public struct TimerScheduled: Sendable, Equatable {
    public var timerID: TimerID
    public var machineID: String?
    public var dueAt: Instant
    public var state: String?
    public var index: Int
    public var name: String?

    public init(timerID: TimerID, machineID: String?, dueAt: Instant, state: String?, index: Int, name: String?) {
        self.timerID = timerID
        self.machineID = machineID
        self.dueAt = dueAt
        self.state = state
        self.index = index
        self.name = name
    }
}

public struct TimerFired: Sendable, Equatable {
    public var timerID: TimerID
    public var machineID: String?
    public var dueAt: Instant

    public init(timerID: TimerID, machineID: String?, dueAt: Instant) {
        self.timerID = timerID
        self.machineID = machineID
        self.dueAt = dueAt
    }
}
