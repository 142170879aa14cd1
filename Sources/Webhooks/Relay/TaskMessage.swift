import Chrono
import Engine
import JSON

/// A task on its way to an endpoint, and what the endpoint's answer says of it.
enum TaskMessage {
    /// `{type, timestamp, data}`: the task's type, when it was scheduled, the task as in `GET /tasks`.
    static func body(of task: ClaimedTask, _ wording: TaskWording) -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        writer.name("type")
        writer.value(task.type)
        writer.name("timestamp")
        writer.value(task.scheduledAt.rfc3339)
        writer.name("data")
        writer.raw(wording.task(task))
        writer.endObject()
        return writer.finish()
    }

    enum Answer {
        /// 200 with an outcome.
        case outcome(OutcomeRequest.Outcome)
        /// 202, 204: the receiver posts the outcome itself, with the lease token.
        case accepted
        /// 410: the task goes to somebody else.
        case gone
        case failed(AttemptResult.Failure)

        var result: AttemptResult {
            switch self {
            case .outcome, .accepted: .success
            case .gone: .gone
            case .failed(let failure): .failure(failure)
            }
        }
    }

    static func read(_ answer: ReceiverAnswer, _ retryAfter: TimeSpan?, _ wording: TaskWording) -> Answer {
        switch answer.status {
        case 200: wording.outcome(answer.body).map { .outcome($0) } ?? .failed(.init(code: .badResponse))
        case 202, 204: .accepted
        case 410: .gone
        default: .failed(.init(code: .status(answer.status), retryAfter: retryAfter))
        }
    }
}
