import JSON

/// Whether and when a task is undone if its process compensates.
public enum UndoRule: String, Sendable, Hashable {
    /// Undone once it has completed.
    case whenCompleted = "when_completed"
    /// Also when it ended without an outcome after a worker had claimed it, so that nobody knows what it did.
    case whenUnknown = "when_unknown"
}

/// A task that the process waits for.
public struct OpenTask: Sendable, Equatable {
    public let id: TaskID
    public let type: String
    public let transitionID: TransitionID
    public let machineID: String
    public internal(set) var input: JSONView
    /// Where the definition declares it (JSON Pointer); empty for a manager written in Swift.
    public let pointer: String
    /// It is the task of its machine's state, not a side task.
    public let isStateTask: Bool
    /// The version of the definition that planned it; `pointer` leads there, also after a migration.
    public let definitionVersion: Int
    /// The state entry in which it was planned.
    public let enteredAt: Int64
    public let undo: UndoRule?
    /// The task that this one undoes.
    public let undoes: TaskID?
    /// How often an operator reopened it by retrying its incident.
    public internal(set) var reopened: Int

    /// A child process does it.
    public var isChild: Bool { ChildProcess.isTaskType(type) }

    public init(
        id: TaskID, type: String, transitionID: TransitionID, machineID: String, input: JSONView, pointer: String,
        definitionVersion: Int, isStateTask: Bool, enteredAt: Int64, undo: UndoRule?, undoes: TaskID?, reopened: Int = 0
    ) {
        self.id = id
        self.type = type
        self.transitionID = transitionID
        self.machineID = machineID
        self.input = input
        self.pointer = pointer
        self.definitionVersion = definitionVersion
        self.isStateTask = isStateTask
        self.enteredAt = enteredAt
        self.undo = undo
        self.undoes = undoes
        self.reopened = reopened
    }
}

/// A finished task whose effect can be undone; the undo stack holds them in the order in which they finished.
public struct UndoableTask: Sendable, Equatable {
    public let task: OpenTask
    /// Null when the task ended without a known outcome.
    public internal(set) var result: JSONView

    public init(task: OpenTask, result: JSONView) {
        self.task = task
        self.result = result
    }
}
