import Chrono
import Engine
import JSON
import Testing

@testable import Webhooks

@Suite("Reading attempts")
struct AttemptReadingTests {
    private static let now = Instant(milliseconds: 1_700_000_000_000)

    private static func answer(
        _ status: Int, _ body: String = "", retryAfter: String? = nil
    ) -> ReceiverAnswer {
        ReceiverAnswer(
            status: status, retryAfter: retryAfter, body: Array(body.utf8), isCut: false, duration: .milliseconds(7))
    }

    private static let wording = TaskWording(
        task: { _ in Array("{}".utf8) },
        outcome: { $0 == Array("done".utf8) ? .completed(result: JSONView(JSONValue.null)) : nil })

    private static func task(_ answer: ReceiverAnswer) -> AttemptResult {
        TaskMessage.read(answer, nil, wording).result
    }

    @Test(
        "of a command's answer the status counts",
        arguments: [
            (200, AttemptResult.success), (204, .success), (299, .success), (410, .gone),
            (301, .failure(.init(code: .status(301)))), (400, .failure(.init(code: .status(400)))),
            (500, .failure(.init(code: .status(500)))), (199, .failure(.init(code: .status(199)))),
        ])
    func command(status: Int, result: AttemptResult) {
        let reading = AttemptReading(.answered(Self.answer(status)), at: Self.now, judge: AttemptReading.command)
        #expect(reading.result == result)
        #expect(reading.status == status)
        #expect(reading.error == nil)
        #expect(reading.duration == .milliseconds(7))
    }

    @Test("the wish of a busy receiver is read, and bounded for its rest")
    func retryAfter() {
        func reading(_ status: Int, _ text: String) -> AttemptReading {
            AttemptReading(
                .answered(Self.answer(status, retryAfter: text)), at: Self.now, judge: AttemptReading.command)
        }
        #expect(reading(429, "90").result == .failure(.init(code: .status(429), retryAfter: .seconds(90))))
        #expect(reading(429, "90").rest == 90_000_000)
        #expect(reading(429, "0").rest == 1_000_000)
        #expect(reading(429, "999999999").rest == 86_400_000_000)
        #expect(reading(429, "soon").rest == nil)
        #expect(reading(503, "90").rest == 90_000_000)
        #expect(reading(500, "90").rest == nil)
    }

    @Test("a failure of the transport is recorded with its word")
    func transport() {
        let failure = TransportFailure(kind: .refusedAddress, message: "10.0.0.1 is private", duration: .seconds(1))
        let reading = AttemptReading(.failed(failure), at: Self.now, judge: AttemptReading.command)
        #expect(reading.result == .failure(.init(code: .transport(.refusedAddress))))
        #expect(reading.status == nil)
        #expect(reading.error == "refused_address")
        #expect(!reading.wasStopped)
        let stopped = TransportFailure(kind: .stopped, message: "", duration: .zero)
        #expect(AttemptReading(.failed(stopped), at: Self.now, judge: AttemptReading.command).wasStopped)
    }

    @Test("more of an answer than is kept is not recorded")
    func kept() {
        let long = Self.answer(200, String(repeating: "a", count: 10_000))
        let reading = AttemptReading(.answered(long), at: Self.now, judge: AttemptReading.command)
        #expect(reading.attempt(startedAt: Self.now).answer.count == DeliveryAttempt.answerLimit)
    }

    @Test(
        "of a task's answer 200 has to be an outcome",
        arguments: [
            (200, "done", AttemptResult.success), (202, "", .success), (204, "", .success), (410, "", .gone),
            (200, "", .failure(.init(code: .badResponse))), (200, "OK", .failure(.init(code: .badResponse))),
            (201, "done", .failure(.init(code: .status(201)))), (302, "", .failure(.init(code: .status(302)))),
            (503, "done", .failure(.init(code: .status(503)))),
        ])
    func task(status: Int, body: String, result: AttemptResult) {
        #expect(Self.task(Self.answer(status, body)) == result)
    }

    @Test(
        "each way to fail has a code that says it",
        arguments: [
            (FailureCode.status(503), "http_503"), (.badResponse, "bad_response"), (.transport(.timeout), "timeout"),
            (.transport(.refusedAddress), "refused_address"), (.transport(.tls), "tls"),
        ])
    func codes(code: FailureCode, text: String) {
        #expect(code.text == text)
    }
}
