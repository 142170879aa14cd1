import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// Reads the tables as of the last commit; within `snapshot`, those of the commit before it began.
final class InMemoryProcessReader: ProcessReader {
    private let committed: CommittedTables
    private var pinned: MemoryTables?

    init(_ committed: CommittedTables) { self.committed = committed }

    private var tables: MemoryTables { pinned ?? committed.current }

    func snapshot<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        // A view within a view is the outer one.
        let outer = pinned
        pinned = tables
        defer { pinned = outer }
        return try body()
    }

    func process(_ id: ProcessID, tenant: String) -> StoredProcess? { tables.processes.find(id, tenant: tenant) }

    func process(_ handle: RowHandle) -> StoredProcess? { tables.processes[handle] }

    func processes(_ query: ProcessQuery) -> [StoredProcess] { tables.processes.list(query) }
    func lowestProcess(ofNewest count: Int, below handle: RowHandle?) -> RowHandle? {
        tables.processes.lowest(ofNewest: count, below: handle)
    }

    func processesWithIncidents() -> Int { tables.processes.withIncidents }

    func processStream(_ process: RowHandle, from version: Int64, limit: Int) -> [RecordedEvent] {
        tables.streams.read(.process(process), from: version, limit: limit)
    }

    func publishedStream(_ process: RowHandle, from version: Int64, limit: Int) -> [RecordedEvent] {
        tables.streams.read(.published(process), from: version, limit: limit)
    }

    func generalStream(_ stream: StreamID, tenant: String, from version: Int64, limit: Int) -> [RecordedEvent] {
        tables.streams.read(.general(stream, tenant: TextKey(tenant)), from: version, limit: limit)
    }

    func task(_ id: TaskID, tenant: String) -> StoredTask? { tables.tasks.find(id, tenant: tenant) }

    func taskStream(_ task: RowHandle, from version: Int64, limit: Int) -> [RecordedEvent] {
        tables.streams.read(.task(task), from: version, limit: limit)
    }

    func openTasks(of process: RowHandle) -> [StoredTask] { tables.tasks.open(of: process) }

    func allTasks(of process: RowHandle) -> [StoredTask] { tables.tasks.all(of: process) }

    func queues(tenant: String) -> [QueueRow] { tables.tasks.queueRows(tenant: tenant) }

    func record(at position: Int64) -> RecordedEvent? { tables.streams[position] }

    func events(tenant: String, after position: Int64, matching filter: EventFilter, limit: Int) -> EventPage {
        tables.streams.page(tenant: tenant, after: position, matching: filter, limit: limit)
    }

    func tenants() -> [String] { tables.streams.tenants }

    func lastPosition() -> Int64 { tables.streams.lastPosition }

    func subscription(_ name: String, tenant: String) -> StoredSubscription? {
        tables.subscriptions.find(name, tenant: tenant)
    }

    func subscriptions(tenant: String) -> [StoredSubscription] { tables.subscriptions.all(tenant: tenant) }

    func unmatched(tenant: String, after handle: RowHandle, limit: Int) -> [UnmatchedEvent] {
        tables.unmatched.page(tenant: tenant, after: handle, limit: limit)
    }

    func heldEvents(tenant: String, after handle: RowHandle, limit: Int) -> [HeldEvent] {
        tables.held.page(tenant: tenant, after: handle, limit: limit)
    }

    func inboxEntry(_ key: InboxKey) -> InboxEntry? { tables.inboxEntry(key) }

    func inbox(after place: InboxKey?, limit: Int) -> [(key: InboxKey, entry: InboxEntry)] {
        tables.inbox(after: place, limit: limit)
    }

    func hasRemovedRecords() -> Bool { tables.streams.hasRemoved }

    func hasQueuedInputs() -> Bool { tables.queue.first != nil }

    func locations(of process: RowHandle) -> [(key: LocationKey, running: Bool)] {
        tables.processes.locations(of: process)
    }

    func timers(of process: RowHandle) -> [TimerRow] { tables.timers.all(of: process) }

    func outbox(of process: RowHandle) -> [OutboxRow] { tables.outbox.all(of: process) }

    func webhooks() -> [StoredWebhook] { tables.webhooks.all }

    func webhook(_ id: WebhookID, tenant: String) -> StoredWebhook? { tables.webhooks.find(id, tenant: tenant) }

    func webhook(_ handle: RowHandle) -> StoredWebhook? { tables.webhooks[handle] }

    func dueDeliveries(
        of webhook: RowHandle, at now: Instant, limit: Int, excluding underWay: Set<RowHandle>
    ) -> [StoredDelivery] {
        let tables = tables
        guard tables.webhooks[webhook]?.row.status == .active else { return [] }
        return tables.deliveries.due(of: webhook, at: now, limit: limit, excluding: underWay)
    }

    func nextDeliveryDue(after time: Instant) -> Instant? {
        let tables = tables
        return tables.webhooks.all.filter { $0.row.status == .active }
            .compactMap { tables.deliveries.nextDue(of: $0.handle, after: time) }.min()
    }

    func delivery(_ id: DeliveryID, tenant: String) -> StoredDelivery? { tables.delivery(id, tenant: tenant) }

    func deliveries(
        of webhook: RowHandle, status: DeliveryStatus?, before handle: RowHandle?, limit: Int
    ) -> [StoredDelivery] {
        tables.deliveries.list(of: webhook, status: status, before: handle, limit: limit)
    }

    func attempts(of delivery: RowHandle) -> [DeliveryAttempt] { tables.deliveries.attempts(of: delivery) }

    func pendingDeliveryCount() -> Int { tables.deliveries.pendingCount }

    func allDeliveries(after handle: RowHandle, limit: Int) -> [StoredDelivery] {
        tables.deliveries.page(after: handle, limit: limit)
    }

    func undeliveredCommands(after handle: RowHandle, limit: Int) -> [UndeliveredCommand] {
        tables.outbox.page(after: handle, limit: limit)
    }

    func definitions() -> [DefinitionRow] { tables.definitions }

    func newestDefinitions() -> [DefinitionSummary] {
        let rows = tables.definitions
        return rows.indices.filter { $0 + 1 == rows.count || rows[$0 + 1].name != rows[$0].name }
            .map { DefinitionSummary(rows[$0]) }
    }

    func definitionVersions(named name: String) -> [DefinitionSummary] {
        definitions(named: name).map { DefinitionSummary($0) }
    }

    func definitions(named name: String) -> [DefinitionRow] { tables.definitions.filter { $0.name == name } }

    func setting(_ name: String) -> [UInt8]? { tables.setting(name) }

    func accessKeys() -> [AccessKeyRow] { tables.accessKeys.inOrder }
}
