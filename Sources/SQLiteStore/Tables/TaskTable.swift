import Chrono
import Engine
import EventSourcing
import ProcessManagement

extension SQLiteStore: TaskTable {
    public func task(_ id: TaskID, tenant: String) throws(StoreError) -> StoredTask? {
        try open.task(id, tenant: tenant)
    }

    public func insertTask(_ row: TaskRow) throws(StoreError) -> RowHandle {
        let session = try open
        let queue = try session.names.intern(.queue, row.type, tenant: row.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO tasks (handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given)
            VALUES (CASE WHEN ?1 > 0 THEN 1 + max(?1, (SELECT coalesce(max(handle), 0) FROM tasks)) END,
                ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        insert.bind(try session.highestGiven(.task))
        insert.bind(row.id)
        insert.bind(row.process)
        insert.bind(queue)
        Self.bind(row, to: &insert)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("task \(row.id) is there already") }
        return session.connection.lastInsertedRow
    }

    /// What a task is (id, process, tenant, type) never changes and is not written again.
    public func updateTask(_ handle: RowHandle, _ row: TaskRow) throws(StoreError) {
        let session = try open
        var update = try session.connection.prepare(
            """
            UPDATE tasks SET status = ?, parked = ?, priority = ?, attempt = ?, attempts_before = ?, max_attempts = ?,
                reopened = ?, planned_at = ?, scheduled_at = ?, ready_at = ?, deadline = ?, due_at = ?,
                lease_number = ?, stream_version = ?, steps = ?, worker = ?, claim = ?, lease_started_at = ?,
                lease_expires_at = ?, lease_length = ?, attempt_ends_at = ?, progress = ?, lease_given = ?
            WHERE handle = ?
            """)
        Self.bind(row, to: &update)
        update.bind(handle)
        try update.run()
        guard session.connection.changes == 1 else { throw .unknown("there is no task with handle \(handle)") }
    }

    /// The columns from `status` to `lease_given`.
    private static func bind(_ row: TaskRow, to statement: inout Statement) {
        statement.bind(row.status.stored)
        statement.bind(row.parked)
        statement.bind(row.priority)
        statement.bind(row.attempt)
        statement.bind(row.attemptsBefore)
        statement.bind(row.maxAttempts)
        statement.bind(row.reopened)
        statement.bind(row.plannedAt)
        statement.bind(row.scheduledAt)
        statement.bind(row.readyAt)
        statement.bind(row.deadline)
        statement.bind(row.dueAt)
        statement.bind(row.leaseNumber)
        statement.bind(row.streamVersion)
        statement.bind(row.steps)
        statement.bind(row.lease?.worker)
        statement.bind(row.lease?.claim)
        statement.bind(row.lease?.startedAt)
        statement.bind(row.lease?.expiresAt)
        statement.bind(row.lease?.length.milliseconds)
        statement.bind(row.lease?.attemptEndsAt)
        statement.bind(row.progress)
        statement.bind(row.lease?.given.milliseconds)
    }
}
