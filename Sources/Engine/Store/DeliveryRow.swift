import Chrono
import EventSourcing
import ProcessManagement

/// What the receiver sees as `webhook-id`: the same over retries, redelivery and restarts; a UUID, so without a dot.
public typealias DeliveryID = UniqueID

public enum DeliveryStatus: String, Sendable, Hashable, CaseIterable {
    /// Waits for its first or next attempt.
    case pending
    /// Answered with 2xx.
    case delivered
    /// Given up for another reason than the end of the schedule.
    case failed
    /// Every attempt of the schedule failed.
    case exhausted

    public var isEnd: Bool { self != .pending }
}

/// What a delivery tells.
public enum DeliveryKind: Sendable, Hashable {
    /// The `CommandIssued` at this position.
    case command(RowHandle, position: Int64)
    /// A task that the endpoint holds was cancelled: the `TaskCancelled` at this position.
    case cancelTask(RowHandle, position: Int64)
    /// An operator wants to see whether the endpoint answers.
    case test

    /// The process that it is about.
    public var process: RowHandle? {
        switch self {
        case .command(let process, _), .cancelTask(let process, _): process
        case .test: nil
        }
    }

    /// Where its record is in the global order.
    public var position: Int64? {
        switch self {
        case .command(_, let position), .cancelTask(_, let position): position
        case .test: nil
        }
    }
}

/// One message for one endpoint, and how far it is.
public struct DeliveryRow: Sendable, Equatable {
    public var id: DeliveryID
    public var webhook: RowHandle
    /// The `type` of the message: a command's name, `CancelTask` or `webhook.test`.
    public var type: String
    public var kind: DeliveryKind
    public var status: DeliveryStatus
    /// Attempts so far.
    public var attempts: Int
    /// An operator wants one more attempt, whatever the schedule says; or it is a test.
    public var isManual: Bool
    public var createdAt: Instant
    /// Nil when it has ended, or waits for the one before it.
    public var nextAttemptAt: Instant?
    public var endedAt: Instant?

    public init(
        id: DeliveryID, webhook: RowHandle, type: String, kind: DeliveryKind, isManual: Bool = false,
        createdAt: Instant, nextAttemptAt: Instant?
    ) {
        self.id = id
        self.webhook = webhook
        self.type = type
        self.kind = kind
        status = .pending
        attempts = 0
        self.isManual = isManual
        self.createdAt = createdAt
        self.nextAttemptAt = nextAttemptAt
    }

    /// The id of the delivery of a command, or of a cancelled task, to an endpoint.
    public static func id(of record: UniqueID, to webhook: WebhookID) -> DeliveryID {
        UniqueID(name: "[\"delivery\",\"\(webhook)\",\"\(record)\"]")
    }

    public static let cancelTaskType = "CancelTask"
    public static let testType = "webhook.test"
}

public struct StoredDelivery: Sendable, Equatable {
    public var handle: RowHandle
    public var row: DeliveryRow

    public init(handle: RowHandle, row: DeliveryRow) {
        self.handle = handle
        self.row = row
    }
}

/// One request to an endpoint, and what came of it.
public struct DeliveryAttempt: Sendable, Equatable {
    public var startedAt: Instant
    public var duration: TimeSpan
    /// The HTTP status; nil without an answer.
    public var status: Int?
    /// Why there was no answer, or why it did not count: a word such as `timeout`.
    public var error: String?
    /// Beginning of the answer's body.
    public var answer: [UInt8]

    /// More of an answer is not kept.
    public static let answerLimit = 4096

    public init(startedAt: Instant, duration: TimeSpan, status: Int?, error: String? = nil, answer: [UInt8] = []) {
        self.startedAt = startedAt
        self.duration = duration
        self.status = status
        self.error = error
        self.answer = answer
    }
}

/// A command that no endpoint wanted so far.
public struct UndeliveredCommand: Sendable, Equatable {
    public var handle: RowHandle
    public var row: OutboxRow

    public init(handle: RowHandle, row: OutboxRow) {
        self.handle = handle
        self.row = row
    }
}
