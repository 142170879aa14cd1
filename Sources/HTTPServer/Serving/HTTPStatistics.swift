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
    /// Answers by the first digit of their status, from 1 to 5, the server's own refusals included; a stream counts
    /// when it begins.
    public var answers = [0, 0, 0, 0, 0]

    public init() {}
}

final class Counters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let faults = Atomic<Int>(0)
    private let interim = Atomic<Int>(0)
    private let successes = Atomic<Int>(0)
    private let redirects = Atomic<Int>(0)
    private let refusals = Atomic<Int>(0)
    private let failures = Atomic<Int>(0)

    func countAnswer(_ status: Int) {
        switch status {
        case 200..<300: successes.add(1, ordering: .relaxed)
        case 400..<500: refusals.add(1, ordering: .relaxed)
        case 500...: failures.add(1, ordering: .relaxed)
        case 300..<400: redirects.add(1, ordering: .relaxed)
        default: interim.add(1, ordering: .relaxed)
        }
    }

    var snapshot: HTTPStatistics {
        var statistics = HTTPStatistics()
        statistics.connectionsOpen = open.load(ordering: .relaxed)
        statistics.connectionsAccepted = accepted.load(ordering: .relaxed)
        statistics.connectionsRefused = refused.load(ordering: .relaxed)
        statistics.requests = requests.load(ordering: .relaxed)
        statistics.faults = faults.load(ordering: .relaxed)
        statistics.answers = [
            interim.load(ordering: .relaxed), successes.load(ordering: .relaxed), redirects.load(ordering: .relaxed),
            refusals.load(ordering: .relaxed), failures.load(ordering: .relaxed),
        ]
        return statistics
    }
}
