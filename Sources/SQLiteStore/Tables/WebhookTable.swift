import Chrono
import Engine
import EventSourcing
import JSON

extension SQLiteStore: WebhookTable {
    public func webhooks() throws(StoreError) -> [StoredWebhook] { try open.webhooks() }

    public func webhook(_ id: WebhookID, tenant: String) throws(StoreError) -> StoredWebhook? {
        try open.webhook(id, tenant: tenant)
    }

    public func webhook(_ handle: RowHandle) throws(StoreError) -> StoredWebhook? { try open.webhook(handle) }

    public func insertWebhook(_ row: WebhookRow) throws(StoreError) -> RowHandle {
        let session = try open
        let tenant = try session.names.intern(.tenant, row.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO webhooks (id, tenant, created_at, request_hash, status, disabled_reason, failing_since, backlog,
                version, updated_at, configuration, headers, secret, previous_secret, previous_expires_at,
                previous_rotation)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        insert.bind(row.id)
        insert.bind(tenant)
        insert.bind(row.createdAt)
        insert.bind(Int64(bitPattern: row.requestHash))
        Self.bind(row, to: &insert)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("webhook \(row.id) is there already") }
        return session.connection.lastInsertedRow
    }

    public func updateWebhook(_ handle: RowHandle, _ row: WebhookRow) throws(StoreError) {
        let session = try open
        var update = try session.connection.prepare(
            """
            UPDATE webhooks SET status = ?, disabled_reason = ?, failing_since = ?, backlog = ?, version = ?,
                updated_at = ?, configuration = ?, headers = ?, secret = ?, previous_secret = ?, previous_expires_at = ?,
                previous_rotation = ?
            WHERE handle = ?
            """)
        Self.bind(row, to: &update)
        update.bind(handle)
        try update.run()
        guard session.connection.changes == 1 else { throw .unknown("there is no webhook with handle \(handle)") }
    }

    public func deleteWebhook(_ handle: RowHandle) throws(StoreError) {
        let connection = try open.connection
        var attempts = try connection.prepare(
            "DELETE FROM delivery_attempts WHERE delivery IN (SELECT handle FROM deliveries WHERE webhook = ?)")
        attempts.bind(handle)
        try attempts.run()
        var deliveries = try connection.prepare("DELETE FROM deliveries WHERE webhook = ?")
        deliveries.bind(handle)
        try deliveries.run()
        var webhook = try connection.prepare("DELETE FROM webhooks WHERE handle = ?")
        webhook.bind(handle)
        try webhook.run()
    }

    /// The columns from `status` to `previous_rotation`.
    private static func bind(_ row: WebhookRow, to statement: inout Statement) {
        statement.bind(row.status.stored)
        statement.bind(row.disabledReason?.rawValue)
        statement.bind(row.failingSince)
        statement.bind(row.backlog)
        statement.bind(row.version)
        statement.bind(row.updatedAt)
        statement.bind(row.configuration.encoded)
        statement.bind(row.headers)
        statement.bind(row.secret)
        if let previous = row.previousSecret { statement.bind(previous.sealed) } else { statement.bindNull() }
        statement.bind(row.previousSecret?.expiresAt)
        if let previous = row.previousSecret { statement.bind(previous.rotation) } else { statement.bindNull() }
    }
}

extension Session {
    func webhooks() throws(StoreError) -> [StoredWebhook] {
        let query = try connection.prepare(
            """
            SELECT handle, id, tenant, status, disabled_reason, failing_since, version, created_at, updated_at,
                request_hash, configuration, headers, secret, previous_secret, previous_expires_at, backlog,
                previous_rotation
            FROM webhooks ORDER BY handle
            """)
        var found: [StoredWebhook] = []
        while try query.step() { found.append(try storedWebhook(query)) }
        return found
    }

    func webhook(_ id: WebhookID, tenant: String) throws(StoreError) -> StoredWebhook? {
        var query = try connection.prepare(
            """
            SELECT handle, id, tenant, status, disabled_reason, failing_since, version, created_at, updated_at,
                request_hash, configuration, headers, secret, previous_secret, previous_expires_at, backlog,
                previous_rotation
            FROM webhooks WHERE id = ?
            """)
        query.bind(id)
        guard try query.step() else { return nil }
        let found = try storedWebhook(query)
        return ExactText.sameBytes(found.row.tenant, tenant) ? found : nil
    }

    func webhook(_ handle: RowHandle) throws(StoreError) -> StoredWebhook? {
        var query = try connection.prepare(
            """
            SELECT handle, id, tenant, status, disabled_reason, failing_since, version, created_at, updated_at,
                request_hash, configuration, headers, secret, previous_secret, previous_expires_at, backlog,
                previous_rotation
            FROM webhooks WHERE handle = ?
            """)
        query.bind(handle)
        return try query.step() ? try storedWebhook(query) : nil
    }

    private func storedWebhook(_ query: borrowing Statement) throws(StoreError) -> StoredWebhook {
        guard let configuration = WebhookConfiguration(decoding: try query.json(10)) else {
            throw .unreadable("the configuration of webhook \(query.int64(0))")
        }
        var row = WebhookRow(
            id: try query.uniqueID(1), tenant: try names.text(query.int64(2)), configuration: configuration,
            secret: query.bytes(12), headers: query.bytes(11), createdAt: query.instant(7),
            requestHash: UInt64(bitPattern: query.int64(9)))
        row.status = try WebhookStatus(stored: query.int64(3))
        row.disabledReason = query.optionalText(4).flatMap(WebhookDisabledReason.init(rawValue:))
        row.failingSince = query.optionalInstant(5)
        row.backlog = query.optionalInt64(15)
        row.version = query.int64(6)
        row.updatedAt = query.instant(8)
        if let sealed = query.optionalBytes(13) {
            row.previousSecret = WebhookRow.PreviousSecret(
                sealed: sealed, expiresAt: query.instant(14), rotation: try query.uniqueID(16))
        }
        return StoredWebhook(handle: query.int64(0), row: row)
    }
}
