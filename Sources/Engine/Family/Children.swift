import Chrono
import EventSourcing
import JSON
import ProcessManagement

// A task that is a child process: it begins with the transition that plans it, its end is the outcome, and a parent that
// no longer waits cancels it. Each is an input of the one process that follows from a step of the other.

extension ProcessEngine {
    /// Notes what a step means for the children of the process and for its parent.
    func noteFamily(of appended: AppendedStep, from before: ProcessState, in chain: inout InputChain) {
        let state = appended.step.state
        var request: CancellationRequested?
        for entry in appended.step.entries {
            guard case .fact(let fact) = entry.record else { continue }
            switch fact {
            case .transitionPlanned(let planned):
                if let task = planned.task, task.mode == .child { noteStart(of: task.id, state, in: &chain) }
            case .incidentResolved(let resolved):
                if resolved.resolution == .retry, let task = resolved.taskID, state.tasks[task]?.isChild == true {
                    noteStart(of: task, state, in: &chain)
                }
            case .resumed:
                // Those that were planned meanwhile; the others have begun.
                for task in state.tasks.inOrder where task.isChild { noteStart(of: task.id, state, in: &chain) }
            case .cancellationRequested(let fact):
                request = fact
                guard fact.mode == .cooperative, state.status == .cancelling else { continue }
                for task in state.tasks.inOrder where task.isChild {
                    noteCancel(
                        of: task, .cooperative, because: fact.reason, compensate: fact.compensate,
                        explicit: fact.explicit, in: &chain, state)
                }
            case .taskCancelled(let fact) where fact.attempt == nil:
                guard let task = before.tasks[fact.taskID], task.isChild else { continue }
                let isCancelling = before.status == .cancelling
                noteCancel(
                    of: task, .hard, because: request?.reason ?? "its parent does not wait for it any more",
                    compensate: request?.compensate ?? (isCancelling && before.ending?.compensate == true),
                    explicit: request?.explicit ?? false, in: &chain, state)
            case .taskFailed(let fact) where fact.code == TimeLimit.totalTimeout.rawValue:
                guard let task = before.tasks[fact.taskID], task.isChild else { continue }
                noteCancel(of: task, .hard, because: fact.reason, compensate: false, in: &chain, state)
            default: break
            }
        }
        if state.status.isEnd, state.parent != nil {
            // An end is progress: it does not make the chain longer.
            chain.own.append(OwnInput(.childEnded(child: appended.process.handle), depth: chain.depth))
        }
    }

    private func noteStart(of task: TaskID, _ state: ProcessState, in chain: inout InputChain) {
        chain.own.append(OwnInput(.startChild(tenant: state.tenant, task: task), depth: chain.depth + 1))
    }

    private func noteCancel(
        of task: OpenTask, _ mode: CancelMode, because reason: String, compensate: Bool, explicit: Bool = false,
        in chain: inout InputChain,
        _ state: ProcessState
    ) {
        let cancel = ChildCancel(
            mode: mode, reason: reason, compensate: compensate, explicit: explicit, reopened: task.reopened)
        chain.own.append(
            // It goes down to where there are no children, and so is no loop.
            OwnInput(.cancelChild(tenant: state.tenant, task: task.id, cancel), depth: chain.depth))
    }

    // MARK: Begin

    /// The child begins on its newest version, unless its parent waits no more or another process has the key.
    func startChild(_ tenant: String, _ id: TaskID, in chain: inout InputChain) throws(EngineError) {
        guard var task = try childTask(id, tenant), task.row.status == .delayed else { return }
        let parent = try load(.stored(task.row.process)).state
        // A suspended process begins nothing; the resume does.
        guard parent.tasks[id] != nil, !parent.suspended else { return }
        let store = store
        let plan = try stored { [task] () throws(StoreError) in try recordedPlan(of: task.row) }
        guard var planned = plan.transition.task, let child = planned.child else { return }
        // Who opened it again may have given it another input.
        if let open = parent.tasks[id] { planned.input = open.input }
        let process = child.processID(tenant: tenant, task: id, reopened: task.row.reopened)
        task.row.beginChild(named: "procession/\(child.definition)/\(process)", at: chain.now)
        guard let manager = registry.newest(child.definition) else {
            return try settle(
                &task, .failed(code: "definition_missing", reason: "there is no definition '\(child.definition)'"),
                in: &chain)
        }
        let key = LocationKey(tenant: tenant, definition: child.definition, value: child.key)
        if let other = try stored({ () throws(StoreError) in try store.locate(key) }), other.running {
            return try settle(
                &task,
                .failed(
                    code: "key_in_use",
                    reason: "a process of \(child.definition) with the key '\(child.key)' runs already"),
                in: &chain)
        }
        let request = ChildProcess.request(
            for: planned, reopened: task.row.reopened, by: parent.processID, at: chain.now,
            correlationID: plan.correlationID, causationID: plan.causationID, traceparent: plan.traceparent,
            tracestate: plan.tracestate)
        let started = TaskFact.attemptStarted(
            attempt: task.row.attempt, lease: task.row.leaseNumber, worker: task.row.lease?.worker ?? "",
            expiresAt: task.row.lease?.expiresAt ?? .distantFuture)
        try stored { () throws(StoreError) in
            try append(
                started, to: &task, at: chain.now, correlation: request.correlationID, trace: request.traceparent)
            try store.updateTask(task.handle, task.row)
        }
        try deliver(IncomingEvent(tenant: tenant, event: request), to: [.start(manager, key)], in: &chain)
    }

    // MARK: End

    /// The end of a child is the outcome of the task it does, if that still waits for this very child.
    func settleParent(of handle: RowHandle, in chain: inout InputChain) throws(EngineError) {
        let child = try load(.stored(handle)).state
        guard let parent = child.parent, child.status.isEnd,
            var task = try childTask(parent.taskID, child.tenant), task.row.status == .leased,
            try load(.stored(task.row.process)).state.tasks[parent.taskID] != nil,
            try process(doing: task, reopened: task.row.reopened)?.0 == child.processID
        else { return }
        let ending: TaskOutcome.Ending
        switch child.status {
        case .completed: ending = .completed(result: child.result ?? .null)
        case .failed: ending = .failed(code: "child_failed", reason: child.reason ?? "")
        case .cancelled: ending = .cancelled
        case .new, .running, .cancelling, .compensating: return
        }
        try settle(&task, ending, in: &chain)
    }

    private func settle(
        _ task: inout StoredTask, _ ending: TaskOutcome.Ending, in chain: inout InputChain
    ) throws(EngineError) {
        let row = task.row
        var ended = AttemptEnded(attempt: row.attempt, lease: row.leaseNumber, outcome: "")
        let status: TaskStatus
        switch ending {
        case .completed(let result):
            status = .completed
            ended.result = result
        case .failed(let code, let reason):
            status = .failed
            (ended.code, ended.reason) = (code, reason)
        case .cancelled: status = .cancelled
        }
        ended.outcome = status.rawValue
        let parent = try advance(
            .stored(row.process), .outcome(TaskOutcome(taskID: row.id, ending: ending, attempt: row.attempt)),
            task: task, in: &chain)
        try close(&task, as: status, ended, answer: nil, parent.state, at: chain.now)
    }

    // MARK: Cancel

    /// The child is cancelled in the mode of its parent; whether it undoes what it did is asked by the request for the
    /// parent or said by its own `on_cancel`.
    func cancelChild(
        _ tenant: String, _ id: TaskID, _ cancel: ChildCancel, in chain: inout InputChain
    ) throws(EngineError) {
        let store = store
        guard let task = try childTask(id, tenant),
            let (processID, _) = try process(doing: task, reopened: cancel.reopened),
            let found = try stored({ () throws(StoreError) in try store.process(processID, tenant: tenant) })
        else { return }
        let child = try load(.stored(found.handle)).state
        let defaults =
            registry.manager(child.definition, version: child.definitionVersion)?.cancelDefaults ?? CancelDefaults()
        var compensate = cancel.compensate || defaults.compensate
        switch (cancel.mode, child.status) {
        case (.cooperative, .running), (.hard, .running), (.hard, .cancelling): break
        case (.hard, .compensating):
            // An undoing that has begun goes on to its end, but for somebody who says otherwise.
            guard cancel.explicit else { return }
            compensate = false
        // It is on its way to an end, or there.
        default: return
        }
        let deadline = cancel.mode == .cooperative ? defaults.deadline.map { chain.now + $0 } : nil
        try advance(
            .stored(found.handle),
            .cancel(
                CancellationRequested(
                    reason: cancel.reason, mode: cancel.mode, compensate: compensate, explicit: cancel.explicit,
                    deadlineAt: deadline,
                    requestID: "\(ChildProcess.requestID(for: id, reopened: cancel.reopened))/\(cancel.mode.rawValue)"
                )), in: &chain)
    }

    // MARK: Finding

    private func childTask(_ id: TaskID, _ tenant: String) throws(EngineError) -> StoredTask? {
        let store = store
        return try stored { () throws(StoreError) in try store.task(id, tenant: tenant) }
    }

    /// The id of the process that does a task, and what it is.
    private func process(doing task: StoredTask, reopened: Int) throws(EngineError) -> (ProcessID, ChildProcess)? {
        let plan = try stored { () throws(StoreError) in try recordedPlan(of: task.row) }
        guard let child = plan.transition.task?.child else { return nil }
        return (child.processID(tenant: task.row.tenant, task: task.row.id, reopened: reopened), child)
    }
}

extension TaskRow {
    /// Its child has still to begin. No worker can claim it, and only `total` limits it.
    mutating func awaitChild() {
        status = .delayed
        readyAt = .distantFuture
        maxAttempts = 1
        dueAt = deadline
    }

    /// A child has it until that ends: held like a lease, by somebody that no token belongs to.
    fileprivate mutating func beginChild(named name: String, at now: Instant) {
        status = .leased
        parked = false
        attempt += 1
        leaseNumber += 1
        readyAt = now
        lease = Lease(
            worker: name, claim: nil, startedAt: now, expiresAt: deadline ?? .distantFuture, length: .zero,
            attemptEndsAt: nil)
        dueAt = deadline
    }
}
