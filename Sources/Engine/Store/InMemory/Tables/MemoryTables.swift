import Chrono
import EventSourcing
import HashTreeCollections
import ProcessManagement

/// Everything the store holds, as one value: a copy is O(1) and later changes leave it as it is.
struct MemoryTables: Sendable {
    var processes = MemoryProcesses()
    var streams = MemoryStreams()
    var tasks = MemoryTasks()
    var timers = MemoryTimers()
    var held = MemoryHeldEvents()
    var unmatched = MemoryUnmatchedEvents()
    var outbox = MemoryOutbox()
    var webhooks = MemoryWebhooks()
    var deliveries = MemoryDeliveries()
    var subscriptions = MemorySubscriptions()
    var requestKeys = MemoryRequestKeys()
    private(set) var queue: SortedMap<RowHandle, QueuedInput> = SortedMap()
    private(set) var accessKeys: OrderedTable<UniqueID, AccessKeyRow> = OrderedTable()
    private var inbox: TreeDictionary<TextKey, InboxEntry> = [:]
    private var definitionVersions: SortedMap<DefinitionKey, DefinitionRow> = SortedMap()
    private var settings: TreeDictionary<TextKey, [UInt8]> = [:]

    func inboxEntry(_ key: InboxKey) -> InboxEntry? { inbox[TextKey(key)] }

    mutating func insertInboxEntry(_ entry: InboxEntry, for key: InboxKey) throws(StoreError) {
        guard inbox[TextKey(key)] == nil else { throw .duplicate("event \(key.id) of source \(key.source) is known") }
        inbox[TextKey(key)] = entry
    }

    func inbox(after place: InboxKey?, limit: Int) -> [(key: InboxKey, entry: InboxEntry)] {
        let first = place.map { TextKey($0) }
        let sorted = inbox.filter { entry in first.map { $0 < entry.key } ?? true }.sorted { $0.key < $1.key }
        return sorted.prefix(limit).map { ($0.key.inboxKey, $0.value) }
    }

    mutating func removeInboxEntry(_ key: InboxKey) { inbox[TextKey(key)] = nil }

    /// In one go: there is no order to go on in.
    mutating func pruneInbox(through time: Instant) {
        let old = inbox.filter { $0.value.receivedAt <= time }.map(\.key)
        for key in old { inbox[key] = nil }
    }

    mutating func removeProcess(_ handle: RowHandle) {
        guard let row = processes[handle]?.row else { return }
        for task in tasks.all(of: handle) {
            streams.remove(.task(task.handle), tenant: row.tenant)
            tasks.remove(task.handle)
        }
        for timer in timers.all(of: handle) { timers.remove(timer.id, of: handle) }
        streams.remove(.process(handle), tenant: row.tenant)
        streams.remove(.published(handle), tenant: row.tenant)
        outbox.removeAll(of: handle)
        processes.remove(handle)
    }

    mutating func enqueue(_ input: QueuedInput) {
        var input = input
        input.handle = (queue.last?.key ?? 0) + 1
        queue[input.handle] = input
    }

    mutating func removeQueued(_ handle: RowHandle) { queue[handle] = nil }

    var definitions: [DefinitionRow] { definitionVersions.ascending().map(\.value) }

    mutating func insertDefinition(_ row: DefinitionRow) throws(StoreError) {
        let key = DefinitionKey(name: TextKey(row.name), version: row.version)
        guard !definitionVersions.contains(key) else {
            throw .duplicate("definition \(row.name) has a version \(row.version)")
        }
        definitionVersions[key] = row
    }

    mutating func deleteDefinition(name: String, version: Int) {
        definitionVersions[DefinitionKey(name: TextKey(name), version: version)] = nil
    }

    mutating func insertAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        guard accessKeys[row.id] == nil, !accessKeys.inOrder.contains(where: { $0.hash == row.hash }) else {
            throw .duplicate("key \(row.id) is there already")
        }
        accessKeys[row.id] = row
    }

    mutating func updateAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        guard var known = accessKeys[row.id] else { throw .unknown("key \(row.id)") }
        known.revokedAt = row.revokedAt
        known.lastUsedAt = row.lastUsedAt
        accessKeys[row.id] = known
    }

    func setting(_ name: String) -> [UInt8]? { settings[TextKey(name)] }

    mutating func setSetting(_ name: String, _ value: [UInt8]) { settings[TextKey(name)] = value }

    private struct DefinitionKey: Comparable, Sendable {
        let name: TextKey
        let version: Int

        static func < (left: DefinitionKey, right: DefinitionKey) -> Bool {
            (left.name, left.version) < (right.name, right.version)
        }
    }
}
