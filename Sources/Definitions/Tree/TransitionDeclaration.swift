import Chrono
import JSON

/// What happens when a trigger is taken.
public final class TransitionDeclaration: Sendable {
    public let pointer: String
    public let name: String?
    public let when: CompiledExpression?
    /// The state to enter; nil to stay, then nothing is left or entered.
    public let to: String?
    public let set: Template?
    /// Keys that the process gains, in the order of the document.
    public let correlate: [CorrelationDeclaration]
    /// A side task.
    public let task: TaskDeclaration?
    public let commands: [CommandDeclaration]
    public let raises: [EventDraft]
    /// Events given back to the service.
    public let publishes: [EventDraft]
    public let end: EndDeclaration?

    /// What its `when` reads; an `always` is tried again only when one of these has changed.
    let reads: [StateRead]

    init(
        pointer: String, name: String?, when: CompiledExpression?, to: String?, set: Template?,
        correlate: [CorrelationDeclaration], task: TaskDeclaration?, commands: [CommandDeclaration],
        raises: [EventDraft], publishes: [EventDraft], end: EndDeclaration?, reads: [StateRead]
    ) {
        self.pointer = pointer
        self.name = name
        self.when = when
        self.to = to
        self.set = set
        self.correlate = correlate
        self.task = task
        self.commands = commands
        self.raises = raises
        self.publishes = publishes
        self.end = end
        self.reads = reads
    }
}

public struct CorrelationDeclaration: Sendable {
    public let name: String
    public let value: Template
}

public struct CommandDeclaration: Sendable {
    public let pointer: String
    public let command: String
    public let payload: Template
}

/// An event that a transition makes: raised, and handled in the same step, or published.
public struct EventDraft: Sendable {
    public let pointer: String
    public let type: String
    public let data: Template
}

/// How a transition ends the process.
public enum EndDeclaration: Sendable {
    case complete(result: Template)
    case cancel(reason: Template, compensate: Bool)
    case fail(reason: Template, compensate: Bool)
}

/// A transition that a timer of the state takes.
public struct AfterDeclaration: Sendable {
    public enum Due: Sendable {
        case delay(TimeSpan)
        /// Gives a duration, or the text of one.
        case computedDelay(Template)
        /// Gives a timestamp, or the text of one.
        case at(CompiledExpression)
    }

    public let pointer: String
    /// Its place in the list.
    public let index: Int
    public let due: Due
    public let transition: TransitionDeclaration
}

/// A part of the process that an `always` can read and that changes.
enum StateRead: Sendable, Hashable {
    case allData
    case data(ExactText)
    case allCounts
    case counts(machine: String)
    case count(machine: String, state: String)
    case machines
}
