import Chrono

public enum IncidentKind: String, Sendable, Hashable, CaseIterable {
    /// A task failed for good and no transition took it.
    case taskFailed = "task_failed"
    /// An expression failed at run time.
    case expressionFailed = "expression_failed"
    /// One input led to more than 100 rounds of deciding.
    case tooManyRounds = "too_many_rounds"
    /// The step would have gone over a limit of the process.
    case limitExceeded = "limit_exceeded"
    /// A correlation value belongs to another running process.
    case correlationTaken = "correlation_taken"
    /// The stored definition that the process runs on is gone.
    case definitionMissing = "definition_missing"
}

/// Something that waits for an operator. It does not stop the rest of the process.
public struct Incident: Sendable, Equatable {
    public let id: IncidentID
    public let kind: IncidentKind
    public let message: String
    /// The failed task, kept so that a retry can open it again.
    public let task: OpenTask?
    /// The task whose outcome could not be decided, if the input was one: what it was when it was open.
    public let undecided: OpenTask?
    /// The stream version of the input that could not be decided, for a retry; nil for a failed task.
    public let inputVersion: Int64?
    /// The place in the definition that failed (JSON Pointer).
    public let pointer: String?
    /// The machine whose `always` failed; the incident is over when it leaves its state.
    public let machineID: String?
    public let raisedAt: Instant

    public init(
        id: IncidentID, kind: IncidentKind, message: String, task: OpenTask?, undecided: OpenTask? = nil,
        inputVersion: Int64?, pointer: String?, machineID: String? = nil, raisedAt: Instant
    ) {
        self.id = id
        self.kind = kind
        self.message = message
        self.task = task
        self.undecided = undecided
        self.inputVersion = inputVersion
        self.pointer = pointer
        self.machineID = machineID
        self.raisedAt = raisedAt
    }

    /// The machine whose present state takes the incident along when it is left.
    var endsWith: String? {
        if let task, task.isStateTask { return task.machineID }
        return machineID
    }
}
