import Chrono
import Engine
import EventSourcing
import Testing

@testable import Webhooks

@Suite("Delivery schedule")
struct DeliveryScheduleTests {
    private let schedule = DeliverySchedule.standard

    private static let id = UniqueID(name: "delivery")

    private static func failed(_ code: FailureCode, retryAfter: TimeSpan? = nil) -> AttemptResult {
        .failure(.init(code: code, retryAfter: retryAfter))
    }

    @Test("success ends a delivery, 410 the endpoint")
    func ends() {
        #expect(schedule.verdict(on: 3, of: Self.id, result: .success) == .succeeded)
        #expect(schedule.verdict(on: 1, of: Self.id, result: .gone) == .gone)
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
            let planned = schedule.planned(after: number, of: UniqueID(name: "\(delivery)"))
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
        let (one, other) = (UniqueID(name: "a"), UniqueID(name: "b"))
        #expect(schedule.planned(after: 2, of: one) == schedule.planned(after: 2, of: one))
        #expect(schedule.planned(after: 2, of: one) != schedule.planned(after: 2, of: other))
    }

    @Test("an endpoint that always fails is tried for about three days, then no more", arguments: 0..<50)
    func threeDays(delivery: Int) {
        var total = TimeSpan.zero
        var attempts = 1
        while attempts < 100 {
            let verdict = schedule.verdict(
                on: attempts, of: UniqueID(name: "\(delivery)"), result: Self.failed(.status(500)))
            guard case .retry(let delay) = verdict else {
                #expect(verdict == .exhausted)
                break
            }
            #expect(delay > .zero)
            total = total + delay
            attempts += 1
        }
        #expect(attempts == 12)
        #expect(total > .hours(54) && total < .hours(82))
    }

    @Test(
        "a failure without an own wish is tried again after the planned delay",
        arguments: [
            FailureCode.status(500), .status(301), .status(404), .transport(.connect), .transport(.reset), .badResponse,
        ])
    func planned(code: FailureCode) {
        let delay = schedule.planned(after: 1, of: Self.id)
        #expect(schedule.verdict(on: 1, of: Self.id, result: Self.failed(code)) == .retry(after: delay))
    }

    @Test(
        "no attempt comes before the receiver's wish, whatever its status, and none later than a day",
        arguments: [301, 404, 425, 500, 502, 503, 504])
    func retryAfter(status: Int) {
        let planned = schedule.planned(after: 1, of: Self.id)
        func delay(_ asked: TimeSpan) -> TimeSpan {
            schedule.delay(after: 1, of: Self.id, .init(code: .status(status), retryAfter: asked))
        }
        #expect(delay(.seconds(1)) == planned)
        #expect(delay(.seconds(60)) == .seconds(60))
        #expect(delay(.hours(5)) == .hours(5))
        #expect(delay(.hours(48)) == .hours(24))
    }

    @Test("who answers 429 is obeyed, up to a day, and gets a minute at least")
    func tooManyRequests() {
        func delay(_ asked: TimeSpan?, after number: Int = 1) -> TimeSpan {
            schedule.delay(after: number, of: Self.id, .init(code: .status(429), retryAfter: asked))
        }
        #expect(delay(nil) == .seconds(60))
        #expect(delay(.seconds(2)) == .seconds(60))
        #expect(delay(.seconds(90)) == .seconds(90))
        #expect(delay(.hours(3)) == .hours(3))
        #expect(delay(.hours(48)) == .hours(24))
        #expect(delay(nil, after: 4) == schedule.planned(after: 4, of: Self.id))
    }

    @Test("after a time-out a minute passes at least")
    func timeout() {
        let failure = AttemptResult.Failure(code: .transport(.timeout))
        #expect(schedule.delay(after: 1, of: Self.id, failure) == .seconds(60))
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
