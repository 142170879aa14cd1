import Chrono
import Engine
import EventSourcing
import ProcessManagement

extension SQLiteStore: ProcessTable {
    public func process(_ id: ProcessID, tenant: String) throws(StoreError) -> StoredProcess? {
        try open.process(id, tenant: tenant)
    }

    public func process(_ handle: RowHandle) throws(StoreError) -> StoredProcess? {
        try open.process(handle)
    }

    public func insertProcess(_ row: ProcessRow) throws(StoreError) -> RowHandle {
        let session = try open
        let scope = try session.names.intern(.scope, row.definition, tenant: row.tenant)
        // A stream of events that a user of the library began has the name of this process's stream.
        if try session.hasGeneralStreams(in: scope), try session.generalStream(row.id, scope: scope) != nil {
            throw .duplicate("the stream \(StreamID.process(row.id, of: row.definition)) is there already")
        }
        var insert = try session.connection.prepare(
            """
            INSERT INTO processes (handle, id, scope, definition_version, status, suspended, version, incidents, started_at,
                updated_at, ended_at, key)
            VALUES (CASE WHEN ?1 > 0 THEN 1 + max(?1, (SELECT coalesce(max(handle), 0) FROM processes)) END,
                ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        insert.bind(try session.highestGiven(.process))
        insert.bind(row.id)
        insert.bind(scope)
        insert.bind(row.definitionVersion)
        insert.bind(row.status.stored)
        insert.bind(row.suspended)
        insert.bind(row.version)
        insert.bind(row.incidents)
        insert.bind(row.startedAt)
        insert.bind(row.updatedAt)
        insert.bind(row.endedAt)
        insert.bind(row.key)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("process \(row.id) is there already") }
        let handle = session.connection.lastInsertedRow
        session.processScopes[handle] = scope
        return handle
    }

    /// What a process is (id, tenant, definition) never changes and is not written again.
    public func updateProcess(
        _ handle: RowHandle, _ row: ProcessRow, snapshot: StoredProcess.Snapshot?
    ) throws(StoreError) {
        let session = try open
        if let snapshot {
            var update = try session.connection.prepare(
                """
                UPDATE processes SET definition_version = ?2, status = ?3, suspended = ?4, version = ?5, incidents = ?6,
                    started_at = ?7, updated_at = ?8, ended_at = ?9, key = ?10, snapshot_version = NULL, snapshot = NULL
                WHERE handle = ?1
                """)
            Self.bind(handle, row, to: &update)
            try update.run()
            guard session.connection.changes == 1 else { throw Self.noProcess(handle) }
            try keep(snapshot, of: handle)
        } else {
            var update = try session.connection.prepare(
                """
                UPDATE processes SET definition_version = ?2, status = ?3, suspended = ?4, version = ?5, incidents = ?6,
                    started_at = ?7, updated_at = ?8, ended_at = ?9, key = ?10
                WHERE handle = ?1
                """)
            Self.bind(handle, row, to: &update)
            try update.run()
            guard session.connection.changes == 1 else { throw Self.noProcess(handle) }
        }
    }

    private func keep(_ snapshot: StoredProcess.Snapshot, of handle: RowHandle) throws(StoreError) {
        var insert = try open.connection.prepare(
            """
            INSERT INTO snapshots (process, at_version, bytes) VALUES (?, ?, ?)
            ON CONFLICT (process) DO UPDATE SET at_version = excluded.at_version, bytes = excluded.bytes
            """)
        insert.bind(handle)
        insert.bind(snapshot.version)
        try insert.run(borrowing: snapshot.bytes)
    }

    private static func noProcess(_ handle: RowHandle) -> StoreError {
        .unknown("there is no process with handle \(handle)")
    }

    private static func bind(_ handle: RowHandle, _ row: ProcessRow, to update: inout Statement) {
        update.bind(handle)
        update.bind(row.definitionVersion)
        update.bind(row.status.stored)
        update.bind(row.suspended)
        update.bind(row.version)
        update.bind(row.incidents)
        update.bind(row.startedAt)
        update.bind(row.updatedAt)
        update.bind(row.endedAt)
        update.bind(row.key)
    }

    public func runningVersions(of definition: String, tenant: String) throws(StoreError) -> [Int] {
        let session = try open
        guard let scope = try session.names.find(.scope, definition, tenant: tenant) else { return [] }
        var versions: [Int] = []
        // One seek for each version instead of a walk over all running processes.
        while let next = try newestRunningVersion(session, scope: scope, below: versions.last ?? .max) {
            versions.append(next)
        }
        return versions
    }

    public func hasProcess(of definition: String, version: Int) throws(StoreError) -> Bool {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT EXISTS (SELECT 1 FROM processes
                WHERE scope IN (SELECT id FROM names WHERE kind = 1 AND name = ?) AND definition_version = ?)
            """)
        query.bind(definition)
        query.bind(version)
        return try query.step() && query.bool(0)
    }

    private func newestRunningVersion(_ session: Session, scope: Int64, below: Int) throws(StoreError) -> Int? {
        var query = try session.connection.prepare(
            """
            SELECT definition_version FROM processes INDEXED BY processes_running
            WHERE scope = ? AND definition_version < ? AND status < 4 ORDER BY definition_version DESC LIMIT 1
            """)
        query.bind(scope)
        query.bind(below)
        return try query.step() ? query.int(0) : nil
    }
}
