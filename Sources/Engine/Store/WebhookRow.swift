import Chrono
import EventSourcing
import JSON

/// An id of an endpoint; written as a UUID, so without a dot.
public typealias WebhookID = UniqueID

public enum WebhookStatus: String, Sendable, Hashable, CaseIterable {
    /// Is sent to.
    case active
    /// An operator stopped it: its deliveries wait.
    case paused
    /// It was given up: it gets no new deliveries, those that it has wait.
    case disabled
}

/// Why an endpoint was given up.
public enum WebhookDisabledReason: String, Sendable, Hashable, CaseIterable {
    /// It answered 410.
    case gone
    /// Everything failed for days.
    case failing
}

/// What an endpoint wants, and how it wants to be treated. Nothing of this is secret.
public struct WebhookConfiguration: Sendable, Equatable {
    public var url: String
    /// Commands that it is told of.
    public var commands: [String]
    /// Task types that it works on.
    public var taskTypes: [String]
    /// Only of processes of these definitions; empty for all.
    public var definitions: [String]
    /// Names of the header fields that each request carries; their values are `WebhookRow.headers`.
    public var headerNames: [String]
    /// How many requests may be under way at the same time.
    public var maxInFlight: Int
    /// Nil for as many as it takes.
    public var ratePerSecond: Int?
    /// How long one request may take.
    public var timeout: TimeSpan
    /// Of one process, a delivery waits until the one before it is delivered or given up.
    public var ordered: Bool
    public var description: String?

    public init(
        url: String, commands: [String] = [], taskTypes: [String] = [], definitions: [String] = [],
        headerNames: [String] = [], maxInFlight: Int = 10, ratePerSecond: Int? = nil, timeout: TimeSpan = .seconds(15),
        ordered: Bool = false, description: String? = nil
    ) {
        self.url = url
        self.commands = commands
        self.taskTypes = taskTypes
        self.definitions = definitions
        self.headerNames = headerNames
        self.maxInFlight = maxInFlight
        self.ratePerSecond = ratePerSecond
        self.timeout = timeout
        self.ordered = ordered
        self.description = description
    }

    public static func == (left: WebhookConfiguration, right: WebhookConfiguration) -> Bool {
        ExactText.sameBytes(left.url, right.url) && left.commands.hasSameTexts(as: right.commands)
            && left.taskTypes.hasSameTexts(as: right.taskTypes)
            && left.definitions.hasSameTexts(as: right.definitions)
            && left.headerNames.hasSameTexts(as: right.headerNames) && left.maxInFlight == right.maxInFlight
            && left.ratePerSecond == right.ratePerSecond && left.timeout == right.timeout
            && left.ordered == right.ordered && ExactText.sameBytes(left.description, right.description)
    }
}

/// What a store keeps of an endpoint beside its stream. Secrets are as `SecretSealer` sealed them.
public struct WebhookRow: Sendable, Equatable {
    public var id: WebhookID
    public var tenant: String
    public var configuration: WebhookConfiguration
    public var status: WebhookStatus
    /// Set while it is disabled.
    public var disabledReason: WebhookDisabledReason?
    /// The key that signs, sealed.
    public var secret: [UInt8]
    /// The key before, while a rotation is open.
    public var previousSecret: PreviousSecret?
    /// The values of `headerNames`, sealed as a JSON object; empty without any.
    public var headers: [UInt8]
    /// Since when nothing succeeded; nil after a success.
    public var failingSince: Instant?
    /// Kept commands behind this one in the outbox are still to be given to it; nil when there are none.
    public var backlog: RowHandle?
    /// Version of the last record of its stream.
    public var version: Int64
    public var createdAt: Instant
    public var updatedAt: Instant
    /// Of the request that created it: a repeat has the same.
    public var requestHash: UInt64

    public struct PreviousSecret: Sendable, Equatable {
        /// Empty when it was forgotten, some time after its end.
        public var sealed: [UInt8]
        public var expiresAt: Instant
        /// Of the request that put the new key in its place: a repeat has the same.
        public var rotation: UniqueID

        public init(sealed: [UInt8], expiresAt: Instant, rotation: UniqueID) {
            self.sealed = sealed
            self.expiresAt = expiresAt
            self.rotation = rotation
        }
    }

    public init(
        id: WebhookID, tenant: String, configuration: WebhookConfiguration, secret: [UInt8], headers: [UInt8] = [],
        createdAt: Instant, requestHash: UInt64 = 0
    ) {
        self.id = id
        self.tenant = tenant
        self.configuration = configuration
        status = .active
        self.secret = secret
        self.headers = headers
        version = 0
        self.createdAt = createdAt
        updatedAt = createdAt
        self.requestHash = requestHash
    }
}

public struct StoredWebhook: Sendable, Equatable {
    public var handle: RowHandle
    public var row: WebhookRow

    public init(handle: RowHandle, row: WebhookRow) {
        self.handle = handle
        self.row = row
    }
}
