import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// Makes a task's row again from the records that changed it: those of its process's stream and of its own, by position.
struct TaskReplay {
    /// What of a process's stream concerns the rows of its tasks.
    enum Change {
        case planned(PlannedTask, TaskPolicy)
        case ended(TaskStatus)
        case reopened
        case suspended
        case resumed
        case own(RecordedEvent)
    }

    private(set) var row: TaskRow
    private let timeouts: TaskTimeouts
    private let retry: RetryPolicy
    private var suspendedAt: Instant?

    init(
        _ task: PlannedTask, _ policy: TaskPolicy, of process: RowHandle, tenant: String, at position: Int64,
        _ now: Instant, suspendedAt: Instant?
    ) {
        timeouts = policy.timeouts
        retry = policy.retry
        self.suspendedAt = suspendedAt
        row = TaskRow(
            id: task.id, process: process, tenant: tenant, type: task.type, parked: suspendedAt != nil,
            priority: policy.priority, maxAttempts: policy.retry.maxAttempts, plannedAt: position, scheduledAt: now,
            deadline: policy.timeouts.total.map { now + $0 })
        becomeReady(at: now)
    }

    private mutating func becomeReady(at now: Instant) {
        if row.isChild { row.awaitChild() } else { row.dueAt = row.dueWhenReady(timeouts) }
    }

    mutating func take(_ change: Change, at now: Instant) {
        switch change {
        case .planned: break
        case .ended(let status): row.end(as: status)
        case .reopened:
            row.status = .ready
            row.parked = suspendedAt != nil
            row.reopened += 1
            row.attemptsBefore = row.attempt
            row.readyAt = now
            row.deadline = timeouts.total.map { now + $0 }
            becomeReady(at: now)
        case .suspended:
            suspendedAt = now
            if !row.status.isEnd, row.status != .leased { row.park() }
        case .resumed:
            if let start = suspendedAt, row.parked { row.unpark(suspendedAt: start, timeouts, at: now) }
            suspendedAt = nil
        case .own(let record): takeOwn(record, at: now)
        }
    }

    private mutating func takeOwn(_ record: RecordedEvent, at now: Instant) {
        row.streamVersion = record.version
        let data = record.event.data
        switch record.event.type {
        case "AttemptStarted": begin(data, at: now)
        case "StepRecorded": row.steps += 1
        case "ProgressRecorded": row.progress = data["progress"]
        case "TaskReleased" where !row.status.isEnd:
            row.attempt -= 1
            row.lease = nil
            row.status = .ready
            row.readyAt = now
            row.parked = suspendedAt != nil
            row.dueAt = row.dueWhenReady(timeouts)
        case "AttemptEnded":
            guard let ended = AttemptEnded(record, taskID: row.id) else { return }
            if ended.attempt > row.attempt {
                // A child that could not begin has an attempt without a start.
                row.attempt = ended.attempt
                row.leaseNumber = ended.lease
                row.readyAt = now
            }
            guard row.status == .leased else { return }
            delay(after: ended, at: now)
        default: break
        }
    }

    private mutating func begin(_ data: JSONView, at now: Instant) {
        row.status = .leased
        row.parked = false
        row.attempt = data["attempt"]?.int64Value.map(Int.init) ?? row.attempt + 1
        row.leaseNumber = data["lease"]?.int64Value ?? row.leaseNumber + 1
        let worker = data["worker"]?.stringValue ?? ""
        if row.isChild {
            row.readyAt = now
            row.lease = TaskRow.Lease(
                worker: worker, claim: nil, startedAt: now, expiresAt: row.deadline ?? .distantFuture, length: .zero,
                attemptEndsAt: nil)
            row.dueAt = row.deadline
            return
        }
        let end = data["expires_at"]?.stringValue.flatMap { Instant(rfc3339: $0) } ?? now
        row.lease = TaskRow.Lease(
            worker: worker, claim: nil, startedAt: now, expiresAt: end, length: end - now,
            attemptEndsAt: timeouts.attempt.map { now + $0 })
        row.dueAt = end
    }

    /// Another attempt follows unless the process's stream says that the task has ended.
    private mutating func delay(after ended: AttemptEnded, at now: Instant) {
        let next =
            ended.answer?.nextAttemptAt ?? now
            + retry.delay(
                after: row.attempt, counted: row.countedAttempts, of: row.id)
        row.status = .delayed
        row.parked = suspendedAt != nil
        row.lease = nil
        row.readyAt = next
        row.dueAt = row.dueWhenDelayed
    }

    /// What no record tells stays as the store has it, if the store is where the records are: the lease with its
    /// heartbeats, whether a delay is over, and what a start has granted.
    mutating func keepMoments(of stored: TaskRow) {
        guard stored.attempt == row.attempt, stored.leaseNumber == row.leaseNumber, stored.reopened == row.reopened,
            stored.status.isEnd == row.status.isEnd, (stored.status == .leased) == (row.status == .leased)
        else { return }
        if !row.status.isEnd { row.status = stored.status }
        row.parked = stored.parked
        row.readyAt = stored.readyAt
        row.deadline = stored.deadline
        row.dueAt = stored.dueAt
        row.lease = stored.lease
    }
}
