import Chrono

/// Events that wait for a key, found by it and by the end of their hold. All changes are O(log n).
struct MemoryHeldEvents: Sendable {
    private var rows: SortedMap<RowHandle, HeldEvent> = SortedMap()
    private var byKey: GroupedSet<TextKey, RowHandle> = GroupedSet()
    private var byTenant: GroupedSet<TextKey, RowHandle> = GroupedSet()
    private var expiries: SortedSet<DueRank> = SortedSet()

    mutating func insert(_ held: HeldEvent) {
        var held = held
        held.handle = (rows.last?.key ?? 0) + 1
        rows[held.handle] = held
        byKey.insert(held.handle, into: TextKey(held.location))
        byTenant.insert(held.handle, into: TextKey(held.location.tenant))
        expiries.insert(DueRank(at: held.expiresAt, handle: held.handle))
    }

    mutating func remove(_ handle: RowHandle) {
        guard let held = rows[handle] else { return }
        rows[handle] = nil
        byKey.remove(handle, from: TextKey(held.location))
        byTenant.remove(handle, from: TextKey(held.location.tenant))
        expiries.remove(DueRank(at: held.expiresAt, handle: handle))
    }

    func waiting(for key: LocationKey, after handle: RowHandle) -> [HeldEvent] {
        byKey[TextKey(key)].ascending(from: handle).lazy.filter { $0.key > handle }.compactMap { rows[$0.key] }
            .page(of: .max, size: \.byteCount)
    }

    func expired(at now: Instant, limit: Int) -> [HeldEvent] {
        expiries.ascending().lazy.prefix { $0.key.at <= now }.compactMap { rows[$0.key.handle] }
            .page(of: limit, size: \.byteCount)
    }

    var nextExpiry: Instant? { expiries.first?.key.at }

    func page(tenant: String, after handle: RowHandle, limit: Int) -> [HeldEvent] {
        byTenant[TextKey(tenant)].ascending(from: handle).lazy.filter { $0.key > handle }.compactMap { rows[$0.key] }
            .page(of: limit, size: \.byteCount)
    }
}

/// Events that found no process, by handle. All changes are O(log n).
struct MemoryUnmatchedEvents: Sendable {
    private var rows: SortedMap<RowHandle, UnmatchedEvent> = SortedMap()
    private var lastHandle: RowHandle = 0
    private var byTenant: GroupedSet<TextKey, RowHandle> = GroupedSet()

    mutating func insert(_ event: UnmatchedEvent) -> RowHandle {
        var event = event
        lastHandle += 1
        event.handle = lastHandle
        rows[event.handle] = event
        byTenant.insert(event.handle, into: TextKey(event.tenant))
        return event.handle
    }

    mutating func remove(_ handle: RowHandle) {
        guard let event = rows[handle] else { return }
        rows[handle] = nil
        byTenant.remove(handle, from: TextKey(event.tenant))
    }

    func find(_ handle: RowHandle, tenant: String) -> UnmatchedEvent? {
        rows[handle].flatMap { TextKey($0.tenant) == TextKey(tenant) ? $0 : nil }
    }

    func page(tenant: String, after handle: RowHandle, limit: Int) -> [UnmatchedEvent] {
        byTenant[TextKey(tenant)].ascending(from: handle).lazy.filter { $0.key > handle }.compactMap { rows[$0.key] }
            .page(of: limit, size: \.byteCount)
    }

    func oldest(limit: Int) -> [UnmatchedEvent] {
        rows.ascending().lazy.prefix(max(limit, 0)).map(\.value)
    }
}
