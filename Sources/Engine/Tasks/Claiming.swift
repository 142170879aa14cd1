import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// Hands out tasks: highest priority first, then the one that waited longest. Each is leased in the open
    /// transaction, so that nobody else gets it.
    ///
    /// A claim id that still has leases gives those again. Without a task the claim waits, if it may. An answer is no
    /// larger than a page: what is left out can be claimed next.
    func claim(_ request: ClaimRequest, _ caller: ClaimCaller, at now: Instant) throws(EngineError) -> EngineAnswer {
        for type in request.types {
            waiters.notePoll(type: type, worker: request.worker, tenant: request.tenant, at: wallClock)
        }
        if let claim = request.claim, let repeated = try repeatOf(request, claim: claim, at: now) {
            return .claimed(repeated)
        }
        // While the first claim of this id still waits, the newer one replaces it: the first ends empty.
        if let claim = request.claim,
            let first = waiters.waiter(tenant: request.tenant, worker: request.worker, claim: claim)
        {
            waiters.remove(first.caller.ticket)
            replaced.append(first.caller.ticket)
        }
        if caller.isGone() { return .claimed([]) }
        let tasks = try handOut(request, at: now).tasks
        if tasks.isEmpty, request.wait > .zero {
            waiters.add(request, caller, until: steadyClock + request.wait)
            return .waiting
        }
        return .claimed(tasks)
    }

    /// Serves waiting claims with what became claimable, in the order in which they came.
    func serveWaiting(at now: Instant) throws(EngineError) -> [ServedClaim] {
        var served = replaced.map { ServedClaim(ticket: $0, tasks: []) }
        replaced.removeAll()
        guard !newlyReady.isEmpty else { return served }
        let types = newlyReady
        newlyReady.removeAll(keepingCapacity: true)
        // Whoever comes after a claim that found nothing of a type need not look for that type.
        var exhausted: Set<QueueName> = []
        for waiter in waiters.waiting(forAnyOf: types) {
            if answerBytes >= Self.answerBytesPerBatch {
                leftReady = types
                break
            }
            let ticket = waiter.caller.ticket
            let queues = waiter.request.types.map { QueueName(tenant: waiter.request.tenant, type: $0) }
            if waiter.caller.isGone() {
                waiters.remove(ticket)
                served.append(ServedClaim(ticket: ticket, tasks: []))
                continue
            }
            if queues.allSatisfy(exhausted.contains) { continue }
            let (tasks, isFull) = try handOut(waiter.request, at: now)
            // What a narrower claim did not find may be there for others.
            if tasks.count < waiter.request.limit, !isFull, waiter.request.definitions.isEmpty {
                exhausted.formUnion(queues)
            }
            if tasks.isEmpty { continue }
            waiters.remove(ticket)
            served.append(ServedClaim(ticket: ticket, tasks: tasks))
        }
        return served
    }

    private func repeatOf(
        _ request: ClaimRequest, claim: String, at now: Instant
    ) throws(EngineError) -> [ClaimedTask]? {
        let store = store
        let leased = try stored { () throws(StoreError) in
            try store.leasedTasks(tenant: request.tenant, worker: request.worker, claim: claim)
        }
        guard !leased.isEmpty else { return nil }
        guard leased.allSatisfy({ task in request.types.contains { ExactText.sameBytes($0, task.row.type) } }) else {
            throw .problem(Problem(.claimReused, "the claim '\(claim)' has tasks of other types under lease"))
        }
        var tasks: [ClaimedTask] = []
        var fill = PageFill()
        for task in leased {
            let content = try content(of: task)
            guard fill.takes(content.byteCount) else { break }
            tasks.append(try claimed(task, content))
        }
        answerBytes += fill.bytes
        return tasks
    }

    /// `isFull`: there may be more than the answer has room for.
    private func handOut(
        _ request: ClaimRequest, at now: Instant
    ) throws(EngineError) -> (tasks: [ClaimedTask], isFull: Bool) {
        let store = store
        var tasks: [ClaimedTask] = []
        var fill = PageFill()
        var found: [StoredTask]
        repeat {
            let rest = request.limit - tasks.count
            found = try stored { () throws(StoreError) in
                try store.claimableTasks(
                    tenant: request.tenant, types: request.types, definitions: request.definitions, limit: rest)
            }
            for task in found {
                let content = try content(of: task)
                guard fill.takes(content.byteCount) else { break }
                tasks.append(try lease(task, content, for: request, at: now))
            }
            // A page of rows with large words of workers may end before the tasks do.
        } while !fill.isFull && tasks.count < request.limit && found.contains { $0.row.progress != nil }
        answerBytes += fill.bytes
        return (tasks, fill.isFull)
    }

    /// What a task's answer holds beside its row.
    private struct TaskContent {
        let plan: RecordedPlan
        let steps: [RecordedStep]
        let byteCount: Int
    }

    private func content(of task: StoredTask) throws(EngineError) -> TaskContent {
        var plan = try stored { () throws(StoreError) in try recordedPlan(of: task.row) }
        // Who opened it again may have given it another input.
        if task.row.reopened > 0, let open = try load(.stored(task.row.process)).state.tasks[task.row.id] {
            plan.transition.task?.input = open.input
        }
        let steps = task.row.steps == 0 ? [] : try steps(of: task)
        return TaskContent(
            plan: plan, steps: steps,
            byteCount: ClaimedTask.byteCount(
                input: plan.transition.task?.input, steps: steps, progress: task.row.progress))
    }

    /// One attempt begins: the task is this worker's until the lease ends.
    private func lease(
        _ task: StoredTask, _ content: TaskContent, for request: ClaimRequest, at now: Instant
    ) throws(EngineError) -> ClaimedTask {
        var task = task
        let plan = content.plan
        let timeouts = try timeouts(of: plan.transition, process: task.row.process)
        task.row.status = .leased
        task.row.attempt += 1
        task.row.leaseNumber += 1
        let attemptEndsAt = timeouts.attempt.map { now + $0 }
        let expiresAt = task.row.leaseEnd(asked: request.lease, timeouts, attemptEndsAt: attemptEndsAt, at: now)
        task.row.lease = TaskRow.Lease(
            worker: request.worker, claim: request.claim, startedAt: now, expiresAt: expiresAt, length: request.lease,
            given: expiresAt - now,
            attemptEndsAt: attemptEndsAt)
        task.row.dueAt = expiresAt
        try stored { () throws(StoreError) in
            try append(
                .attemptStarted(
                    attempt: task.row.attempt, lease: task.row.leaseNumber, worker: request.worker, expiresAt: expiresAt
                ),
                to: &task, at: now, correlation: plan.correlationID, trace: plan.traceparent)
            try store.updateTask(task.handle, task.row)
        }
        tally.tasksClaimed += 1
        tally.wakeToClaim.add((now - task.row.readyAt).milliseconds)
        return try claimed(task, content)
    }

    private func timeouts(of planned: TransitionPlanned, process: RowHandle) throws(EngineError) -> TaskTimeouts {
        guard let task = planned.task else { return TaskTimeouts() }
        if let policy = task.policy { return policy.timeouts }
        let definition = try processRow(process).definition
        return policy(of: task, definition: definition, version: planned.definitionVersion).timeouts
    }

    /// The process of a task: name, key and status, from memory where it is there.
    func processRow(_ handle: RowHandle) throws(EngineError) -> ProcessRow {
        if let cached = cache.take(handle) { return ProcessRow(cached.state) }
        let store = store
        guard let found = try stored({ () throws(StoreError) in try store.process(handle) }) else {
            throw .store(.unreadable("no process row \(handle)"))
        }
        return found.row
    }

    private func claimed(_ task: StoredTask, _ content: TaskContent) throws(EngineError) -> ClaimedTask {
        let row = task.row
        let (plan, planned) = (content.plan, content.plan.transition)
        let process = try processRow(row.process)
        return ClaimedTask(
            taskID: row.id, type: row.type, processID: process.id, definition: process.definition, key: process.key,
            machineID: planned.machineID, transitionID: planned.transitionID, attempt: row.attempt,
            maxAttempts: row.attemptsBefore + row.maxAttempts, input: planned.task?.input ?? .null,
            steps: content.steps, progress: row.progress,
            leaseToken: tokens.token(for: row.id, lease: row.leaseNumber),
            leaseExpiresAt: row.lease?.expiresAt ?? row.readyAt, deadline: row.deadline, scheduledAt: row.scheduledAt,
            correlationID: plan.correlationID, traceparent: plan.traceparent, tracestate: plan.tracestate)
    }

    /// All finished steps of a task, in the order in which they were recorded.
    func steps(of task: StoredTask) throws(EngineError) -> [RecordedStep] {
        var steps: [RecordedStep] = []
        var version: Int64 = 1
        while version <= task.row.streamVersion {
            let store = store
            let records = try stored { () throws(StoreError) in
                try store.taskStream(task.handle, from: version, limit: FoldedProcess.pageSize)
            }
            if records.isEmpty { break }
            for record in records {
                if let step = RecordedStep(record) { steps.append(step) }
                version = record.version + 1
            }
        }
        return steps
    }
}

/// The tasks of one type that are waiting to be claimed.
private struct QueueName: Hashable {
    let tenant: ExactText
    let type: ExactText

    init(tenant: String, type: String) {
        self.tenant = ExactText(tenant)
        self.type = ExactText(type)
    }
}

extension RecordedStep {
    /// Reads a `StepRecorded`; nil for any other record.
    public init?(_ record: RecordedEvent) {
        guard record.event.type == "StepRecorded", let name = record.event.data["name"]?.stringValue,
            let data = record.event.data["data"], let attempt = record.event.data["attempt"]?.int64Value
        else { return nil }
        self.init(name: name, data: data, attempt: Int(attempt), recordedAt: record.recordedAt)
    }
}
