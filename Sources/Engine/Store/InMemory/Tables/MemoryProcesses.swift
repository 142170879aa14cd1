import Chrono
import HashTreeCollections
import ProcessManagement

/// Processes and their keys.
///
/// Lookups by id, handle and key and the versions in use are O(log n). A list walks the processes of the tenant, or of
/// the key if one is asked for, newest first, and stops when the page is full.
struct MemoryProcesses: Sendable {
    private var rows: SortedMap<RowHandle, StoredProcess> = SortedMap()
    private var handles: TreeDictionary<ProcessID, RowHandle> = [:]
    private var lastHandle: RowHandle = 0
    private var ends: SortedSet<DueRank> = SortedSet()
    private var byTenant: GroupedSet<TextKey, RowHandle> = GroupedSet()
    private var byKey: GroupedSet<TextKey, RowHandle> = GroupedSet()
    /// How many processes that have not ended run on which version of a definition.
    private var versionsInUse: TreeDictionary<TextKey, SortedMap<Int, Int>> = [:]
    /// The running owner of a key or, without one, the last.
    private var owners: TreeDictionary<TextKey, LocatedProcess> = [:]
    private var keys: TreeDictionary<RowHandle, OrderedTable<TextKey, OwnedKey>> = [:]

    private struct OwnedKey: Sendable {
        let key: LocationKey
        var running: Bool
    }

    subscript(handle: RowHandle) -> StoredProcess? { rows[handle] }

    func find(_ id: ProcessID, tenant: String) -> StoredProcess? {
        guard let handle = handles[id], let process = rows[handle],
            TextKey(process.row.tenant) == TextKey(tenant)
        else { return nil }
        return process
    }

    mutating func insert(_ row: ProcessRow) throws(StoreError) -> RowHandle {
        guard handles[row.id] == nil else { throw .duplicate("process \(row.id) is there") }
        lastHandle += 1
        let handle = lastHandle
        rows[handle] = StoredProcess(handle: handle, row: row)
        handles[row.id] = handle
        byTenant.insert(handle, into: TextKey(row.tenant))
        byKey.insert(handle, into: TextKey(row.tenant, row.key))
        count(row, 1)
        if let end = row.endedAt { ends.insert(DueRank(at: end, handle: handle)) }
        return handle
    }

    mutating func update(
        _ handle: RowHandle, _ row: ProcessRow, snapshot: StoredProcess.Snapshot?
    ) throws(StoreError) {
        guard var process = rows[handle] else { throw .unknown("process with handle \(handle)") }
        count(process.row, -1)
        count(row, 1)
        if let end = process.row.endedAt { ends.remove(DueRank(at: end, handle: handle)) }
        if let end = row.endedAt { ends.insert(DueRank(at: end, handle: handle)) }
        process.row = row
        if let snapshot { process.snapshot = snapshot }
        rows[handle] = process
    }

    private mutating func count(_ row: ProcessRow, _ change: Int) {
        guard !row.status.isEnd else { return }
        let definition = TextKey(row.tenant, row.definition)
        var versions = versionsInUse[definition] ?? SortedMap()
        let processes = (versions[row.definitionVersion] ?? 0) + change
        versions[row.definitionVersion] = processes == 0 ? nil : processes
        versionsInUse[definition] = versions.isEmpty ? nil : versions
    }

    func runningVersions(of definition: String, tenant: String) -> [Int] {
        versionsInUse[TextKey(tenant, definition)]?.descending().map(\.key) ?? []
    }

    func contains(definition: String, version: Int) -> Bool {
        rows.descending().contains {
            $0.value.row.definitionVersion == version && TextKey($0.value.row.definition) == TextKey(definition)
        }
    }

    var withIncidents: Int { rows.ascending().count { $0.value.row.incidents > 0 } }

    func lowest(ofNewest count: Int, below handle: RowHandle?) -> RowHandle? {
        var lowest: RowHandle?
        var rest = count
        for (found, _) in rows.descending(below: handle) {
            guard rest > 0 else { break }
            lowest = found
            rest -= 1
        }
        return lowest
    }

    func list(_ query: ProcessQuery) -> [StoredProcess] {
        let tenant = TextKey(query.tenant)
        let candidates = query.key.map { byKey[TextKey(query.tenant, $0)] } ?? byTenant[tenant]
        var page: [StoredProcess] = []
        for (handle, _) in candidates.descending(below: query.before) {
            guard page.count < query.limit, handle >= query.from ?? 0 else { break }
            guard let process = rows[handle], query.allows(process.row) else { continue }
            page.append(StoredProcess(handle: handle, row: process.row, snapshot: nil))
        }
        return page
    }
}

// MARK: Keys

extension MemoryProcesses {
    func locate(_ key: LocationKey) -> LocatedProcess? { owners[TextKey(key)] }

    mutating func addLocation(_ key: LocationKey, process: RowHandle) throws(StoreError) {
        let text = TextKey(key)
        if let owner = owners[text], owner.running, owner.handle != process {
            throw .conflict("\(key.name.isEmpty ? "key" : key.name) \(key.value) belongs to a running process")
        }
        owners[text] = LocatedProcess(handle: process, running: true)
        keys[process, default: OrderedTable()][text] = OwnedKey(key: key, running: true)
    }

    mutating func releaseLocations(_ released: [LocationKey], process: RowHandle) {
        for key in released {
            let text = TextKey(key)
            guard let owner = owners[text], owner.handle == process else { continue }
            owners[text] = LocatedProcess(handle: process, running: false)
            keys[process]?.update(text) { $0.running = false }
        }
    }

    func locations(of process: RowHandle) -> [(key: LocationKey, running: Bool)] {
        keys[process]?.inOrder.map { ($0.key, $0.running) } ?? []
    }
}

// MARK: Removing

extension MemoryProcesses {
    func ended(through time: Instant, limit: Int) -> [RowHandle] {
        var found: [RowHandle] = []
        for (end, _) in ends.ascending() {
            guard end.at <= time, found.count < limit else { break }
            found.append(end.handle)
        }
        return found
    }

    var earliestEnd: Instant? { ends.first?.key.at }

    mutating func remove(_ handle: RowHandle) {
        guard let row = rows[handle]?.row else { return }
        count(row, -1)
        if let end = row.endedAt { ends.remove(DueRank(at: end, handle: handle)) }
        let owned = keys[handle]?.inOrder ?? []
        keys[handle] = nil
        for key in owned {
            let text = TextKey(key.key)
            guard owners[text]?.handle == handle else { continue }
            // The one before it, if there was one, is the last that had the key.
            let former = keys.filter { $0.value[text] != nil }.map(\.key).max()
            owners[text] = former.map { LocatedProcess(handle: $0, running: false) }
        }
        rows[handle] = nil
        handles[row.id] = nil
        byTenant.remove(handle, from: TextKey(row.tenant))
        byKey.remove(handle, from: TextKey(row.tenant, row.key))
    }
}
