import Engine

extension SQLiteStore {
    public func locate(_ key: LocationKey) throws(StoreError) -> LocatedProcess? {
        let session = try open
        guard let scope = try session.names.find(.scope, key.definition, tenant: key.tenant) else { return nil }
        // A running process is first under its key: `released` is 0.
        var first = try session.connection.prepare(
            """
            SELECT process, released FROM locations WHERE scope = ? AND name = ? AND value = ? ORDER BY released LIMIT 1
            """)
        first.bind(scope)
        first.bind(key.name)
        first.bind(key.value)
        guard try first.step() else { return nil }
        if first.int64(1) == 0 { return LocatedProcess(handle: first.int64(0), running: true) }
        var last = try session.connection.prepare(
            """
            SELECT process FROM locations WHERE scope = ? AND name = ? AND value = ? ORDER BY released DESC LIMIT 1
            """)
        last.bind(scope)
        last.bind(key.name)
        last.bind(key.value)
        return try last.step() ? LocatedProcess(handle: last.int64(0), running: false) : nil
    }

    /// A process that gains a key which it has keeps it.
    public func addLocation(_ key: LocationKey, process: RowHandle) throws(StoreError) {
        let session = try open
        let scope = try session.names.intern(.scope, key.definition, tenant: key.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO locations (scope, name, value, released, process) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING
            """)
        insert.bind(scope)
        insert.bind(key.name)
        insert.bind(key.value)
        insert.bind(process)
        try insert.run()
        guard session.connection.changes == 0, try locate(key)?.handle != process else { return }
        throw .conflict("another running process of \(key.definition) has the key \(key.value)")
    }

    public func releaseLocations(_ keys: [LocationKey], process: RowHandle) throws(StoreError) {
        let session = try open
        for key in keys {
            guard let scope = try session.names.find(.scope, key.definition, tenant: key.tenant) else { continue }
            // An UPDATE would change the primary key, for which SQLite keeps the rows in a table of its own meanwhile.
            var delete = try session.connection.prepare(
                "DELETE FROM locations WHERE scope = ? AND name = ? AND value = ? AND released = 0 AND process = ?")
            delete.bind(scope)
            delete.bind(key.name)
            delete.bind(key.value)
            delete.bind(process)
            try delete.run()
            guard session.connection.changes == 1 else { continue }
            var insert = try session.connection.prepare(
                """
                INSERT INTO locations (scope, name, value, released, process) VALUES (?1, ?2, ?3, 1 + coalesce(
                    (SELECT max(released) FROM locations WHERE scope = ?1 AND name = ?2 AND value = ?3), 0), ?4)
                """)
            insert.bind(scope)
            insert.bind(key.name)
            insert.bind(key.value)
            insert.bind(process)
            try insert.run()
        }
    }
}
