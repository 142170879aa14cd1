public struct EventDeferred: Sendable, Equatable {
    public var eventVersion: Int64
    public var machineID: String

    public init(eventVersion: Int64, machineID: String) {
        self.eventVersion = eventVersion
        self.machineID = machineID
    }
}

public struct DeferredEventOffered: Sendable, Equatable {
    public enum Result: String, Sendable, Hashable {
        case taken
        case dropped
        case deferred
    }

    public var eventVersion: Int64
    public var machineID: String
    public var result: Result

    public init(eventVersion: Int64, machineID: String, result: Result) {
        self.eventVersion = eventVersion
        self.machineID = machineID
        self.result = result
    }
}
