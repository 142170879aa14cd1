import Chrono
import EventSourcing
import JSON
import ProcessManagement

public enum TaskStatus: String, Sendable, Hashable, CaseIterable {
    /// Waits for a worker.
    case ready
    /// A worker has it.
    case leased
    /// Waits for its next attempt.
    case delayed
    case completed
    case failed
    case cancelled

    public var isEnd: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        case .ready, .leased, .delayed: false
        }
    }
}

/// What a store keeps of a task beside its stream.
public struct TaskRow: Sendable, Equatable {
    public var id: TaskID
    public var process: RowHandle
    public var tenant: String
    public var type: String
    public var status: TaskStatus
    /// Its process is suspended: it is not handed out. `dueAt` is only its `total` limit meanwhile.
    public var parked: Bool
    public var priority: Int
    /// Attempts started so far.
    public var attempt: Int
    /// Number of the first attempt that counts against `maxAttempts`, less one; moves when an incident is retried.
    public var attemptsBefore: Int
    public var maxAttempts: Int
    /// How often an operator reopened it.
    public var reopened: Int
    /// The position of the `TransitionPlanned` that planned it: input, machine and policy are read there.
    public var plannedAt: Int64
    public var scheduledAt: Instant
    /// Since when it can be claimed; when it is delayed, from when on.
    public var readyAt: Instant
    /// End of the `total` time limit.
    public var deadline: Instant?
    /// When the engine has to look at it next: the lease ends, a delay is over, a time limit is reached.
    public var dueAt: Instant?
    /// Counts leases; the lease token is made from it, so that only the last lease's token is good.
    public var leaseNumber: Int64
    public var lease: Lease?
    /// The worker's last word on how far it is.
    public var progress: JSONView?
    /// Version of the last record of the task's own stream.
    public var streamVersion: Int64
    /// How many finished steps its stream holds.
    public var steps: Int

    public struct Lease: Sendable, Equatable {
        public var worker: String
        public var claim: String?
        public var startedAt: Instant
        public var expiresAt: Instant
        /// What the worker asked for at the claim.
        public var length: TimeSpan
        /// What the claim, or the last heartbeat, gave: time limits may have made it shorter, a heartbeat longer.
        public var given: TimeSpan
        /// End of the `attempt` time limit.
        public var attemptEndsAt: Instant?

        public init(
            worker: String, claim: String?, startedAt: Instant, expiresAt: Instant, length: TimeSpan,
            given: TimeSpan? = nil, attemptEndsAt: Instant?
        ) {
            self.worker = worker
            self.claim = claim
            self.startedAt = startedAt
            self.expiresAt = expiresAt
            self.length = length
            self.given = given ?? length
            self.attemptEndsAt = attemptEndsAt
        }
    }

    public init(
        id: TaskID, process: RowHandle, tenant: String, type: String, status: TaskStatus = .ready,
        parked: Bool = false, priority: Int, maxAttempts: Int, plannedAt: Int64, scheduledAt: Instant,
        deadline: Instant? = nil, dueAt: Instant? = nil
    ) {
        self.id = id
        self.process = process
        self.tenant = tenant
        self.type = type
        self.status = status
        self.parked = parked
        self.priority = priority
        attempt = 0
        attemptsBefore = 0
        self.maxAttempts = maxAttempts
        reopened = 0
        self.plannedAt = plannedAt
        self.scheduledAt = scheduledAt
        readyAt = scheduledAt
        self.deadline = deadline
        self.dueAt = dueAt
        leaseNumber = 0
        lease = nil
        progress = nil
        streamVersion = 0
        steps = 0
    }
}

extension TaskRow {
    /// A child process does it; nobody can claim it.
    public var isChild: Bool { ChildProcess.isTaskType(type) }

    /// Nothing is due any more and nobody holds it.
    mutating func end(as status: TaskStatus) {
        self.status = status
        parked = false
        lease = nil
        dueAt = nil
    }
}

public struct StoredTask: Sendable, Equatable {
    public var handle: RowHandle
    public var row: TaskRow

    public init(handle: RowHandle, row: TaskRow) {
        self.handle = handle
        self.row = row
    }
}

/// A timer of a process that has not fired.
public struct TimerRow: Sendable, Equatable {
    public var id: TimerID
    public var process: RowHandle
    public var dueAt: Instant
    /// Its process is suspended: it waits.
    public var parked: Bool

    public init(id: TimerID, process: RowHandle, dueAt: Instant, parked: Bool = false) {
        self.id = id
        self.process = process
        self.dueAt = dueAt
        self.parked = parked
    }
}
