import Chrono
import Engine
import EventSourcing
import JSON

extension SQLiteStore: SubscriptionTable {
    public func subscription(_ name: String, tenant: String) throws(StoreError) -> StoredSubscription? {
        try open.subscription(name, tenant: tenant)
    }

    public func insertSubscription(_ row: SubscriptionRow) throws(StoreError) -> RowHandle {
        let session = try open
        let tenant = try session.names.intern(.tenant, row.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO subscriptions (tenant, name, created_at, category, types, position, revision, lease_number,
                lease_expires_at, lease_length, lease_through, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        insert.bind(tenant)
        insert.bind(row.name)
        insert.bind(row.createdAt)
        Self.bind(row, to: &insert)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("subscription \(row.name) is there already") }
        return session.connection.lastInsertedRow
    }

    public func updateSubscription(_ handle: RowHandle, _ row: SubscriptionRow) throws(StoreError) {
        let session = try open
        var update = try session.connection.prepare(
            """
            UPDATE subscriptions SET category = ?, types = ?, position = ?, revision = ?, lease_number = ?,
                lease_expires_at = ?, lease_length = ?, lease_through = ?, updated_at = ?
            WHERE handle = ?
            """)
        Self.bind(row, to: &update)
        update.bind(handle)
        try update.run()
        guard session.connection.changes == 1 else { throw .unknown("there is no subscription with handle \(handle)") }
    }

    private static func bind(_ row: SubscriptionRow, to statement: inout Statement) {
        statement.bind(row.filter.category)
        var types = JSONWriter()
        types.beginArray()
        for type in row.filter.types { types.value(type) }
        types.endArray()
        statement.bind(types.finish())
        statement.bind(row.position)
        statement.bind(row.revision)
        statement.bind(row.leaseNumber)
        statement.bind(row.lease?.expiresAt)
        statement.bind(row.lease?.length.milliseconds)
        statement.bind(row.lease?.through)
        statement.bind(row.updatedAt)
    }

    public func deleteSubscription(_ handle: RowHandle) throws(StoreError) {
        var delete = try open.connection.prepare("DELETE FROM subscriptions WHERE handle = ?")
        delete.bind(handle)
        try delete.run()
    }

    public func expiredSubscriptions(at now: Instant, limit: Int) throws(StoreError) -> [StoredSubscription] {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT handle, tenant, name, category, types, position, revision, lease_number, lease_expires_at,
                lease_length, lease_through, created_at, updated_at
            FROM subscriptions WHERE lease_expires_at <= ? ORDER BY lease_expires_at, handle LIMIT ?
            """)
        query.bind(now)
        query.bind(max(0, limit))
        return try session.subscriptions(query)
    }

    public func nextSubscriptionExpiry() throws(StoreError) -> Instant? {
        let query = try open.connection.prepare(
            """
            SELECT lease_expires_at FROM subscriptions INDEXED BY subscriptions_leased
            WHERE lease_expires_at IS NOT NULL ORDER BY lease_expires_at LIMIT 1
            """)
        return try query.step() ? query.instant(0) : nil
    }

    public func lastPosition() throws(StoreError) -> Int64 {
        try open.lastPosition()
    }
}

extension Session {
    func subscription(_ name: String, tenant: String) throws(StoreError) -> StoredSubscription? {
        guard let number = try names.find(.tenant, tenant) else { return nil }
        var query = try connection.prepare(
            """
            SELECT handle, tenant, name, category, types, position, revision, lease_number, lease_expires_at,
                lease_length, lease_through, created_at, updated_at
            FROM subscriptions WHERE tenant = ? AND name = ?
            """)
        query.bind(number)
        query.bind(name)
        return try subscriptions(query).first
    }

    func subscriptions(tenant: String) throws(StoreError) -> [StoredSubscription] {
        guard let number = try names.find(.tenant, tenant) else { return [] }
        var query = try connection.prepare(
            """
            SELECT handle, tenant, name, category, types, position, revision, lease_number, lease_expires_at,
                lease_length, lease_through, created_at, updated_at
            FROM subscriptions WHERE tenant = ? ORDER BY name
            """)
        query.bind(number)
        return try subscriptions(query)
    }

    fileprivate func subscriptions(_ query: borrowing Statement) throws(StoreError) -> [StoredSubscription] {
        var found: [StoredSubscription] = []
        while try query.step() {
            var lease: SubscriptionRow.Lease?
            if let end = query.optionalInstant(8) {
                lease = SubscriptionRow.Lease(
                    expiresAt: end, length: .milliseconds(query.int64(9)), through: query.int64(10))
            }
            found.append(
                StoredSubscription(
                    handle: query.int64(0),
                    row: SubscriptionRow(
                        tenant: try names.text(query.int64(1)), name: query.text(2),
                        filter: EventFilter(
                            category: query.optionalText(3),
                            types: try query.json(4).elements.compactMap(\.stringValue)),
                        position: query.int64(5), revision: query.int64(6), leaseNumber: query.int64(7), lease: lease,
                        createdAt: query.instant(11), updatedAt: query.instant(12))))
        }
        return found
    }
}
