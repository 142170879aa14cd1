import Chrono
import HashTreeCollections

/// Subscriptions by tenant and name, and by the end of their lease. All changes are O(log n).
struct MemorySubscriptions: Sendable {
    private var rows: SortedMap<RowHandle, SubscriptionRow> = SortedMap()
    private var byTenant: TreeDictionary<TextKey, SortedMap<TextKey, RowHandle>> = [:]
    private var expiries: SortedSet<DueRank> = SortedSet()
    private var lastHandle: RowHandle = 0

    func find(_ name: String, tenant: String) -> StoredSubscription? {
        guard let handle = byTenant[TextKey(tenant)]?[TextKey(name)] else { return nil }
        return stored(handle)
    }

    mutating func insert(_ row: SubscriptionRow) throws(StoreError) -> RowHandle {
        guard find(row.name, tenant: row.tenant) == nil else { throw .duplicate("subscription \(row.name) is there") }
        lastHandle += 1
        rows[lastHandle] = row
        byTenant[TextKey(row.tenant), default: SortedMap()][TextKey(row.name)] = lastHandle
        if let lease = row.lease { expiries.insert(DueRank(at: lease.expiresAt, handle: lastHandle)) }
        return lastHandle
    }

    mutating func update(_ handle: RowHandle, _ row: SubscriptionRow) throws(StoreError) {
        guard let old = rows[handle] else { throw .unknown("subscription with handle \(handle)") }
        if let lease = old.lease { expiries.remove(DueRank(at: lease.expiresAt, handle: handle)) }
        var row = row
        (row.tenant, row.name, row.createdAt) = (old.tenant, old.name, old.createdAt)
        rows[handle] = row
        if let lease = row.lease { expiries.insert(DueRank(at: lease.expiresAt, handle: handle)) }
    }

    mutating func delete(_ handle: RowHandle) {
        guard let old = rows[handle] else { return }
        if let lease = old.lease { expiries.remove(DueRank(at: lease.expiresAt, handle: handle)) }
        rows[handle] = nil
        byTenant[TextKey(old.tenant)]?[TextKey(old.name)] = nil
    }

    func expired(at now: Instant, limit: Int) -> [StoredSubscription] {
        expiries.ascending().lazy.prefix { $0.key.at <= now }.prefix(max(limit, 0))
            .compactMap { stored($0.key.handle) }
    }

    var nextExpiry: Instant? { expiries.first?.key.at }

    /// By name.
    func all(tenant: String) -> [StoredSubscription] {
        byTenant[TextKey(tenant)]?.ascending().compactMap { stored($0.value) } ?? []
    }

    private func stored(_ handle: RowHandle) -> StoredSubscription? {
        rows[handle].map { StoredSubscription(handle: handle, row: $0) }
    }
}

extension InMemoryProcessStore {
    public func subscription(_ name: String, tenant: String) throws(StoreError) -> StoredSubscription? {
        try read { $0.subscriptions.find(name, tenant: tenant) }
    }

    public func insertSubscription(_ row: SubscriptionRow) throws(StoreError) -> RowHandle {
        try write { tables throws(StoreError) in try tables.subscriptions.insert(row) }
    }

    public func updateSubscription(_ handle: RowHandle, _ row: SubscriptionRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.subscriptions.update(handle, row) }
    }

    public func deleteSubscription(_ handle: RowHandle) throws(StoreError) {
        try write { $0.subscriptions.delete(handle) }
    }

    public func expiredSubscriptions(at now: Instant, limit: Int) throws(StoreError) -> [StoredSubscription] {
        try read { $0.subscriptions.expired(at: now, limit: limit) }
    }

    public func nextSubscriptionExpiry() throws(StoreError) -> Instant? {
        try read { $0.subscriptions.nextExpiry }
    }

    public func lastPosition() throws(StoreError) -> Int64 {
        try read { $0.streams.lastPosition }
    }
}
