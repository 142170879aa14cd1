import EventSourcing
import JSON

/// An event that a process gives back to the service: for other processes, for itself, and for everybody who reads the
/// global order.
public struct PublishedEvent: Sendable, Equatable {
    /// Made from the input that led to it, so that deciding again gives the same.
    public let id: EventID
    public let type: String
    public let data: JSONView

    public init(id: EventID, type: String, data: JSONView) {
        self.id = id
        self.type = type
        self.data = data
    }
}

/// Names that only Procession uses.
public enum ReservedNames {
    /// Types of facts, words and forms that mean something else in a definition, and the event that starts a child.
    public static func isReserved(type: String) -> Bool {
        Fact.types.contains(type) || type == "completed" || type == "failed" || type == "cancelled"
            || type == ChildProcess.startEvent || type.utf8.contains(UInt8(ascii: ":"))
    }

    public static func isReserved(source: String) -> Bool {
        source == ours || source.hasPrefix("procession/")
    }

    /// The source of what the engine itself says.
    public static let ours = "procession"
}
