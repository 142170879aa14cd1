import Chrono
import JSON

/// A fact in its envelope, before a store has recorded it.
public struct Event: Sendable, Equatable {
    /// Shared by all copies: an event goes through many hands, and a copy costs one retain instead of ten.
    private var content: Content

    /// Unique within `source`.
    public var id: EventID {
        get { content.fields.id }
        set { change { $0.id = newValue } }
    }

    /// What happened, in the past tense.
    public var type: String {
        get { content.fields.type }
        set { change { $0.type = newValue } }
    }

    /// Who says so; nil for facts that the process engine records itself.
    public var source: String? {
        get { content.fields.source }
        set { change { $0.source = newValue } }
    }

    /// When it happened, RFC 3339 as received; nil if the producer did not say.
    public var time: String? {
        get { content.fields.time }
        set { change { $0.time = newValue } }
    }

    /// The payload, with every byte as received.
    public var data: JSONView {
        get { content.fields.data }
        set { change { $0.data = newValue } }
    }

    /// The business transaction it belongs to; copied to everything that follows from it.
    public var correlationID: String? {
        get { content.fields.correlationID }
        set { change { $0.correlationID = newValue } }
    }

    /// The id of the event that caused it.
    public var causationID: String? {
        get { content.fields.causationID }
        set { change { $0.causationID = newValue } }
    }

    /// W3C Trace Context, carried along.
    public var traceparent: String? {
        get { content.fields.traceparent }
        set { change { $0.traceparent = newValue } }
    }

    /// What goes with `traceparent` from system to system (W3C Trace Context, section 3.3): the CloudEvents extension of
    /// that name. Nil without a trace.
    public var tracestate: String? { traceparent == nil ? nil : extensions?["tracestate"]?.stringValue }

    /// Further CloudEvents attributes, an object; nil for none.
    public var extensions: JSONView? {
        get { content.fields.extensions }
        set { change { $0.extensions = newValue } }
    }

    /// What the decision about it read besides its stream, an object; set by the process engine alone.
    public var observed: JSONView? {
        get { content.fields.observed }
        set { change { $0.observed = newValue } }
    }

    public init(
        id: EventID, type: String, source: String? = nil, time: String? = nil, data: JSONView,
        correlationID: String? = nil, causationID: String? = nil, traceparent: String? = nil,
        extensions: JSONView? = nil, observed: JSONView? = nil
    ) {
        content = Content(
            Fields(
                id: id, type: type, source: source, time: time, data: data, correlationID: correlationID,
                causationID: causationID, traceparent: traceparent, extensions: extensions, observed: observed))
    }

    public static func == (left: Event, right: Event) -> Bool {
        left.content === right.content || left.content.fields == right.content.fields
    }

    private mutating func change(_ body: (inout Fields) -> Void) {
        var fields = content.fields
        body(&fields)
        content = Content(fields)
    }

    private struct Fields: Equatable {
        var id: EventID
        var type: String
        var source: String?
        var time: String?
        var data: JSONView
        var correlationID: String?
        var causationID: String?
        var traceparent: String?
        var extensions: JSONView?
        var observed: JSONView?
    }

    private final class Content: Sendable {
        let fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }
}

extension Event {
    /// About as many bytes as it has as JSON, the names of its members and of its stream included. Known without a look at
    /// the payloads.
    public var byteCount: Int {
        let fields = content.fields
        var count = 512 + fields.data.rawByteCount + fields.type.utf8.count
        if case .text(let id) = fields.id.form { count += id.text.utf8.count }
        for text in [fields.source, fields.time, fields.correlationID, fields.causationID, fields.traceparent] {
            count += text?.utf8.count ?? 0
        }
        for payload in [fields.extensions, fields.observed] { count += payload?.rawByteCount ?? 0 }
        return count
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
