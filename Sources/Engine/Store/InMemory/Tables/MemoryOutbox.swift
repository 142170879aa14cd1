import Chrono
import HashTreeCollections
import ProcessManagement

/// Commands that no endpoint wanted, by age and by process. All changes are O(log n).
struct MemoryOutbox: Sendable {
    private struct Key: Hashable, Sendable {
        let process: RowHandle
        let id: CommandID
    }

    private var rows: SortedMap<RowHandle, OutboxRow> = SortedMap()
    private var lastHandle: RowHandle = 0
    private var handles: TreeDictionary<Key, RowHandle> = [:]
    private var byProcess: GroupedSet<RowHandle, RowHandle> = GroupedSet()

    mutating func insert(_ row: OutboxRow) throws(StoreError) {
        let key = Key(process: row.process, id: row.id)
        guard handles[key] == nil else { throw .duplicate("command \(row.id) is in the outbox") }
        lastHandle += 1
        rows[lastHandle] = row
        handles[key] = lastHandle
        byProcess.insert(lastHandle, into: row.process)
    }

    mutating func remove(_ handle: RowHandle) {
        guard let row = rows[handle] else { return }
        rows[handle] = nil
        handles[Key(process: row.process, id: row.id)] = nil
        byProcess.remove(handle, from: row.process)
    }

    mutating func removeAll(of process: RowHandle) {
        for (handle, _) in byProcess[process].ascending() { remove(handle) }
    }

    mutating func prune(createdBefore time: Instant, limit: Int) {
        for (handle, row) in rows.ascending().prefix(max(limit, 0)) where row.createdAt < time { remove(handle) }
    }

    func all(of process: RowHandle) -> [OutboxRow] { byProcess[process].ascending().compactMap { rows[$0.key] } }

    func page(after handle: RowHandle, limit: Int) -> [UndeliveredCommand] {
        rows.ascending(from: handle + 1).prefix(max(limit, 0)).map { UndeliveredCommand(handle: $0.key, row: $0.value) }
    }
}
