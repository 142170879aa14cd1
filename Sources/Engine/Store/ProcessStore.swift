import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// The engine's port to where everything is kept.
///
/// One engine owns a store and calls it from one thread only. Every write happens between `begin` and `commit`; the
/// reads see the uncommitted writes of the transaction that is open. After `commit` returns, everything written is
/// durable; if it throws, or after `rollback`, nothing of the transaction is there. An insertion of what is there already
/// is `StoreError.duplicate`, a stream at another version or a key of another process `.conflict`; both are found before
/// anything of that call is written, and the transaction goes on. A write to a process or task that is not there is
/// `.unknown`. Events are known again by the inbox: whoever appends an accepted event puts it there in the same
/// transaction.
///
/// Texts are compared byte by byte, never normalised, and come back as they were; so do payloads. Ids are unique over
/// all tenants. Queries without a stated order may answer in any; age is the order of insertion. What holds payloads is
/// read in pages of `PageFill`, with or without a `limit`: whoever wants all of it asks until nothing more comes.
public protocol ProcessStore: AnyObject, InboxTable, ProcessTable, StreamTable, TaskTable, TimerTable, WaitingTable,
    OutboxTable, WebhookTable, DeliveryTable, InputQueueTable, DefinitionTable, SettingTable, AccessKeyTable,
    SubscriptionTable, RequestKeyTable, RetentionTable
{
    func begin() throws(StoreError)
    func commit() throws(StoreError)
    /// Forgets the open transaction. Without one nothing happens.
    func rollback()

    /// Closes and opens again, after a failed commit: whatever the store held in memory is read anew.
    func reopen() throws(StoreError)
    /// Later calls throw `.closed`. Calling it again does nothing.
    func close()

    /// A reader of committed state for use on another thread, with its own connection.
    func makeReader() throws(StoreError) -> any ProcessReader

    /// Who looks after its file; nil if nobody has to.
    var watch: (any StoreWatch)? { get }
}

/// Which events were handled already.
public protocol InboxTable {
    func inboxEntry(_ key: InboxKey) throws(StoreError) -> InboxEntry?
    /// - Throws: `.duplicate` if the key is there.
    func insertInboxEntry(_ entry: InboxEntry, for key: InboxKey) throws(StoreError)
}

/// Processes and the keys under which events find them.
public protocol ProcessTable {
    func process(_ id: ProcessID, tenant: String) throws(StoreError) -> StoredProcess?
    func process(_ handle: RowHandle) throws(StoreError) -> StoredProcess?
    /// - Throws: `.duplicate` if the id is there.
    func insertProcess(_ row: ProcessRow) throws(StoreError) -> RowHandle
    /// Writes the row, and the snapshot if one is given; without, the stored snapshot stays.
    func updateProcess(
        _ handle: RowHandle, _ row: ProcessRow, snapshot: StoredProcess.Snapshot?
    ) throws(StoreError)

    /// The running process with the key or, without one, the last that had it.
    func locate(_ key: LocationKey) throws(StoreError) -> LocatedProcess?
    /// Nothing happens if the process has the key already.
    ///
    /// - Throws: `.conflict` if another running process has the key.
    func addLocation(_ key: LocationKey, process: RowHandle) throws(StoreError)
    /// The process has ended: its keys are free, and still remembered as its. Keys of others stay as they are.
    func releaseLocations(_ keys: [LocationKey], process: RowHandle) throws(StoreError)

    /// The definition versions that processes run on which have not ended, newest first.
    func runningVersions(of definition: String, tenant: String) throws(StoreError) -> [Int]
    /// Whether any process, ended ones and those of all tenants included, has this version in its row.
    func hasProcess(of definition: String, version: Int) throws(StoreError) -> Bool
}

/// The streams of processes and tasks, and the one order of everything in them.
public protocol StreamTable {
    /// Appends at least one event to a process's stream; the first gets `version`, the others follow.
    ///
    /// - Returns: the position of the first; the others follow without gaps.
    /// - Throws: `.conflict` if the stream is not at `version - 1`.
    func append(
        _ events: [Event], toProcess process: RowHandle, version: Int64, at now: Instant
    ) throws(StoreError) -> Int64

    /// The same for a task's own stream.
    @discardableResult
    func append(_ events: [Event], toTask task: RowHandle, version: Int64, at now: Instant) throws(StoreError) -> Int64

    /// Appends at least one event to the end of the stream `published::<process id>`.
    ///
    /// - Returns: the position of the first; the others follow without gaps.
    func append(_ events: [Event], publishedBy process: RowHandle, at now: Instant) throws(StoreError) -> Int64

    /// Appends at least one event to the end of a stream that belongs to no process or task; the first append makes it.
    ///
    /// - Returns: the position of the first; the others follow without gaps.
    @discardableResult
    func append(
        _ events: [Event], toGeneral stream: StreamID, tenant: String, at now: Instant
    ) throws(StoreError) -> Int64

    /// Records of a process's stream in order, from `version` on.
    func processStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent]
    func taskStream(_ task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent]
    /// What a process published, in order.
    func publishedStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent]
    /// The record at a position.
    func record(at position: Int64) throws(StoreError) -> RecordedEvent?
}

/// Tasks: what is claimable, by whom it is held, what is due.
public protocol TaskTable {
    func task(_ id: TaskID, tenant: String) throws(StoreError) -> StoredTask?
    /// - Throws: `.duplicate` if the id is there.
    func insertTask(_ row: TaskRow) throws(StoreError) -> RowHandle
    func updateTask(_ handle: RowHandle, _ row: TaskRow) throws(StoreError)
    /// Tasks of the process that have not ended, oldest first.
    func openTasks(of process: RowHandle) throws(StoreError) -> [StoredTask]
    /// Claimable tasks (`ready` and not parked) of any of the types, highest priority first, then by `readyAt`, then by
    /// age. Only of processes of the definitions, if any are given.
    func claimableTasks(
        tenant: String, types: [String], definitions: [String], limit: Int
    ) throws(StoreError) -> [StoredTask]
    /// Tasks still leased under a worker's claim id, in the order in which they were handed out: by the start of the
    /// lease, then as `claimableTasks` orders them.
    func leasedTasks(tenant: String, worker: String, claim: String) throws(StoreError) -> [StoredTask]
    /// All leased tasks; read once at start.
    func leasedTasks() throws(StoreError) -> [StoredTask]
    /// Tasks with `dueAt` at or before `now`, parked or not, earliest first, then by age.
    func dueTasks(at now: Instant, limit: Int) throws(StoreError) -> [StoredTask]
    /// The earliest `dueAt` of a task.
    func nextTaskDue() throws(StoreError) -> Instant?
}

extension TaskTable {
    public func claimableTasks(tenant: String, types: [String], limit: Int) throws(StoreError) -> [StoredTask] {
        try claimableTasks(tenant: tenant, types: types, definitions: [], limit: limit)
    }
}

/// Timers of processes.
public protocol TimerTable {
    /// - Throws: `.duplicate` if the process has the timer.
    func insertTimer(_ row: TimerRow) throws(StoreError)
    /// Removes one; nothing happens without it.
    func removeTimer(_ id: TimerID, of process: RowHandle) throws(StoreError)
    /// In the order of insertion, parked ones too.
    func timers(of process: RowHandle) throws(StoreError) -> [TimerRow]
    /// Suspends or resumes all timers of a process.
    func parkTimers(of process: RowHandle, _ parked: Bool) throws(StoreError)
    /// Timers due at or before `now` that are not parked, by `dueAt`, then in the order of insertion.
    func dueTimers(at now: Instant, limit: Int) throws(StoreError) -> [TimerRow]
    func nextTimerDue() throws(StoreError) -> Instant?
}

/// Events that wait for a process, and those that found none.
public protocol WaitingTable {
    /// The store gives the handle.
    func insertHeld(_ held: HeldEvent) throws(StoreError)
    /// Those with larger handles that wait for a key, oldest first.
    func heldEvents(for key: LocationKey, after handle: RowHandle) throws(StoreError) -> [HeldEvent]
    func removeHeld(_ handle: RowHandle) throws(StoreError)
    /// Those whose hold is over at `now`, earliest first.
    func expiredHeld(at now: Instant, limit: Int) throws(StoreError) -> [HeldEvent]
    func nextHeldExpiry() throws(StoreError) -> Instant?

    /// The store gives the handle, larger than all before; operators know it, so it is never given twice.
    /// - Returns: its handle.
    @discardableResult
    func insertUnmatched(_ event: UnmatchedEvent) throws(StoreError) -> RowHandle
    func unmatched(_ handle: RowHandle, tenant: String) throws(StoreError) -> UnmatchedEvent?
    func removeUnmatched(_ handle: RowHandle) throws(StoreError)
}

extension WaitingTable {
    /// The first page of them.
    public func heldEvents(for key: LocationKey) throws(StoreError) -> [HeldEvent] {
        try heldEvents(for: key, after: 0)
    }
}

/// Inputs of our own that did not fit into their transaction, first in first out.
public protocol InputQueueTable {
    /// The store gives the handle, larger than all that are there.
    func enqueue(_ input: QueuedInput) throws(StoreError)
    /// The oldest ones, in order.
    func queuedInputs(limit: Int) throws(StoreError) -> [QueuedInput]
    func removeQueued(_ handle: RowHandle) throws(StoreError)
    /// When the oldest came.
    func nextQueued() throws(StoreError) -> Instant?
}

public protocol DefinitionTable {
    /// Every stored version, by name, then by version.
    func definitions() throws(StoreError) -> [DefinitionRow]
    /// - Throws: `.duplicate` if the version is there.
    func insertDefinition(_ row: DefinitionRow) throws(StoreError)
    /// Nothing happens without it.
    func deleteDefinition(name: String, version: Int) throws(StoreError)
}

/// API keys, without their secrets.
public protocol AccessKeyTable {
    /// All of them, oldest first.
    func accessKeys() throws(StoreError) -> [AccessKeyRow]
    func accessKey(_ id: UniqueID) throws(StoreError) -> AccessKeyRow?
    /// - Throws: `.duplicate` if the id or the hash is there.
    func insertAccessKey(_ row: AccessKeyRow) throws(StoreError)
    /// Writes when it was revoked and last used; the rest of a key never changes.
    func updateAccessKey(_ row: AccessKeyRow) throws(StoreError)
}

/// Single values that belong to the store: its secret, the time of a test clock.
public protocol SettingTable {
    func setting(_ name: String) throws(StoreError) -> [UInt8]?
    /// Sets or replaces it.
    func setSetting(_ name: String, _ value: [UInt8]) throws(StoreError)
}
