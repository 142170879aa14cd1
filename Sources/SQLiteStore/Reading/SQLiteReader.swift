import Chrono
import Engine
import EventSourcing
import ProcessManagement

/// Queries on what is committed, on a connection of its own that cannot write. For one thread at a time.
public final class SQLiteReader: ProcessReader {
    private let session: Session

    init(path: String, options: SQLiteOptions) throws(StoreError) {
        session = try Session(reading: path, options: options)
    }

    func watch(_ watch: FileWatch) { session.connection.watch = watch }

    /// Within the body every query sees the same commits; without, each sees the newest.
    ///
    /// The WAL cannot start anew while a body runs, so it should not take long.
    public func snapshot<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        guard !session.connection.isInTransaction else { return try body() }
        try session.connection.beginReading()
        defer { session.connection.rollback() }
        return try body()
    }

    public func process(_ id: ProcessID, tenant: String) throws(StoreError) -> StoredProcess? {
        try session.process(id, tenant: tenant)
    }

    public func process(_ handle: RowHandle) throws(StoreError) -> StoredProcess? {
        try session.process(handle)
    }

    public func processes(_ query: ProcessQuery) throws(StoreError) -> [StoredProcess] {
        try session.processes(query)
    }

    public func lowestProcess(ofNewest count: Int, below handle: RowHandle?) throws(StoreError) -> RowHandle? {
        try session.lowestProcess(ofNewest: count, below: handle)
    }

    public func processesWithIncidents() throws(StoreError) -> Int { try session.processesWithIncidents() }

    public func processStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        try session.processStream(process, from: version, limit: limit)
    }

    public func generalStream(
        _ stream: StreamID, tenant: String, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        guard let scope = try session.names.find(.scope, stream.category ?? "", tenant: tenant),
            let owner = try session.generalStream(stream.id, scope: scope)
        else { return [] }
        return try session.page(
            of: StreamKind.general.stream(of: owner), named: stream, from: version, limit: limit)
    }

    public func publishedStream(
        _ process: RowHandle, from version: Int64, limit: Int
    ) throws(StoreError) -> [RecordedEvent] {
        try session.publishedStream(process, from: version, limit: limit)
    }

    public func openTasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        try session.openTasks(of: process)
    }

    public func task(_ id: TaskID, tenant: String) throws(StoreError) -> StoredTask? {
        try session.task(id, tenant: tenant)
    }

    public func taskStream(_ task: RowHandle, from version: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        try session.taskStream(task, from: version, limit: limit)
    }

    public func record(at position: Int64) throws(StoreError) -> RecordedEvent? {
        try session.record(at: position)
    }

    public func queues(tenant: String) throws(StoreError) -> [QueueRow] {
        try session.queues(tenant: tenant)
    }

    public func events(
        tenant: String, after position: Int64, matching filter: EventFilter, limit: Int
    ) throws(StoreError) -> EventPage {
        try session.events(tenant: tenant, after: position, matching: filter, limit: limit)
    }

    public func tenants() throws(StoreError) -> [String] {
        try session.tenants()
    }

    public func lastPosition() throws(StoreError) -> Int64 {
        try session.lastPosition()
    }

    public func subscription(_ name: String, tenant: String) throws(StoreError) -> StoredSubscription? {
        try session.subscription(name, tenant: tenant)
    }

    public func subscriptions(tenant: String) throws(StoreError) -> [StoredSubscription] {
        try session.subscriptions(tenant: tenant)
    }

    public func unmatched(tenant: String, after handle: RowHandle, limit: Int) throws(StoreError) -> [UnmatchedEvent] {
        try session.unmatched(tenant: tenant, after: handle, limit: limit)
    }

    public func heldEvents(tenant: String, after handle: RowHandle, limit: Int) throws(StoreError) -> [HeldEvent] {
        try session.heldEvents(tenant: tenant, after: handle, limit: limit)
    }

    public func inboxEntry(_ key: InboxKey) throws(StoreError) -> InboxEntry? { try session.inboxEntry(key) }

    public func inbox(after place: InboxKey?, limit: Int) throws(StoreError) -> [(key: InboxKey, entry: InboxEntry)] {
        try session.inbox(after: place, limit: limit)
    }

    public func hasRemovedRecords() throws(StoreError) -> Bool { try session.nextRemoval() != nil }

    public func hasQueuedInputs() throws(StoreError) -> Bool {
        let query = try session.connection.prepare("SELECT EXISTS (SELECT 1 FROM input_queue)")
        return try query.step() && query.int64(0) == 1
    }

    public func locations(of process: RowHandle) throws(StoreError) -> [(key: LocationKey, running: Bool)] {
        try session.locations(of: process)
    }

    public func timers(of process: RowHandle) throws(StoreError) -> [TimerRow] {
        try session.timers(of: process)
    }

    public func allTasks(of process: RowHandle) throws(StoreError) -> [StoredTask] {
        try session.allTasks(of: process)
    }

    public func outbox(of process: RowHandle) throws(StoreError) -> [OutboxRow] {
        try session.outbox(of: process)
    }

    public func webhooks() throws(StoreError) -> [StoredWebhook] {
        try session.webhooks()
    }

    public func webhook(_ id: WebhookID, tenant: String) throws(StoreError) -> StoredWebhook? {
        try session.webhook(id, tenant: tenant)
    }

    public func webhook(_ handle: RowHandle) throws(StoreError) -> StoredWebhook? {
        try session.webhook(handle)
    }

    public func dueDeliveries(
        of webhook: RowHandle, at now: Instant, limit: Int, excluding underWay: Set<RowHandle>
    ) throws(StoreError) -> [StoredDelivery] {
        try session.dueDeliveries(of: webhook, at: now, limit: limit, excluding: underWay)
    }

    public func nextDeliveryDue(after time: Instant) throws(StoreError) -> Instant? {
        try session.nextDeliveryDue(after: time)
    }

    public func delivery(_ id: DeliveryID, tenant: String) throws(StoreError) -> StoredDelivery? {
        try session.delivery(id, tenant: tenant)
    }

    public func deliveries(
        of webhook: RowHandle, status: DeliveryStatus?, before handle: RowHandle?, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        try session.deliveries(of: webhook, status: status, before: handle, limit: limit)
    }

    public func attempts(of delivery: RowHandle) throws(StoreError) -> [DeliveryAttempt] {
        try session.attempts(of: delivery)
    }

    public func pendingDeliveryCount() throws(StoreError) -> Int {
        try session.pendingDeliveryCount()
    }

    public func allDeliveries(after handle: RowHandle, limit: Int) throws(StoreError) -> [StoredDelivery] {
        try session.allDeliveries(after: handle, limit: limit)
    }

    public func undeliveredCommands(after handle: RowHandle, limit: Int) throws(StoreError) -> [UndeliveredCommand] {
        try session.undeliveredCommands(after: handle, limit: limit)
    }

    public func definitions() throws(StoreError) -> [DefinitionRow] {
        try session.definitions()
    }

    public func newestDefinitions() throws(StoreError) -> [DefinitionSummary] {
        try session.newestDefinitions()
    }

    public func definitionVersions(named name: String) throws(StoreError) -> [DefinitionSummary] {
        try session.definitionVersions(named: name)
    }

    public func definitions(named name: String) throws(StoreError) -> [DefinitionRow] {
        try session.definitions(named: name)
    }

    public func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        try session.setting(name)
    }

    public func accessKeys() throws(StoreError) -> [AccessKeyRow] {
        try session.accessKeys()
    }
}
