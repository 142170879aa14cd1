import Chrono
import ProcessManagement

/// One request from outside and everything that follows from it in the same transaction: timers that are due at once,
/// events that were held.
struct InputChain {
    let now: Instant
    /// Timers that were due when they were scheduled, in order.
    var dueAtOnce: [(process: RowHandle, timer: TimerFired)] = []
    /// Correlations that processes gained, for which events may be held.
    var gained: [LocationKey] = []
    /// How many inputs the chain has led to so far.
    var links = 0

    init(at now: Instant) {
        self.now = now
    }

    /// The link that makes the chain too long is recorded with an incident.
    var isTooLong: Bool { links > StepLimits.rounds }
}
