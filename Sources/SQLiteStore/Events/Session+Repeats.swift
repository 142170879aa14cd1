import Engine
import EventSourcing
import JSON

extension Session {
    /// The receipt of a batch that the stream holds as a whole; nil if it holds none of the events.
    func repeated(
        _ events: [Event], in stream: Int64?, named name: StreamID
    ) throws(EventStoreError) -> AppendReceipt? {
        var seen = Set<EventIdentity>(minimumCapacity: events.count)
        for event in events where !seen.insert(EventIdentity(event)).inserted { throw .eventIDInUse(event.id) }
        guard let stream else { return nil }
        var versions: [Int64?] = []
        for event in events {
            do { versions.append(try version(of: event, in: stream)) } catch { throw EventStoreError(error) }
        }
        guard let held = versions.firstIndex(where: { $0 != nil }) else { return nil }
        guard let first = versions[0] else { throw .eventIDInUse(events[held].id) }
        let recorded: [RecordedEvent]
        do {
            recorded = try self.events(of: stream, named: name, from: first, limit: events.count)
        } catch {
            throw EventStoreError(error)
        }
        for (offset, event) in events.enumerated() {
            guard let version = versions[offset] else { throw .eventIDInUse(events[held].id) }
            guard version == first + Int64(offset), recorded.indices.contains(offset),
                ExactText.sameBytes(recorded[offset].event.type, event.type), recorded[offset].event.data == event.data
            else { throw .eventIDInUse(event.id) }
        }
        return AppendReceipt(
            firstVersion: first, lastVersion: first + Int64(events.count) - 1,
            position: recorded[recorded.count - 1].position, duplicate: true)
    }

    private func version(of event: Event, in stream: Int64) throws(StoreError) -> Int64? {
        var query = try connection.prepare(
            """
            SELECT version FROM events INDEXED BY events_general_id
            WHERE stream = ? AND id = ? AND source IS ? AND stream & 3 = 2
            """)
        query.bind(stream)
        query.bind(event.id)
        query.bind(event.source)
        return try query.step() ? query.int64(0) : nil
    }
}

/// What makes an event the same event within a stream.
private struct EventIdentity: Hashable {
    let source: ExactText?
    let id: ExactText

    init(_ event: Event) {
        source = event.source.map { ExactText($0) }
        id = ExactText(event.id.description)
    }
}
