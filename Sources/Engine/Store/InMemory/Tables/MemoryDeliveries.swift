import Chrono
import EventSourcing
import HashTreeCollections

/// Deliveries with an index for every question that is asked of them. All changes are O(log n).
struct MemoryDeliveries: Sendable {
    private struct Lane: Hashable, Sendable {
        let webhook: RowHandle
        let process: RowHandle
    }

    private var rows: SortedMap<RowHandle, DeliveryRow> = SortedMap()
    private var lastHandle: RowHandle = 0
    private var handles: TreeDictionary<DeliveryID, RowHandle> = [:]
    private var byWebhook: GroupedSet<RowHandle, RowHandle> = GroupedSet()
    private var pending: GroupedSet<RowHandle, RowHandle> = GroupedSet()
    private var lanes: GroupedSet<Lane, RowHandle> = GroupedSet()
    private var due: GroupedSet<RowHandle, DueRank> = GroupedSet()
    private var ended: SortedSet<DueRank> = SortedSet()
    private var attempts: TreeDictionary<RowHandle, [DeliveryAttempt]> = [:]
    private(set) var pendingCount = 0

    subscript(handle: RowHandle) -> StoredDelivery? {
        rows[handle].map { StoredDelivery(handle: handle, row: $0) }
    }

    func find(_ id: DeliveryID) -> StoredDelivery? { handles[id].flatMap { self[$0] } }

    mutating func insert(_ row: DeliveryRow) throws(StoreError) -> RowHandle {
        guard handles[row.id] == nil else { throw .duplicate("delivery \(row.id) is there") }
        lastHandle += 1
        rows[lastHandle] = row
        handles[row.id] = lastHandle
        byWebhook.insert(lastHandle, into: row.webhook)
        enter(lastHandle, row)
        return lastHandle
    }

    mutating func update(_ handle: RowHandle, _ row: DeliveryRow) throws(StoreError) {
        guard let before = rows[handle] else { throw .unknown("delivery with handle \(handle)") }
        leave(handle, before)
        rows[handle] = row
        enter(handle, row)
    }

    mutating func deleteAll(of webhook: RowHandle) {
        for (handle, _) in byWebhook[webhook].ascending() { delete(handle) }
    }

    mutating func prune(endedBefore time: Instant, limit: Int) {
        let over = ended.ascending().lazy.prefix { $0.key.at < time }.prefix(max(limit, 0)).map(\.key.handle)
        for handle in Array(over) { delete(handle) }
    }

    mutating func add(_ attempt: DeliveryAttempt, to delivery: RowHandle) {
        attempts[delivery, default: []].append(attempt)
    }

    private mutating func delete(_ handle: RowHandle) {
        guard let row = rows[handle] else { return }
        leave(handle, row)
        rows[handle] = nil
        handles[row.id] = nil
        attempts[handle] = nil
        byWebhook.remove(handle, from: row.webhook)
    }

    private mutating func enter(_ handle: RowHandle, _ row: DeliveryRow) {
        if row.status == .pending {
            pendingCount += 1
            pending.insert(handle, into: row.webhook)
            if let lane = Self.lane(row) { lanes.insert(handle, into: lane) }
        }
        if let at = row.nextAttemptAt { due.insert(DueRank(at: at, handle: handle), into: row.webhook) }
        if let at = row.endedAt { ended.insert(DueRank(at: at, handle: handle)) }
    }

    private mutating func leave(_ handle: RowHandle, _ row: DeliveryRow) {
        if row.status == .pending {
            pendingCount -= 1
            pending.remove(handle, from: row.webhook)
            if let lane = Self.lane(row) { lanes.remove(handle, from: lane) }
        }
        if let at = row.nextAttemptAt { due.remove(DueRank(at: at, handle: handle), from: row.webhook) }
        if let at = row.endedAt { ended.remove(DueRank(at: at, handle: handle)) }
    }

    private static func lane(_ row: DeliveryRow) -> Lane? {
        row.kind.process.map { Lane(webhook: row.webhook, process: $0) }
    }
}

// MARK: Queries

extension MemoryDeliveries {
    func firstPending(of webhook: RowHandle, process: RowHandle) -> StoredDelivery? {
        lanes[Lane(webhook: webhook, process: process)].first.flatMap { self[$0.key] }
    }

    func pending(of webhook: RowHandle, after handle: RowHandle, limit: Int) -> [StoredDelivery] {
        deliveries(pending[webhook], after: handle, limit: limit)
    }

    func failed(of webhook: RowHandle, since: Instant, after handle: RowHandle, limit: Int) -> [StoredDelivery] {
        byWebhook[webhook].ascending(from: handle).lazy.filter { $0.key > handle }.compactMap { self[$0.key] }
            .filter { ($0.row.status == .failed || $0.row.status == .exhausted) && $0.row.createdAt >= since }
            .prefix(max(limit, 0)).map { $0 }
    }

    func due(
        of webhook: RowHandle, at now: Instant, limit: Int, excluding underWay: Set<RowHandle>
    ) -> [StoredDelivery] {
        due[webhook].ascending().lazy.prefix { $0.key.at <= now }.filter { !underWay.contains($0.key.handle) }
            .prefix(max(limit, 0)).compactMap { self[$0.key.handle] }
    }

    func nextDue(of webhook: RowHandle, after time: Instant) -> Instant? {
        let start = DueRank(at: time + .milliseconds(1), handle: 0)
        var walk = due[webhook].ascending(from: start)
        return walk.next()?.key.at
    }

    func list(
        of webhook: RowHandle, status: DeliveryStatus?, before handle: RowHandle?, limit: Int
    ) -> [StoredDelivery] {
        byWebhook[webhook].descending(below: handle).lazy.compactMap { self[$0.key] }
            .filter { status == nil || $0.row.status == status }.prefix(max(limit, 0)).map { $0 }
    }

    func attempts(of delivery: RowHandle) -> [DeliveryAttempt] { attempts[delivery] ?? [] }

    func page(after handle: RowHandle, limit: Int) -> [StoredDelivery] {
        rows.ascending(from: handle).lazy.filter { $0.key > handle }.prefix(max(limit, 0))
            .map { StoredDelivery(handle: $0.key, row: $0.value) }
    }

    private func deliveries(
        _ handles: SortedSet<RowHandle>, after handle: RowHandle, limit: Int
    ) -> [StoredDelivery] {
        handles.ascending(from: handle).lazy.filter { $0.key > handle }.prefix(max(limit, 0))
            .compactMap { self[$0.key] }
    }
}
