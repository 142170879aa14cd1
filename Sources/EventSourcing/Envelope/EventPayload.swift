import JSON

/// What happened, as a type of its own instead of JSON.
///
/// The type's name plays no part in what is stored: renaming it changes nothing, changing `eventType` orphans what was
/// recorded under the old one.
public protocol EventPayload: Sendable {
    /// The name under which it is recorded.
    static var eventType: String { get }

    /// Reads what any release ever recorded under `eventType`.
    ///
    /// - Throws: `.unreadable`, naming what is missing or wrong.
    init(decoding data: JSONView) throws(EventStoreError)

    /// The data to record; `init(decoding:)` reads an equal value from it.
    func encoded() -> JSONView
}

extension Event {
    /// A typed fact in its envelope.
    public init<Payload: EventPayload>(
        id: EventID, _ payload: Payload, source: String? = nil, context: EventContext
    ) {
        self.init(
            id: id, type: Payload.eventType, source: source, data: payload.encoded(),
            correlationID: context.correlationID, causationID: context.causationID, traceparent: context.traceparent,
            extensions: context.extensions)
    }

    /// The data as this type.
    ///
    /// - Throws: `.unreadable` if the event is of another type, or its data cannot be read.
    public func payload<Payload: EventPayload>(as _: Payload.Type) throws(EventStoreError) -> Payload {
        guard type == Payload.eventType else {
            throw .unreadable(type: type, message: "asked for as \(Payload.eventType)")
        }
        return try Payload(decoding: data)
    }
}

/// What is passed on from a cause to everything that follows from it.
public struct EventContext: Sendable, Equatable {
    /// The business transaction.
    public var correlationID: String?
    /// The id of the event that is the cause.
    public var causationID: String?
    /// W3C Trace Context.
    public var traceparent: String?
    /// Further attributes, an object; nil for none.
    public var extensions: JSONView?

    public init(
        correlationID: String? = nil, causationID: String? = nil, traceparent: String? = nil,
        extensions: JSONView? = nil
    ) {
        self.correlationID = correlationID
        self.causationID = causationID
        self.traceparent = traceparent
        self.extensions = extensions
    }

    /// For what follows from `cause`: its correlation and trace, and its id as the causation.
    public init(following cause: Event) {
        self.init(
            correlationID: cause.correlationID, causationID: cause.id.description, traceparent: cause.traceparent)
    }
}
