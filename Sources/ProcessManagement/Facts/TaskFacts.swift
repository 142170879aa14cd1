import JSON

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
    /// Of an end that we make ourselves: what the last attempt before it failed with.
    public var lastCode: String?
    public var lastReason: String?
    public var computed: Bool

    public init(
        taskID: TaskID, transitionID: TransitionID, machineID: String, code: String?, reason: String, attempts: Int,
        lastCode: String? = nil, lastReason: String? = nil, computed: Bool = false
    ) {
        self.taskID = taskID
        self.transitionID = transitionID
        self.machineID = machineID
        self.code = code
        self.reason = reason
        self.attempts = attempts
        self.lastCode = lastCode
        self.lastReason = lastReason
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
