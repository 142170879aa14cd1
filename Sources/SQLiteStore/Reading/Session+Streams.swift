import Chrono
import Engine
import EventSourcing
import ProcessManagement

/// Whose stream it is; with the number of the owner it makes the `stream` column.
enum StreamKind: Int64 {
    case process = 0
    case task = 1
    case general = 2
    /// What a process published; the owner is the process.
    case published = 3

    func stream(of owner: Int64) -> Int64 { owner << 2 | rawValue }

    static func owner(of stream: Int64) -> Int64 { stream >> 2 }
}

extension Session {
    /// The newest position ever given, deleted events included.
    func lastPosition() throws(StoreError) -> Int64 {
        let query = try connection.prepare(
            """
            SELECT max(coalesce((SELECT max(position) FROM events), 0),
                coalesce((SELECT value FROM counters WHERE name = 'position'), 0))
            """)
        return try query.step() ? query.int64(0) : 0
    }

    func processStream(_ process: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        guard let id = try streamID(.process, process) else { return [] }
        return try page(of: StreamKind.process.stream(of: process), named: id, from: version, limit: limit)
    }

    func taskStream(_ task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        guard let id = try streamID(.task, task) else { return [] }
        return try page(of: StreamKind.task.stream(of: task), named: id, from: version, limit: limit)
    }

    func publishedStream(_ process: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        guard let id = try streamID(.published, process) else { return [] }
        return try page(of: StreamKind.published.stream(of: process), named: id, from: version, limit: limit)
    }

    func record(at position: Int64) throws(StoreError) -> RecordedEvent? {
        var query = try connection.prepare(
            """
            SELECT position, stream, version, scope, recorded_at, type, id, source, time, correlation, causation,
                traceparent, extensions, observed, data
            FROM events WHERE position = ?
            """)
        query.bind(position)
        guard try query.step(), let stream = try streamID(of: query.int64(1)) else { return nil }
        return try recordedEvent(query, stream: stream)
    }

    /// As many as one page holds.
    func page(
        of stream: Int64, named id: StreamID, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        try events(of: stream, named: id, from: version, limit: limit, PageFill())
    }

    /// All of them, unless `fill` ends before.
    func events(
        of stream: Int64, named id: StreamID, from version: Int64, limit: Int, _ fill: PageFill = PageFill(limit: .max)
    ) throws(StoreError) -> [RecordedEvent] {
        var fill = fill
        guard limit > 0 else { return [] }
        var query = try connection.prepare(
            """
            SELECT position, stream, version, scope, recorded_at, type, id, source, time, correlation, causation,
                traceparent, extensions, observed, data
            FROM events WHERE stream = ? AND version >= ? ORDER BY version LIMIT ?
            """)
        query.bind(stream)
        query.bind(version)
        query.bind(limit)
        var found: [RecordedEvent] = []
        while try query.step() {
            let record = try recordedEvent(query, stream: id)
            guard fill.takes(record.event.byteCount) else { break }
            found.append(record)
        }
        return found
    }

    /// How many events of other tenants, categories and types one page passes over at most.
    static let longestWalk = 10_000

    /// A page of the global order.
    func events(
        tenant: String, after position: Int64, matching filter: EventFilter, limit: Int
    ) throws(StoreError) -> EventPage {
        let start = max(0, position)
        guard limit > 0 else { return EventPage(events: [], next: start) }
        // Read first: what is committed between the two queries is left for the next page.
        let end = try lastPosition()
        guard start < end else { return EventPage(events: [], next: start) }
        guard let wanted = try ScopeFilter(tenant: tenant, filter, names) else {
            return EventPage(events: [], next: end)
        }
        var query = try connection.prepare(
            """
            SELECT position, stream, version, scope, recorded_at, type, id, source, time, correlation, causation,
                traceparent, extensions, observed, data
            FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?
            """)
        query.bind(start)
        query.bind(end)
        query.bind(Self.longestWalk)
        var found: [RecordedEvent] = []
        var next = start
        var walked = 0
        var fill = PageFill()
        while try query.step() {
            let place = next
            next = query.int64(0)
            walked += 1
            guard try wanted.matches(scope: query.int64(3), type: query.int64(5), names) else { continue }
            guard let stream = try streamID(of: query.int64(1)) else { continue }
            let record = try recordedEvent(query, stream: stream)
            guard fill.takes(record.event.byteCount) else { return EventPage(events: found, next: place) }
            found.append(record)
            if found.count == limit { return EventPage(events: found, next: next) }
        }
        return EventPage(events: found, next: walked < Self.longestWalk ? end : next)
    }

    private func recordedEvent(_ query: borrowing Statement, stream: StreamID) throws(StoreError) -> RecordedEvent {
        RecordedEvent(
            position: query.int64(0), stream: stream, version: query.int64(2), event: try query.event(5, names),
            recordedAt: query.instant(4))
    }

    /// Nil for a stream whose process was removed.
    private func streamID(of stream: Int64) throws(StoreError) -> StreamID? {
        if let kind = StreamKind(rawValue: stream & 3), let id = try streamID(kind, StreamKind.owner(of: stream)) {
            return id
        }
        guard try isRemoved(stream) else {
            throw .unreadable("an event refers to stream \(stream), which is not there")
        }
        return nil
    }

    func streamID(_ kind: StreamKind, _ owner: Int64) throws(StoreError) -> StreamID? {
        switch kind {
        case .process:
            var query = try connection.prepare("SELECT id, scope FROM processes WHERE handle = ?")
            query.bind(owner)
            guard try query.step() else { return nil }
            return .process(try query.uniqueID(0), of: try names.owned(query.int64(1)).name)
        case .task:
            var query = try connection.prepare("SELECT id FROM tasks WHERE handle = ?")
            query.bind(owner)
            return try query.step() ? .task(try query.uniqueID(0)) : nil
        case .published:
            var query = try connection.prepare("SELECT id FROM processes WHERE handle = ?")
            query.bind(owner)
            return try query.step() ? .published(by: try query.uniqueID(0)) : nil
        case .general:
            var query = try connection.prepare("SELECT id, scope FROM streams WHERE handle = ?")
            query.bind(owner)
            guard try query.step() else { return nil }
            return StreamID(category: try names.owned(query.int64(1)).name, id: try query.uniqueID(0))
        }
    }
}

/// An `EventFilter` and a tenant, in the numbers that event rows carry.
private struct ScopeFilter {
    private let tenant: Int64
    private let scope: Int64?
    private let types: [Int64]
    /// Scopes that are left out.
    private let hidden: [Int64]

    /// Nil if nothing stored can match.
    init?(tenant name: String, _ filter: EventFilter, _ names: Names) throws(StoreError) {
        guard let tenant = try names.find(.tenant, name) else { return nil }
        self.tenant = tenant
        if let category = filter.category {
            guard let scope = try names.find(.scope, category, parent: tenant) else { return nil }
            self.scope = scope
        } else {
            scope = nil
        }
        var hidden: [Int64] = []
        for category in filter.hidden where filter.category == nil {
            if let scope = try names.find(.scope, category, parent: tenant) { hidden.append(scope) }
        }
        self.hidden = hidden
        var types: [Int64] = []
        for type in filter.types {
            if let type = try names.find(.type, type) { types.append(type) }
        }
        if types.isEmpty, !filter.types.isEmpty { return nil }
        self.types = types
    }

    func matches(scope: Int64, type: Int64, _ names: Names) throws(StoreError) -> Bool {
        guard types.isEmpty || types.contains(type) else { return false }
        if let wanted = self.scope { return scope == wanted }
        if hidden.contains(scope) { return false }
        return try names.owned(scope).tenantID == tenant
    }
}
