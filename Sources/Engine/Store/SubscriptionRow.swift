import Chrono
import EventSourcing

/// A named reader of the global order of events whose place the store keeps.
public struct SubscriptionRow: Sendable, Equatable {
    /// A batch that was handed out and may still be acknowledged.
    public struct Lease: Sendable, Equatable {
        public var expiresAt: Instant
        public var length: TimeSpan
        /// Where the batch ends: nothing beyond may be acknowledged under it.
        public var through: Int64

        public init(expiresAt: Instant, length: TimeSpan, through: Int64) {
            self.expiresAt = expiresAt
            self.length = length
            self.through = through
        }
    }

    public var tenant: String
    public var name: String
    public var filter: EventFilter
    /// Everything up to and including it is done with. Never decreases.
    public var position: Int64
    /// Grows with every change of the filter, from 1.
    public var revision: Int64
    /// How many batches were handed out: fences each from those before it.
    public var leaseNumber: Int64
    public var lease: Lease?
    public var createdAt: Instant
    public var updatedAt: Instant

    public init(
        tenant: String, name: String, filter: EventFilter, position: Int64, revision: Int64 = 1,
        leaseNumber: Int64 = 0, lease: Lease? = nil, createdAt: Instant, updatedAt: Instant
    ) {
        self.tenant = tenant
        self.name = name
        self.filter = filter
        self.position = position
        self.revision = revision
        self.leaseNumber = leaseNumber
        self.lease = lease
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

public struct StoredSubscription: Sendable, Equatable {
    /// Never given twice, so that one which was deleted and made again is another one.
    public var handle: RowHandle
    public var row: SubscriptionRow

    public init(handle: RowHandle, row: SubscriptionRow) {
        self.handle = handle
        self.row = row
    }

    /// Changes with everything that a client can set.
    public var entityTag: String { "\(handle)-\(row.revision)" }
}

/// Subscriptions and their places.
public protocol SubscriptionTable {
    func subscription(_ name: String, tenant: String) throws(StoreError) -> StoredSubscription?
    /// The store gives the handle, larger than all before.
    ///
    /// - Throws: `.duplicate` if the tenant has one of that name.
    func insertSubscription(_ row: SubscriptionRow) throws(StoreError) -> RowHandle
    /// Tenant, name and time of creation stay.
    ///
    /// - Throws: `.unknown` without it.
    func updateSubscription(_ handle: RowHandle, _ row: SubscriptionRow) throws(StoreError)
    /// Nothing happens without it.
    func deleteSubscription(_ handle: RowHandle) throws(StoreError)
    /// Those whose lease has ended at `now`, earliest first, then by handle.
    func expiredSubscriptions(at now: Instant, limit: Int) throws(StoreError) -> [StoredSubscription]
    /// When the first lease ends.
    func nextSubscriptionExpiry() throws(StoreError) -> Instant?
    /// Position of the newest event, uncommitted ones included, and deleted ones too; 0 without one.
    func lastPosition() throws(StoreError) -> Int64
}
