import Chrono
import EventSourcing
import ProcessManagement

// When the engine has to look at a task next. Each task has one such moment, so that one index serves leases, retries
// and time limits alike.

extension TaskRow {
    /// Waiting to be claimed: the `claim` limit counts from when it became claimable, and stands still while the task
    /// is parked.
    func dueWhenReady(_ timeouts: TaskTimeouts) -> Instant? {
        parked ? deadline : Self.earliest(timeouts.claim.map { readyAt + $0 }, deadline)
    }

    /// Waiting for its next attempt.
    var dueWhenDelayed: Instant? {
        parked ? deadline : Self.earliest(readyAt, deadline)
    }

    /// Its process is suspended.
    mutating func park() {
        parked = true
        dueAt = deadline
    }

    /// Its process goes on after a suspension since `start`. The time in which nobody could claim the task does not
    /// count against `claim`; a delay that is over by now ends now.
    mutating func unpark(suspendedAt start: Instant, _ timeouts: TaskTimeouts, at now: Instant) {
        parked = false
        switch status {
        case .ready:
            readyAt = readyAt + (now - max(start, readyAt))
            dueAt = dueWhenReady(timeouts)
        case .delayed:
            readyAt = max(readyAt, now)
            dueAt = dueWhenDelayed
        case .leased, .completed, .failed, .cancelled: break
        }
    }

    /// How long a lease may last from `now`: the shortest of what was asked, `attempt` and `heartbeat`, and no longer
    /// than what is left of `attempt` and `total`.
    func leaseEnd(asked: TimeSpan, _ timeouts: TaskTimeouts, attemptEndsAt: Instant?, at now: Instant) -> Instant {
        var length = asked
        if let heartbeat = timeouts.heartbeat { length = min(length, heartbeat) }
        var end = now + length
        if let attemptEndsAt { end = min(end, attemptEndsAt) }
        if let deadline { end = min(end, deadline) }
        return end
    }

    private static func earliest(_ one: Instant?, _ other: Instant?) -> Instant? {
        switch (one, other) {
        case (let one?, let other?): min(one, other)
        case (let one?, nil): one
        case (nil, let other): other
        }
    }

    /// Attempts that count against `maxAttempts`.
    var countedAttempts: Int { attempt - attemptsBefore }
}

extension RetryPolicy {
    /// The delay before the attempt after `attempt`, with its jitter from a hash of task and attempt, so that deciding
    /// again gives the same.
    func delay(after attempt: Int, counted: Int, of taskID: TaskID) -> TimeSpan {
        var hash = taskID.high ^ taskID.low.byteSwapped ^ UInt64(attempt) &* 0x9E37_79B9_7F4A_7C15
        // The finaliser of SplitMix64 spreads every input bit over the result.
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return delay(after: counted, noise: Double(hash >> 11) * 0x1p-53)
    }
}
