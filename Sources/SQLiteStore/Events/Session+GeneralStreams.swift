import Chrono
import Engine
import EventSourcing
import ProcessManagement

/// A stream that has a number in the file.
struct FoundStream {
    let kind: StreamKind
    let owner: Int64

    /// The `stream` column.
    var number: Int64 { kind.stream(of: owner) }
}

extension Session {
    func find(_ stream: StreamID, tenant: String) throws(StoreError) -> FoundStream? {
        if stream.category == StreamID.taskCategory {
            return try task(stream.id, tenant: tenant).map { FoundStream(kind: .task, owner: $0.handle) }
        }
        if stream.category == StreamID.publishedCategory {
            return try process(stream.id, tenant: tenant).map { FoundStream(kind: .published, owner: $0.handle) }
        }
        guard let scope = try names.find(.scope, stream.category ?? "", tenant: tenant) else { return nil }
        var process = try connection.prepare("SELECT handle FROM processes WHERE id = ? AND scope = ?")
        process.bind(stream.id)
        process.bind(scope)
        if try process.step() { return FoundStream(kind: .process, owner: process.int64(0)) }
        return try generalStream(stream.id, scope: scope).map { FoundStream(kind: .general, owner: $0) }
    }

    /// The handle of a stream that users of the library write.
    func generalStream(_ id: UniqueID, scope: Int64) throws(StoreError) -> Int64? {
        var query = try connection.prepare("SELECT handle FROM streams WHERE scope = ? AND id = ?")
        query.bind(scope)
        query.bind(id)
        return try query.step() ? query.int64(0) : nil
    }

    /// Whether users of the library write streams of this category. That there are none stays true for as long as this
    /// session's transaction is open and adds none.
    func hasGeneralStreams(in scope: Int64) throws(StoreError) -> Bool {
        if scopeWithoutGeneralStreams == scope { return false }
        var query = try connection.prepare("SELECT EXISTS (SELECT 1 FROM streams WHERE scope = ?)")
        query.bind(scope)
        guard try query.step(), query.bool(0) else {
            scopeWithoutGeneralStreams = scope
            return false
        }
        return true
    }

    func version(of stream: Int64?) throws(StoreError) -> Int64 {
        guard let stream else { return 0 }
        var query = try connection.prepare(
            "SELECT version FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1")
        query.bind(stream)
        return try query.step() ? query.int64(0) : 0
    }

    /// Writes events that may be written behind `version`.
    func append(
        _ events: [Event], to found: FoundStream?, stream: StreamID, scope: Int64, version: Int64, at now: Instant
    ) throws(StoreError) -> AppendReceipt {
        let last = version + Int64(events.count)
        let owner = try write(last, of: stream, scope: scope, to: found)
        let place = StreamPlace(
            stream: StreamKind.general.stream(of: owner), scope: scope, version: version + 1,
            position: try lastPosition() + 1, recordedAt: max(now, try lastTime(of: owner)))
        try append(events, at: place)
        return AppendReceipt(
            firstVersion: version + 1, lastVersion: last, position: place.position + Int64(events.count) - 1,
            duplicate: false)
    }

    private func write(
        _ version: Int64, of stream: StreamID, scope: Int64, to found: FoundStream?
    ) throws(StoreError) -> Int64 {
        if let found {
            var update = try connection.prepare("UPDATE streams SET version = ? WHERE handle = ?")
            update.bind(version)
            update.bind(found.owner)
            try update.run()
            return found.owner
        }
        scopeWithoutGeneralStreams = nil
        var insert = try connection.prepare("INSERT INTO streams (scope, id, version) VALUES (?, ?, ?)")
        insert.bind(scope)
        insert.bind(stream.id)
        insert.bind(version)
        try insert.run()
        return connection.lastInsertedRow
    }

    private func lastTime(of owner: Int64) throws(StoreError) -> Instant {
        var query = try connection.prepare(
            "SELECT recorded_at FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1")
        query.bind(StreamKind.general.stream(of: owner))
        return try query.step() ? query.instant(0) : Instant(milliseconds: .min)
    }

    func delete(_ stream: FoundStream) throws(StoreError) {
        // The order of everything must not give a position again, also if these were the newest events.
        var remember = try connection.prepare(
            """
            INSERT INTO counters (name, value) VALUES ('position', ?)
            ON CONFLICT DO UPDATE SET value = max(value, excluded.value)
            """)
        remember.bind(try lastPosition())
        try remember.run()
        var events = try connection.prepare("DELETE FROM events WHERE stream = ?")
        events.bind(stream.number)
        try events.run()
        var row = try connection.prepare("DELETE FROM streams WHERE handle = ?")
        row.bind(stream.owner)
        try row.run()
    }
}
