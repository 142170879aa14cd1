import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement

extension Session {
    func task(_ id: TaskID, tenant: String) throws(StoreError) -> StoredTask? {
        var query = try connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks WHERE id = ?
            """)
        query.bind(id)
        guard try query.step() else { return nil }
        let found = try storedTask(query)
        return ExactText.sameBytes(found.row.tenant, tenant) ? found : nil
    }

    func openTasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        var query = try connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks INDEXED BY tasks_open WHERE process = ? AND status < 3 ORDER BY handle
            """)
        query.bind(process)
        return try storedTasks(query)
    }

    func allTasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        var query = try connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks INDEXED BY tasks_ended WHERE process = ? AND status > 2 ORDER BY handle
            """)
        query.bind(process)
        let ended = try storedTasks(query)
        return (try openTasks(of: process) + ended).sorted { $0.handle < $1.handle }
    }

    func queues(tenant: String) throws(StoreError) -> [QueueRow] {
        // Ready ones are counted in the index alone; leased and delayed ones are few.
        var query = try connection.prepare(
            """
            SELECT queue, 0, count(*), min(ready_at) FROM tasks INDEXED BY tasks_claimable
            WHERE status = 0 AND parked = 0 AND queue IN (SELECT id FROM names WHERE kind = 3 AND parent = ?1)
            GROUP BY queue
            UNION ALL
            SELECT queue, 1, count(*), NULL FROM tasks INDEXED BY tasks_leased
            WHERE status = 1 AND parked = 0 AND +queue IN (SELECT id FROM names WHERE kind = 3 AND parent = ?1)
            GROUP BY queue
            UNION ALL
            SELECT queue, 2, count(*), NULL FROM tasks INDEXED BY tasks_delayed
            WHERE status = 2 AND parked = 0 AND queue IN (SELECT id FROM names WHERE kind = 3 AND parent = ?1)
            GROUP BY queue
            """)
        guard let tenant = try names.find(.tenant, tenant) else { return [] }
        query.bind(tenant)
        var rows: [Int64: QueueRow] = [:]
        while try query.step() {
            let queue = query.int64(0)
            let type = try names.text(queue)
            var row = rows[queue] ?? QueueRow(type: type, ready: 0, leased: 0, delayed: 0, oldestReadyAt: nil)
            switch query.int(1) {
            case 0:
                row.ready = query.int(2)
                row.oldestReadyAt = query.optionalInstant(3)
            case 1: row.leased = query.int(2)
            default: row.delayed = query.int(2)
            }
            rows[queue] = row
        }
        return rows.values.sorted { $0.type.utf8.lexicographicallyPrecedes($1.type.utf8) }
    }

    func storedTasks(_ query: borrowing Statement) throws(StoreError) -> [StoredTask] {
        var fill = PageFill(limit: .max)
        return try storedTasks(query, &fill)
    }

    func storedTasks(_ query: borrowing Statement, _ fill: inout PageFill) throws(StoreError) -> [StoredTask] {
        var found: [StoredTask] = []
        while try query.step() {
            let task = try storedTask(query)
            guard fill.takes(task.byteCount) else { break }
            found.append(task)
        }
        return found
    }

    /// Reads the columns that the queries of tasks name.
    func storedTask(_ query: borrowing Statement) throws(StoreError) -> StoredTask {
        let queue = try names.owned(query.int64(3))
        var row = TaskRow(
            id: try query.uniqueID(1), process: query.int64(2), tenant: queue.tenant, type: queue.name,
            status: try TaskStatus(stored: query.int64(4)), parked: query.bool(5), priority: query.int(6),
            maxAttempts: query.int(9), plannedAt: query.int64(11), scheduledAt: query.instant(12),
            deadline: query.optionalInstant(14), dueAt: query.optionalInstant(15))
        row.attempt = query.int(7)
        row.attemptsBefore = query.int(8)
        row.reopened = query.int(10)
        row.readyAt = query.instant(13)
        row.leaseNumber = query.int64(16)
        row.streamVersion = query.int64(17)
        row.steps = query.int(18)
        if let worker = query.optionalText(19) {
            let (start, end) = (query.instant(21), query.instant(22))
            let length = TimeSpan(milliseconds: query.int64(23))
            row.lease = TaskRow.Lease(
                worker: worker, claim: query.optionalText(20), startedAt: start, expiresAt: end, length: length,
                // Leases of earlier releases do not tell, but it was no more than this.
                given: query.optionalInt64(26).map(TimeSpan.init(milliseconds:))
                    ?? min(length, max(.zero, end - start)),
                attemptEndsAt: query.optionalInstant(24))
        }
        row.progress = try query.optionalJSON(25)
        return StoredTask(handle: query.int64(0), row: row)
    }
}
