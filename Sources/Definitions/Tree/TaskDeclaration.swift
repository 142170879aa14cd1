import ProcessManagement

/// Work that a state or a transition plans.
public final class TaskDeclaration: Sendable {
    public let pointer: String
    public let type: String
    public let input: Template
    public let mode: PlannedTask.Mode
    /// What a `sync` task completes with.
    public let result: Template?
    public let policy: TaskPolicy
    public let undo: UndoDeclaration?
    /// A child process does it; `type` and `input` follow from it.
    public let child: ChildDeclaration?

    init(
        pointer: String, type: String, input: Template, mode: PlannedTask.Mode, result: Template?, policy: TaskPolicy,
        undo: UndoDeclaration?, child: ChildDeclaration? = nil
    ) {
        self.pointer = pointer
        self.type = type
        self.input = input
        self.mode = mode
        self.result = result
        self.policy = policy
        self.undo = undo
        self.child = child
    }
}

/// The child process that does a task. Its data is the task's `input`.
public struct ChildDeclaration: Sendable {
    public let definition: String
    public let key: CompiledExpression
}

/// The task that undoes another one when the process compensates.
public struct UndoDeclaration: Sendable {
    public let pointer: String
    public let type: String
    /// Computed when the undo is planned; `task` is the one to undo.
    public let input: Template
    public let policy: TaskPolicy
    /// Undone also if nobody knows what the task did.
    public let whenUnknown: Bool
    /// A child process undoes it; `type` and `input` follow from it.
    public let child: ChildDeclaration?

    public var rule: UndoRule { whenUnknown ? .whenUnknown : .whenCompleted }
}
