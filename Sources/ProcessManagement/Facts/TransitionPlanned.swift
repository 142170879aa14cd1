import JSON

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
    /// What the machine ends with, where a final state with a `result` is entered.
    public var result: JSONView?
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
        result: JSONView? = nil, correlations: [Correlation] = [], definitionVersion: Int, undoes: TaskID? = nil,
        task: PlannedTask? = nil
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
        self.result = result
        self.correlations = correlations
        self.definitionVersion = definitionVersion
        self.undoes = undoes
        self.task = task
    }
}

extension TransitionPlanned {
    /// The size of the values and texts in it that can be large.
    public var contentBytes: Int {
        var count = task?.childKey?.utf8.count ?? 0
        for value in [set, result, item, task?.input] { count += value?.rawByteCount ?? 0 }
        return count + correlations.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
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
