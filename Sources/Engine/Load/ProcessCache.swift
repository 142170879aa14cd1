import EventSourcing
import ProcessManagement

/// A process in memory: its state, and what of it the store has as a snapshot.
struct LoadedProcess {
    /// 0 while the process is new and has no row.
    var handle: RowHandle
    var state: ProcessState
    /// Bytes of the stream that were appended since the stored snapshot; writing a new one is due when they outweigh it.
    var bytesSinceSnapshot = 0
    var snapshotBytes = 0
}

/// The processes used last, bounded by number. What an uncommitted transaction changed is forgotten if it is rolled back.
struct ProcessCache {
    private var entries: [RowHandle: Entry] = [:]
    private var dirty: Set<RowHandle> = []
    private var clock: UInt64 = 0
    private let limit: Int

    private struct Entry {
        var process: LoadedProcess
        var usedAt: UInt64
    }

    init(limit: Int) {
        self.limit = limit
    }

    mutating func take(_ handle: RowHandle) -> LoadedProcess? {
        guard var entry = entries[handle] else { return nil }
        clock += 1
        entry.usedAt = clock
        entries[handle] = entry
        return entry.process
    }

    /// `changed`: the open transaction wrote it.
    mutating func put(_ process: LoadedProcess, changed: Bool) {
        let handle = process.handle
        clock += 1
        entries[handle] = Entry(process: process, usedAt: clock)
        if changed { dirty.insert(handle) }
        if entries.count > limit { evict() }
    }

    mutating func committed() {
        dirty.removeAll(keepingCapacity: true)
    }

    mutating func rolledBack() {
        for handle in dirty { entries[handle] = nil }
        dirty.removeAll(keepingCapacity: true)
    }

    mutating func removeAll() {
        entries.removeAll()
        dirty.removeAll()
    }

    /// Drops the older half, so that the walk is paid once per half a cache.
    private mutating func evict() {
        let used = entries.values.map(\.usedAt).sorted()
        let threshold = used[used.count / 2]
        entries = entries.filter { $0.value.usedAt >= threshold || dirty.contains($0.key) }
    }
}
