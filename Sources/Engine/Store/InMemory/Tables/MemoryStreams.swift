import Chrono
import EventSourcing
import HashTreeCollections

/// The streams of processes and tasks and the one order of everything in them.
///
/// Appending and finding the start of a range are O(log n). A page of the global order walks the tenant's events until
/// it is full: its cost grows with what the filter leaves out.
struct MemoryStreams: Sendable {
    enum Owner: Hashable, Sendable {
        case process(RowHandle)
        case task(RowHandle)
        /// What the process published.
        case published(RowHandle)
        case general(StreamID, tenant: TextKey)
    }

    private var records: SortedMap<Int64, RecordedEvent> = SortedMap()
    private var positions: TreeDictionary<Owner, SortedMap<Int64, Int64>> = [:]
    private var byTenant: GroupedSet<TextKey, Int64> = GroupedSet()

    var tenants: [String] { byTenant.names.map(\.text) }

    /// Of the newest record, removed ones included.
    private(set) var lastPosition: Int64 = 0
    /// Records of removed streams that are still to be purged.
    private var removed: SortedMap<Int64, RemovedRecord> = SortedMap()

    subscript(position: Int64) -> RecordedEvent? { records[position] }

    mutating func append(
        _ events: [Event], to owner: Owner, _ stream: StreamID, tenant: String, version: Int64, at now: Instant
    ) throws(StoreError) -> Int64 {
        var versions = positions[owner] ?? SortedMap()
        let last = versions.last?.key ?? 0
        guard version == last + 1 else {
            throw .conflict("stream \(stream) is at version \(last), not \(version - 1)")
        }
        let first = lastPosition + 1
        let tenant = TextKey(tenant)
        for (offset, event) in events.enumerated() {
            let position = first + Int64(offset)
            let version = version + Int64(offset)
            records[position] = RecordedEvent(
                position: position, stream: stream, version: version, event: event, recordedAt: now)
            versions[version] = position
            byTenant.insert(position, into: tenant)
        }
        positions[owner] = versions
        lastPosition = first + Int64(events.count) - 1
        return first
    }

    /// No read shows its records any more.
    mutating func remove(_ owner: Owner, tenant: String) {
        for (_, position) in positions[owner]?.ascending() ?? SortedMap().ascending() {
            guard let record = records[position] else { continue }
            removed[position] = RemovedRecord(
                position: position, tenant: tenant, source: record.event.source, eventID: record.event.id)
            records[position] = nil
            byTenant.remove(position, from: TextKey(tenant))
        }
        positions[owner] = nil
    }

    var hasRemoved: Bool { !removed.isEmpty }

    mutating func purge(limit: Int) -> [RemovedRecord] {
        let purged = Array(removed.ascending().lazy.prefix(max(limit, 0)).map(\.value))
        for record in purged { removed[record.position] = nil }
        return purged
    }

    /// The version of the last record of a stream, 0 without one.
    func version(of owner: Owner) -> Int64 { positions[owner]?.last?.key ?? 0 }

    func read(_ owner: Owner, from version: Int64, limit: Int) -> [RecordedEvent] {
        guard let versions = positions[owner] else { return [] }
        return versions.ascending(from: version).lazy.compactMap { records[$0.value] }
            .page(of: limit) { $0.event.byteCount }
    }

    func page(tenant: String, after position: Int64, matching filter: EventFilter, limit: Int) -> EventPage {
        var events: [RecordedEvent] = []
        var fill = PageFill()
        var passed = position
        for (place, _) in byTenant[TextKey(tenant)].ascending(from: position) where place > position {
            guard events.count < limit else { break }
            guard let record = records[place], filter.matches(record) else {
                passed = place
                continue
            }
            guard fill.takes(record.event.byteCount) else { return EventPage(events: events, next: passed) }
            passed = place
            events.append(record)
            if events.count == limit { return EventPage(events: events, next: place) }
        }
        return EventPage(events: events, next: limit > 0 ? max(position, lastPosition) : position)
    }
}
