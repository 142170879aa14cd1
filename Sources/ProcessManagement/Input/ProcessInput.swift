import Chrono
import EventSourcing
import JSON

/// Everything that can happen to a process. The list is closed.
public enum ProcessInput: Sendable, Equatable {
    /// An event that was located to this process.
    case event(Event)
    /// The final outcome of one of its tasks.
    case outcome(TaskOutcome)
    /// A timer of a state, or the deadline of a cooperative cancel, is due.
    case timer(TimerFired)
    case cancel(CancellationRequested)
    case suspend(OperatorNote)
    case resume(OperatorNote)
    /// It goes on under another version, whose manager decides this input already.
    indirect case migrate(ProcessMigrated)
    /// A step goes on that would have grown too large.
    case continued(StepContinued)
    /// An operator deals with an incident. For an input that could not be decided, `recorded` is that input, followed by
    /// those that waited for it; empty if it was a cancel, which no manager is asked about.
    case resolve(IncidentResolved, result: JSONView?, recorded: [RetriedInput])

    /// What its ids are made from.
    public func id(in state: ProcessState) -> InputID {
        switch self {
        case .event(let event): .event(source: event.source ?? "", id: event.id)
        case .outcome(let outcome):
            .outcome(
                taskID: outcome.taskID, attempt: outcome.attempt,
                reopened: state.tasks[outcome.taskID]?.reopened ?? 0)
        case .timer(let fired): .timer(fired.timerID)
        case .cancel(let request): .operatorRequest(request.requestID)
        case .suspend(let note), .resume(let note): .operatorRequest(note.requestID)
        case .migrate(let fact): .operatorRequest(fact.requestID)
        case .continued(let fact): .continuation(of: fact.of, number: fact.number)
        case .resolve(let resolution, _, _): .operatorRequest(resolution.requestID)
        }
    }
}

extension ProcessInput {
    /// The version of the definition that decides it.
    public func definitionVersion(in state: ProcessState) -> Int {
        if case .migrate(let fact) = self { fact.toVersion } else { state.definitionVersion }
    }
}

/// The final outcome of a task, as it enters the process.
public struct TaskOutcome: Sendable, Equatable {
    public enum Ending: Sendable, Equatable {
        case completed(result: JSONView)
        case failed(code: String?, reason: String)
        /// Posted by a worker.
        case cancelled
    }

    public var taskID: TaskID
    public var ending: Ending
    /// The attempt that it is the outcome of, counted from 1; 0 if no worker ever had the task.
    public var attempt: Int
    /// Of an end that we make ourselves: what the last attempt before it failed with.
    public var lastCode: String?
    public var lastReason: String?
    /// A worker had the task and its end is not known: a cancelled lease, a silent worker.
    public var unknown: Bool

    public init(
        taskID: TaskID, ending: Ending, attempt: Int, unknown: Bool = false, lastCode: String? = nil,
        lastReason: String? = nil
    ) {
        self.taskID = taskID
        self.ending = ending
        self.attempt = attempt
        self.unknown = unknown
        self.lastCode = lastCode
        self.lastReason = lastReason
    }
}

/// A recorded input that a retry decides again.
public enum RetriedInput: Sendable, Equatable {
    case trigger(Trigger)
    /// An input of our own, with which the process was to go on.
    case work(RemainingWork)
}

/// What a process manager is asked to decide about.
public enum Trigger: Sendable, Equatable {
    case event(Event)
    /// The task is no longer open when the manager is asked; this is what it was.
    case outcome(OpenTask, TaskOutcome)
    case timer(PendingTimer)

    /// As it is decided again with what an operator put in the place of what was recorded.
    func corrected(by correction: InputCorrection?) -> Trigger {
        guard let value = correction?.value else { return self }
        switch self {
        case .event(var event):
            event.data = value
            return .event(event)
        case .outcome(let task, var outcome):
            outcome.ending = .completed(result: value)
            return .outcome(task, outcome)
        case .timer: return self
        }
    }
}
