import Chrono
import EventSourcing
import ProcessManagement

extension InMemoryProcessStore {
    public func task(_ id: TaskID, tenant: String) throws(StoreError) -> StoredTask? {
        try read { $0.tasks.find(id, tenant: tenant) }
    }

    public func insertTask(_ row: TaskRow) throws(StoreError) -> RowHandle {
        try write { tables throws(StoreError) in try tables.tasks.insert(row) }
    }

    public func updateTask(_ handle: RowHandle, _ row: TaskRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.tasks.update(handle, row) }
    }

    public func openTasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.open(of: process) }
    }

    public func claimableTasks(
        tenant: String, types: [String], definitions: [String], limit: Int
    ) throws(StoreError) -> [StoredTask] {
        try read { tables in
            guard !definitions.isEmpty else {
                return tables.tasks.claimable(tenant: tenant, types: types, limit: limit) { _ in true }
            }
            let wanted = Set(definitions.map { TextKey($0) })
            let processes = tables.processes
            return tables.tasks.claimable(tenant: tenant, types: types, limit: limit) { task in
                processes[task.row.process].map { wanted.contains(TextKey($0.row.definition)) } ?? false
            }
        }
    }

    public func leasedTasks(tenant: String, worker: String, claim: String) throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.leased(tenant: tenant, worker: worker, claim: claim) }
    }

    public func leasedTasks() throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.allLeased() }
    }

    public func dueTasks(at now: Instant, limit: Int) throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.due(at: now, limit: limit) }
    }

    public func nextTaskDue() throws(StoreError) -> Instant? {
        try read { $0.tasks.nextDue }
    }

    public func insertTimer(_ row: TimerRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.timers.insert(row) }
    }

    public func removeTimer(_ id: TimerID, of process: RowHandle) throws(StoreError) {
        try write { $0.timers.remove(id, of: process) }
    }

    public func timers(of process: RowHandle) throws(StoreError) -> [TimerRow] {
        try read { $0.timers.all(of: process) }
    }

    public func parkTimers(of process: RowHandle, _ parked: Bool) throws(StoreError) {
        try write { $0.timers.park(of: process, parked) }
    }

    public func dueTimers(at now: Instant, limit: Int) throws(StoreError) -> [TimerRow] {
        try read { $0.timers.due(at: now, limit: limit) }
    }

    public func nextTimerDue() throws(StoreError) -> Instant? {
        try read { $0.timers.nextDue }
    }
}
