import Chrono

/// An event store that lives as long as its value: for tests, simulations and tools.
///
/// A value like any other: a copy is a store of its own from then on. It is not synchronised; whoever shares one between
/// threads guards it. An append costs O(events), a read of a stream O(events read), a read of the global order a walk
/// from its position.
public struct InMemoryEventStore: EventStore, Sendable {
    private struct Key: Hashable, Sendable {
        let tenant: String
        let stream: StreamID
    }

    private struct Identity: Hashable, Sendable {
        let source: String?
        let id: EventID

        init(_ event: Event) {
            source = event.source
            id = event.id
        }
    }

    private struct Stream: Sendable {
        /// Where in the log its versions 1, 2, 3 … are.
        var places: [Int] = []
        var versions: [Identity: Int] = [:]
        var lastRecordedAt = Instant(milliseconds: .min)
    }

    private struct Record: Sendable {
        let tenant: String
        let event: RecordedEvent
    }

    /// The place is the position less 1. A deleted event leaves its place empty, so that no position is given twice.
    private var log: [Record?] = []
    private var streams: [Key: Stream] = [:]

    public init() {}

    public mutating func append(
        _ events: [Event], to stream: StreamID, tenant: String, expected: ExpectedVersion, at now: Instant
    ) throws(EventStoreError) -> AppendReceipt {
        guard !events.isEmpty else { throw .nothingToAppend }
        if case .exact(let version) = expected, version < 0 { throw .invalidVersion(version) }
        let key = Key(tenant: tenant, stream: stream)
        if let receipt = try repeated(events, in: streams[key]) { return receipt }
        let version = streams[key]?.places.count ?? 0
        guard expected.allows(Int64(version)) else {
            throw .conflict(stream: stream, expected: expected, actual: Int64(version))
        }
        record(events, as: key, at: now)
        return AppendReceipt(
            firstVersion: Int64(version + 1), lastVersion: Int64(version + events.count), position: Int64(log.count),
            duplicate: false)
    }

    public func read(
        _ stream: StreamID, tenant: String, from first: Int64, limit: Int
    ) throws(EventStoreError) -> [RecordedEvent] {
        guard first >= 1 else { throw .invalidVersion(first) }
        guard let places = streams[Key(tenant: tenant, stream: stream)]?.places, first <= places.count else {
            return []
        }
        return places[Int(first - 1)...].prefix(max(0, limit)).compactMap { log[$0]?.event }
    }

    public func readAll(
        tenant: String, after position: Int64, matching filter: EventFilter, limit: Int
    ) throws(EventStoreError) -> EventPage {
        let start = max(0, position)
        guard limit > 0, start < log.count else { return EventPage(events: [], next: start) }
        var events: [RecordedEvent] = []
        var place = Int(start)
        while place < log.count, events.count < limit {
            if let record = log[place], record.tenant == tenant, filter.matches(record.event) {
                events.append(record.event)
            }
            place += 1
        }
        return EventPage(events: events, next: Int64(place))
    }

    public func version(of stream: StreamID, tenant: String) throws(EventStoreError) -> Int64 {
        Int64(streams[Key(tenant: tenant, stream: stream)]?.places.count ?? 0)
    }

    public func position() throws(EventStoreError) -> Int64 {
        Int64(log.count)
    }

    public mutating func delete(_ stream: StreamID, tenant: String) throws(EventStoreError) {
        guard let removed = streams.removeValue(forKey: Key(tenant: tenant, stream: stream)) else { return }
        for place in removed.places { log[place] = nil }
    }
}

extension InMemoryEventStore {
    /// The receipt of a batch that the stream holds as a whole; nil if it holds none of the events.
    private func repeated(_ events: [Event], in stream: Stream?) throws(EventStoreError) -> AppendReceipt? {
        if events.count > 1 {
            var ids = Set<Identity>(minimumCapacity: events.count)
            for event in events where !ids.insert(Identity(event)).inserted { throw .eventIDInUse(event.id) }
        }
        guard let stream, let held = events.first(where: { stream.versions[Identity($0)] != nil }) else { return nil }
        guard let first = stream.versions[Identity(events[0])], first - 1 + events.count <= stream.places.count else {
            throw .eventIDInUse(held.id)
        }
        let places = stream.places[first - 1..<first - 1 + events.count]
        for (event, place) in zip(events, places) {
            guard let recorded = log[place]?.event.event, Identity(recorded) == Identity(event),
                recorded.type == event.type, recorded.data == event.data
            else { throw .eventIDInUse(stream.versions[Identity(event)] == nil ? held.id : event.id) }
        }
        return AppendReceipt(
            firstVersion: Int64(first), lastVersion: Int64(first - 1 + events.count),
            position: Int64(places[places.endIndex - 1] + 1), duplicate: true)
    }

    private mutating func record(_ events: [Event], as key: Key, at now: Instant) {
        var stream = streams.removeValue(forKey: key) ?? Stream()
        let recordedAt = max(now, stream.lastRecordedAt)
        for event in events {
            stream.places.append(log.count)
            stream.versions[Identity(event)] = stream.places.count
            let recorded = RecordedEvent(
                position: Int64(log.count + 1), stream: key.stream, version: Int64(stream.places.count), event: event,
                recordedAt: recordedAt)
            log.append(Record(tenant: key.tenant, event: recorded))
        }
        stream.lastRecordedAt = recordedAt
        streams[key] = stream
    }
}
