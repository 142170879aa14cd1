import Chrono
import EventSourcing
import ProcessManagement

extension StoreVerifier {
    /// Compares every row that is derived from a process's stream with what the folded state says it has to be.
    func compareRows(
        of process: StoredProcess, with state: ProcessState, plannedTasks: [TaskID]
    ) throws(StoreError) -> String? {
        if ProcessRow(state) != process.row { return "its row says \(process.row), its stream \(ProcessRow(state))" }
        if let difference = try compareTimers(process, state) { return difference }
        if let difference = try compareLocations(process, state) { return difference }
        return try compareTasks(process, state, plannedTasks)
    }

    private func compareTimers(_ process: StoredProcess, _ state: ProcessState) throws(StoreError) -> String? {
        let stored = try reader.timers(of: process.handle)
        for row in stored {
            guard let timer = state.timers[row.id] else { return "timer \(row.id) is stored but not in its stream" }
            if timer.dueAt != row.dueAt { return "timer \(row.id) is due at another time than its stream says" }
            if row.parked != state.suspended { return "timer \(row.id) does not follow the suspension" }
        }
        return stored.count == state.timers.count ? nil : "a timer of its stream is not stored"
    }

    private func compareLocations(_ process: StoredProcess, _ state: ProcessState) throws(StoreError) -> String? {
        let expected = [LocationKey(keyOf: state)] + state.correlations.inOrder.map { LocationKey(state, $0) }
        let stored = try reader.locations(of: process.handle)
        for location in stored {
            if !expected.contains(location.key) { return "the key \(location.key) is stored but not in its stream" }
            if location.running == state.status.isEnd { return "the key \(location.key) does not follow the status" }
        }
        return stored.count == expected.count ? nil : "a key of its stream is not stored"
    }

    private func compareTasks(
        _ process: StoredProcess, _ state: ProcessState, _ planned: [TaskID]
    ) throws(StoreError) -> String? {
        let stored = try reader.allTasks(of: process.handle)
        let ids = Set(planned)
        for task in stored {
            let row = task.row
            guard ids.contains(row.id) else { return "task \(row.id) is stored but not in its stream" }
            if row.status.isEnd == (state.tasks[row.id] != nil) {
                return "task \(row.id) is \(row.status.rawValue), its stream says otherwise"
            }
            if row.parked, !state.suspended { return "task \(row.id) does not follow the suspension" }
            if (row.status == .leased) != (row.lease != nil) {
                return "task \(row.id) has a lease without being leased"
            }
            if let difference = try compareChild(of: task) { return difference }
            if row.status.isEnd, row.dueAt != nil { return "task \(row.id) has ended and is still due" }
            if let difference = try compareStream(of: task) { return difference }
        }
        return stored.count == ids.count ? nil : "a task of its stream is not stored"
    }

    /// A child process that has begun is there, and knows whose it is.
    private func compareChild(of task: StoredTask) throws(StoreError) -> String? {
        let row = task.row
        guard row.status == .leased, row.isChild else { return nil }
        guard let record = try reader.record(at: row.plannedAt),
            case .fact(.transitionPlanned(let planned))? = try? ProcessRecord(record.event),
            let child = planned.task?.child
        else { return "task \(row.id) is a child process, its transition says otherwise" }
        let id = child.processID(tenant: row.tenant, task: row.id, reopened: row.reopened)
        guard let process = try reader.process(id, tenant: row.tenant) else {
            return "task \(row.id): its child process \(id) is not stored"
        }
        let state = try FoldedProcess.read(process) { version, limit throws(StoreError) in
            try reader.processStream(process.handle, from: version, limit: limit)
        }.process.state
        return state.parent?.taskID == row.id ? nil : "task \(row.id): its child process does another task"
    }

    /// Versions of a task's stream have no gaps, and the row knows where it ends.
    private func compareStream(of task: StoredTask) throws(StoreError) -> String? {
        var version: Int64 = 0
        var steps = 0
        while true {
            let records = try reader.taskStream(task.handle, from: version + 1, limit: FoldedProcess.pageSize)
            if records.isEmpty { break }
            for record in records {
                guard record.version == version + 1 else { return "task \(task.row.id): its stream has a gap" }
                version = record.version
                if record.event.type == "StepRecorded" { steps += 1 }
            }
        }
        if version != task.row.streamVersion { return "task \(task.row.id): its stream ends at \(version)" }
        return steps == task.row.steps
            ? nil : "task \(task.row.id): it has \(steps) steps, its row says \(task.row.steps)"
    }
}
