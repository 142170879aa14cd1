import Synchronization

/// Counters since the start of the server; each is exact, together they are not one moment.
public struct HTTPStatistics: Sendable, Equatable {
    public var connectionsOpen = 0
    public var connectionsAccepted = 0
    /// Over the limit of connections.
    public var connectionsRefused = 0
    /// Connections that were closed because they held more than others while memory was short.
    public var memoryCuts = 0
    /// Requests that were answered 503 because memory was short.
    public var memoryRefusals = 0
    /// What requests hold in memory now.
    public var requestBytes = 0
    /// What answers that nobody has read yet hold in memory now.
    public var answerBytes = 0
    /// Requests given to the handler.
    public var requests = 0
    /// Requests refused by the server itself, time-outs included.
    public var faults = 0
    /// Answers by the first digit of their status, from 1 to 5, the server's own refusals included; a stream counts
    /// when it begins.
    public var answers = [0, 0, 0, 0, 0]
    /// From the whole request to its answer, in microseconds. Long polls and streams do not count: they last as long as
    /// their callers want.
    public var durations = HTTPDurations()

    public init() {}
}

/// Counts of durations by upper bound.
public struct HTTPDurations: Sendable, Equatable {
    /// Microseconds.
    public static let bounds: [Int64] = [
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
    ]
    /// One for each bound, and one for what is above the last; each counts its own range only.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// Microseconds.
    public private(set) var sum: Int64 = 0

    public init() {}

    public mutating func add(_ microseconds: Int64) {
        var index = 0
        while index < Self.bounds.count, microseconds > Self.bounds[index] { index += 1 }
        counts[index] += 1
        sum += microseconds
    }
}

final class Counters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let memoryCuts = Atomic<Int>(0)
    let memoryRefusals = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let faults = Atomic<Int>(0)
    /// Requests that a stop did not wait for any longer.
    let cut = Atomic<Int>(0)
    private let interim = Atomic<Int>(0)
    private let successes = Atomic<Int>(0)
    private let redirects = Atomic<Int>(0)
    private let refusals = Atomic<Int>(0)
    private let failures = Atomic<Int>(0)
    private let durations = Mutex(HTTPDurations())
    private let addresses = Mutex<[String: Int]>([:])

    /// False if the address has as many connections as it may; else it has one more, until `leave`.
    func enter(_ address: String, limit: Int) -> Bool {
        guard limit > 0 else { return true }
        return addresses.withLock { addresses in
            let count = addresses[address] ?? 0
            if count < limit { addresses[address] = count + 1 }
            return count < limit
        }
    }

    func leave(_ address: String, limit: Int) {
        guard limit > 0 else { return }
        addresses.withLock { addresses in
            let count = addresses[address] ?? 0
            addresses[address] = count > 1 ? count - 1 : nil
        }
    }

    func countDuration(_ microseconds: Int64) {
        durations.withLock { $0.add(microseconds) }
    }

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
        statistics.memoryCuts = memoryCuts.load(ordering: .relaxed)
        statistics.memoryRefusals = memoryRefusals.load(ordering: .relaxed)
        statistics.requests = requests.load(ordering: .relaxed)
        statistics.faults = faults.load(ordering: .relaxed)
        statistics.answers = [
            interim.load(ordering: .relaxed), successes.load(ordering: .relaxed), redirects.load(ordering: .relaxed),
            refusals.load(ordering: .relaxed), failures.load(ordering: .relaxed),
        ]
        statistics.durations = durations.withLock { $0 }
        return statistics
    }
}
