import Chrono
import Engine
import EventSourcing

/// When a delivery is tried again, and when no more.
///
/// Attempts follow after 5 s, 5 min, 30 min, 2 h, 5 h, and then every 10 h, each up to a fifth sooner or later,
/// twelve in all, which takes about three days. No attempt comes before the time that a receiver's `Retry-After` gives, whatever
/// its status (RFC 9110 section 10.2.3); after 429 and a time-out at least a minute is waited, and never more than a day.
struct DeliverySchedule: Sendable {
    static let standard = DeliverySchedule()

    static let delays: [TimeSpan] = [.seconds(5), .minutes(5), .minutes(30), .hours(2), .hours(5), .hours(10)]
    /// With these the last attempt is about 68 hours after the first. Attempts and not hours are counted, so that a
    /// delivery whose endpoint was paused for days gets as many as any other.
    static let attemptLimit = 12
    static let restAfterOverload = TimeSpan.seconds(60)
    static let bounds = TimeSpan.seconds(1)...TimeSpan.hours(24)

    /// - Parameter number: of the attempt that is over, 1 for the first.
    func verdict(on number: Int, of delivery: DeliveryID, result: AttemptResult) -> DeliveryReport.Verdict {
        switch result {
        case .success: .succeeded
        case .gone: .gone
        case .failure(let failure):
            number < Self.attemptLimit ? .retry(after: delay(after: number, of: delivery, failure)) : .exhausted
        }
    }

    func delay(after number: Int, of delivery: DeliveryID, _ failure: AttemptResult.Failure) -> TimeSpan {
        var delay = planned(after: number, of: delivery)
        if failure.code.needsRest { delay = max(delay, Self.restAfterOverload) }
        // Attempts are counted and not hours, so that whoever asks for a long wait loses nothing by it.
        if let asked = failure.retryAfter { delay = max(delay, asked) }
        return min(max(delay, Self.bounds.lowerBound), Self.bounds.upperBound)
    }

    /// The delay of the table, moved by up to a fifth. The jitter follows from the delivery and the attempt, so that a
    /// repeated report of one attempt plans the same time.
    func planned(after number: Int, of delivery: DeliveryID) -> TimeSpan {
        let index = min(max(number, 1), Self.delays.count) - 1
        let base = Self.delays[index].milliseconds
        let spread = base / 5
        let hash = Self.hash(delivery, number)
        return .milliseconds(base - spread + Int64(hash % UInt64(2 * spread + 1)))
    }

    /// The mix of SplitMix64, so that neighbouring attempts lie far apart.
    private static func hash(_ delivery: DeliveryID, _ number: Int) -> UInt64 {
        var hash = delivery.high ^ (delivery.low &* 0x9e37_79b9_7f4a_7c15) &+ UInt64(truncatingIfNeeded: number)
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }
}
