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
    public static let types: Set<String> = [
        "ProcessStarted", "TransitionPlanned", "TaskCompleted", "TaskFailed", "TaskCancelled", "EventDeferred",
        "DeferredEventOffered", "TimerScheduled", "TimerFired", "CommandIssued", "IncidentRaised", "IncidentResolved",
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
        case .timerFired, .incidentResolved, .cancellationRequested, .suspended, .resumed, .processMigrated: true
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

/// The only fact that moves a machine, but for `ProcessMigrated`.
public struct TransitionPlanned: Sendable, Equatable {
    public var transitionID: TransitionID
    /// Its name, or else what triggered it.
    public var transition: String
    public var machineID: String
    public var machine: String
    /// Nil when the machine comes into being.
    public var fromState: String?
    public var toState: String
    /// Nothing is left or entered; `toState` is `fromState`.
    public var stays: Bool
    /// The element that a spawned machine is made for.
    public var item: JSONView?
    /// Members of the process data that it replaces, an object.
    public var set: JSONView?
    /// Keys that the process gains.
    public var correlations: [Correlation]
    /// The version of the definition that planned it.
    public var definitionVersion: Int
    /// The task that this one undoes.
    public var undoes: TaskID?
    public var task: PlannedTask?

    public init(
        transitionID: TransitionID, transition: String, machineID: String, machine: String, fromState: String?,
        toState: String, stays: Bool = false, item: JSONView? = nil, set: JSONView? = nil,
        correlations: [Correlation] = [], definitionVersion: Int, undoes: TaskID? = nil, task: PlannedTask? = nil
    ) {
        self.transitionID = transitionID
        self.transition = transition
        self.machineID = machineID
        self.machine = machine
        self.fromState = fromState
        self.toState = toState
        self.stays = stays
        self.item = item
        self.set = set
        self.correlations = correlations
        self.definitionVersion = definitionVersion
        self.undoes = undoes
        self.task = task
    }
}

/// The task that a transition plans.
public struct PlannedTask: Sendable, Equatable {
    public enum Mode: String, Sendable, Hashable {
        /// A worker or a webhook does it.
        case async
        /// Its outcome is computed in the same step.
        case sync
        /// A child process does it; how that ends is the outcome.
        case child
    }

    public var id: TaskID
    public var type: String
    public var mode: Mode
    /// Of a child process, the data of its `ChildRequested`.
    public var input: JSONView
    /// The key of the child process; nil for a task that is none.
    public var childKey: String?
    /// Where the definition declares it (JSON Pointer): its priority, retry, time-outs and undo are read there.
    public var pointer: String
    /// It is the task of the state that is entered, not a side task.
    public var isStateTask: Bool
    public var undo: UndoRule?
    /// Recorded only by managers that have no stored definition to read it from.
    public var policy: TaskPolicy?

    public init(
        id: TaskID, type: String, mode: Mode = .async, input: JSONView, childKey: String? = nil, pointer: String,
        isStateTask: Bool, undo: UndoRule? = nil, policy: TaskPolicy? = nil
    ) {
        self.id = id
        self.type = type
        self.mode = mode
        self.input = input
        self.childKey = childKey
        self.pointer = pointer
        self.isStateTask = isStateTask
        self.undo = undo
        self.policy = policy
    }
}

public struct TaskCompleted: Sendable, Equatable {
    public var taskID: TaskID
    public var transitionID: TransitionID
    public var machineID: String
    public var result: JSONView
    /// Which attempt succeeded; 0 when no worker did it.
    public var attempt: Int
    /// Decided in the step itself (a `sync` task), not an input.
    public var computed: Bool

    public init(
        taskID: TaskID, transitionID: TransitionID, machineID: String, result: JSONView, attempt: Int,
        computed: Bool = false
    ) {
        self.taskID = taskID
        self.transitionID = transitionID
        self.machineID = machineID
        self.result = result
        self.attempt = attempt
        self.computed = computed
    }
}

public struct TaskFailed: Sendable, Equatable {
    public var taskID: TaskID
    public var transitionID: TransitionID
    public var machineID: String
    public var code: String?
    public var reason: String
    /// How many attempts there were in all.
    public var attempts: Int
    public var computed: Bool

    public init(
        taskID: TaskID, transitionID: TransitionID, machineID: String, code: String?, reason: String, attempts: Int,
        computed: Bool = false
    ) {
        self.taskID = taskID
        self.transitionID = transitionID
        self.machineID = machineID
        self.code = code
        self.reason = reason
        self.attempts = attempts
        self.computed = computed
    }
}

public struct TaskCancelled: Sendable, Equatable {
    public var taskID: TaskID
    public var transitionID: TransitionID
    public var machineID: String
    /// The attempt that posted it; nil when the process cancelled the task itself.
    public var attempt: Int?
    /// A worker held it, so that nobody knows what it did.
    public var unknown: Bool

    public init(
        taskID: TaskID, transitionID: TransitionID, machineID: String, attempt: Int? = nil, unknown: Bool = false
    ) {
        self.taskID = taskID
        self.transitionID = transitionID
        self.machineID = machineID
        self.attempt = attempt
        self.unknown = unknown
    }
}

public struct EventDeferred: Sendable, Equatable {
    public var eventVersion: Int64
    public var machineID: String

    public init(eventVersion: Int64, machineID: String) {
        self.eventVersion = eventVersion
        self.machineID = machineID
    }
}

public struct DeferredEventOffered: Sendable, Equatable {
    public enum Result: String, Sendable, Hashable {
        case taken
        case dropped
        case deferred
    }

    public var eventVersion: Int64
    public var machineID: String
    public var result: Result

    public init(eventVersion: Int64, machineID: String, result: Result) {
        self.eventVersion = eventVersion
        self.machineID = machineID
        self.result = result
    }
}

public struct TimerScheduled: Sendable, Equatable {
    public var timerID: TimerID
    public var machineID: String?
    public var dueAt: Instant
    public var state: String?
    public var index: Int
    public var name: String?

    public init(timerID: TimerID, machineID: String?, dueAt: Instant, state: String?, index: Int, name: String?) {
        self.timerID = timerID
        self.machineID = machineID
        self.dueAt = dueAt
        self.state = state
        self.index = index
        self.name = name
    }
}

public struct TimerFired: Sendable, Equatable {
    public var timerID: TimerID
    public var machineID: String?
    public var dueAt: Instant

    public init(timerID: TimerID, machineID: String?, dueAt: Instant) {
        self.timerID = timerID
        self.machineID = machineID
        self.dueAt = dueAt
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

public struct IncidentRaised: Sendable, Equatable {
    public var incidentID: IncidentID
    public var kind: IncidentKind
    public var message: String
    public var taskID: TaskID?
    /// The version of the input that could not be decided.
    public var inputVersion: Int64?
    /// The machine whose `always` failed; the step that it belongs to stands.
    public var machineID: String?
    public var pointer: String?

    public init(
        incidentID: IncidentID, kind: IncidentKind, message: String, taskID: TaskID? = nil,
        inputVersion: Int64? = nil, machineID: String? = nil, pointer: String? = nil
    ) {
        self.incidentID = incidentID
        self.kind = kind
        self.message = message
        self.taskID = taskID
        self.inputVersion = inputVersion
        self.machineID = machineID
        self.pointer = pointer
    }
}

public struct IncidentResolved: Sendable, Equatable {
    public enum Resolution: String, Sendable, Hashable {
        /// Decided or attempted again.
        case retry
        /// The operator gave the result, or only closed it.
        case resolve
        /// Nothing was left that a retry could do.
        case obsolete
    }

    public var incidentID: IncidentID
    public var resolution: Resolution
    public var taskID: TaskID?
    public var by: String?
    /// The request that asked for it; ids of what follows are made from it.
    public var requestID: String

    public init(
        incidentID: IncidentID, resolution: Resolution, taskID: TaskID? = nil, by: String? = nil, requestID: String
    ) {
        self.incidentID = incidentID
        self.resolution = resolution
        self.taskID = taskID
        self.by = by
        self.requestID = requestID
    }
}

public enum CancelMode: String, Sendable, Hashable {
    /// Ends at once; late outcomes are refused.
    case hard
    /// Waits for the tasks that workers hold.
    case cooperative
}

public struct CancellationRequested: Sendable, Equatable {
    public var reason: String
    public var mode: CancelMode
    public var compensate: Bool
    public var deadlineAt: Instant?
    public var by: String?
    public var requestID: String

    public init(
        reason: String, mode: CancelMode, compensate: Bool, deadlineAt: Instant? = nil, by: String? = nil,
        requestID: String
    ) {
        self.reason = reason
        self.mode = mode
        self.compensate = compensate
        self.deadlineAt = deadlineAt
        self.by = by
        self.requestID = requestID
    }
}

public struct OperatorNote: Sendable, Equatable {
    public var reason: String?
    public var by: String?
    public var requestID: String

    public init(reason: String? = nil, by: String? = nil, requestID: String) {
        self.reason = reason
        self.by = by
        self.requestID = requestID
    }
}
