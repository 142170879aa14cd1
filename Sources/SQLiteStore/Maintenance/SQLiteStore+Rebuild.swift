import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement

extension SQLiteStore: RebuildableStore {
    public func processStreams(after handle: RowHandle, limit: Int) throws(StoreError) -> [StreamOwner] {
        let session = try open
        var owners: [StreamOwner] = []
        var last = StreamKind.published.stream(of: handle)
        while owners.count < limit, let (stream, scope) = try session.nextStream(after: last) {
            last = stream
            guard StreamKind(rawValue: stream & 3) == .process, try !session.isRemoved(stream) else { continue }
            let name = try session.names.owned(scope)
            owners.append(
                StreamOwner(handle: StreamKind.owner(of: stream), tenant: name.tenant, definition: name.name))
        }
        return owners
    }

    public func records(of owner: StreamOwner, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        try open.page(
            of: StreamKind.process.stream(of: owner.handle), named: StreamID(category: owner.definition, id: .none),
            from: version, limit: limit)
    }

    public func records(ofTask task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        try open.page(
            of: StreamKind.task.stream(of: task), named: .task(.none), from: version, limit: limit)
    }

    public func lostTasks() throws(StoreError) -> [TaskID: RowHandle] {
        let session = try open
        var lost: [TaskID: RowHandle] = [:]
        var last: Int64 = -1
        while let (stream, _) = try session.nextStream(after: last) {
            last = stream
            let owner = StreamKind.owner(of: stream)
            guard StreamKind(rawValue: stream & 3) == .task, try session.streamID(.task, owner) == nil,
                try !session.isRemoved(stream),
                let id = try records(ofTask: owner, from: 1, limit: 1).first?.event.data["task_id"]?.stringValue
            else { continue }
            lost[UniqueID(id) ?? .none] = owner
        }
        // No new row may take a handle that one of these gets back.
        if let highest = lost.values.max() { try session.remember(.task, highest) }
        return lost
    }

    public func tasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        try open.allTasks(of: process)
    }

    public func processesWithoutStream() throws(StoreError) -> [RowHandle] {
        let query = try open.connection.prepare(
            """
            SELECT handle FROM processes
            WHERE NOT EXISTS (SELECT 1 FROM events WHERE stream = processes.handle << 2) ORDER BY handle
            """)
        var found: [RowHandle] = []
        while try query.step() { found.append(query.int64(0)) }
        return found
    }

    public func restoreProcess(
        _ handle: RowHandle, _ row: ProcessRow, snapshot: StoredProcess.Snapshot?
    ) throws(StoreError) {
        let session = try open
        let scope = try session.names.intern(.scope, row.definition, tenant: row.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO processes (handle, id, scope, definition_version, status, suspended, version, incidents,
                started_at, updated_at, ended_at, key)
            VALUES (?, ?, ?, 1, 1, 0, 0, 0, 0, 0, NULL, '')
            ON CONFLICT (handle) DO UPDATE SET id = excluded.id, scope = excluded.scope, snapshot_version = NULL,
                snapshot = NULL
            """)
        insert.bind(handle)
        insert.bind(row.id)
        insert.bind(scope)
        try insert.run()
        try session.change("DELETE FROM snapshots WHERE process = ?", handle)
        session.processScopes.removeAll()
        try updateProcess(handle, row, snapshot: snapshot)
    }

    public func restoreTask(_ handle: RowHandle?, _ row: TaskRow) throws(StoreError) {
        let session = try open
        guard let handle else {
            _ = try insertTask(row)
            return
        }
        let queue = try session.names.intern(.queue, row.type, tenant: row.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO tasks (handle, id, process, queue, status, parked, priority, attempt, attempts_before,
                max_attempts, reopened, planned_at, scheduled_at, ready_at, lease_number, stream_version, steps)
            VALUES (?, ?, ?, ?, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            ON CONFLICT (handle) DO UPDATE SET id = excluded.id, process = excluded.process, queue = excluded.queue
            """)
        insert.bind(handle)
        insert.bind(row.id)
        insert.bind(row.process)
        insert.bind(queue)
        try insert.run()
        session.taskScopes.removeAll()
        try updateTask(handle, row)
    }

    public func removeTask(_ handle: RowHandle) throws(StoreError) {
        try delete("DELETE FROM tasks WHERE handle = ?", handle)
    }

    public func removeKeysAndTimers(of process: RowHandle) throws(StoreError) {
        try delete("DELETE FROM locations WHERE process = ?", process)
        try delete("DELETE FROM timers WHERE process = ?", process)
    }

    private func delete(_ sql: StaticString, _ number: Int64) throws(StoreError) {
        var delete = try open.connection.prepare(sql)
        delete.bind(number)
        try delete.run()
    }

    /// `released` is the position of the end until all keys are there.
    public func restoreKey(_ key: LocationKey, of process: RowHandle, end: Int64?) throws(StoreError) {
        let session = try open
        let scope = try session.names.intern(.scope, key.definition, tenant: key.tenant)
        var insert = try session.connection.prepare(
            "INSERT OR REPLACE INTO locations (scope, name, value, released, process) VALUES (?, ?, ?, ?, ?)")
        insert.bind(scope)
        insert.bind(key.name)
        insert.bind(key.value)
        insert.bind(end ?? 0)
        insert.bind(process)
        try insert.run()
    }

    public func orderKeys() throws(StoreError) {
        // By way of negative numbers, as no place may be in use when it is given.
        let update = try open.connection.prepare(
            """
            INSERT INTO locations (scope, name, value, released, process)
            SELECT scope, name, value, -row_number() OVER (PARTITION BY scope, name, value ORDER BY released), process
            FROM locations WHERE released > 0
            """)
        try update.run()
        try open.connection.prepare("DELETE FROM locations WHERE released > 0").run()
        try open.connection.prepare("UPDATE locations SET released = -released WHERE released < 0").run()
    }
}

extension Session {
    /// The next stream that has events, and the scope of its first.
    fileprivate func nextStream(after stream: Int64) throws(StoreError) -> (stream: Int64, scope: Int64)? {
        var query = try connection.prepare(
            "SELECT stream, scope FROM events WHERE stream > ? ORDER BY stream, version LIMIT 1")
        query.bind(stream)
        return try query.step() ? (query.int64(0), query.int64(1)) : nil
    }
}

extension UniqueID {
    /// Of no stream: records are read by number here, and nobody looks at the name.
    fileprivate static var none: UniqueID { UniqueID(high: 0, low: 0) }
}
