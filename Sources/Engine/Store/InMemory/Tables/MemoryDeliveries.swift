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
        for (rank, _) in ended.ascending().prefix(max(limit, 0)) where rank.at < time { delete(rank.handle) }
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
        first(limit, of: pending[webhook].ascending(from: handle + 1))
    }

    func failed(of webhook: RowHandle, since: Instant, after handle: RowHandle, limit: Int) -> [StoredDelivery] {
        first(limit, of: byWebhook[webhook].ascending(from: handle + 1)) { row in
            (row.status == .failed || row.status == .exhausted) && row.createdAt >= since
        }
    }

    func due(
        of webhook: RowHandle, at now: Instant, limit: Int, excluding underWay: Set<RowHandle>
    ) -> [StoredDelivery] {
        var found: [StoredDelivery] = []
        for (rank, _) in due[webhook].ascending() {
            guard rank.at <= now, found.count < limit else { break }
            if !underWay.contains(rank.handle), let delivery = self[rank.handle] { found.append(delivery) }
        }
        return found
    }

    func nextDue(of webhook: RowHandle, after time: Instant) -> Instant? {
        var walk = due[webhook].ascending(from: DueRank(at: time + .milliseconds(1), handle: 0))
        return walk.next()?.key.at
    }

    func list(
        of webhook: RowHandle, status: DeliveryStatus?, before handle: RowHandle?, limit: Int
    ) -> [StoredDelivery] {
        first(limit, of: byWebhook[webhook].descending(below: handle)) { status == nil || $0.status == status }
    }

    func attempts(of delivery: RowHandle) -> [DeliveryAttempt] { attempts[delivery] ?? [] }

    func page(after handle: RowHandle, limit: Int) -> [StoredDelivery] {
        rows.ascending(from: handle + 1).prefix(max(limit, 0)).map { StoredDelivery(handle: $0.key, row: $0.value) }
    }

    private func first(
        _ limit: Int, of walk: SortedSet<RowHandle>.Walk, where isWanted: (DeliveryRow) -> Bool = { _ in true }
    ) -> [StoredDelivery] {
        var found: [StoredDelivery] = []
        for (handle, _) in walk {
            guard found.count < limit else { break }
            if let delivery = self[handle], isWanted(delivery.row) { found.append(delivery) }
        }
        return found
    }
}
