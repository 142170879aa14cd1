import Chrono

/// How the engine runs a task: who comes first, how often it is tried, how long it may take.
public struct TaskPolicy: Sendable, Equatable {
    /// 0 to 9; a worker gets the highest first.
    public var priority = 5
    public var retry = RetryPolicy()
    public var timeouts = TaskTimeouts()

    public init(priority: Int = 5, retry: RetryPolicy = RetryPolicy(), timeouts: TaskTimeouts = TaskTimeouts()) {
        self.priority = priority
        self.retry = retry
        self.timeouts = timeouts
    }
}

/// When a failed attempt is followed by another.
public struct RetryPolicy: Sendable, Equatable {
    /// The first attempt included.
    public var maxAttempts = 3
    /// Before the second attempt.
    public var delay = TimeSpan(milliseconds: 1000)
    /// Each further delay is the one before times this.
    public var factor = 2.0
    public var maxDelay = TimeSpan(milliseconds: 60_000)
    /// The part of the delay that varies, 0 to 1; taken from a hash of task id and attempt, so that it repeats.
    public var jitter = 0.0
    /// Failure codes after which there is no further attempt.
    public var never: [String] = []

    public init() {}

    /// How long to wait before the attempt that follows `attempt`, 1 being the first.
    ///
    /// `noise` is uniform in 0..<1; with jitter j the delay lies within ±j of the computed one.
    public func delay(after attempt: Int, noise: Double) -> TimeSpan {
        var milliseconds = Double(delay.milliseconds)
        let limit = Double(maxDelay.milliseconds)
        // Stops at the limit, so that a large attempt number costs nothing and overflows nothing.
        var step = 1
        while step < attempt, milliseconds > 0, milliseconds < limit, factor > 1 {
            milliseconds *= factor
            step += 1
        }
        milliseconds = Swift.min(milliseconds, limit)
        milliseconds *= 1 + jitter * (2 * noise - 1)
        return TimeSpan(milliseconds: Int64(milliseconds.rounded()))
    }
}

/// The four time limits of a task; nil for none.
public struct TaskTimeouts: Sendable, Equatable {
    /// Waiting to be claimed.
    public var claim: TimeSpan?
    /// One attempt.
    public var attempt: TimeSpan?
    /// Silence of the worker.
    public var heartbeat: TimeSpan?
    /// Everything, from planning to the final outcome.
    public var total: TimeSpan?

    public init(
        claim: TimeSpan? = nil, attempt: TimeSpan? = nil, heartbeat: TimeSpan? = nil, total: TimeSpan? = nil
    ) {
        self.claim = claim
        self.attempt = attempt
        self.heartbeat = heartbeat
        self.total = total
    }
}
