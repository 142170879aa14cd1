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
    /// An operator deals with an incident. For an input that could not be decided, `recorded` is that input, followed by
    /// those that waited for it; empty if it was a cancel, which no manager is asked about.
    case resolve(IncidentResolved, result: JSONView?, recorded: [Trigger])

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
    /// A worker had the task and its end is not known: a cancelled lease, a silent worker.
    public var unknown: Bool

    public init(taskID: TaskID, ending: Ending, attempt: Int, unknown: Bool = false) {
        self.taskID = taskID
        self.ending = ending
        self.attempt = attempt
        self.unknown = unknown
    }
}

/// What a process manager is asked to decide about.
public enum Trigger: Sendable, Equatable {
    case event(Event)
    /// The task is no longer open when the manager is asked; this is what it was.
    case outcome(OpenTask, TaskOutcome)
    case timer(PendingTimer)
}
