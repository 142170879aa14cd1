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
///
/// Two generations: what is used is in the young one; when that is full it becomes the old one, and what was not used
/// since is dropped. So no use pays for keeping an order.
struct ProcessCache {
    private var young: [RowHandle: LoadedProcess] = [:]
    private var old: [RowHandle: LoadedProcess] = [:]
    private var dirty: Set<RowHandle> = []
    private let generation: Int

    init(limit: Int) {
        generation = max(1, limit / 2)
    }

    mutating func take(_ handle: RowHandle) -> LoadedProcess? {
        if let process = young[handle] { return process }
        guard let process = old.removeValue(forKey: handle) else { return nil }
        keep(process)
        return process
    }

    /// `changed`: the open transaction wrote it.
    mutating func put(_ process: LoadedProcess, changed: Bool) {
        if changed { dirty.insert(process.handle) }
        keep(process)
    }

    mutating func committed() {
        dirty.removeAll(keepingCapacity: true)
    }

    mutating func rolledBack() {
        for handle in dirty {
            young[handle] = nil
            old[handle] = nil
        }
        dirty.removeAll(keepingCapacity: true)
    }

    mutating func remove(_ handle: RowHandle) {
        young[handle] = nil
        old[handle] = nil
        dirty.remove(handle)
    }

    mutating func removeAll() {
        young.removeAll()
        old.removeAll()
        dirty.removeAll()
    }

    private mutating func keep(_ process: LoadedProcess) {
        young[process.handle] = process
        guard young.count >= generation else { return }
        old = young
        young = Dictionary(minimumCapacity: generation)
    }
}
