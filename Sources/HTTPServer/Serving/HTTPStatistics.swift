import Synchronization

/// Counters since the start of the server; each is exact, together they are not one moment.
public struct HTTPStatistics: Sendable, Equatable {
    public var connectionsOpen = 0
    public var connectionsAccepted = 0
    /// Over the limit of connections.
    public var connectionsRefused = 0
    /// Requests given to the handler.
    public var requests = 0
    /// Requests refused by the server itself, time-outs included.
    public var faults = 0

    public init() {}
}

final class Counters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let faults = Atomic<Int>(0)

    var snapshot: HTTPStatistics {
        var statistics = HTTPStatistics()
        statistics.connectionsOpen = open.load(ordering: .relaxed)
        statistics.connectionsAccepted = accepted.load(ordering: .relaxed)
        statistics.connectionsRefused = refused.load(ordering: .relaxed)
        statistics.requests = requests.load(ordering: .relaxed)
        statistics.faults = faults.load(ordering: .relaxed)
        return statistics
    }
}
