import Chrono
import HashTreeCollections
import ProcessManagement

/// Timers, found by process and by due time. Changes are O(log n); parking costs the timers of its process.
struct MemoryTimers: Sendable {
    private struct Key: Hashable, Sendable {
        let process: RowHandle
        let id: TimerID
    }

    private var rows: SortedMap<RowHandle, TimerRow> = SortedMap()
    private var handles: TreeDictionary<Key, RowHandle> = [:]
    private var byProcess: GroupedSet<RowHandle, RowHandle> = GroupedSet()
    private var due: SortedSet<DueRank> = SortedSet()

    mutating func insert(_ row: TimerRow) throws(StoreError) {
        let key = Key(process: row.process, id: row.id)
        guard handles[key] == nil else { throw .duplicate("timer \(row.id) is there") }
        let handle = (rows.last?.key ?? 0) + 1
        rows[handle] = row
        handles[key] = handle
        byProcess.insert(handle, into: row.process)
        if !row.parked { due.insert(DueRank(at: row.dueAt, handle: handle)) }
    }

    mutating func remove(_ id: TimerID, of process: RowHandle) {
        let key = Key(process: process, id: id)
        guard let handle = handles[key], let row = rows[handle] else { return }
        rows[handle] = nil
        handles[key] = nil
        byProcess.remove(handle, from: process)
        due.remove(DueRank(at: row.dueAt, handle: handle))
    }

    mutating func park(of process: RowHandle, _ parked: Bool) {
        for (handle, _) in byProcess[process].ascending() {
            guard var row = rows[handle], row.parked != parked else { continue }
            row.parked = parked
            rows[handle] = row
            let rank = DueRank(at: row.dueAt, handle: handle)
            if parked { due.remove(rank) } else { due.insert(rank) }
        }
    }

    func all(of process: RowHandle) -> [TimerRow] { byProcess[process].ascending().compactMap { rows[$0.key] } }

    func due(at now: Instant, limit: Int) -> [TimerRow] {
        due.ascending().lazy.prefix { $0.key.at <= now }.prefix(max(limit, 0)).compactMap { rows[$0.key.handle] }
    }

    var nextDue: Instant? { due.first?.key.at }
}
