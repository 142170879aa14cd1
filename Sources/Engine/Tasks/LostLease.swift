import EventSourcing
import JSON
import ProcessManagement

/// Why a token is not that of the running lease. The raw values are shown.
enum LostLease: String {
    /// No claim of this task gave the token.
    case unknown
    /// Its time ended.
    case expired
    /// Its worker gave it back.
    case released
    /// Its attempt has an outcome.
    case answered

    /// What the task's stream tells of a lease; a lease of which it tells no end was taken away.
    init(of records: some Sequence<RecordedEvent>, lease: Int64, task: TaskID) {
        for record in records {
            if record.event.type == "TaskReleased", record.event.data["lease"]?.int64Value == lease {
                self = .released
                return
            }
            guard let ended = AttemptEnded(record, taskID: task), ended.lease == lease else { continue }
            self = ended.answer == nil ? .expired : .answered
            return
        }
        self = .expired
    }

    func problem(_ row: TaskRow) -> Problem {
        let isHeld = row.status == .leased
        let detail =
            switch self {
            case .unknown:
                "this is not a token of task \(row.id): send the one that the claim of this task gave, as it came"
            case .expired where isHeld: "the lease of task \(row.id) has expired, and another attempt has the task"
            case .expired: "the lease of task \(row.id) has expired: claim it again"
            case .released where isHeld: "the lease of task \(row.id) was given back, and another attempt has the task"
            case .released: "the lease of task \(row.id) was given back: claim it again"
            case .answered: "the attempt of this token has another outcome already"
            }
        return Problem(
            .leaseLost, detail, members: ["task_id": .string(row.id.description), "lease": .string(rawValue)])
    }
}
