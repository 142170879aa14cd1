import Chrono

/// What the engine counted since it was opened.
public struct EngineTally: Sendable {
    public var eventsAccepted = 0
    public var eventsRepeated = 0
    public var eventsUnmatched = 0
    public var decisions = 0
    public var tasksPlanned = 0
    public var tasksClaimed = 0
    public var outcomesTaken = 0
    public var attemptsFailed = 0
    public var timersFired = 0
    public var deliveriesMade = 0
    public var deliveriesDelivered = 0
    public var deliveriesFailed = 0
    public var deliveriesExhausted = 0
    public var deliveryAttempts = 0
    public var deliveryAttemptsFailed = 0
    public var processesRemoved = 0
    public var incidentsRaised = 0
    public var incidentsResolved = 0
    public var commits = 0
    public var commitFailures = 0
    /// From when a task became claimable to when a worker had it.
    public var wakeToClaim = Histogram(bounds: [1, 2, 5, 10, 20, 50, 100, 500, 1000, 10_000, 60_000])
    /// How many requests shared a commit.
    public var batchSize = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    /// In microseconds.
    public var commitTime = Histogram(bounds: [
        100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000,
    ])

    public init() {}
}

/// Counts of values by upper bound.
public struct Histogram: Sendable {
    public let bounds: [Int64]
    /// One per bound, and one for what is above the last; each counts its own range only.
    public private(set) var counts: [Int]
    public private(set) var sum: Int64 = 0

    public init(bounds: [Int64]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    public var count: Int { counts.reduce(0, +) }

    public mutating func add(_ value: Int64) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}
