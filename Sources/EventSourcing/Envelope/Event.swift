import Chrono
import JSON

/// A fact in its envelope, before a store has recorded it.
public struct Event: Sendable, Equatable {
    /// Unique within `source`.
    public var id: EventID
    /// What happened, in the past tense.
    public var type: String
    /// Who says so; nil for facts that the process engine records itself.
    public var source: String?
    /// When it happened, RFC 3339 as received; nil if the producer did not say.
    public var time: String?
    /// The payload, with every byte as received.
    public var data: JSONView
    /// The business transaction it belongs to; copied to everything that follows from it.
    public var correlationID: String?
    /// The id of the event that caused it.
    public var causationID: String?
    /// W3C Trace Context, carried along.
    public var traceparent: String?
    /// Further CloudEvents attributes, an object; nil for none.
    public var extensions: JSONView?
    /// What the decision about it read besides its stream, an object; set by the process engine alone.
    public var observed: JSONView?

    public init(
        id: EventID, type: String, source: String? = nil, time: String? = nil, data: JSONView,
        correlationID: String? = nil, causationID: String? = nil, traceparent: String? = nil,
        extensions: JSONView? = nil, observed: JSONView? = nil
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.time = time
        self.data = data
        self.correlationID = correlationID
        self.causationID = causationID
        self.traceparent = traceparent
        self.extensions = extensions
        self.observed = observed
    }
}

/// An event that a store holds.
public struct RecordedEvent: Sendable, Equatable {
    /// Its place in the order of everything the store holds: increasing, with gaps allowed, visible in order.
    public let position: Int64
    public let stream: StreamID
    /// Its place in its stream: 1, 2, 3 … without gaps.
    public let version: Int64
    public let event: Event
    /// When the store accepted it. Never earlier than its stream's event before.
    public let recordedAt: Instant

    public init(position: Int64, stream: StreamID, version: Int64, event: Event, recordedAt: Instant) {
        self.position = position
        self.stream = stream
        self.version = version
        self.event = event
        self.recordedAt = recordedAt
    }
}
