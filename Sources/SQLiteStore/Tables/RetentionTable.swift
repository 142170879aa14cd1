import Chrono
import Engine
import EventSourcing

extension SQLiteStore: RetentionTable {
    public func endedProcesses(through time: Instant, limit: Int) throws(StoreError) -> [RowHandle] {
        var query = try open.connection.prepare(
            """
            SELECT handle FROM processes INDEXED BY processes_ended
            WHERE ended_at IS NOT NULL AND ended_at <= ? ORDER BY ended_at, handle LIMIT ?
            """)
        query.bind(time)
        query.bind(max(0, limit))
        var found: [RowHandle] = []
        while try query.step() { found.append(query.int64(0)) }
        return found
    }

    public func earliestEnd() throws(StoreError) -> Instant? {
        let query = try open.connection.prepare(
            """
            SELECT ended_at FROM processes INDEXED BY processes_ended
            WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT 1
            """)
        return try query.step() ? query.instant(0) : nil
    }

    public func removeProcess(_ handle: RowHandle) throws(StoreError) {
        let session = try open
        try session.remember(.position, try session.lastPosition())
        try session.remember(.process, try session.highest("SELECT coalesce(max(handle), 0) FROM processes"))
        try session.remember(.task, try session.highest("SELECT coalesce(max(handle), 0) FROM tasks"))
        // Which streams there are is known as long as the rows are.
        try session.change(
            "INSERT INTO removals (stream) SELECT handle << 2 FROM processes WHERE handle = ?", handle)
        try session.change(
            "INSERT INTO removals (stream) SELECT handle << 2 | 3 FROM processes WHERE handle = ?", handle)
        try session.change(
            """
            INSERT INTO removals (stream) SELECT handle << 2 | 1 FROM tasks WHERE process = ? AND status < 3
            """, handle)
        try session.change(
            """
            INSERT INTO removals (stream) SELECT handle << 2 | 1 FROM tasks WHERE process = ? AND status > 2
            """, handle)
        try session.change("DELETE FROM tasks WHERE process = ? AND status < 3", handle)
        try session.change("DELETE FROM tasks WHERE process = ? AND status > 2", handle)
        try session.change("DELETE FROM timers WHERE process = ?", handle)
        try session.change("DELETE FROM outbox WHERE process = ?", handle)
        try session.change("DELETE FROM locations WHERE process = ?", handle)
        try session.change("DELETE FROM snapshots WHERE process = ?", handle)
        try session.change("DELETE FROM processes WHERE handle = ?", handle)
        session.processScopes.removeAll()
        session.taskScopes.removeAll()
    }

    public func hasRemovedRecords() throws(StoreError) -> Bool {
        try open.nextRemoval() != nil
    }

    public func purgeRecords(limit: Int) throws(StoreError) -> [RemovedRecord] {
        let session = try open
        var purged: [RemovedRecord] = []
        while purged.count < limit, let stream = try session.nextRemoval() {
            let records = try session.removedRecords(of: stream, limit: limit - purged.count)
            for record in records {
                try session.change("DELETE FROM events WHERE position = ?", record.position)
            }
            purged += records
            // With fewer than were asked for nothing is left of it.
            if purged.count < limit { try session.change("DELETE FROM removals WHERE stream = ?", stream) }
        }
        return purged
    }

    public func removeInboxEntry(_ key: InboxKey) throws(StoreError) {
        let session = try open
        guard let source = try session.names.find(.source, key.source, tenant: key.tenant) else { return }
        var delete = try session.connection.prepare("DELETE FROM inbox WHERE source = ? AND id = ?")
        delete.bind(source)
        delete.bind(key.id)
        try delete.run()
    }

    public func pruneInbox(through time: Instant, after place: InboxKey?, limit: Int) throws(StoreError) -> InboxKey? {
        let session = try open
        var page: [(key: InboxKey, receivedAt: Instant)] = []
        if limit > 0 {
            var query = try session.connection.prepare(
                "SELECT source, id, received_at FROM inbox WHERE (source, id) > (?, ?) ORDER BY source, id LIMIT ?")
            if let place {
                query.bind(try session.names.find(.source, place.source, tenant: place.tenant) ?? 0)
                query.bind(place.id)
            } else {
                query.bind(0 as Int64)
                query.bind("")
            }
            query.bind(limit)
            while try query.step() {
                let source = try session.names.owned(query.int64(0))
                let key = InboxKey(
                    tenant: source.tenant, source: source.name, id: try query.eventID(1))
                page.append((key, query.instant(2)))
            }
        }
        for entry in page where entry.receivedAt <= time { try removeInboxEntry(entry.key) }
        return page.count < limit ? nil : page.last?.key
    }

    public func oldestUnmatched(limit: Int) throws(StoreError) -> [UnmatchedEvent] {
        let session = try open
        var handles: [(handle: RowHandle, tenant: Int64)] = []
        var query = try session.connection.prepare("SELECT handle, tenant FROM unmatched ORDER BY handle LIMIT ?")
        query.bind(max(0, limit))
        while try query.step() { handles.append((query.int64(0), query.int64(1))) }
        var found: [UnmatchedEvent] = []
        for row in handles {
            if let event = try unmatched(row.handle, tenant: try session.names.text(row.tenant)) { found.append(event) }
        }
        return found
    }
}

/// The rows of `counters`.
enum Counter: String {
    case position
    case process
    case task
}

extension Session {
    /// A statement that writes and whose only parameter is a number.
    func change(_ sql: StaticString, _ number: Int64) throws(StoreError) {
        var statement = try connection.prepare(sql)
        statement.bind(number)
        try statement.run()
    }

    /// Numbers that were given must not be given again, also if theirs were the newest rows.
    func remember(_ counter: Counter, _ value: Int64) throws(StoreError) {
        var statement = try connection.prepare(
            """
            INSERT INTO counters (name, value) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET value = max(value, excluded.value)
            """)
        statement.bind(counter.rawValue)
        statement.bind(value)
        try statement.run()
        highestHandles[counter] = nil
    }

    /// The highest handle that was given when a row was removed last; 0 as long as none ever was, and SQLite's own way of
    /// giving handles will do.
    func highestGiven(_ counter: Counter) throws(StoreError) -> Int64 {
        if let known = highestHandles[counter] { return known }
        var query = try connection.prepare("SELECT value FROM counters WHERE name = ?")
        query.bind(counter.rawValue)
        let highest = try query.step() ? query.int64(0) : 0
        highestHandles[counter] = highest
        return highest
    }

    fileprivate func highest(_ sql: StaticString) throws(StoreError) -> Int64 {
        let query = try connection.prepare(sql)
        return try query.step() ? query.int64(0) : 0
    }

    func nextRemoval() throws(StoreError) -> Int64? {
        let query = try connection.prepare("SELECT stream FROM removals ORDER BY stream LIMIT 1")
        return try query.step() ? query.int64(0) : nil
    }

    fileprivate func removedRecords(of stream: Int64, limit: Int) throws(StoreError) -> [RemovedRecord] {
        var query = try connection.prepare(
            "SELECT position, scope, source, id FROM events WHERE stream = ? ORDER BY version LIMIT ?")
        query.bind(stream)
        query.bind(limit)
        var found: [RemovedRecord] = []
        while try query.step() {
            found.append(
                RemovedRecord(
                    position: query.int64(0), tenant: try names.owned(query.int64(1)).tenant,
                    source: query.optionalText(2), eventID: try query.eventID(3)))
        }
        return found
    }

    /// Whether the events of a stream wait to be purged.
    func isRemoved(_ stream: Int64) throws(StoreError) -> Bool {
        var query = try connection.prepare("SELECT 1 FROM removals WHERE stream = ?")
        query.bind(stream)
        return try query.step()
    }
}
