import Chrono
import Engine
import EventSourcing
import ProcessManagement

extension SQLiteStore: StreamTable {
    public func append(
        _ events: [Event], toProcess process: RowHandle, version: Int64, at now: Instant
    ) throws(StoreError) -> Int64 {
        let session = try open
        let place = StreamPlace(
            stream: StreamKind.process.stream(of: process), scope: try session.scope(ofProcess: process),
            version: version, position: position + 1, recordedAt: now)
        try session.append(events, at: place)
        position += Int64(events.count)
        return place.position
    }

    @discardableResult
    public func append(
        _ events: [Event], toTask task: RowHandle, version: Int64, at now: Instant
    ) throws(StoreError) -> Int64 {
        let session = try open
        let place = StreamPlace(
            stream: StreamKind.task.stream(of: task), scope: try session.scope(ofTask: task), version: version,
            position: position + 1, recordedAt: now)
        try session.append(events, at: place)
        position += Int64(events.count)
        return place.position
    }

    public func append(
        _ events: [Event], publishedBy process: RowHandle, at now: Instant
    ) throws(StoreError) -> Int64 {
        let session = try open
        let stream = StreamKind.published.stream(of: process)
        let tenant = try session.names.owned(try session.scope(ofProcess: process)).tenantID
        let place = StreamPlace(
            stream: stream, scope: try session.names.intern(.scope, StreamID.publishedCategory, parent: tenant),
            version: try session.version(of: stream) + 1, position: position + 1, recordedAt: now)
        try session.append(events, at: place)
        position += Int64(events.count)
        return place.position
    }

    @discardableResult
    public func append(
        _ events: [Event], toGeneral stream: StreamID, tenant: String, at now: Instant
    ) throws(StoreError) -> Int64 {
        let session = try open
        let scope = try session.names.intern(.scope, stream.category ?? "", tenant: tenant)
        let found = try session.generalStream(stream.id, scope: scope).map { FoundStream(kind: .general, owner: $0) }
        let receipt = try session.append(
            events, to: found, stream: stream, scope: scope, version: try session.version(of: found?.number), at: now)
        position = receipt.position
        return receipt.position - Int64(events.count) + 1
    }

    public func publishedStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        try open.publishedStream(process, from: version, limit: limit)
    }

    public func processStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        try open.processStream(process, from: version, limit: limit)
    }

    public func taskStream(_ task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        try open.taskStream(task, from: version, limit: limit)
    }

    public func record(at position: Int64) throws(StoreError) -> RecordedEvent? {
        try open.record(at: position)
    }
}

/// Where events go.
struct StreamPlace {
    var stream: Int64
    var scope: Int64
    /// Of the first event; the others follow.
    var version: Int64
    var position: Int64
    var recordedAt: Instant
}

extension Session {
    /// - Throws: `.conflict` if the stream's next version is another one; nothing is written then.
    func append(_ events: [Event], at place: StreamPlace) throws(StoreError) {
        // A stream that is too long is found by the unique index at the first event, one that is too short here.
        if place.version != 1, try !hasEvent(place.stream, version: place.version - 1) {
            throw .conflict("the stream is not at version \(place.version - 1)")
        }
        for (offset, event) in events.enumerated() {
            let type = try names.intern(.type, event.type)
            var insert = try connection.prepare(
                """
                INSERT INTO events (position, stream, version, scope, recorded_at, type, id, source, time, correlation,
                    causation, traceparent, extensions, observed, data)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
            insert.bind(place.position + Int64(offset))
            insert.bind(place.stream)
            insert.bind(place.version + Int64(offset))
            insert.bind(place.scope)
            insert.bind(place.recordedAt)
            do {
                try insert.run(event, type: type)
            } catch {
                guard case .conflict = error else { throw error }
                throw .conflict("the stream is not at version \(place.version - 1)")
            }
        }
    }

    private func hasEvent(_ stream: Int64, version: Int64) throws(StoreError) -> Bool {
        var query = try connection.prepare("SELECT 1 FROM events WHERE stream = ? AND version = ?")
        query.bind(stream)
        query.bind(version)
        return try query.step()
    }

    /// The scope in which a task's stream lies.
    func scope(ofTask handle: RowHandle) throws(StoreError) -> Int64 {
        if let scope = taskScopes[handle] { return scope }
        var query = try connection.prepare("SELECT queue FROM tasks WHERE handle = ?")
        query.bind(handle)
        guard try query.step() else { throw .unknown("there is no task with handle \(handle)") }
        let tenant = try names.owned(query.int64(0)).tenantID
        let scope = try names.intern(.scope, StreamID.taskCategory, parent: tenant)
        taskScopes[handle] = scope
        return scope
    }
}
