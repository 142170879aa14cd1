import Chrono
import EventSourcing
import ProcessManagement

/// One request from outside and everything that follows from it in the same transaction: timers that are due at once,
/// events that were held, published events, what children and parents tell each other.
struct InputChain {
    let now: Instant
    /// Correlations that processes gained, for which events may be held.
    var gained: [(key: LocationKey, depth: Int)] = []
    /// Timers that were due when they were scheduled, in order.
    var dueAtOnce: [DueTimer] = []
    /// Inputs of our own, first in first out.
    var own: [OwnInput] = []
    /// How many held events and inputs of our own share the transaction so far; the rest waits in a durable queue.
    var shared = 0
    /// How many inputs that come to an end by themselves share it: ends of children, timers that are due later than the
    /// one before.
    var progressing = 0
    /// How many links lead from what came from outside to the input at hand.
    var depth = 0

    init(at now: Instant) {
        self.now = now
    }

    struct DueTimer {
        let process: RowHandle
        let timer: TimerFired
        let depth: Int
        /// It is due later than the one that it follows: it is no link, and may also fire in another transaction.
        var isProgress = false
    }

    /// The link that makes the chain too long is recorded with an incident.
    var isTooLong: Bool { depth > StepLimits.rounds }

    /// There is room for one more in this transaction.
    var hasRoom: Bool { shared < StepLimits.rounds }

    /// The same for one that is progress. More of them, so that whoever asks next finds most chains at their end; bounded
    /// all the same, as nobody else is served meanwhile.
    var hasRoomForProgress: Bool { progressing < 500 }

    func hasRoom(for input: OwnInput) -> Bool { input.isProgress ? hasRoomForProgress : hasRoom }
}
