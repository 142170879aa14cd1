import Chrono

extension InMemoryProcessStore {
    public func webhooks() throws(StoreError) -> [StoredWebhook] {
        try read { $0.webhooks.all }
    }

    public func webhook(_ id: WebhookID, tenant: String) throws(StoreError) -> StoredWebhook? {
        try read { $0.webhooks.find(id, tenant: tenant) }
    }

    public func webhook(_ handle: RowHandle) throws(StoreError) -> StoredWebhook? {
        try read { $0.webhooks[handle] }
    }

    public func insertWebhook(_ row: WebhookRow) throws(StoreError) -> RowHandle {
        try write { tables throws(StoreError) in try tables.webhooks.insert(row) }
    }

    public func updateWebhook(_ handle: RowHandle, _ row: WebhookRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.webhooks.update(handle, row) }
    }

    public func deleteWebhook(_ handle: RowHandle) throws(StoreError) {
        try write { tables in
            tables.webhooks.delete(handle)
            tables.deliveries.deleteAll(of: handle)
        }
    }
}

extension InMemoryProcessStore {
    public func delivery(_ id: DeliveryID, tenant: String) throws(StoreError) -> StoredDelivery? {
        try read { $0.delivery(id, tenant: tenant) }
    }

    public func delivery(_ handle: RowHandle) throws(StoreError) -> StoredDelivery? {
        try read { $0.deliveries[handle] }
    }

    public func insertDelivery(_ row: DeliveryRow) throws(StoreError) -> RowHandle {
        try write { tables throws(StoreError) in try tables.deliveries.insert(row) }
    }

    public func updateDelivery(_ handle: RowHandle, _ row: DeliveryRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.deliveries.update(handle, row) }
    }

    public func firstPendingDelivery(of webhook: RowHandle, process: RowHandle) throws(StoreError) -> StoredDelivery? {
        try read { $0.deliveries.firstPending(of: webhook, process: process) }
    }

    public func pendingDeliveries(
        of webhook: RowHandle, after handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        try read { $0.deliveries.pending(of: webhook, after: handle, limit: limit) }
    }

    public func failedDeliveries(
        of webhook: RowHandle, since: Instant, after handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery] {
        try read { $0.deliveries.failed(of: webhook, since: since, after: handle, limit: limit) }
    }

    public func insertAttempt(_ attempt: DeliveryAttempt, of delivery: RowHandle) throws(StoreError) {
        try write { $0.deliveries.add(attempt, to: delivery) }
    }

    public func pruneDeliveries(endedBefore time: Instant, limit: Int) throws(StoreError) {
        try write { $0.deliveries.prune(endedBefore: time, limit: limit) }
    }
}

extension InMemoryProcessStore {
    public func undeliveredCommands(after handle: RowHandle, limit: Int) throws(StoreError) -> [UndeliveredCommand] {
        try read { $0.outbox.page(after: handle, limit: limit) }
    }

    public func removeOutbox(_ handle: RowHandle) throws(StoreError) {
        try write { $0.outbox.remove(handle) }
    }

    public func pruneOutbox(createdBefore time: Instant, limit: Int) throws(StoreError) {
        try write { $0.outbox.prune(createdBefore: time, limit: limit) }
    }
}

extension MemoryTables {
    func delivery(_ id: DeliveryID, tenant: String) -> StoredDelivery? {
        guard let found = deliveries.find(id), let webhook = webhooks[found.row.webhook],
            TextKey(webhook.row.tenant) == TextKey(tenant)
        else { return nil }
        return found
    }
}
