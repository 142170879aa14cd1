import Chrono
import EventSourcing
import JSON
import ProcessManagement

// What happens because time passed: leases that end, delays that are over, time limits, timers, holds. Each is an input
// like any other; nothing here polls.

/// When the first thing is due, as far as the engine knows. Nobody else changes what is due in its store.
enum SoonestDue {
    case unknown
    /// Nil: nothing ever is.
    case known(Instant?)
}

/// Tells one thing that is due from another.
enum DueWorkName: Hashable {
    case task(TaskID)
    case timer(TimerID, process: RowHandle)
    case held(RowHandle)
    case subscription(RowHandle)
    case retention
}

extension ProcessEngine {
    /// When there is something to do next; nil for never.
    public func nextDue() throws(StoreError) -> Instant? {
        if case .known(let due) = soonestDue { return due }
        let due = try storedNextDue()
        soonestDue = .known(due)
        return due
    }

    /// As the open transaction has it.
    func storedNextDue() throws(StoreError) -> Instant? {
        [
            try store.nextTaskDue(), try store.nextTimerDue(), try store.nextHeldExpiry(), try store.nextQueued(),
            try store.nextSubscriptionExpiry(), nextRetention,
        ]
        .compactMap { $0 }.min()
    }

    /// Whether there is anything to look for: most batches come before the next thing is due.
    func mayBeDue(at now: Instant) -> Bool {
        switch soonestDue {
        case .unknown: true
        case .known(let due): due.map { $0 <= now } ?? false
        }
    }

    /// Does what is due at `now`, earliest first, at most `limit` things.
    ///
    /// - Returns: how much was done; less than `limit` means that nothing is left.
    func runDue(at now: Instant, limit: Int) throws(EngineError) -> Int {
        let drained = try drainQueue(at: now)
        restingWork = restingWork.filter { $0.value > steadyClock }
        if !restingWork.isEmpty { dueRestsUntil = steadyClock + .seconds(1) }
        // What rests is at the front of the queries and must not hide what is behind it.
        let due = try dueWork(at: now, limit: limit + restingWork.count).filter { restingWork[$0.work.name] == nil }
        hasPostponed = due.dropFirst(limit).contains { if case .held = $0.work { true } else { false } }
        for (_, work) in due.prefix(limit) {
            workInHand = work.name
            switch work {
            case .task(let id, let tenant):
                let store = store
                // What was done before it may have ended the task or moved its time.
                guard let task = try stored({ () throws(StoreError) in try store.task(id, tenant: tenant) }),
                    let dueAt = task.row.dueAt, dueAt <= now
                else { continue }
                try runDue(task, at: now)
            case .timer(let timer): try runDue(timer, at: now)
            case .held(let held): try expire(held, at: now)
            case .subscription(let subscription): try endLease(of: subscription)
            }
        }
        workInHand = nil
        if !hasPostponed, due.contains(where: { if case .held = $0.work { true } else { false } }) {
            // Large ones come in pages.
            let store = store
            let next = try stored { () throws(StoreError) in try store.nextHeldExpiry() }
            hasPostponed = next.map { $0 <= now } ?? false
        }
        if restingWork[.retention] == nil {
            workInHand = .retention
            try retain(at: now)
            workInHand = nil
        }
        return min(due.count + drained, limit)
    }

    private enum Work {
        case task(TaskID, tenant: String)
        case timer(TimerRow)
        case held(HeldEvent)
        case subscription(StoredSubscription)

        var name: DueWorkName {
            switch self {
            case .task(let id, _): .task(id)
            case .timer(let timer): .timer(timer.id, process: timer.process)
            case .held(let held): .held(held.handle)
            case .subscription(let subscription): .subscription(subscription.handle)
            }
        }
    }

    /// In order of due time; at the same time tasks, then timers, then holds, each as the store gives them.
    private func dueWork(at now: Instant, limit: Int) throws(EngineError) -> [(at: Instant, work: Work)] {
        let store = store
        var due: [(at: Instant, work: Work)] = []
        for task in try stored({ () throws(StoreError) in try store.dueTasks(at: now, limit: limit) }) {
            due.append((task.row.dueAt ?? now, .task(task.row.id, tenant: task.row.tenant)))
        }
        for timer in try stored({ () throws(StoreError) in try store.dueTimers(at: now, limit: limit) }) {
            due.append((timer.dueAt, .timer(timer)))
        }
        for held in try stored({ () throws(StoreError) in try store.expiredHeld(at: now, limit: limit + 1) }) {
            due.append((held.expiresAt, .held(held)))
        }
        for ended in try stored({ () throws(StoreError) in try store.expiredSubscriptions(at: now, limit: limit) }) {
            due.append((ended.row.lease?.expiresAt ?? now, .subscription(ended)))
        }
        let order = due.indices.sorted { (due[$0].at, $0) < (due[$1].at, $1) }
        return order.map { due[$0] }
    }

    private func runDue(_ task: StoredTask, at now: Instant) throws(EngineError) {
        var task = task
        let row = task.row
        let isOverdue = row.deadline.map { $0 <= now } ?? false
        if let graceEndsAt, steadyClock < graceEndsAt, row.status == .ready, !isOverdue {
            // The service was away: who wants to claim gets time to be heard.
            let end = now + (graceEndsAt - steadyClock)
            task.row.dueAt = row.deadline.map { min($0, end) } ?? end
            let postponed = task
            try stored { () throws(StoreError) in try store.updateTask(postponed.handle, postponed.row) }
            return
        }
        switch row.status {
        case .leased:
            let attemptIsOver = row.lease?.attemptEndsAt.map { $0 <= now } ?? false
            if isOverdue {
                try fail(&task, .totalTimeout, mayRetry: false, at: now)
            } else {
                try fail(&task, attemptIsOver ? .attemptTimeout : .leaseExpired, mayRetry: true, at: now)
            }
        case .ready: try fail(&task, isOverdue ? .totalTimeout : .claimTimeout, mayRetry: false, at: now)
        case .delayed:
            if isOverdue {
                try fail(&task, .totalTimeout, mayRetry: false, at: now)
            } else {
                let state = try load(.stored(row.process)).state
                try stored { () throws(StoreError) in
                    try makeReady(&task, state, at: now)
                    try store.updateTask(task.handle, task.row)
                }
            }
        case .completed, .failed, .cancelled: break
        }
    }

    /// Failure codes of our own.
    enum TimeLimit: String {
        case leaseExpired = "lease_expired"
        case attemptTimeout = "attempt_timeout"
        case claimTimeout = "claim_timeout"
        case totalTimeout = "total_timeout"

        var reason: String {
            switch self {
            case .leaseExpired: "the worker was not heard of until its lease ended"
            case .attemptTimeout: "the attempt took too long"
            case .claimTimeout: "no worker claimed the task in time"
            case .totalTimeout: "the task took too long in all"
            }
        }
    }

    private func fail(
        _ task: inout StoredTask, _ limit: TimeLimit, mayRetry: Bool, at now: Instant
    ) throws(EngineError) {
        let row = task.row
        let state = try load(.stored(row.process)).state
        let wasLeased = row.status == .leased
        let ended = AttemptEnded(
            attempt: row.attempt, lease: row.leaseNumber, outcome: "failed", code: limit.rawValue, reason: limit.reason)
        if mayRetry, let retryAt = try nextAttempt(of: row, code: limit.rawValue, after: nil, state, at: now) {
            try delay(&task, until: retryAt, ended, answer: nil, state, at: now)
            return
        }
        if wasLeased {
            try stored { () throws(StoreError) in try append(.attemptEnded(ended), to: &task, at: now) }
        }
        var chain = InputChain(at: now)
        // Of a lease that ends now nothing else is known; before it, the last attempt may have said why.
        let last = try lastFailure(of: task)
        let reason = last.map { "\(limit.reason); the last attempt failed\($0.words)" } ?? limit.reason
        try advance(
            .stored(row.process),
            .outcome(
                TaskOutcome(
                    taskID: row.id, ending: .failed(code: limit.rawValue, reason: reason), attempt: row.attempt,
                    unknown: wasLeased, lastCode: last?.code, lastReason: last?.reason)),
            task: task, in: &chain)
        task.row.end(as: .failed)
        let failed = task
        try stored { () throws(StoreError) in try store.updateTask(failed.handle, failed.row) }
        try follow(&chain)
        tally.attemptsFailed += 1
    }

    private func runDue(_ timer: TimerRow, at now: Instant) throws(EngineError) {
        let state = try load(.stored(timer.process)).state
        guard let pending = state.timers[timer.id] else {
            // The row should have gone with the timer; without it nothing fires twice.
            let store = store
            try stored { () throws(StoreError) in try store.removeTimer(timer.id, of: timer.process) }
            return
        }
        var chain = InputChain(at: now)
        try fire(
            TimerFired(timerID: pending.id, machineID: pending.machineID, dueAt: pending.dueAt), of: timer.process,
            in: &chain)
        try follow(&chain)
    }

    func fire(_ timer: TimerFired, of process: RowHandle, in chain: inout InputChain) throws(EngineError) {
        guard try load(.stored(process)).state.timers[timer.timerID] != nil else { return }
        try advance(.stored(process), .timer(timer), in: &chain)
        tally.timersFired += 1
    }
}
