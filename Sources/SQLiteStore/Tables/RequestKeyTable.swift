import Chrono
import Engine

extension SQLiteStore: RequestKeyTable {
    public func requestKey(_ key: String, tenant: String) throws(StoreError) -> RequestKeyRow? {
        let session = try open
        guard let number = try session.names.find(.tenant, tenant) else { return nil }
        var query = try session.connection.prepare(
            "SELECT fingerprint, created_at, answer FROM request_keys WHERE tenant = ? AND key = ?")
        query.bind(number)
        query.bind(key)
        guard try query.step() else { return nil }
        return RequestKeyRow(
            tenant: tenant, key: key, fingerprint: UInt64(bitPattern: query.int64(0)), answer: query.optionalBytes(2),
            createdAt: query.instant(1))
    }

    public func insertRequestKey(_ row: RequestKeyRow) throws(StoreError) {
        let session = try open
        let tenant = try session.names.intern(.tenant, row.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO request_keys (tenant, key, fingerprint, created_at, answer) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """)
        insert.bind(tenant)
        insert.bind(row.key)
        insert.bind(Int64(bitPattern: row.fingerprint))
        insert.bind(row.createdAt)
        if let answer = row.answer { insert.bind(answer) } else { insert.bindNull() }
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("request \(row.key) is known already") }
    }

    public func pruneRequestKeys(through time: Instant, limit: Int) throws(StoreError) -> Int {
        let session = try open
        // Rows come in order of age, unless the clock was set back; then those behind wait for the one in front.
        var delete = try session.connection.prepare(
            """
            DELETE FROM request_keys WHERE handle IN (
                SELECT handle FROM request_keys ORDER BY handle LIMIT ?2
            ) AND created_at <= ?1
            """)
        delete.bind(time)
        delete.bind(max(0, limit))
        try delete.run()
        return session.connection.changes
    }

    public func oldestRequestKey() throws(StoreError) -> Instant? {
        let query = try open.connection.prepare("SELECT created_at FROM request_keys ORDER BY handle LIMIT 1")
        return try query.step() ? query.instant(0) : nil
    }
}
