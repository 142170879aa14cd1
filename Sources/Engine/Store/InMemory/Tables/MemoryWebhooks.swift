import EventSourcing
import HashTreeCollections

/// Endpoints by handle and by id. All changes are O(log n).
struct MemoryWebhooks: Sendable {
    private var rows: SortedMap<RowHandle, WebhookRow> = SortedMap()
    private var lastHandle: RowHandle = 0
    private var handles: TreeDictionary<WebhookID, RowHandle> = [:]

    var all: [StoredWebhook] { rows.ascending().map { StoredWebhook(handle: $0.key, row: $0.value) } }

    subscript(handle: RowHandle) -> StoredWebhook? {
        rows[handle].map { StoredWebhook(handle: handle, row: $0) }
    }

    func find(_ id: WebhookID, tenant: String) -> StoredWebhook? {
        guard let handle = handles[id], let row = rows[handle], TextKey(row.tenant) == TextKey(tenant) else {
            return nil
        }
        return StoredWebhook(handle: handle, row: row)
    }

    mutating func insert(_ row: WebhookRow) throws(StoreError) -> RowHandle {
        guard handles[row.id] == nil else { throw .duplicate("webhook \(row.id) is there") }
        lastHandle += 1
        rows[lastHandle] = row
        handles[row.id] = lastHandle
        return lastHandle
    }

    mutating func update(_ handle: RowHandle, _ row: WebhookRow) throws(StoreError) {
        guard rows[handle] != nil else { throw .unknown("webhook with handle \(handle)") }
        rows[handle] = row
    }

    mutating func delete(_ handle: RowHandle) {
        guard let row = rows[handle] else { return }
        rows[handle] = nil
        handles[row.id] = nil
    }
}
