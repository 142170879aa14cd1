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
