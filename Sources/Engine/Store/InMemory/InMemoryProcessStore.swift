import Chrono
import EventSourcing
import JSON
import ProcessManagement
import Synchronization

/// A `ProcessStore` that keeps everything in memory, for tests, simulation and try-outs: "durable" means as long as
/// the store itself.
///
/// All tables are one persistent value, so that a transaction costs a copy of it, O(1), and a change O(log n). Ids,
/// texts and payloads come back exactly as they were given. Calling `begin` twice, or writing or committing without it,
/// is a programmer's error and traps.
public final class InMemoryProcessStore: ProcessStore {
    private var tables = MemoryTables()
    /// The tables as they were at `begin`; nil without an open transaction.
    private var beforeTransaction: MemoryTables?
    private var isClosed = false
    private let committed = CommittedTables()

    public init() {}

    public func begin() throws(StoreError) {
        try checkOpen()
        precondition(beforeTransaction == nil, "one transaction at a time")
        beforeTransaction = tables
    }

    public func commit() throws(StoreError) {
        try checkOpen()
        precondition(beforeTransaction != nil, "nothing to commit without begin")
        beforeTransaction = nil
        committed.publish(tables)
    }

    public func rollback() {
        guard let before = beforeTransaction else { return }
        tables = before
        beforeTransaction = nil
    }

    /// Drops the open transaction; what was committed stays.
    public func reopen() throws(StoreError) {
        try checkOpen()
        rollback()
    }

    /// Drops the open transaction. Readers go on with what was committed.
    public func close() {
        rollback()
        isClosed = true
    }

    public func makeReader() throws(StoreError) -> any ProcessReader {
        try checkOpen()
        return InMemoryProcessReader(committed)
    }

    private func checkOpen() throws(StoreError) {
        if isClosed { throw .closed }
    }

    /// What reads see: the uncommitted writes included.
    func read<Answer>(_ body: (borrowing MemoryTables) -> Answer) throws(StoreError) -> Answer {
        try checkOpen()
        return body(tables)
    }

    func write<Answer>(
        _ body: (inout MemoryTables) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        try checkOpen()
        precondition(beforeTransaction != nil, "every write happens between begin and commit")
        return try body(&tables)
    }
}

/// The tables as of the last commit, for readers on any thread.
final class CommittedTables: Sendable {
    private let tables = Mutex(MemoryTables())

    var current: MemoryTables { tables.withLock { $0 } }

    func publish(_ new: MemoryTables) { tables.withLock { $0 = new } }
}

// MARK: Inbox, processes, streams

extension InMemoryProcessStore {
    public func inboxEntry(_ key: InboxKey) throws(StoreError) -> InboxEntry? {
        try read { $0.inboxEntry(key) }
    }

    public func insertInboxEntry(_ entry: InboxEntry, for key: InboxKey) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.insertInboxEntry(entry, for: key) }
    }

    public func process(_ id: ProcessID, tenant: String) throws(StoreError) -> StoredProcess? {
        try read { $0.processes.find(id, tenant: tenant) }
    }

    public func process(_ handle: RowHandle) throws(StoreError) -> StoredProcess? {
        try read { $0.processes[handle] }
    }

    public func insertProcess(_ row: ProcessRow) throws(StoreError) -> RowHandle {
        try write { tables throws(StoreError) in try tables.processes.insert(row) }
    }

    public func updateProcess(
        _ handle: RowHandle, _ row: ProcessRow, snapshot: StoredProcess.Snapshot?
    ) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.processes.update(handle, row, snapshot: snapshot) }
    }

    public func locate(_ key: LocationKey) throws(StoreError) -> LocatedProcess? {
        try read { $0.processes.locate(key) }
    }

    public func addLocation(_ key: LocationKey, process: RowHandle) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.processes.addLocation(key, process: process) }
    }

    public func releaseLocations(_ keys: [LocationKey], process: RowHandle) throws(StoreError) {
        try write { $0.processes.releaseLocations(keys, process: process) }
    }

    public func runningVersions(of definition: String, tenant: String) throws(StoreError) -> [Int] {
        try read { $0.processes.runningVersions(of: definition, tenant: tenant) }
    }

    public func hasProcess(of definition: String, version: Int) throws(StoreError) -> Bool {
        try read { $0.processes.contains(definition: definition, version: version) }
    }

    public func append(
        _ events: [Event], toProcess process: RowHandle, version: Int64, at now: Instant
    ) throws(StoreError) -> Int64 {
        try write { tables throws(StoreError) in
            guard let row = tables.processes[process]?.row else { throw .unknown("process with handle \(process)") }
            return try tables.streams.append(
                events, to: .process(process), .process(row.id, of: row.definition), tenant: row.tenant,
                version: version, at: now)
        }
    }

    @discardableResult
    public func append(
        _ events: [Event], toTask task: RowHandle, version: Int64, at now: Instant
    ) throws(StoreError) -> Int64 {
        try write { tables throws(StoreError) in
            guard let row = tables.tasks[task]?.row else { throw .unknown("task with handle \(task)") }
            return try tables.streams.append(
                events, to: .task(task), .task(row.id), tenant: row.tenant, version: version, at: now)
        }
    }

    public func append(
        _ events: [Event], publishedBy process: RowHandle, at now: Instant
    ) throws(StoreError) -> Int64 {
        try write { tables throws(StoreError) in
            guard let row = tables.processes[process]?.row else { throw .unknown("process with handle \(process)") }
            return try tables.streams.append(
                events, to: .published(process), .published(by: row.id), tenant: row.tenant,
                version: tables.streams.version(of: .published(process)) + 1, at: now)
        }
    }

    @discardableResult
    public func append(
        _ events: [Event], toGeneral stream: StreamID, tenant: String, at now: Instant
    ) throws(StoreError) -> Int64 {
        try write { tables throws(StoreError) in
            let owner = MemoryStreams.Owner.general(stream, tenant: TextKey(tenant))
            return try tables.streams.append(
                events, to: owner, stream, tenant: tenant, version: tables.streams.version(of: owner) + 1, at: now)
        }
    }

    public func publishedStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        try read { $0.streams.read(.published(process), from: version, limit: limit) }
    }

    public func processStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        try read { $0.streams.read(.process(process), from: version, limit: limit) }
    }

    public func taskStream(_ task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        try read { $0.streams.read(.task(task), from: version, limit: limit) }
    }

    public func record(at position: Int64) throws(StoreError) -> RecordedEvent? {
        try read { $0.streams[position] }
    }
}

// MARK: Tasks and timers

extension InMemoryProcessStore {
    public func task(_ id: TaskID, tenant: String) throws(StoreError) -> StoredTask? {
        try read { $0.tasks.find(id, tenant: tenant) }
    }

    public func insertTask(_ row: TaskRow) throws(StoreError) -> RowHandle {
        try write { tables throws(StoreError) in try tables.tasks.insert(row) }
    }

    public func updateTask(_ handle: RowHandle, _ row: TaskRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.tasks.update(handle, row) }
    }

    public func openTasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.open(of: process) }
    }

    public func claimableTasks(
        tenant: String, types: [String], definitions: [String], limit: Int
    ) throws(StoreError) -> [StoredTask] {
        try read { tables in
            guard !definitions.isEmpty else {
                return tables.tasks.claimable(tenant: tenant, types: types, limit: limit) { _ in true }
            }
            let wanted = Set(definitions.map { TextKey($0) })
            let processes = tables.processes
            return tables.tasks.claimable(tenant: tenant, types: types, limit: limit) { task in
                processes[task.row.process].map { wanted.contains(TextKey($0.row.definition)) } ?? false
            }
        }
    }

    public func leasedTasks(tenant: String, worker: String, claim: String) throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.leased(tenant: tenant, worker: worker, claim: claim) }
    }

    public func leasedTasks() throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.allLeased() }
    }

    public func dueTasks(at now: Instant, limit: Int) throws(StoreError) -> [StoredTask] {
        try read { $0.tasks.due(at: now, limit: limit) }
    }

    public func nextTaskDue() throws(StoreError) -> Instant? {
        try read { $0.tasks.nextDue }
    }

    public func insertTimer(_ row: TimerRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.timers.insert(row) }
    }

    public func removeTimer(_ id: TimerID, of process: RowHandle) throws(StoreError) {
        try write { $0.timers.remove(id, of: process) }
    }

    public func timers(of process: RowHandle) throws(StoreError) -> [TimerRow] {
        try read { $0.timers.all(of: process) }
    }

    public func parkTimers(of process: RowHandle, _ parked: Bool) throws(StoreError) {
        try write { $0.timers.park(of: process, parked) }
    }

    public func dueTimers(at now: Instant, limit: Int) throws(StoreError) -> [TimerRow] {
        try read { $0.timers.due(at: now, limit: limit) }
    }

    public func nextTimerDue() throws(StoreError) -> Instant? {
        try read { $0.timers.nextDue }
    }
}

// MARK: Waiting events, outbox, definitions, settings, keys

extension InMemoryProcessStore {
    public func insertHeld(_ held: HeldEvent) throws(StoreError) {
        try write { $0.held.insert(held) }
    }

    public func heldEvents(for key: LocationKey) throws(StoreError) -> [HeldEvent] {
        try read { $0.held.waiting(for: key) }
    }

    public func removeHeld(_ handle: RowHandle) throws(StoreError) {
        try write { $0.held.remove(handle) }
    }

    public func expiredHeld(at now: Instant, limit: Int) throws(StoreError) -> [HeldEvent] {
        try read { $0.held.expired(at: now, limit: limit) }
    }

    public func nextHeldExpiry() throws(StoreError) -> Instant? {
        try read { $0.held.nextExpiry }
    }

    public func insertUnmatched(_ event: UnmatchedEvent) throws(StoreError) {
        try write { $0.unmatched.insert(event) }
    }

    public func unmatched(_ handle: RowHandle, tenant: String) throws(StoreError) -> UnmatchedEvent? {
        try read { $0.unmatched.find(handle, tenant: tenant) }
    }

    public func removeUnmatched(_ handle: RowHandle) throws(StoreError) {
        try write { $0.unmatched.remove(handle) }
    }

    public func insertOutbox(_ row: OutboxRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.outbox.insert(row) }
    }

    public func enqueue(_ input: QueuedInput) throws(StoreError) {
        try write { $0.enqueue(input) }
    }

    public func queuedInputs(limit: Int) throws(StoreError) -> [QueuedInput] {
        try read { $0.queue.ascending().lazy.prefix(max(limit, 0)).map(\.value) }
    }

    public func removeQueued(_ handle: RowHandle) throws(StoreError) {
        try write { $0.removeQueued(handle) }
    }

    public func nextQueued() throws(StoreError) -> Instant? {
        try read { $0.queue.first?.value.queuedAt }
    }

    public func definitions() throws(StoreError) -> [DefinitionRow] {
        try read { $0.definitions }
    }

    public func insertDefinition(_ row: DefinitionRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.insertDefinition(row) }
    }

    public func deleteDefinition(name: String, version: Int) throws(StoreError) {
        try write { $0.deleteDefinition(name: name, version: version) }
    }

    public func accessKeys() throws(StoreError) -> [AccessKeyRow] {
        try read { $0.accessKeys.inOrder }
    }

    public func accessKey(_ id: UniqueID) throws(StoreError) -> AccessKeyRow? {
        try read { $0.accessKeys[id] }
    }

    public func insertAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.insertAccessKey(row) }
    }

    public func updateAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.updateAccessKey(row) }
    }

    public func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        try read { $0.setting(name) }
    }

    public func setSetting(_ name: String, _ value: [UInt8]) throws(StoreError) {
        try write { $0.setSetting(name, value) }
    }
}
