public struct EventDeferred: Sendable, Equatable {
    public var eventVersion: Int64
    public var machineID: String
    /// The type of the event; nil in records of the first rules.
    public var eventType: String?
    /// Another machine took the event when it came.
    public var taken: Bool

    public init(eventVersion: Int64, machineID: String, eventType: String? = nil, taken: Bool = false) {
        self.eventVersion = eventVersion
        self.machineID = machineID
        self.eventType = eventType
        self.taken = taken
    }
}

public struct DeferredEventOffered: Sendable, Equatable {
    public enum Result: String, Sendable, Hashable {
        case taken
        case dropped
        /// It goes on waiting; recorded by the first rules alone.
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

/// A step that would have grown too large goes on: waiting events that it had no room for are offered now. An input of
/// our own, decided right after that step and before any other input of the process.
public struct StepContinued: Sendable, Equatable {
    /// The version of the input that it goes on with.
    public var of: Int64
    /// Counted from 1.
    public var number: Int
    /// The machines that entered states and whose waiting events are still to be offered.
    public var machines: [String]

    public init(of: Int64, number: Int, machines: [String]) {
        self.of = of
        self.number = number
        self.machines = machines
    }
}
