import Chrono
import EventSourcing
import JSON
import ProcessManagement

// The rows beside the streams: tasks, timers, keys, outbox. Each is derived from recorded facts, here and nowhere else.

extension ProcessEngine {
    /// Writes the rows that follow from a step whose first record has `position`.
    func project(
        _ step: Step, from before: ProcessState, of process: RowHandle, position: Int64, task: StoredTask?,
        _ trace: StepTrace
    ) throws(StoreError) {
        let now = step.state.updatedAt
        for (offset, entry) in step.entries.enumerated() {
            guard case .fact(let fact) = entry.record else { continue }
            switch fact {
            case .processStarted(let started):
                for correlation in started.correlations {
                    try store.addLocation(LocationKey(step.state, correlation), process: process)
                }
            case .transitionPlanned(let planned):
                try projectTransition(planned, of: process, step, position: position + Int64(offset), trace, at: now)
            case .taskCompleted(let fact): try end(fact.taskID, as: .completed, given: task, step.state, at: now)
            case .taskFailed(let fact): try end(fact.taskID, as: .failed, given: task, step.state, at: now)
            case .taskCancelled(let fact):
                let position = position + Int64(offset)
                try end(fact.taskID, as: .cancelled, given: task, step.state, at: now, position: position)
            // One whose state was left again in the same step is silent already.
            case .timerScheduled(let scheduled) where step.state.timers[scheduled.timerID] != nil:
                try store.insertTimer(
                    TimerRow(
                        id: scheduled.timerID, process: process, dueAt: scheduled.dueAt, parked: step.state.suspended))
            case .timerFired(let fired): try store.removeTimer(fired.timerID, of: process)
            case .commandIssued(let issued):
                try issue(issued, of: process, step.state, position: position + Int64(offset), at: now)
            case .incidentResolved(let resolved):
                if resolved.resolution == .retry, let taskID = resolved.taskID {
                    try reopen(taskID, step.state, at: now)
                }
            case .suspended: try park(process)
            case .resumed: try unpark(process, suspendedAt: before.suspendedAt ?? now, step.state, at: now)
            default: break
            }
        }
        try dropSilentTimers(from: before, to: step.state, of: process)
        if step.state.status.isEnd { try releaseKeys(of: step.state, process) }
    }

    private func projectTransition(
        _ planned: TransitionPlanned, of process: RowHandle, _ step: Step, position: Int64, _ trace: StepTrace,
        at now: Instant
    ) throws(StoreError) {
        let state = step.state
        for correlation in planned.correlations {
            try store.addLocation(LocationKey(state, correlation), process: process)
        }
        guard let task = planned.task, task.mode != .sync else { return }
        let policy = policy(of: task, definition: state.definition, version: planned.definitionVersion)
        let deadline = policy.timeouts.total.map { now + $0 }
        var row = TaskRow(
            id: task.id, process: process, tenant: state.tenant, type: task.type, parked: state.suspended,
            priority: policy.priority, maxAttempts: policy.retry.maxAttempts, plannedAt: position, scheduledAt: now,
            deadline: deadline)
        if task.mode == .child {
            row.awaitChild()
        } else {
            row.dueAt = row.dueWhenReady(policy.timeouts)
        }
        _ = try store.insertTask(row)
        keep(step.plan(planned, trace), plannedAt: position)
        if !row.parked, row.status == .ready { newlyReady.insert(row.type) }
        tally.tasksPlanned += 1
    }

    /// Ends a task's row. The row of the task whose outcome is the input (`given`) is written by who took the outcome.
    /// `position` is that of a `TaskCancelled`.
    private func end(
        _ taskID: TaskID, as status: TaskStatus, given: StoredTask?, _ state: ProcessState, at now: Instant,
        position: Int64? = nil
    ) throws(StoreError) {
        if let given, given.row.id == taskID { return }
        // A sync task has no row.
        guard var stored = try store.task(taskID, tenant: state.tenant) else { return }
        if stored.row.status == .leased {
            if let position { try tellHolder(of: stored, position: position, at: now) }
            try append(
                .attemptEnded(
                    AttemptEnded(attempt: stored.row.attempt, lease: stored.row.leaseNumber, outcome: "cancelled")),
                to: &stored, at: now)
        }
        stored.row.end(as: status)
        try store.updateTask(stored.handle, stored.row)
    }

    /// An operator retries: the same task, its limits anew.
    private func reopen(_ taskID: TaskID, _ state: ProcessState, at now: Instant) throws(StoreError) {
        guard var stored = try store.task(taskID, tenant: state.tenant) else { return }
        let policy = try storedPolicy(of: stored.row, state: state)
        stored.row.status = .ready
        stored.row.parked = state.suspended
        stored.row.reopened += 1
        stored.row.attemptsBefore = stored.row.attempt
        stored.row.readyAt = now
        stored.row.deadline = policy.timeouts.total.map { now + $0 }
        if stored.row.isChild {
            stored.row.awaitChild()
        } else {
            stored.row.dueAt = stored.row.dueWhenReady(policy.timeouts)
        }
        try append(.taskReopened, to: &stored, at: now)
        try store.updateTask(stored.handle, stored.row)
        if !stored.row.parked, stored.row.status == .ready { newlyReady.insert(stored.row.type) }
    }

    private func park(_ process: RowHandle) throws(StoreError) {
        try store.parkTimers(of: process, true)
        // Who holds a lease keeps it; only what waits is parked.
        for var stored in try store.openTasks(of: process) where !stored.row.parked && stored.row.status != .leased {
            stored.row.park()
            try store.updateTask(stored.handle, stored.row)
        }
    }

    private func unpark(
        _ process: RowHandle, suspendedAt start: Instant, _ state: ProcessState, at now: Instant
    ) throws(StoreError) {
        try store.parkTimers(of: process, false)
        for var stored in try store.openTasks(of: process) where stored.row.parked {
            let timeouts = try storedPolicy(of: stored.row, state: state).timeouts
            stored.row.unpark(suspendedAt: start, timeouts, at: now)
            try store.updateTask(stored.handle, stored.row)
            if stored.row.status == .ready { newlyReady.insert(stored.row.type) }
        }
    }

    /// A timer is silent once its state was left or its process ended.
    private func dropSilentTimers(
        from before: ProcessState, to after: ProcessState, of process: RowHandle
    ) throws(StoreError) {
        guard !before.timers.isEmpty else { return }
        for timer in before.timers.inOrder where after.timers[timer.id] == nil {
            try store.removeTimer(timer.id, of: process)
        }
    }

    private func releaseKeys(of state: ProcessState, _ process: RowHandle) throws(StoreError) {
        let keys = state.correlations.inOrder.map { LocationKey(state, $0) }
        try store.releaseLocations([LocationKey(keyOf: state)] + keys, process: process)
    }
}
