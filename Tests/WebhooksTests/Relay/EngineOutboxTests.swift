import Chrono
import Engine
import Testing

@testable import Webhooks

@Suite("What the engine has to hear")
struct EngineOutboxTests {
    private static func report(_ delivery: RowHandle) -> DeliveryReport {
        DeliveryReport(
            webhook: 1, delivery: delivery,
            attempt: DeliveryAttempt(startedAt: Instant(milliseconds: 0), duration: .zero, status: 204),
            verdict: .succeeded)
    }

    @Test("reports go together, once, and end what is under way when they are taken")
    func taken() {
        var outbox = EngineOutbox()
        outbox.reports = [Self.report(7), Self.report(8)]
        let sent = outbox.take(at: 0)
        #expect(sent.count == 1)
        #expect(outbox.take(at: 0).isEmpty)
        #expect(!outbox.isEmpty)
        #expect(outbox.told(sent[0].number, isTaken: true, isLast: false, at: 0) == [7, 8])
        #expect(outbox.isEmpty)
    }

    @Test("what the engine cannot take is sent again after a second, and is under way until then")
    func refused() {
        var outbox = EngineOutbox()
        outbox.reports = [Self.report(7)]
        let first = outbox.take(at: 0)
        #expect(outbox.told(first[0].number, isTaken: false, isLast: false, at: 100) == [])
        #expect(outbox.retryAt == 1_000_100)
        #expect(outbox.take(at: 1_000_099).isEmpty)
        let again = outbox.take(at: 1_000_100)
        #expect(again.count == 1)
        #expect(outbox.retryAt == nil)
        #expect(outbox.told(again[0].number, isTaken: true, isLast: false, at: 0) == [7])
    }

    @Test("at the end nothing is tried again")
    func last() {
        var outbox = EngineOutbox()
        outbox.reports = [Self.report(7)]
        let sent = outbox.take(at: 0)
        #expect(outbox.told(sent[0].number, isTaken: false, isLast: true, at: 0) == [7])
        #expect(outbox.isEmpty)
    }

    @Test(
        "only what may work later is tried again",
        arguments: [
            (Problem.Code.overloaded, false), (.storeUnavailable, false), (.leaseLost, true), (.taskEnded, true),
            (.shuttingDown, true),
        ])
    func settled(code: Problem.Code, isSettled: Bool) {
        #expect(EngineAnswer.problem(Problem(code, "")).isSettled == isSettled)
        #expect(EngineAnswer.done.isSettled)
    }
}
