import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What is recorded in a task's own stream. Only the final outcome reaches the process stream.
enum TaskFact {
    case attemptStarted(attempt: Int, lease: Int64, worker: String, expiresAt: Instant)
    case stepRecorded(name: String, data: JSONView, attempt: Int)
    case progressRecorded(JSONView, attempt: Int)
    case attemptEnded(AttemptEnded)
    case taskReleased(attempt: Int, lease: Int64)
    case taskReopened
    /// `attempt` is nil where the token was none of this task's.
    case lateOutcome(OutcomeRequest.Outcome, attempt: Int?, refused: Problem.Code)

    var type: String {
        switch self {
        case .attemptStarted: "AttemptStarted"
        case .stepRecorded: "StepRecorded"
        case .progressRecorded: "ProgressRecorded"
        case .attemptEnded: "AttemptEnded"
        case .taskReleased: "TaskReleased"
        case .taskReopened: "TaskReopened"
        case .lateOutcome: "LateOutcome"
        }
    }

    func encoded(for taskID: TaskID) -> JSONView {
        var writer = JSONWriter(reserving: 128, indexed: true)
        writer.beginObject()
        writer.member("task_id", taskID.description)
        switch self {
        case .attemptStarted(let attempt, let lease, let worker, let expiresAt):
            writer.member("attempt", attempt)
            writer.member("lease", lease)
            writer.member("worker", worker)
            writer.member("expires_at", expiresAt.rfc3339)
        case .stepRecorded(let name, let data, let attempt):
            writer.member("name", name)
            writer.member("data", data)
            writer.member("attempt", attempt)
        case .progressRecorded(let progress, let attempt):
            writer.member("progress", progress)
            writer.member("attempt", attempt)
        case .attemptEnded(let ended): ended.encode(to: &writer)
        case .taskReleased(let attempt, let lease):
            writer.member("attempt", attempt)
            writer.member("lease", lease)
        case .taskReopened: break
        case .lateOutcome(let outcome, let attempt, let refused):
            if let attempt { writer.member("attempt", attempt) }
            writer.outcome(outcome)
            writer.member("refused", refused.rawValue)
        }
        writer.endObject()
        return writer.document.root
    }

    /// The record is a refused outcome of this attempt that says the same.
    static func isLateOutcome(_ record: RecordedEvent, like outcome: OutcomeRequest.Outcome, attempt: Int?) -> Bool {
        let data = record.event.data
        guard record.event.type == "LateOutcome", let word = data["outcome"]?.stringValue,
            data["attempt"]?.int64Value == attempt.map(Int64.init)
        else { return false }
        return outcome.isSame(as: word, result: data["result"], code: data["code"]?.stringValue)
    }
}

/// The end of one attempt, with the answer that its worker was given: a repeat gets the same again.
struct AttemptEnded {
    var attempt: Int
    var lease: Int64
    var outcome: String
    var code: String?
    var reason: String?
    var result: JSONView?
    /// Set when a worker posted the outcome.
    var answer: OutcomeReceipt?

    func encode(to writer: inout JSONWriter) {
        writer.member("attempt", attempt)
        writer.member("lease", lease)
        writer.member("outcome", outcome)
        if let code { writer.member("code", code) }
        if let reason { writer.member("reason", reason) }
        if let result { writer.member("result", result) }
        guard let answer else { return }
        writer.member("recorded", answer.recorded)
        writer.member("will_retry", answer.willRetry)
        if let next = answer.nextAttemptAt { writer.member("next_attempt_at", next.rfc3339) }
        writer.member("process_id", answer.processID.description)
        writer.member("process_status", answer.processStatus.rawValue)
        writer.member("process_version", answer.processVersion)
    }
}

extension JSONWriter {
    fileprivate mutating func outcome(_ outcome: OutcomeRequest.Outcome) {
        member("outcome", outcome.word)
        switch outcome {
        case .completed(let result): member("result", result)
        case .failed(let code, let reason, _, _):
            if let code { member("code", code) }
            member("reason", reason)
        case .cancelled: break
        }
    }
}

extension ProcessEngine {
    /// Appends to the task's own stream; the row's `streamVersion` moves with it, and is written by the caller.
    func append(
        _ fact: TaskFact, to task: inout StoredTask, at now: Instant, correlation: String? = nil, trace: String? = nil
    ) throws(StoreError) {
        let version = task.row.streamVersion + 1
        let id = UniqueID(name: "\(task.row.id)/\(version)")
        try store.append(
            [
                Event(
                    id: EventID(id), type: fact.type, data: fact.encoded(for: task.row.id), correlationID: correlation,
                    traceparent: trace)
            ], toTask: task.handle, version: version, at: now)
        task.row.streamVersion = version
    }
}
