import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// A worker asks for tasks.
public struct ClaimRequest: Sendable, Equatable {
    public var tenant: String
    public var types: [String]
    /// Only tasks of processes of these definitions; empty for all.
    public var definitions: [String]
    public var worker: String
    /// At most this many; fewer where `PageFill` says so.
    public var limit: Int
    /// How long the answer may be held back while there is none.
    public var wait: TimeSpan
    /// How long the worker wants each task for.
    public var lease: TimeSpan
    /// The caller's id of this claim: the same again gives the same tasks.
    public var claim: String?

    public init(
        tenant: String, types: [String], definitions: [String] = [], worker: String = "", limit: Int = 1,
        wait: TimeSpan = .zero, lease: TimeSpan = .seconds(60), claim: String? = nil
    ) {
        self.tenant = tenant
        self.types = types
        self.definitions = definitions
        self.worker = worker
        self.limit = limit
        self.wait = wait
        self.lease = lease
        self.claim = claim
    }
}

/// Who waits for the answer to a claim.
public struct ClaimCaller: Sendable {
    /// Unique among claims that wait; later claims have higher ones.
    public var ticket: Int64
    /// Whether nobody would get the answer any more. Asked right before a task is handed out.
    public var isGone: @Sendable () -> Bool

    public init(ticket: Int64, isGone: @escaping @Sendable () -> Bool = { false }) {
        self.ticket = ticket
        self.isGone = isGone
    }
}

/// A task in the hands of a worker.
public struct ClaimedTask: Sendable, Equatable {
    public var taskID: TaskID
    public var type: String
    public var processID: ProcessID
    public var definition: String
    public var key: String
    public var machineID: String
    public var transitionID: TransitionID
    public var attempt: Int
    public var maxAttempts: Int
    public var input: JSONView
    public var steps: [RecordedStep]
    public var progress: JSONView?
    public var leaseToken: String
    public var leaseExpiresAt: Instant
    public var deadline: Instant?
    public var scheduledAt: Instant
    public var correlationID: String?
    public var traceparent: String?
    public var tracestate: String?
}

extension ClaimedTask {
    /// About as many bytes as it has as JSON.
    public var byteCount: Int { Self.byteCount(input: input, steps: steps, progress: progress) }

    static func byteCount(input: JSONView?, steps: [RecordedStep], progress: JSONView?) -> Int {
        2_048 + (input?.rawByteCount ?? 0) + (progress?.rawByteCount ?? 0)
            + steps.reduce(0) { $0 + 192 + $1.name.utf8.count + $1.data.rawByteCount }
    }
}

/// A finished step of a task, durable over attempts.
public struct RecordedStep: Sendable, Equatable {
    public var name: String
    public var data: JSONView
    public var attempt: Int
    public var recordedAt: Instant

    public init(name: String, data: JSONView, attempt: Int, recordedAt: Instant) {
        self.name = name
        self.data = data
        self.attempt = attempt
        self.recordedAt = recordedAt
    }
}

/// How an attempt ended, in a worker's words.
public struct OutcomeRequest: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        case completed(result: JSONView)
        case failed(code: String?, reason: String, retryable: Bool, retryAfter: TimeSpan?)
        case cancelled

        public var word: String {
            switch self {
            case .completed: "completed"
            case .failed: "failed"
            case .cancelled: "cancelled"
            }
        }
    }

    public var tenant: String
    public var taskID: TaskID
    public var leaseToken: String
    public var outcome: Outcome

    public init(tenant: String, taskID: TaskID, leaseToken: String, outcome: Outcome) {
        self.tenant = tenant
        self.taskID = taskID
        self.leaseToken = leaseToken
        self.outcome = outcome
    }
}

public struct OutcomeReceipt: Sendable, Equatable {
    public var taskID: TaskID
    /// A final outcome was written; false when another attempt follows.
    public var recorded: Bool
    public var duplicate: Bool
    public var willRetry: Bool
    public var nextAttemptAt: Instant?
    public var processID: ProcessID
    public var processStatus: ProcessStatus
    public var processVersion: Int64
}

public struct HeartbeatRequest: Sendable, Equatable {
    public var tenant: String
    public var taskID: TaskID
    public var leaseToken: String
    /// The lease runs anew for this long; nil for as long as at the claim.
    public var extend: TimeSpan?
    public var progress: JSONView?

    public init(
        tenant: String, taskID: TaskID, leaseToken: String, extend: TimeSpan? = nil, progress: JSONView? = nil
    ) {
        self.tenant = tenant
        self.taskID = taskID
        self.leaseToken = leaseToken
        self.extend = extend
        self.progress = progress
    }
}

public struct HeartbeatReceipt: Sendable, Equatable {
    public var expiresAt: Instant
    public var deadline: Instant?
    /// The process wants to be cancelled: finish soon, or post the outcome `cancelled`.
    public var cancelRequested: Bool
}

public struct StepRequest: Sendable, Equatable {
    public var tenant: String
    public var taskID: TaskID
    public var leaseToken: String
    public var name: String
    public var data: JSONView

    public init(tenant: String, taskID: TaskID, leaseToken: String, name: String, data: JSONView) {
        self.tenant = tenant
        self.taskID = taskID
        self.leaseToken = leaseToken
        self.name = name
        self.data = data
    }
}

public struct ReleaseRequest: Sendable, Equatable {
    public var tenant: String
    public var taskID: TaskID
    public var leaseToken: String

    public init(tenant: String, taskID: TaskID, leaseToken: String) {
        self.tenant = tenant
        self.taskID = taskID
        self.leaseToken = leaseToken
    }
}
