import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement

extension Session {
    func process(_ id: ProcessID, tenant: String) throws(StoreError) -> StoredProcess? {
        var query = try connection.prepare(
            """
            SELECT handle, id, scope, definition_version, status, suspended, version, incidents, started_at, updated_at,
                ended_at, key, coalesce(at_version, snapshot_version), coalesce(bytes, snapshot)
            FROM processes LEFT JOIN snapshots ON process = handle WHERE id = ?
            """)
        query.bind(id)
        guard try query.step() else { return nil }
        let found = try storedProcess(query)
        return ExactText.sameBytes(found.row.tenant, tenant) ? found : nil
    }

    func process(_ handle: RowHandle) throws(StoreError) -> StoredProcess? {
        var query = try connection.prepare(
            """
            SELECT handle, id, scope, definition_version, status, suspended, version, incidents, started_at, updated_at,
                ended_at, key, coalesce(at_version, snapshot_version), coalesce(bytes, snapshot)
            FROM processes LEFT JOIN snapshots ON process = handle WHERE handle = ?
            """)
        query.bind(handle)
        return try query.step() ? try storedProcess(query) : nil
    }

    /// Reads the columns that the queries above name.
    func storedProcess(_ query: borrowing Statement) throws(StoreError) -> StoredProcess {
        let handle = query.int64(0)
        let scope = query.int64(2)
        processScopes[handle] = scope
        let owned = try names.owned(scope)
        let row = ProcessRow(
            id: try query.uniqueID(1), tenant: owned.tenant, definition: owned.name,
            definitionVersion: query.int(3), key: query.text(11), status: try ProcessStatus(stored: query.int64(4)),
            suspended: query.bool(5), version: query.int64(6), incidents: query.int(7), startedAt: query.instant(8),
            updatedAt: query.instant(9), endedAt: query.optionalInstant(10))
        let snapshot = query.optionalInt64(12).map { StoredProcess.Snapshot(version: $0, bytes: query.bytes(13)) }
        return StoredProcess(handle: handle, row: row, snapshot: snapshot)
    }

    func locations(of process: RowHandle) throws(StoreError) -> [(key: LocationKey, running: Bool)] {
        var query = try connection.prepare(
            "SELECT scope, name, value, released FROM locations WHERE process = ? ORDER BY scope, name, value, released"
        )
        query.bind(process)
        var found: [(key: LocationKey, running: Bool)] = []
        while try query.step() {
            let owned = try names.owned(query.int64(0))
            let key = LocationKey(
                tenant: owned.tenant, definition: owned.name, name: query.text(1), value: query.text(2))
            found.append((key, query.int64(3) == 0))
        }
        return found
    }

    /// The scope in which a process's stream lies.
    func scope(ofProcess handle: RowHandle) throws(StoreError) -> Int64 {
        if let scope = processScopes[handle] { return scope }
        var query = try connection.prepare("SELECT scope FROM processes WHERE handle = ?")
        query.bind(handle)
        guard try query.step() else { throw .unknown("there is no process with handle \(handle)") }
        let scope = query.int64(0)
        processScopes[handle] = scope
        return scope
    }
}
