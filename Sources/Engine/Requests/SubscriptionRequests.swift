import Chrono
import EventSourcing

/// What can be asked about subscriptions. Events are read by readers; the engine keeps places and leases.
public enum SubscriptionRequest: Sendable {
    /// Makes one, or changes its filter. `start` counts for a new one only.
    case put(tenant: String, name: String, EventFilter, start: SubscriptionStart, Precondition)
    case delete(tenant: String, name: String, Precondition)
    case lease(BatchRequest)
    /// Done with everything up to a position, under the token of a batch.
    case acknowledge(tenant: String, name: String, position: Int64, token: String)
    /// Nothing that the filter lets through lies in between.
    case pass(SubscriptionPlace, to: Int64)
}

/// Where a new subscription begins.
public enum SubscriptionStart: Sendable, Equatable {
    case start
    case now
    /// With the first event behind it.
    case position(Int64)
}

/// A subscription as a reader saw it.
public struct SubscriptionPlace: Sendable, Equatable {
    public var tenant: String
    public var name: String
    public var entityTag: String
    public var position: Int64

    public init(_ seen: StoredSubscription) {
        tenant = seen.row.tenant
        name = seen.row.name
        entityTag = seen.entityTag
        position = seen.row.position
    }
}

/// A batch that a reader found, to be leased to whoever asked for it.
public struct BatchRequest: Sendable {
    public var place: SubscriptionPlace
    /// Up to here nothing passes the filter.
    public var from: Int64
    /// The batch ends here.
    public var through: Int64
    public var lease: TimeSpan
    /// The caller's connection is gone; asked right before the lease is given.
    public var isGone: @Sendable () -> Bool

    public init(
        place: SubscriptionPlace, from: Int64, through: Int64, lease: TimeSpan,
        isGone: @escaping @Sendable () -> Bool = { false }
    ) {
        self.place = place
        self.from = from
        self.through = through
        self.lease = lease
        self.isGone = isGone
    }
}

public enum SubscriptionAnswer: Sendable, Equatable {
    public enum Change: Sendable, Equatable { case made, changed, none }

    /// `lastPosition`: of the newest event.
    case stored(StoredSubscription, Change, lastPosition: Int64)
    case deleted
    case leased(token: String, expiresAt: Instant)
    /// Somebody was faster: what the reader saw is not so any more.
    case moved
    /// `expiresAt` is when the lease on the rest of the batch ends; nil when nothing is left of it.
    case acknowledged(position: Int64, expiresAt: Instant?)
}
