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
    private var processes: RecentlyUsed<RowHandle, LoadedProcess>
    private var dirty: Set<RowHandle> = []

    init(limit: Int) {
        processes = RecentlyUsed(limit: limit)
    }

    mutating func take(_ handle: RowHandle) -> LoadedProcess? { processes.take(handle) }

    /// `changed`: the open transaction wrote it.
    mutating func put(_ process: LoadedProcess, changed: Bool) {
        if changed { dirty.insert(process.handle) }
        processes.keep(process, for: process.handle)
    }

    mutating func committed() {
        dirty.removeAll(keepingCapacity: true)
    }

    mutating func rolledBack() {
        for handle in dirty { processes.remove(handle) }
        dirty.removeAll(keepingCapacity: true)
    }

    mutating func remove(_ handle: RowHandle) {
        processes.remove(handle)
        dirty.remove(handle)
    }

    mutating func removeAll() {
        processes.removeAll()
        dirty.removeAll()
    }
}
