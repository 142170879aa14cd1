import Chrono
import HashTreeCollections
import ProcessManagement

/// Tasks with an index for every question that is asked of them.
///
/// An insertion or update is O(log n) in each index that it touches. Claiming costs O(types · limit · log), whatever
/// waits behind; what is due and what a claim holds cost their answers.
struct MemoryTasks: Sendable {
    private var rows: SortedMap<RowHandle, StoredTask> = SortedMap()
    private var lastHandle: RowHandle = 0
    private var handles: TreeDictionary<TaskID, RowHandle> = [:]
    private var byProcess: GroupedSet<RowHandle, RowHandle> = GroupedSet()
    private var openByProcess: GroupedSet<RowHandle, RowHandle> = GroupedSet()
    private var queues: TreeDictionary<TextKey, Queue> = [:]
    private var queuesByTenant: GroupedSet<TextKey, TextKey> = GroupedSet()
    private var leased: SortedSet<RowHandle> = SortedSet()
    private var byClaim: GroupedSet<TextKey, RowHandle> = GroupedSet()
    private var due: SortedSet<DueRank> = SortedSet()

    /// The tasks of one tenant and type that have neither ended nor are parked.
    private struct Queue: Sendable {
        let type: String
        var ready: SortedSet<ClaimRank> = SortedSet()
        var readySince: SortedSet<DueRank> = SortedSet()
        var leased = 0
        var delayed = 0

        var isEmpty: Bool { ready.isEmpty && leased == 0 && delayed == 0 }
    }

    func find(_ id: TaskID, tenant: String) -> StoredTask? {
        guard let handle = handles[id], let task = rows[handle], TextKey(task.row.tenant) == TextKey(tenant)
        else { return nil }
        return task
    }

    subscript(handle: RowHandle) -> StoredTask? { rows[handle] }

    mutating func insert(_ row: TaskRow) throws(StoreError) -> RowHandle {
        guard handles[row.id] == nil else { throw .duplicate("task \(row.id) is there") }
        lastHandle += 1
        let task = StoredTask(handle: lastHandle, row: row)
        rows[task.handle] = task
        handles[row.id] = task.handle
        byProcess.insert(task.handle, into: row.process)
        enter(task)
        return task.handle
    }

    mutating func update(_ handle: RowHandle, _ row: TaskRow) throws(StoreError) {
        guard let task = rows[handle] else { throw .unknown("task with handle \(handle)") }
        leave(task)
        let changed = StoredTask(handle: handle, row: row)
        rows[handle] = changed
        enter(changed)
    }

    mutating func remove(_ handle: RowHandle) {
        guard let task = rows[handle] else { return }
        leave(task)
        rows[handle] = nil
        handles[task.row.id] = nil
        byProcess.remove(handle, from: task.row.process)
    }

    private mutating func enter(_ task: StoredTask) {
        let row = task.row
        if !row.status.isEnd { openByProcess.insert(task.handle, into: row.process) }
        if row.status == .leased {
            leased.insert(task.handle)
            if let claim = Self.claim(row) { byClaim.insert(task.handle, into: claim) }
        }
        if let dueAt = row.dueAt { due.insert(DueRank(at: dueAt, handle: task.handle)) }
        guard !row.parked, !row.status.isEnd else { return }
        let key = TextKey(row.tenant, row.type)
        var queue = queues[key] ?? Queue(type: row.type)
        switch row.status {
        case .ready:
            queue.ready.insert(ClaimRank(task))
            queue.readySince.insert(DueRank(at: row.readyAt, handle: task.handle))
        case .leased: queue.leased += 1
        case .delayed: queue.delayed += 1
        case .completed, .failed, .cancelled: break
        }
        queues[key] = queue
        queuesByTenant.insert(key, into: TextKey(row.tenant))
    }

    private mutating func leave(_ task: StoredTask) {
        let row = task.row
        openByProcess.remove(task.handle, from: row.process)
        if row.status == .leased {
            leased.remove(task.handle)
            if let claim = Self.claim(row) { byClaim.remove(task.handle, from: claim) }
        }
        if let dueAt = row.dueAt { due.remove(DueRank(at: dueAt, handle: task.handle)) }
        guard !row.parked else { return }
        let key = TextKey(row.tenant, row.type)
        guard !row.status.isEnd, var queue = queues[key] else { return }
        switch row.status {
        case .ready:
            queue.ready.remove(ClaimRank(task))
            queue.readySince.remove(DueRank(at: row.readyAt, handle: task.handle))
        case .leased: queue.leased -= 1
        case .delayed: queue.delayed -= 1
        case .completed, .failed, .cancelled: break
        }
        queues[key] = queue.isEmpty ? nil : queue
        if queue.isEmpty { queuesByTenant.remove(key, from: TextKey(row.tenant)) }
    }

    private static func claim(_ row: TaskRow) -> TextKey? {
        guard let lease = row.lease, let claim = lease.claim else { return nil }
        return TextKey(row.tenant, lease.worker, claim)
    }
}

// MARK: Queries

extension MemoryTasks {
    func open(of process: RowHandle) -> [StoredTask] { tasks(openByProcess[process]) }

    func all(of process: RowHandle) -> [StoredTask] { tasks(byProcess[process]) }

    func allLeased() -> [StoredTask] { tasks(leased) }

    func claimable(
        tenant: String, types: [String], limit: Int, where isWanted: (StoredTask) -> Bool
    ) -> [StoredTask] {
        let limit = max(limit, 0)
        var ranks: [ClaimRank] = []
        for type in Set(types.map { TextKey(tenant, $0) }) {
            guard let queue = queues[type] else { continue }
            var count = 0
            for (rank, _) in queue.ready.ascending() {
                guard count < limit else { break }
                guard let task = rows[rank.handle], isWanted(task) else { continue }
                ranks.append(rank)
                count += 1
            }
        }
        return ranks.sorted().lazy.compactMap { rows[$0.handle] }.page(of: limit, size: \.byteCount)
    }

    func leased(tenant: String, worker: String, claim: String) -> [StoredTask] {
        tasks(byClaim[TextKey(tenant, worker, claim)]).sorted { left, right in
            guard let leftStart = left.row.lease?.startedAt, let rightStart = right.row.lease?.startedAt,
                leftStart != rightStart
            else { return ClaimRank(left) < ClaimRank(right) }
            return leftStart < rightStart
        }.page(of: .max, size: \.byteCount)
    }

    func due(at now: Instant, limit: Int) -> [StoredTask] {
        due.ascending().lazy.prefix { $0.key.at <= now }.compactMap { rows[$0.key.handle] }
            .page(of: limit, size: \.byteCount)
    }

    var nextDue: Instant? { due.first?.key.at }

    func queueRows(tenant: String) -> [QueueRow] {
        queuesByTenant[TextKey(tenant)].ascending().compactMap { key, _ in
            queues[key].map {
                QueueRow(
                    type: $0.type, ready: $0.ready.count, leased: $0.leased, delayed: $0.delayed,
                    oldestReadyAt: $0.readySince.first?.key.at)
            }
        }
    }

    private func tasks(_ handles: SortedSet<RowHandle>) -> [StoredTask] {
        handles.ascending().compactMap { rows[$0.key] }
    }
}
