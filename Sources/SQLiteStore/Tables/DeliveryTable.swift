import Chrono
import Engine
import EventSourcing

extension SQLiteStore: DeliveryTable {
    public func delivery(_ id: DeliveryID, tenant: String) throws(StoreError) -> StoredDelivery? {
        try open.delivery(id, tenant: tenant)
    }

    public func delivery(_ handle: RowHandle) throws(StoreError) -> StoredDelivery? { try open.delivery(handle) }

    public func insertDelivery(_ row: DeliveryRow) throws(StoreError) -> RowHandle {
        let session = try open
        var insert = try session.connection.prepare(
            """
            INSERT INTO deliveries (id, webhook, kind, process, position, created_at, type, status, attempts, manual,
                next_attempt_at, ended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        insert.bind(row.id)
        insert.bind(row.webhook)
        insert.bind(row.kind.stored)
        insert.bind(row.kind.process)
        insert.bind(row.kind.position)
        insert.bind(row.createdAt)
        insert.bind(row.type)
        Self.bind(row, to: &insert)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("delivery \(row.id) is there already") }
        return session.connection.lastInsertedRow
    }

    public func updateDelivery(_ handle: RowHandle, _ row: DeliveryRow) throws(StoreError) {
        let session = try open
        var update = try session.connection.prepare(
            """
            UPDATE deliveries SET status = ?, attempts = ?, manual = ?, next_attempt_at = ?, ended_at = ?
            WHERE handle = ?
            """)
        Self.bind(row, to: &update)
        update.bind(handle)
        try update.run()
        guard session.connection.changes == 1 else { throw .unknown("there is no delivery with handle \(handle)") }
    }

    /// The columns from `status` to `ended_at`.
    private static func bind(_ row: DeliveryRow, to statement: inout Statement) {
        statement.bind(row.status.stored)
        statement.bind(row.attempts)
        statement.bind(row.isManual)
        statement.bind(row.nextAttemptAt)
        statement.bind(row.endedAt)
    }

    public func firstPendingDelivery(of webhook: RowHandle, process: RowHandle) throws(StoreError) -> StoredDelivery? {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries INDEXED BY deliveries_pending WHERE webhook = ? AND process = ? AND status = 0
            ORDER BY handle LIMIT 1
            """)
        query.bind(webhook)
        query.bind(process)
        return try session.storedDeliveries(query).first
    }

    public func pendingDeliveries(
        of webhook: RowHandle, after handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries INDEXED BY deliveries_status WHERE webhook = ? AND status = 0 AND handle > ?
            ORDER BY handle LIMIT ?
            """)
        query.bind(webhook)
        query.bind(handle)
        query.bind(max(0, limit))
        return try session.storedDeliveries(query)
    }

    public func failedDeliveries(
        of webhook: RowHandle, since: Instant, after handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        var found: [StoredDelivery] = []
        for status in [DeliveryStatus.failed, .exhausted] {
            found += try deliveries(of: webhook, status, since: since, after: handle, limit: limit)
        }
        return Array(found.sorted { $0.handle < $1.handle }.prefix(max(0, limit)))
    }

    private func deliveries(
        of webhook: RowHandle, _ status: DeliveryStatus, since: Instant, after handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries INDEXED BY deliveries_status
            WHERE webhook = ? AND status = ? AND handle > ? AND created_at >= ? ORDER BY handle LIMIT ?
            """)
        query.bind(webhook)
        query.bind(status.stored)
        query.bind(handle)
        query.bind(since)
        query.bind(max(0, limit))
        return try session.storedDeliveries(query)
    }

    public func insertAttempt(_ attempt: DeliveryAttempt, of delivery: RowHandle) throws(StoreError) {
        var insert = try open.connection.prepare(
            """
            INSERT INTO delivery_attempts (delivery, started_at, duration, status, error, answer)
            VALUES (?, ?, ?, ?, ?, ?)
            """)
        insert.bind(delivery)
        insert.bind(attempt.startedAt)
        insert.bind(attempt.duration.milliseconds)
        insert.bind(attempt.status.map(Int64.init))
        insert.bind(attempt.error)
        try insert.run(borrowing: attempt.answer)
    }

    public func pruneDeliveries(endedBefore time: Instant, limit: Int) throws(StoreError) {
        let connection = try open.connection
        var attempts = try connection.prepare(
            """
            DELETE FROM delivery_attempts WHERE delivery IN (
                SELECT handle FROM deliveries INDEXED BY deliveries_ended
                WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, handle LIMIT ?)
            """)
        attempts.bind(time)
        attempts.bind(max(0, limit))
        try attempts.run()
        var deliveries = try connection.prepare(
            """
            DELETE FROM deliveries WHERE handle IN (
                SELECT handle FROM deliveries INDEXED BY deliveries_ended
                WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, handle LIMIT ?)
            """)
        deliveries.bind(time)
        deliveries.bind(max(0, limit))
        try deliveries.run()
    }
}

extension SQLiteStore {
    public func undeliveredCommands(after handle: RowHandle, limit: Int) throws(StoreError) -> [UndeliveredCommand] {
        try open.undeliveredCommands(after: handle, limit: limit)
    }

    public func removeOutbox(_ handle: RowHandle) throws(StoreError) {
        var delete = try open.connection.prepare("DELETE FROM outbox WHERE handle = ?")
        delete.bind(handle)
        try delete.run()
    }

    public func pruneOutbox(createdBefore time: Instant, limit: Int) throws(StoreError) {
        // Only the oldest ones are looked at: there is no index by time.
        var delete = try open.connection.prepare(
            """
            DELETE FROM outbox WHERE handle IN (
                SELECT handle FROM (SELECT handle, created_at FROM outbox ORDER BY handle LIMIT ?)
                WHERE created_at < ?)
            """)
        delete.bind(max(0, limit))
        delete.bind(time)
        try delete.run()
    }
}
