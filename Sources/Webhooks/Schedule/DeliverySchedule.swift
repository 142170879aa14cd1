import Chrono

/// When a delivery is tried again, and when no more.
///
/// Attempts follow after 5 s, 5 min, 30 min, 2 h, 5 h, and then every 10 h, each up to a fifth sooner or later, until
/// three days after the first one. A receiver's `Retry-After` moves the next attempt: with 429 to where it says, else to
/// between the planned delay and twice it; after 429 and a time-out at least a minute is waited, and never more than a
/// day.
public struct DeliverySchedule: Sendable {
    /// What becomes of a delivery after an attempt.
    public enum Verdict: Sendable, Equatable {
        case delivered
        case retry(at: Instant)
        /// No further attempt on its own.
        case exhausted
        /// The endpoint is disabled and gets nothing more.
        case endpointGone
    }

    /// One attempt that is over.
    public struct Attempt: Sendable {
        public var deliveryID: String
        /// 1 for the first.
        public var number: Int
        public var firstAttemptAt: Instant
        public var endedAt: Instant
        /// Asked for by hand: its failure plans no further one (the plan of the delivery goes on if it had one).
        public var isManual: Bool

        public init(
            deliveryID: String, number: Int, firstAttemptAt: Instant, endedAt: Instant, isManual: Bool = false
        ) {
            self.deliveryID = deliveryID
            self.number = number
            self.firstAttemptAt = firstAttemptAt
            self.endedAt = endedAt
            self.isManual = isManual
        }
    }

    public static let standard = DeliverySchedule()

    static let delays: [TimeSpan] = [.seconds(5), .minutes(5), .minutes(30), .hours(2), .hours(5), .hours(10)]
    /// No attempt is planned for later than this after the first.
    static let length = TimeSpan.hours(72)
    static let restAfterOverload = TimeSpan.seconds(60)
    static let bounds = TimeSpan.seconds(1)...TimeSpan.hours(24)

    public init() {}

    public func verdict(on attempt: Attempt, result: AttemptResult) -> Verdict {
        switch result {
        case .success: return .delivered
        case .gone: return .endpointGone
        case .failure(let failure):
            if attempt.isManual { return .exhausted }
            let next = attempt.endedAt + delay(after: attempt, failure)
            return next <= attempt.firstAttemptAt + Self.length ? .retry(at: next) : .exhausted
        }
    }

    func delay(after attempt: Attempt, _ failure: AttemptResult.Failure) -> TimeSpan {
        var delay = planned(after: attempt.number, of: attempt.deliveryID)
        if failure.code.needsRest { delay = max(delay, Self.restAfterOverload) }
        if let asked = failure.retryAfter {
            // Who sends 429 has to be obeyed (CloudEvents webhooks, section 2.2); others could only put off their loss.
            let latest = failure.code == .status(429) ? Self.bounds.upperBound : delay + delay
            delay = min(max(delay, asked), latest)
        }
        return min(max(delay, Self.bounds.lowerBound), Self.bounds.upperBound)
    }

    /// The delay of the table, moved by up to a fifth. The jitter follows from the delivery and the attempt, so that a
    /// repeated report of one attempt plans the same time.
    func planned(after number: Int, of deliveryID: String) -> TimeSpan {
        let index = min(max(number, 1), Self.delays.count) - 1
        let base = Self.delays[index].milliseconds
        let spread = base / 5
        let hash = Self.hash(deliveryID, number)
        return .milliseconds(base - spread + Int64(hash % UInt64(2 * spread + 1)))
    }

    /// FNV-1a with a final mix (that of SplitMix64), so that neighbouring attempts lie far apart.
    private static func hash(_ text: String, _ number: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }
}
