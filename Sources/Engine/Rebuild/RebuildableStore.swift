import EventSourcing
import ProcessManagement

/// Whose stream it is, as its events say; there may be no row.
public struct StreamOwner: Sendable, Equatable {
    public var handle: RowHandle
    public var tenant: String
    public var definition: String

    public init(handle: RowHandle, tenant: String, definition: String) {
        self.handle = handle
        self.tenant = tenant
        self.definition = definition
    }
}

/// A store whose derived rows can be written anew from its events. All writes are between `begin` and `commit`.
public protocol RebuildableStore: ProcessStore {
    /// Streams of processes that were not removed, in the order of their handles.
    func processStreams(after handle: RowHandle, limit: Int) throws(StoreError) -> [StreamOwner]
    /// Records of such a stream in order; no row is needed.
    func records(of owner: StreamOwner, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent]
    /// The same for a task's own stream.
    func records(ofTask task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent]
    /// Streams of tasks that have no row, by the task that their first record names.
    func lostTasks() throws(StoreError) -> [TaskID: RowHandle]
    func tasks(of process: RowHandle) throws(StoreError) -> [StoredTask]
    /// Rows of processes that have no stream.
    func processesWithoutStream() throws(StoreError) -> [RowHandle]

    /// Inserts or replaces the row under this handle.
    func restoreProcess(
        _ handle: RowHandle, _ row: ProcessRow, snapshot: StoredProcess.Snapshot?
    ) throws(StoreError)
    /// Inserts or replaces; without a handle, under a new one.
    func restoreTask(_ handle: RowHandle?, _ row: TaskRow) throws(StoreError)
    func removeTask(_ handle: RowHandle) throws(StoreError)
    func removeKeysAndTimers(of process: RowHandle) throws(StoreError)
    /// `end` is the position at which the process ended and released the key; nil while it runs.
    func restoreKey(_ key: LocationKey, of process: RowHandle, end: Int64?) throws(StoreError)
    /// After the last key: brings those that were released into their order.
    func orderKeys() throws(StoreError)
}
