import Chrono
import Engine
import EventSourcing

extension Session {
    func delivery(_ id: DeliveryID, tenant: String) throws(StoreError) -> StoredDelivery? {
        guard let tenant = try names.find(.tenant, tenant) else { return nil }
        var query = try connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries
            WHERE id = ? AND EXISTS (
                SELECT 1 FROM webhooks WHERE webhooks.handle = deliveries.webhook AND webhooks.tenant = ?)
            """)
        query.bind(id)
        query.bind(tenant)
        return try storedDeliveries(query).first
    }

    func delivery(_ handle: RowHandle) throws(StoreError) -> StoredDelivery? {
        var query = try connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries WHERE handle = ?
            """)
        query.bind(handle)
        return try storedDeliveries(query).first
    }

    func dueDeliveries(
        of webhook: RowHandle, at now: Instant, limit: Int, excluding underWay: Set<RowHandle>
    ) throws(StoreError) -> [StoredDelivery] {
        guard limit > 0, try isActive(webhook) else { return [] }
        var query = try connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries INDEXED BY deliveries_due
            WHERE webhook = ? AND next_attempt_at IS NOT NULL AND next_attempt_at <= ?
            ORDER BY next_attempt_at, handle LIMIT ?
            """)
        query.bind(webhook)
        query.bind(now)
        query.bind(limit + underWay.count)
        return Array(try storedDeliveries(query).lazy.filter { !underWay.contains($0.handle) }.prefix(limit))
    }

    private func isActive(_ webhook: RowHandle) throws(StoreError) -> Bool {
        var query = try connection.prepare("SELECT 1 FROM webhooks WHERE handle = ? AND status = 0")
        query.bind(webhook)
        return try query.step()
    }

    func nextDeliveryDue(after time: Instant) throws(StoreError) -> Instant? {
        var query = try connection.prepare(
            """
            SELECT min((
                SELECT next_attempt_at FROM deliveries INDEXED BY deliveries_due
                WHERE webhook = webhooks.handle AND next_attempt_at IS NOT NULL AND next_attempt_at > ?
                ORDER BY next_attempt_at LIMIT 1))
            FROM webhooks WHERE status = 0
            """)
        query.bind(time)
        return try query.step() ? query.optionalInstant(0) : nil
    }

    func deliveries(
        of webhook: RowHandle, status: DeliveryStatus?, before handle: RowHandle?, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        // One walk in the index for each status, so that a rare one is found among many others.
        var found: [StoredDelivery] = []
        for status in status.map({ [$0] }) ?? DeliveryStatus.allCases {
            found += try deliveries(of: webhook, status, before: handle ?? .max, limit: limit)
        }
        return Array(found.sorted { $0.handle > $1.handle }.prefix(max(0, limit)))
    }

    private func deliveries(
        of webhook: RowHandle, _ status: DeliveryStatus, before handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        var query = try connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries INDEXED BY deliveries_status
            WHERE webhook = ? AND status = ? AND handle < ? ORDER BY handle DESC LIMIT ?
            """)
        query.bind(webhook)
        query.bind(status.stored)
        query.bind(handle)
        query.bind(max(0, limit))
        return try storedDeliveries(query)
    }

    func attempts(of delivery: RowHandle) throws(StoreError) -> [DeliveryAttempt] {
        var query = try connection.prepare(
            """
            SELECT started_at, duration, status, error, answer FROM delivery_attempts WHERE delivery = ? ORDER BY handle
            """)
        query.bind(delivery)
        var found: [DeliveryAttempt] = []
        while try query.step() {
            found.append(
                DeliveryAttempt(
                    startedAt: query.instant(0), duration: TimeSpan(milliseconds: query.int64(1)),
                    status: query.optionalInt64(2).map(Int.init), error: query.optionalText(3), answer: query.bytes(4)))
        }
        return found
    }

    func pendingDeliveryCount() throws(StoreError) -> Int {
        let query = try connection.prepare(
            "SELECT count(*) FROM deliveries INDEXED BY deliveries_pending WHERE status = 0")
        return try query.step() ? query.int(0) : 0
    }

    func allDeliveries(after handle: RowHandle, limit: Int) throws(StoreError) -> [StoredDelivery] {
        var query = try connection.prepare(
            """
            SELECT handle, id, webhook, kind, process, position, status, attempts, manual, created_at, next_attempt_at,
                ended_at, type
            FROM deliveries WHERE handle > ? ORDER BY handle LIMIT ?
            """)
        query.bind(handle)
        query.bind(max(0, limit))
        return try storedDeliveries(query)
    }

    func undeliveredCommands(after handle: RowHandle, limit: Int) throws(StoreError) -> [UndeliveredCommand] {
        var query = try connection.prepare(
            """
            SELECT handle, id, process, command, position, created_at FROM outbox WHERE handle > ?
            ORDER BY handle LIMIT ?
            """)
        query.bind(handle)
        query.bind(max(0, limit))
        var found: [UndeliveredCommand] = []
        while try query.step() {
            found.append(
                UndeliveredCommand(
                    handle: query.int64(0),
                    row: OutboxRow(
                        id: try query.uniqueID(1), process: query.int64(2), command: query.text(3),
                        position: query.int64(4), createdAt: query.instant(5))))
        }
        return found
    }

    /// Reads the columns that the queries of deliveries name.
    func storedDeliveries(_ query: borrowing Statement) throws(StoreError) -> [StoredDelivery] {
        var found: [StoredDelivery] = []
        while try query.step() {
            var row = DeliveryRow(
                id: try query.uniqueID(1), webhook: query.int64(2), type: query.text(12),
                kind: try DeliveryKind(
                    stored: query.int64(3), process: query.optionalInt64(4), position: query.optionalInt64(5)),
                isManual: query.bool(8), createdAt: query.instant(9), nextAttemptAt: query.optionalInstant(10))
            row.status = try DeliveryStatus(stored: query.int64(6))
            row.attempts = query.int(7)
            row.endedAt = query.optionalInstant(11)
            found.append(StoredDelivery(handle: query.int64(0), row: row))
        }
        return found
    }
}
