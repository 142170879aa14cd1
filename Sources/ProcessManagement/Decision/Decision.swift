import EventSourcing
import JSON

/// What a manager decided about one input: facts for the process stream, and the commands that follow from them.
public struct Decision: Sendable, Equatable {
    /// In the order in which they are recorded.
    public let facts: [Fact]

    init(facts: [Fact]) {
        self.facts = facts
    }

    /// What leaves the process when the facts are recorded, in the same order.
    public var commands: [Command] { facts.compactMap(Command.init) }
}

/// What leaves the process: a task to start or cancel, or a command that the manager names.
public enum Command: Sendable, Equatable {
    case startTask(taskID: TaskID, stream: StreamID, type: String, input: JSONView)
    case cancelTask(taskID: TaskID)
    case named(CommandIssued)

    /// The command that a fact entails, if any.
    public init?(_ fact: Fact) {
        switch fact {
        case .transitionPlanned(let planned):
            guard let task = planned.task, task.mode == .async else { return nil }
            self = .startTask(taskID: task.id, stream: .task(task.id), type: task.type, input: task.input)
        case .taskCancelled(let cancelled):
            guard cancelled.attempt == nil else { return nil }
            self = .cancelTask(taskID: cancelled.taskID)
        case .commandIssued(let issued): self = .named(issued)
        default: return nil
        }
    }
}
