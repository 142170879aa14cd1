import Chrono

/// An aggregate as loaded from its stream, with the events it has emitted since.
public struct AggregateInstance<Root: Aggregate>: Sendable {
    public let stream: StreamID
    /// Goes on every event emitted from now on.
    public var context: EventContext
    /// The fold of the stored and the pending events.
    public private(set) var root: Root
    /// The version of the last stored event, the expected version of the next save. 0 for none.
    public private(set) var storedVersion: Int64
    /// Emitted and not stored yet, in order.
    public private(set) var pending: [Event]
    /// When the first event was stored; nil while new.
    public private(set) var createdAt: Instant?
    /// When the last event was stored; nil while new.
    public private(set) var updatedAt: Instant?

    init(stream: StreamID, context: EventContext) {
        self.stream = stream
        self.context = context
        root = Root()
        storedVersion = 0
        pending = []
    }

    /// The version it will have once everything pending is stored.
    public var version: Int64 { storedVersion + Int64(pending.count) }

    /// Nothing is stored yet, whatever is pending.
    public var isNew: Bool { storedVersion == 0 }

    /// Says that something happened: folds it and keeps it until it is saved.
    ///
    /// The id is the caller's, because this module makes no random ones. An id made from the cause (a version 5
    /// `UniqueID`) makes a repeated command a repeat to the store, too.
    ///
    /// - Throws: what `apply` throws; nothing has changed then.
    public mutating func emit(
        _ payload: some EventPayload, id: EventID, source: String? = nil
    ) throws(EventStoreError) {
        try emit(Event(id: id, payload, source: source, context: context))
    }

    /// The same for an event without a type of its own. Correlation, causation, trace and extensions are those of the
    /// context, where the event has none.
    public mutating func emit(_ event: Event) throws(EventStoreError) {
        var event = event
        event.correlationID = event.correlationID ?? context.correlationID
        event.causationID = event.causationID ?? context.causationID
        event.traceparent = event.traceparent ?? context.traceparent
        event.extensions = event.extensions ?? context.extensions
        var next = root
        try next.apply(event)
        root = next
        pending.append(event)
    }

    mutating func replay(_ recorded: RecordedEvent) throws(EventStoreError) {
        try root.apply(recorded.event)
        storedVersion = recorded.version
        createdAt = createdAt ?? recorded.recordedAt
        updatedAt = recorded.recordedAt
    }

    mutating func markStored(at now: Instant) {
        storedVersion = version
        pending = []
        // A store records no time below that of the stream's last event.
        updatedAt = updatedAt.map { max($0, now) } ?? now
        createdAt = createdAt ?? updatedAt
    }
}
