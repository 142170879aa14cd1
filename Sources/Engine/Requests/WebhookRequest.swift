import Chrono
import JSON

/// What an operator does about endpoints and their deliveries.
public struct WebhookRequest: Sendable {
    public enum Action: Sendable {
        /// `secret` is the key that will sign, if the endpoint is not there already.
        case create(WebhookConfiguration, headers: [WebhookHeader], secret: [UInt8])
        case change(WebhookID, WebhookChange)
        case delete(WebhookID)
        case pause(WebhookID)
        /// Also enables one that was given up.
        case resume(WebhookID)
        /// The old secret signs too until the end of `grace`.
        case rotate(WebhookID, secret: [UInt8], grace: TimeSpan)
        /// Makes a delivery of the type `webhook.test`.
        case test(WebhookID)
        /// One more attempt.
        case redeliver(DeliveryID)
        /// One more attempt for what failed of all that came into being at that time or later.
        case redeliverFailed(WebhookID, since: Instant)
    }

    public var tenant: String
    public var action: Action
    /// What the caller expects of the endpoint; its entity tag is the version of its stream.
    public var condition: Precondition
    /// Who asks; nil for a caller without a key.
    public var by: String?
    /// Unique per request; the ids of what it makes come from it.
    public var requestID: String
    /// The caller named the request: with the same id again it is the same request.
    public var isNamed: Bool
    /// Of the request's content: the same id with another is another request.
    public var contentHash: UInt64

    public init(
        tenant: String, action: Action, condition: Precondition = Precondition(), by: String? = nil, requestID: String,
        isNamed: Bool = false, contentHash: UInt64 = 0
    ) {
        self.tenant = tenant
        self.action = action
        self.condition = condition
        self.by = by
        self.requestID = requestID
        self.isNamed = isNamed
        self.contentHash = contentHash
    }
}

/// A header field that each request to an endpoint carries.
public struct WebhookHeader: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What is to be another way; what is nil stays as it is.
public struct WebhookChange: Sendable, Equatable {
    public var url: String?
    public var commands: [String]?
    public var taskTypes: [String]?
    public var definitions: [String]?
    public var headers: [WebhookHeader]?
    public var maxInFlight: Int?
    /// `.some(nil)` takes the limit away.
    public var ratePerSecond: Int??
    public var timeout: TimeSpan?
    public var ordered: Bool?
    /// `.some(nil)` takes it away.
    public var description: String??

    public init() {}
}

/// An endpoint as it is now.
public struct WebhookReceipt: Sendable, Equatable {
    public var row: WebhookRow
    /// The key that signs, where the request made one.
    public var secret: [UInt8]?
    /// A repeat of the request that made it.
    public var duplicate: Bool

    public init(row: WebhookRow, secret: [UInt8]? = nil, duplicate: Bool = false) {
        self.row = row
        self.secret = secret
        self.duplicate = duplicate
    }
}

/// What came of one request to an endpoint.
public struct DeliveryReport: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        case succeeded
        /// Try again then.
        case retry(after: TimeSpan)
        /// The schedule is over.
        case exhausted
        /// It makes no sense to try again.
        case failed
        /// 410: the endpoint wants nothing more.
        case gone
    }

    public var webhook: RowHandle
    /// Nil for an attempt of a task: only the endpoint's health is noted then.
    public var delivery: RowHandle?
    /// Times are real ones.
    public var attempt: DeliveryAttempt
    public var verdict: Verdict

    public init(webhook: RowHandle, delivery: RowHandle?, attempt: DeliveryAttempt, verdict: Verdict) {
        self.webhook = webhook
        self.delivery = delivery
        self.attempt = attempt
        self.verdict = verdict
    }
}
