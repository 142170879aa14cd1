import Chrono
import EventSourcing
import JSON

/// Pure decision logic: what happens next in a process, given what it is and what just happened.
///
/// An implementation has no clock, no randomness and no I/O, and walks nothing in an undefined order: the same state,
/// trigger and time give the same decision, on every machine and for ever. The engine relies on it (`procession verify`
/// decides every recorded input again and compares). It may be called from any thread.
///
/// JSON definitions are one implementation; a Swift type is another.
public protocol ProcessManager: Sendable {
    /// The name under which its processes are stored; also the category of their streams.
    var name: String { get }

    /// Which version of the logic this is. A process stays on the version that it started with.
    var version: Int { get }

    /// The process data of a new process: an object. `rules` are those that the event is decided by.
    func initialData(for event: Event, of state: ProcessState, at now: Instant, by rules: DecisionRules)
        throws(DecisionFault) -> JSONView

    /// Further keys of a new process that its first event tells; recorded in `ProcessStarted`. While one of them belongs
    /// to another running process, the start waits for an operator's retry (`correlation_taken`). None by default, and
    /// in JSON definitions, whose processes gain theirs by `correlate`.
    func initialCorrelations(
        for event: Event, of state: ProcessState, at now: Instant
    ) throws(DecisionFault) -> [Correlation]

    /// Decides about one trigger. `state` is the state after the trigger was recorded.
    ///
    /// What is to happen is said to the context (`plan`, `schedule`, `issue`, `complete` …), which folds each fact as it
    /// comes, so that `context.state` is always the state as left by what was decided so far. Return
    /// `context.decision`. A thrown fault undoes the whole step: the trigger is recorded with an incident, nothing else.
    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision

    /// Enters the present states of these machines anew, after a migration that asks for it; then does what every step
    /// ends with. `machineIDs` is empty where nothing is to be entered. By default nothing can be entered.
    func enter(_ machineIDs: [String], _ context: inout ProcessContext) throws(DecisionFault) -> Decision

    /// Does what an earlier step left, or what failed in it; then what every step ends with. By default there is nothing
    /// of that kind.
    func goOn(with work: RemainingWork, _ context: inout ProcessContext) throws(DecisionFault) -> Decision

    /// What this version says of a state of the machines of a name; nil if it has no such state. By default it says
    /// nothing of any, and no process can be migrated to it.
    func declaredState(_ state: String, of machine: String) -> DeclaredState?

    /// Whether some event could lead on from where the process is. True by default: a manager that does not say is
    /// believed to.
    func awaitsEvents(_ state: ProcessState) -> Bool

    /// The task that undoes a finished one. Asked only for tasks planned with an `undo` rule. `rules` are those of the
    /// input that leads to it.
    func undoTask(
        for undone: UndoableTask, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> TaskPlan

    /// How the engine runs the task declared at this JSON Pointer; nil if none is. Asked for tasks without a policy of
    /// their own.
    func policy(ofTaskAt pointer: String) -> TaskPolicy?

    /// What a cancel request without fields means.
    var cancelDefaults: CancelDefaults { get }
}

extension ProcessManager {
    public var version: Int { 1 }
    public var cancelDefaults: CancelDefaults { CancelDefaults() }

    public func initialData(
        for event: Event, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> JSONView {
        JSONView(.object(JSONObject()))
    }

    public func initialCorrelations(
        for event: Event, of state: ProcessState, at now: Instant
    ) throws(DecisionFault) -> [Correlation] { [] }

    public func policy(ofTaskAt pointer: String) -> TaskPolicy? { nil }

    public func awaitsEvents(_ state: ProcessState) -> Bool { true }

    public func declaredState(_ state: String, of machine: String) -> DeclaredState? { nil }

    public func enter(_ machineIDs: [String], _ context: inout ProcessContext) throws(DecisionFault) -> Decision {
        guard machineIDs.isEmpty else {
            throw DecisionFault(.definitionMissing, "\(name) does not say how a state is entered")
        }
        return context.decision
    }

    public func goOn(with work: RemainingWork, _ context: inout ProcessContext) throws(DecisionFault) -> Decision {
        context.decision
    }

    public func undoTask(
        for undone: UndoableTask, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> TaskPlan {
        throw DecisionFault(.definitionMissing, "\(name) does not say how to undo \(undone.task.type)")
    }
}

/// What is left to do of an earlier step.
public enum RemainingWork: Sendable, Equatable {
    /// These machines entered states; what they put off is to be offered to them.
    case waitingEvents(of: [String])
    /// The `always` of this machine failed and is to be tried again.
    case always(of: String)
}

/// What a cancel request means where it leaves something out.
public struct CancelDefaults: Sendable, Equatable {
    public var mode: CancelMode
    public var compensate: Bool
    public var deadline: TimeSpan?

    public init(mode: CancelMode = .hard, compensate: Bool = false, deadline: TimeSpan? = nil) {
        self.mode = mode
        self.compensate = compensate
        self.deadline = deadline
    }
}

/// A task as a manager wants it planned.
public struct TaskPlan: Sendable, Equatable {
    public var type: String
    public var input: JSONView
    public var mode: PlannedTask.Mode
    /// Where a definition declares it (JSON Pointer); empty for none, then `policy` is recorded with the task.
    public var pointer: String
    public var undo: UndoRule?
    public var policy: TaskPolicy?
    /// The child process that it is, instead of work for a worker.
    public let child: ChildProcess?

    public init(
        type: String, input: JSONView, mode: PlannedTask.Mode = .async, pointer: String = "", undo: UndoRule? = nil,
        policy: TaskPolicy? = nil
    ) {
        self.type = type
        self.input = input
        self.mode = mode
        self.pointer = pointer
        self.undo = undo
        self.policy = policy
        child = nil
    }

    /// A child process, started with `data`; its end is the outcome of the task. Of the policy only the `total` limit
    /// means something.
    public init(
        child: ChildProcess, data: JSONView, pointer: String = "", undo: UndoRule? = nil, policy: TaskPolicy? = nil
    ) {
        type = child.taskType
        input = data
        mode = .child
        self.pointer = pointer
        self.undo = undo
        self.policy = policy
        self.child = child
    }
}
