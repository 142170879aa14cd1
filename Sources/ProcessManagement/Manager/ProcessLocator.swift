import Chrono
import EventSourcing
import JSON

/// Says which events concern the processes of one manager, and which process an event belongs to. Pure, like the manager.
public protocol ProcessLocator: Sendable {
    /// The event types it listens to.
    var routes: [ExactText: EventRoute] { get }

    /// After a process has ended, a start event starts another under the same key.
    var restarts: Bool { get }

    /// The key that an event carries; nil when it carries none that can be read.
    func key(of event: Event) -> String?

    /// What it reads the key by, and why that gave none; nil where there is nothing to say. Asked only when an event is
    /// refused for it.
    func keyFault(of event: Event) -> String?
}

extension ProcessLocator {
    public var restarts: Bool { false }

    public func keyFault(of event: Event) -> String? { nil }
}

/// What an event type means for the processes of one manager.
public struct EventRoute: Sendable, Equatable {
    public enum Kind: String, Sendable, Hashable {
        /// Starts a process if none with the key is running, else is delivered to it.
        case start
        /// Is delivered to the running process.
        case `continue`
    }

    public enum WhenMissing: Sendable, Hashable {
        /// Kept as unmatched, for operators to see.
        case ignore
        /// Refused; nothing is stored.
        case reject
        /// Kept for this long, and delivered in order right after the process starts or gains the key.
        case hold(TimeSpan)
    }

    /// What becomes of an event whose process has ended, beside the answer.
    public enum WhenEnded: String, Sendable, Hashable {
        /// Kept as unmatched, for operators to see.
        case keep
        /// Nothing.
        case ignore
    }

    public var kind: Kind
    public var whenEnded = WhenEnded.keep
    /// The name of the correlation that the key is looked up under; nil for the process key itself.
    public var by: String?
    public var whenMissing: WhenMissing
    /// The text of the key expression. Versions that share it read the same key.
    public var expression: String

    /// Both look for the same key under the same name.
    public func locates(like other: EventRoute) -> Bool {
        expression == other.expression && by == other.by
    }

    public init(kind: Kind = .continue, by: String? = nil, whenMissing: WhenMissing = .ignore, expression: String = "")
    {
        self.kind = kind
        self.by = by
        self.whenMissing = whenMissing
        self.expression = expression
    }
}
