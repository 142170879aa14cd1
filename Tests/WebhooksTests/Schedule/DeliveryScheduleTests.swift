import Chrono
import Testing

@testable import Webhooks

@Suite("Delivery schedule")
struct DeliveryScheduleTests {
    private let schedule = DeliverySchedule.standard
    private static let start = Instant(milliseconds: 1_700_000_000_000)

    private static func attempt(_ number: Int, after span: TimeSpan = .zero, isManual: Bool = false, id: String = "d")
        -> DeliverySchedule.Attempt
    {
        DeliverySchedule.Attempt(
            deliveryID: id, number: number, firstAttemptAt: start, endedAt: start + span, isManual: isManual)
    }

    private static func failed(_ code: FailureCode, retryAfter: TimeSpan? = nil) -> AttemptResult {
        .failure(.init(code: code, retryAfter: retryAfter))
    }

    @Test("success ends a delivery, 410 the endpoint")
    func ends() {
        #expect(schedule.verdict(on: Self.attempt(3), result: .success) == .delivered)
        #expect(schedule.verdict(on: Self.attempt(1), result: .gone) == .endpointGone)
    }

    @Test(
        "each delay is that of the table, up to a fifth sooner or later",
        arguments: [
            (1, TimeSpan.seconds(5)), (2, .minutes(5)), (3, .minutes(30)), (4, .hours(2)), (5, .hours(5)),
            (6, .hours(10)), (7, .hours(10)), (12, .hours(10)),
        ])
    func table(number: Int, delay: TimeSpan) {
        let fifth = TimeSpan(milliseconds: delay.milliseconds / 5)
        var seen: Set<TimeSpan> = []
        for delivery in 0..<500 {
            let planned = schedule.planned(after: number, of: "delivery-\(delivery)")
            #expect(planned >= delay - fifth && planned <= delay + fifth)
            seen.insert(planned)
        }
        // Spread over the whole width, so that many failed at once do not come back at once.
        #expect(seen.count > 300)
        #expect((seen.min() ?? .zero) < delay - TimeSpan(milliseconds: fifth.milliseconds * 9 / 10))
        #expect((seen.max() ?? .zero) > delay + TimeSpan(milliseconds: fifth.milliseconds * 9 / 10))
    }

    @Test("the same attempt of the same delivery plans the same time")
    func deterministic() {
        #expect(schedule.planned(after: 2, of: "a") == schedule.planned(after: 2, of: "a"))
        #expect(schedule.planned(after: 2, of: "a") != schedule.planned(after: 2, of: "b"))
    }

    @Test("an endpoint that always fails is tried for about three days, then no more", arguments: 0..<50)
    func threeDays(delivery: Int) {
        var now = Self.start
        var attempts = 1
        while attempts < 100 {
            let attempt = DeliverySchedule.Attempt(
                deliveryID: "delivery-\(delivery)", number: attempts, firstAttemptAt: Self.start, endedAt: now)
            guard case .retry(let next) = schedule.verdict(on: attempt, result: Self.failed(.status(500))) else {
                break
            }
            #expect(next > now)
            now = next
            attempts += 1
        }
        #expect((11...14).contains(attempts))
        #expect(now - Self.start > .hours(56))
        #expect(now - Self.start <= .hours(72))
    }

    @Test(
        "a failure without an own wish is tried again after the planned delay",
        arguments: [
            FailureCode.status(500), .status(301), .status(404), .transport(.connect), .transport(.reset), .badResponse,
        ])
    func planned(code: FailureCode) {
        let delay = schedule.planned(after: 1, of: "d")
        #expect(schedule.verdict(on: Self.attempt(1), result: Self.failed(code)) == .retry(at: Self.start + delay))
    }

    @Test("a wish of the receiver counts between the planned delay and twice it")
    func retryAfter() {
        let planned = schedule.planned(after: 2, of: "d")
        func delay(_ asked: TimeSpan) -> TimeSpan {
            schedule.delay(after: Self.attempt(2), .init(code: .status(503), retryAfter: asked))
        }
        #expect(delay(.seconds(1)) == planned)
        #expect(delay(planned + .seconds(10)) == planned + .seconds(10))
        #expect(delay(.hours(5)) == planned + planned)
    }

    @Test("who answers 429 is obeyed, up to a day, and gets a minute at least")
    func tooManyRequests() {
        func delay(_ asked: TimeSpan?, after number: Int = 1) -> TimeSpan {
            schedule.delay(after: Self.attempt(number), .init(code: .status(429), retryAfter: asked))
        }
        #expect(delay(nil) == .seconds(60))
        #expect(delay(.seconds(2)) == .seconds(60))
        #expect(delay(.seconds(90)) == .seconds(90))
        #expect(delay(.hours(3)) == .hours(3))
        #expect(delay(.hours(48)) == .hours(24))
        #expect(delay(nil, after: 4) == schedule.planned(after: 4, of: "d"))
    }

    @Test("after a time-out a minute passes at least")
    func timeout() {
        let failure = AttemptResult.Failure(code: .transport(.timeout))
        #expect(schedule.delay(after: Self.attempt(1), failure) == .seconds(60))
    }

    @Test("what was asked for by hand and fails plans nothing")
    func manual() {
        let attempt = Self.attempt(1, isManual: true)
        #expect(schedule.verdict(on: attempt, result: Self.failed(.status(500))) == .exhausted)
        #expect(schedule.verdict(on: attempt, result: .success) == .delivered)
    }

    @Test("the last attempt that fits is made, the one after it is not")
    func lastAttempt() {
        let planned = schedule.planned(after: 8, of: "d")
        let last = TimeSpan.hours(72) - planned
        #expect(
            schedule.verdict(on: Self.attempt(8, after: last), result: Self.failed(.status(500)))
                == .retry(at: Self.start + .hours(72)))
        #expect(
            schedule.verdict(on: Self.attempt(8, after: last + .milliseconds(1)), result: Self.failed(.status(500)))
                == .exhausted)
    }
}

@Suite("Retry-After")
struct RetryAfterTests {
    /// 1994-11-06 08:49:07
    private static let now = Instant(milliseconds: 784_111_747_000)

    @Test(
        "seconds and all three forms of HTTP dates are read",
        arguments: [
            ("0", 0), ("30", 30), ("000120", 120), ("Sun, 06 Nov 1994 08:49:37 GMT", 30),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 30), ("Sun Nov  6 08:49:37 1994", 30),
            ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ] as [(String, Int64)])
    func read(text: String, seconds: Int64) {
        #expect(RetryAfter.span(text, at: Self.now) == .seconds(seconds))
    }

    @Test("nothing else is", arguments: ["", "-1", "1.5", "soon", "+3", " 3", "0x10", "١"])
    func refused(text: String) {
        #expect(RetryAfter.span(text, at: Self.now) == nil)
    }

    @Test("more digits than fit are a very long time")
    func long() {
        #expect(RetryAfter.span("99999999999999999999999", at: Self.now).map { $0 > .days(10_000) } == true)
    }
}
