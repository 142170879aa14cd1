import Chrono
import Engine
import EventSourcing

extension SQLiteStore: AccessKeyTable {
    public func accessKeys() throws(StoreError) -> [AccessKeyRow] {
        try open.accessKeys()
    }

    public func accessKey(_ id: UniqueID) throws(StoreError) -> AccessKeyRow? {
        var query = try open.connection.prepare(once: "SELECT \(Session.keyColumns) FROM access_keys WHERE id = ?")
        query.bind(id)
        return try query.step() ? try query.accessKey() : nil
    }

    public func insertAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        let session = try open
        var insert = try session.connection.prepare(
            once: """
                INSERT INTO access_keys (\(Session.keyColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """)
        insert.bind(row.id)
        insert.bind(row.hash)
        insert.bind(row.name)
        insert.bind(row.tenant)
        insert.bind(row.scopes.names.joined(separator: " "))
        insert.bind(row.createdAt)
        insert.bind(row.createdBy)
        insert.bind(row.expiresAt)
        insert.bind(row.revokedAt)
        insert.bind(row.lastUsedAt)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("key \(row.id) is there already") }
    }

    public func updateAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        let session = try open
        var update = try session.connection.prepare(
            "UPDATE access_keys SET revoked_at = ?, last_used_at = ? WHERE id = ?")
        update.bind(row.revokedAt)
        update.bind(row.lastUsedAt)
        update.bind(row.id)
        try update.run()
        guard session.connection.changes == 1 else { throw .unknown("key \(row.id)") }
    }
}

extension Session {
    static let keyColumns =
        "id, hash, name, tenant, scopes, created_at, created_by, expires_at, revoked_at, last_used_at"

    func tenants() throws(StoreError) -> [String] {
        var query = try connection.prepare("SELECT name FROM names WHERE kind = ?")
        query.bind(Names.Kind.tenant.rawValue)
        var found: [String] = []
        while try query.step() { found.append(query.text(0)) }
        return found
    }

    func accessKeys() throws(StoreError) -> [AccessKeyRow] {
        let query = try connection.prepare(once: "SELECT \(Self.keyColumns) FROM access_keys ORDER BY handle")
        var found: [AccessKeyRow] = []
        while try query.step() { found.append(try query.accessKey()) }
        return found
    }
}

extension Statement {
    fileprivate func accessKey() throws(StoreError) -> AccessKeyRow {
        var scopes: Set<AccessScope> = []
        for name in text(4).split(separator: " ") {
            guard let scope = AccessScope(rawValue: String(name)) else {
                throw .unreadable("unknown scope \(name) of a key")
            }
            scopes.insert(scope)
        }
        return AccessKeyRow(
            id: try uniqueID(0), hash: bytes(1), name: text(2), tenant: optionalText(3), scopes: scopes,
            createdAt: instant(5), createdBy: optionalText(6), expiresAt: optionalInstant(7),
            revokedAt: optionalInstant(8), lastUsedAt: optionalInstant(9))
    }
}
