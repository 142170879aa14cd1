import Chrono
import Engine

/// What came of one request, in the words of schedule, pace and records.
struct AttemptReading {
    let result: AttemptResult
    /// The receiver's status; nil without an answer.
    let status: Int?
    /// In a word; nil where the status says it.
    let error: String?
    /// For people.
    let reason: String
    let answer: [UInt8]
    let duration: TimeSpan
    /// The service stopped first.
    let wasStopped: Bool

    /// - Parameter judge: what an answer means, with the wish that was read from its `Retry-After`.
    init(_ result: TransportResult, at now: Instant, judge: (ReceiverAnswer, TimeSpan?) -> AttemptResult) {
        switch result {
        case .answered(let answer):
            self.result = judge(
                answer,
                answer.retryAfter.flatMap { RetryAfter.span($0, at: now) }.map {
                    min($0, DeliverySchedule.bounds.upperBound)
                })
            status = answer.status
            if case .failure(let failure) = self.result, failure.code == .badResponse {
                error = failure.code.text
                reason = "the endpoint answered \(answer.status) without an outcome"
            } else {
                error = nil
                reason = "the endpoint answered \(answer.status)"
            }
            self.answer = Array(answer.body.prefix(DeliveryAttempt.answerLimit))
            duration = answer.duration
            wasStopped = false
        case .failed(let failure):
            self.result = .failure(.init(code: .transport(failure.kind)))
            status = nil
            error = failure.kind.rawValue
            reason = failure.message
            answer = []
            duration = failure.duration
            wasStopped = failure.kind == .stopped
        }
    }

    /// An answer to a command: its status is all that counts.
    static func command(_ answer: ReceiverAnswer, _ retryAfter: TimeSpan?) -> AttemptResult {
        switch answer.status {
        case 200...299: .success
        case 410: .gone
        default: .failure(.init(code: .status(answer.status), retryAfter: retryAfter))
        }
    }

    /// How long the endpoint has asked to be left alone, in microseconds.
    var rest: Int64? {
        guard case .failure(let failure) = result, failure.code.isOfServer, let asked = failure.retryAfter else {
            return nil
        }
        let bounds = DeliverySchedule.bounds
        return min(max(asked, bounds.lowerBound), bounds.upperBound).milliseconds * 1000
    }

    func attempt(startedAt: Instant) -> DeliveryAttempt {
        DeliveryAttempt(startedAt: startedAt, duration: duration, status: status, error: error, answer: answer)
    }
}
