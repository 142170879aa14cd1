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

extension LoadedProcess {
    /// What the state takes in memory, or more: it is made of the snapshot and of the records since, whose sizes are known.
    var byteCount: Int { CacheBounds.bytes(ofText: snapshotBytes + bytesSinceSnapshot) }
}

/// How much the engine remembers of what the store has.
public struct CacheBounds: Sendable {
    /// Processes, and plans of tasks.
    public var count: Int
    /// For the states of processes.
    public var stateBytes: Int
    /// For the plans of tasks, their inputs among them.
    public var planBytes: Int

    public init(count: Int = 10_000, stateBytes: Int = 224 * 1_048_576, planBytes: Int = 56 * 1_048_576) {
        self.count = count
        self.stateBytes = stateBytes
        self.planBytes = planBytes
    }

    /// What JSON takes in memory: beside its bytes, the index that finds its values is up to four times as large, where they
    /// are as small as can be.
    static func bytes(ofText count: Int) -> Int { 2_048 + 5 * count }
}

/// The processes used last, bounded by number and bytes. What an uncommitted transaction changed is forgotten if it is rolled back.
struct ProcessCache {
    private var processes: RecentlyUsed<RowHandle, LoadedProcess>
    private var dirty: Set<RowHandle> = []

    init(limit: Int, bytes: Int) {
        processes = RecentlyUsed(limit: limit, bytes: bytes)
    }

    var byteCount: Int { processes.byteCount }

    mutating func take(_ handle: RowHandle) -> LoadedProcess? { processes.take(handle) }

    /// `changed`: the open transaction wrote it.
    mutating func put(_ process: LoadedProcess, changed: Bool) {
        if changed { dirty.insert(process.handle) }
        processes.keep(process, for: process.handle, bytes: process.byteCount)
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
