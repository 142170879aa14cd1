import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// Queries on committed state, off the engine's thread.
///
/// Every call sees all that was committed before it began. A reader is used by one thread at a time. What holds payloads
/// (records, events) is read in pages of `PageFill`: fewer than `limit`, and at least one if there is any.
public protocol ProcessReader: AnyObject, WebhookReader {
    /// Runs several queries on one consistent view. A view within a view is the outer one.
    func snapshot<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result

    func process(_ id: ProcessID, tenant: String) throws(StoreError) -> StoredProcess?
    func processStream(_ process: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent]
    func publishedStream(_ process: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent]
    /// A stream that belongs to no process or task.
    func generalStream(
        _ stream: StreamID, tenant: String, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent]
    func openTasks(of process: RowHandle) throws(StoreError) -> [StoredTask]
    /// Without their snapshots.
    func processes(_ query: ProcessQuery) throws(StoreError) -> [StoredProcess]
    /// The lowest handle among the newest `count` processes of all tenants that are below `handle`; nil if there is none.
    /// With it as the `from` of a query, no more rows than that are looked at.
    func lowestProcess(ofNewest count: Int, below handle: RowHandle?) throws(StoreError) -> RowHandle?
    /// How many processes have an open incident, of all tenants.
    func processesWithIncidents() throws(StoreError) -> Int

    func task(_ id: TaskID, tenant: String) throws(StoreError) -> StoredTask?
    func taskStream(_ task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent]
    func process(_ handle: RowHandle) throws(StoreError) -> StoredProcess?
    func record(at position: Int64) throws(StoreError) -> RecordedEvent?
    /// Task counts by type and status, in the order of the types. Tasks that have ended or are parked do not count;
    /// types without others are left out.
    func queues(tenant: String) throws(StoreError) -> [QueueRow]

    /// The global order of the tenant, as in `EventStore.readAll`.
    func events(
        tenant: String, after position: Int64, matching filter: EventFilter, limit: Int
    ) throws(StoreError) -> EventPage
    /// Every tenant that ever had something stored, in any order.
    func tenants() throws(StoreError) -> [String]
    /// Position of the newest committed event, 0 without one.
    func lastPosition() throws(StoreError) -> Int64

    func subscription(_ name: String, tenant: String) throws(StoreError) -> StoredSubscription?
    /// By name.
    func subscriptions(tenant: String) throws(StoreError) -> [StoredSubscription]

    /// Those with larger handles, in their order.
    func unmatched(tenant: String, after handle: RowHandle, limit: Int) throws(StoreError) -> [UnmatchedEvent]
    func heldEvents(tenant: String, after handle: RowHandle, limit: Int) throws(StoreError) -> [HeldEvent]

    /// What is remembered of an event.
    func inboxEntry(_ key: InboxKey) throws(StoreError) -> InboxEntry?
    /// What is remembered of all events of all tenants, in the store's own order, behind a key that came before.
    func inbox(after place: InboxKey?, limit: Int) throws(StoreError) -> [(key: InboxKey, entry: InboxEntry)]
    /// Records of processes that were removed are still there.
    func hasRemovedRecords() throws(StoreError) -> Bool
    /// There are inputs of our own that wait for their turn.
    func hasQueuedInputs() throws(StoreError) -> Bool

    /// Everything derived, for `verify`: all of a process's location keys, timers and tasks (ended ones too).
    func locations(of process: RowHandle) throws(StoreError) -> [(key: LocationKey, running: Bool)]
    func timers(of process: RowHandle) throws(StoreError) -> [TimerRow]
    func allTasks(of process: RowHandle) throws(StoreError) -> [StoredTask]
    func outbox(of process: RowHandle) throws(StoreError) -> [OutboxRow]
    /// By name, then version.
    func definitions() throws(StoreError) -> [DefinitionRow]
    /// The newest version of each, by name.
    func newestDefinitions() throws(StoreError) -> [DefinitionSummary]
    /// The versions of one definition, oldest first.
    func definitionVersions(named name: String) throws(StoreError) -> [DefinitionSummary]
    /// The versions of one definition, oldest first.
    func definitions(named name: String) throws(StoreError) -> [DefinitionRow]
    func setting(_ name: String) throws(StoreError) -> [UInt8]?
    /// Oldest first.
    func accessKeys() throws(StoreError) -> [AccessKeyRow]
}

/// Which processes a list wants, newest first. All conditions given must hold.
public struct ProcessQuery: Sendable, Equatable {
    public var tenant: String
    public var definition: String?
    /// Any of these; empty for all.
    public var status: [ProcessStatus]
    public var key: String?
    public var hasIncident: Bool?
    public var suspended: Bool?
    /// Strictly later, as in all four bounds.
    public var startedAfter: Instant?
    public var startedBefore: Instant?
    public var updatedAfter: Instant?
    public var updatedBefore: Instant?
    /// Only processes with smaller handles: where the page before ended.
    public var before: RowHandle?
    /// Only processes with this handle or a larger one.
    public var from: RowHandle?
    public var limit: Int

    public init(tenant: String, limit: Int) {
        self.tenant = tenant
        self.limit = limit
        status = []
    }
}

extension ProcessQuery {
    /// Whether a process of the tenant meets all conditions but that of the page.
    public func allows(_ row: ProcessRow) -> Bool {
        if let key, !key.utf8.elementsEqual(row.key.utf8) { return false }
        if let definition, !definition.utf8.elementsEqual(row.definition.utf8) { return false }
        if !status.isEmpty, !status.contains(row.status) { return false }
        if let hasIncident, hasIncident != (row.incidents > 0) { return false }
        if let suspended, suspended != row.suspended { return false }
        if let startedAfter, row.startedAt <= startedAfter { return false }
        if let startedBefore, row.startedAt >= startedBefore { return false }
        if let updatedAfter, row.updatedAt <= updatedAfter { return false }
        if let updatedBefore, row.updatedAt >= updatedBefore { return false }
        return true
    }
}

/// How many tasks of a type are where.
public struct QueueRow: Sendable, Equatable {
    public var type: String
    public var ready: Int
    public var leased: Int
    public var delayed: Int
    public var oldestReadyAt: Instant?

    public init(type: String, ready: Int, leased: Int, delayed: Int, oldestReadyAt: Instant?) {
        self.type = type
        self.ready = ready
        self.leased = leased
        self.delayed = delayed
        self.oldestReadyAt = oldestReadyAt
    }
}
