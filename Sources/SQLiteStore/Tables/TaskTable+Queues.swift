import Chrono
import Engine
import EventSourcing
import ProcessManagement

extension SQLiteStore {
    public func openTasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        try open.openTasks(of: process)
    }

    public func claimableTasks(
        tenant: String, types: [String], definitions: [String], limit: Int
    ) throws(StoreError) -> [StoredTask] {
        let session = try open
        guard limit > 0 else { return [] }
        var queues: [Int64] = []
        for type in types {
            guard let queue = try session.names.find(.queue, type, tenant: tenant), !queues.contains(queue) else {
                continue
            }
            queues.append(queue)
        }
        var pages: [TaskPage] = []
        if definitions.isEmpty {
            for queue in queues { pages.append(try claimableTasks(session, queue: queue, limit: limit)) }
        } else {
            for scope in try scopes(session, of: definitions, tenant: tenant) {
                for queue in queues {
                    pages.append(try claimableTasks(session, queue: queue, scope: scope, limit: limit))
                }
            }
        }
        guard pages.count > 1 else { return pages.first?.tasks ?? [] }
        // Each queue gave its first ones in order; the first of all are among them.
        var found = pages.flatMap(\.tasks)
        found.sort { left, right in
            if left.row.priority != right.row.priority { return left.row.priority > right.row.priority }
            if left.row.readyAt != right.row.readyAt { return left.row.readyAt < right.row.readyAt }
            return left.handle < right.handle
        }
        // What comes after a page that was full is not known, and may come before what other queues have then.
        let cut = Set(pages.compactMap(\.cutAfter))
        let end = found.firstIndex { cut.contains($0.handle) }.map { $0 + 1 }
        return Array(found.prefix(min(limit, end ?? limit)))
    }

    private struct TaskPage {
        let tasks: [StoredTask]
        /// The last one, if the page was full.
        let cutAfter: RowHandle?

        init(_ query: borrowing Statement, _ session: Session) throws(StoreError) {
            var fill = PageFill()
            tasks = try session.storedTasks(query, &fill)
            cutAfter = fill.isFull ? tasks.last?.handle : nil
        }
    }

    private func claimableTasks(_ session: Session, queue: Int64, limit: Int) throws(StoreError) -> TaskPage {
        var query = try session.connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks INDEXED BY tasks_claimable WHERE queue = ? AND status = 0 AND parked = 0
            ORDER BY priority DESC, ready_at, handle LIMIT ?
            """)
        query.bind(queue)
        query.bind(limit)
        return try TaskPage(query, session)
    }

    private func scopes(_ session: Session, of definitions: [String], tenant: String) throws(StoreError) -> [Int64] {
        var scopes: [Int64] = []
        for definition in definitions {
            guard let scope = try session.names.find(.scope, definition, tenant: tenant), !scopes.contains(scope) else {
                continue
            }
            scopes.append(scope)
        }
        return scopes
    }

    /// Passes over those of other definitions in the order of the queue.
    private func claimableTasks(
        _ session: Session, queue: Int64, scope: Int64, limit: Int
    ) throws(StoreError) -> TaskPage {
        var query = try session.connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks INDEXED BY tasks_claimable WHERE queue = ? AND status = 0 AND parked = 0
                AND EXISTS (SELECT 1 FROM processes WHERE processes.handle = tasks.process AND processes.scope = ?)
            ORDER BY priority DESC, ready_at, handle LIMIT ?
            """)
        query.bind(queue)
        query.bind(scope)
        query.bind(limit)
        return try TaskPage(query, session)
    }

    public func leasedTasks(tenant: String, worker: String, claim: String) throws(StoreError) -> [StoredTask] {
        let session = try open
        guard let tenant = try session.names.find(.tenant, tenant) else { return [] }
        // Within one claim tasks were handed out in the order in which they are claimed.
        var query = try session.connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks INDEXED BY tasks_leased
            WHERE worker = ? AND claim = ? AND status = 1
                AND +queue IN (SELECT id FROM names WHERE kind = 3 AND parent = ?)
            ORDER BY lease_started_at, priority DESC, ready_at, handle
            """)
        query.bind(worker)
        query.bind(claim)
        query.bind(tenant)
        var fill = PageFill()
        return try session.storedTasks(query, &fill)
    }

    public func leasedTasks() throws(StoreError) -> [StoredTask] {
        let session = try open
        let query = try session.connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks INDEXED BY tasks_leased WHERE status = 1 ORDER BY handle
            """)
        return try session.storedTasks(query)
    }

    public func dueTasks(at now: Instant, limit: Int) throws(StoreError) -> [StoredTask] {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT handle, id, process, queue, status, parked, priority, attempt, attempts_before, max_attempts,
                reopened, planned_at, scheduled_at, ready_at, deadline, due_at, lease_number, stream_version, steps,
                worker, claim, lease_started_at, lease_expires_at, lease_length, attempt_ends_at, progress, lease_given
            FROM tasks INDEXED BY tasks_due WHERE due_at <= ? AND due_at IS NOT NULL
            ORDER BY due_at, handle LIMIT ?
            """)
        query.bind(now)
        query.bind(max(0, limit))
        var fill = PageFill()
        return try session.storedTasks(query, &fill)
    }

    public func nextTaskDue() throws(StoreError) -> Instant? {
        let query = try open.connection.prepare(
            """
            SELECT due_at FROM tasks INDEXED BY tasks_due WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1
            """)
        return try query.step() ? query.instant(0) : nil
    }
}
