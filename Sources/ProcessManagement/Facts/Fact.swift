import Chrono
import EventSourcing
import JSON

/// What the engine records in a process stream besides the accepted events themselves. The list is closed: a new kind
/// of fact is a case here, and the compiler then names every place that has to know it.
public indirect enum Fact: Sendable, Equatable {
    case processStarted(ProcessStarted)
    case transitionPlanned(TransitionPlanned)
    case taskCompleted(TaskCompleted)
    case taskFailed(TaskFailed)
    case taskCancelled(TaskCancelled)
    case eventDeferred(EventDeferred)
    case deferredEventOffered(DeferredEventOffered)
    case stepContinued(StepContinued)
    case timerScheduled(TimerScheduled)
    case timerFired(TimerFired)
    case commandIssued(CommandIssued)
    case incidentRaised(IncidentRaised)
    case incidentResolved(IncidentResolved)
    case cancellationRequested(CancellationRequested)
    case suspended(OperatorNote)
    case resumed(OperatorNote)
    case processMigrated(ProcessMigrated)
    case compensationStarted(PlannedEnd)
    case processCancelled(reason: String)
    case processCompleted(result: JSONView?)
    case processFailed(reason: String)

    /// The event types that are ours; nobody may post them.
    public static let types: Set<ExactText> = [
        "ProcessStarted", "TransitionPlanned", "TaskCompleted", "TaskFailed", "TaskCancelled", "EventDeferred",
        "DeferredEventOffered", "StepContinued", "TimerScheduled", "TimerFired", "CommandIssued", "IncidentRaised",
        "IncidentResolved",
        "ProcessCancellationRequested", "ProcessSuspended", "ProcessResumed", "ProcessMigrated", "CompensationStarted",
        "ProcessCancelled", "ProcessCompleted", "ProcessFailed",
    ]

    /// The event type under which it is recorded.
    public var type: String {
        switch self {
        case .processStarted: "ProcessStarted"
        case .transitionPlanned: "TransitionPlanned"
        case .taskCompleted: "TaskCompleted"
        case .taskFailed: "TaskFailed"
        case .taskCancelled: "TaskCancelled"
        case .eventDeferred: "EventDeferred"
        case .deferredEventOffered: "DeferredEventOffered"
        case .stepContinued: "StepContinued"
        case .timerScheduled: "TimerScheduled"
        case .timerFired: "TimerFired"
        case .commandIssued: "CommandIssued"
        case .incidentRaised: "IncidentRaised"
        case .incidentResolved: "IncidentResolved"
        case .cancellationRequested: "ProcessCancellationRequested"
        case .suspended: "ProcessSuspended"
        case .resumed: "ProcessResumed"
        case .processMigrated: "ProcessMigrated"
        case .compensationStarted: "CompensationStarted"
        case .processCancelled: "ProcessCancelled"
        case .processCompleted: "ProcessCompleted"
        case .processFailed: "ProcessFailed"
        }
    }

    /// It records an input of the process, not something decided from one.
    public var isInput: Bool {
        switch self {
        case .taskCompleted(let fact): !fact.computed
        case .taskFailed(let fact): !fact.computed
        case .taskCancelled(let fact): fact.attempt != nil
        case .stepContinued, .timerFired, .incidentResolved, .cancellationRequested, .suspended, .resumed,
            .processMigrated:
            true
        case .processStarted, .transitionPlanned, .eventDeferred, .deferredEventOffered, .timerScheduled,
            .commandIssued, .incidentRaised, .compensationStarted, .processCancelled, .processCompleted,
            .processFailed:
            false
        }
    }
}

public struct ProcessStarted: Sendable, Equatable {
    public var processID: ProcessID
    public var definition: String
    public var definitionVersion: Int
    public var key: String
    /// An object.
    public var data: JSONView
    /// Keys that the process has from the start, beside `key`.
    public var correlations: [Correlation]

    public init(
        processID: ProcessID, definition: String, definitionVersion: Int, key: String, data: JSONView,
        correlations: [Correlation] = []
    ) {
        self.processID = processID
        self.definition = definition
        self.definitionVersion = definitionVersion
        self.key = key
        self.data = data
        self.correlations = correlations
    }
}

public struct CommandIssued: Sendable, Equatable {
    public var commandID: CommandID
    public var command: String
    public var payload: JSONView

    public init(commandID: CommandID, command: String, payload: JSONView) {
        self.commandID = commandID
        self.command = command
        self.payload = payload
    }
}
