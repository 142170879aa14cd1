import Chrono
import JSON

/// What a writer believes of the stream it appends to.
public enum ExpectedVersion: Sendable, Hashable {
    /// Append whatever the stream holds.
    case any
    /// The stream must hold no events.
    case none
    /// The stream's last event must have this version; 0 means the same as `none`.
    case exact(Int64)

    /// Whether a stream at `version` (0 = no events) is as expected.
    public func allows(_ version: Int64) -> Bool {
        switch self {
        case .any: true
        case .none: version == 0
        case .exact(let expected): version == expected
        }
    }
}

/// What an append did.
public struct AppendReceipt: Sendable, Equatable {
    public let firstVersion: Int64
    public let lastVersion: Int64
    /// Position of the last event written.
    public let position: Int64
    /// The very same events were there already; nothing was written.
    public let duplicate: Bool

    public init(firstVersion: Int64, lastVersion: Int64, position: Int64, duplicate: Bool) {
        self.firstVersion = firstVersion
        self.lastVersion = lastVersion
        self.position = position
        self.duplicate = duplicate
    }
}

/// Which events of the global order a reader wants. Both conditions must hold.
public struct EventFilter: Sendable, Equatable {
    /// Streams of exactly this category; nil for all, the empty text for streams without one.
    public var category: String?
    /// Exactly these types; empty for all.
    public var types: [String]
    /// Streams of these categories are left out where `category` does not ask for one.
    public var hidden: [String]

    public init(category: String? = nil, types: [String] = [], hidden: [String] = []) {
        self.category = category
        self.types = types
        self.hidden = hidden
    }

    public func matches(_ event: RecordedEvent) -> Bool {
        if let category {
            if !ExactText.sameBytes(event.stream.category ?? "", category) { return false }
        } else if hidden.contains(where: { ExactText.sameBytes($0, event.stream.category ?? "") }) {
            return false
        }
        return types.isEmpty || types.contains { ExactText.sameBytes($0, event.event.type) }
    }

    public static func == (left: EventFilter, right: EventFilter) -> Bool {
        ExactText.sameBytes(left.category, right.category) && left.types.hasSameTexts(as: right.types)
            && left.hidden.hasSameTexts(as: right.hidden)
    }
}

/// Some of the global order, and where to go on.
public struct EventPage: Sendable, Equatable {
    public let events: [RecordedEvent]
    /// Pass it as `after` to go on. It moves also over events that the filter left out, so that a rare filter makes
    /// progress; nothing that is or becomes visible lies between.
    public let next: Int64

    public init(events: [RecordedEvent], next: Int64) {
        self.events = events
        self.next = next
    }
}

/// Append-only streams and their one global order.
///
/// Every call is atomic: an append stores all of its events or none. One tenant never sees another's streams.
/// Positions become visible in order: a reader that has seen position p will never be shown one below p later, so
/// a cursor skips nothing.
public protocol EventStore {
    /// Appends events to the end of one stream.
    ///
    /// An event is identified by its source and id within the stream, its content is its type and data. A batch that
    /// the stream holds already, as a whole, one after the other and with equal content, is a repeat: nothing is
    /// written, and the receipt says where it is (`duplicate`), whatever `expected` says. Any other batch with an event
    /// that the stream holds, or with one event twice, is `.eventIDInUse`.
    ///
    /// `now` is recorded, or the time of the stream's last event where that is later.
    ///
    /// - Throws: `.conflict` (with the actual version), `.nothingToAppend`, `.invalidVersion`, `.eventIDInUse`,
    ///   `.streamIsManaged`, `.unavailable`.
    mutating func append(
        _ events: [Event], to stream: StreamID, tenant: String, expected: ExpectedVersion, at now: Instant
    ) throws(EventStoreError) -> AppendReceipt

    /// Events of one stream in order, starting with version `first`: `limit` of them, fewer only at the end of the
    /// stream, none for a limit below 1. A stream without events is empty.
    ///
    /// - Throws: `.invalidVersion` if `first` is below 1; `.unavailable`.
    func read(
        _ stream: StreamID, tenant: String, from first: Int64, limit: Int
    ) throws(EventStoreError) -> [RecordedEvent]

    /// Events of the global order with positions above `position`, at most `limit`.
    ///
    /// A page may be short or empty before the end, as long as `next` grows; at the end `next` is the `position` passed
    /// or the end itself. A position beyond the end gives an empty page and is kept.
    func readAll(
        tenant: String, after position: Int64, matching filter: EventFilter, limit: Int
    ) throws(EventStoreError) -> EventPage

    /// The version of the stream's last event, 0 without one.
    func version(of stream: StreamID, tenant: String) throws(EventStoreError) -> Int64

    /// The position of the newest event, 0 in an empty store. Never decreases, deletions included.
    func position() throws(EventStoreError) -> Int64

    /// Removes a stream and its events from every later read. Its id, and those of its events, can be used again, from
    /// version 1 and at new positions.
    /// Without such a stream nothing happens.
    mutating func delete(_ stream: StreamID, tenant: String) throws(EventStoreError)
}
