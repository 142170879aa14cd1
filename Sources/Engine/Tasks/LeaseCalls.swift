import Chrono
import EventSourcing
import JSON
import ProcessManagement

// What a worker says while it holds a lease: that it lives, what it has finished, that it gives the task back.

extension ProcessEngine {
    /// The lease runs anew from now. Only changed progress is recorded as a fact.
    func heartbeat(_ request: HeartbeatRequest, at now: Instant) throws(EngineError) -> HeartbeatReceipt {
        var task = try leased(request.taskID, request.tenant, request.leaseToken)
        let state = try load(.stored(task.row.process)).state
        guard var lease = task.row.lease else {
            throw .problem(Problem(.leaseLost, "task \(task.row.id) is not leased"))
        }
        let policy = try stored { () throws(StoreError) in try storedPolicy(of: task.row, state: state) }
        lease.expiresAt = task.row.leaseEnd(
            asked: request.extend ?? lease.length, policy.timeouts, attemptEndsAt: lease.attemptEndsAt, at: now)
        lease.given = lease.expiresAt - now
        task.row.lease = lease
        task.row.dueAt = lease.expiresAt
        try stored { () throws(StoreError) in
            if let progress = request.progress, progress != task.row.progress {
                task.row.progress = progress
                try append(.progressRecorded(progress, attempt: task.row.attempt), to: &task, at: now)
            }
            try store.updateTask(task.handle, task.row)
        }
        return HeartbeatReceipt(
            expiresAt: lease.expiresAt, deadline: task.row.deadline, cancelRequested: state.status == .cancelling)
    }

    /// One finished step. A name that is recorded already gives the stored one back.
    func recordStep(_ request: StepRequest, at now: Instant) throws(EngineError) -> RecordedStep {
        var task = try leased(request.taskID, request.tenant, request.leaseToken)
        if task.row.steps > 0,
            let first = try steps(of: task).first(where: { ExactText.sameBytes($0.name, request.name) })
        {
            return first
        }
        task.row.steps += 1
        try stored { () throws(StoreError) in
            try append(
                .stepRecorded(name: request.name, data: request.data, attempt: task.row.attempt), to: &task, at: now)
            try store.updateTask(task.handle, task.row)
        }
        return RecordedStep(name: request.name, data: request.data, attempt: task.row.attempt, recordedAt: now)
    }

    /// Gives the lease back; the attempt does not count, and the task is claimable at once.
    func release(_ request: ReleaseRequest, at now: Instant) throws(EngineError) {
        var task = try leased(request.taskID, request.tenant, request.leaseToken)
        let state = try load(.stored(task.row.process)).state
        let attempt = task.row.attempt
        try stored { () throws(StoreError) in
            try append(.taskReleased(attempt: attempt, lease: task.row.leaseNumber), to: &task, at: now)
        }
        if state.status == .cancelling {
            try endInsteadOfRetry(
                &task, TaskOutcome(taskID: task.row.id, ending: .cancelled, attempt: attempt, unknown: true), at: now)
            return
        }
        task.row.attempt -= 1
        task.row.lease = nil
        task.row.readyAt = now
        task.row.parked = state.suspended
        try stored { () throws(StoreError) in
            try makeReady(&task, state, at: now)
            try store.updateTask(task.handle, task.row)
        }
    }

    /// In a process that is being cancelled there is no further attempt.
    private func endInsteadOfRetry(
        _ task: inout StoredTask, _ outcome: TaskOutcome, at now: Instant
    ) throws(EngineError) {
        var chain = InputChain(at: now)
        try advance(.stored(task.row.process), .outcome(outcome), task: task, in: &chain)
        task.row.end(as: .cancelled)
        try stored { () throws(StoreError) in try store.updateTask(task.handle, task.row) }
        try follow(&chain)
    }

    private func leased(_ id: TaskID, _ tenant: String, _ token: String) throws(EngineError) -> StoredTask {
        let task = try task(id, tenant: tenant)
        try checkLease(task, tokens.lease(of: token, for: id))
        return task
    }
}
