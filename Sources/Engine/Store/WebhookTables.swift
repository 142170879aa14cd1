import Chrono

/// Endpoints.
public protocol WebhookTable {
    /// Of all tenants, oldest first.
    func webhooks() throws(StoreError) -> [StoredWebhook]
    func webhook(_ id: WebhookID, tenant: String) throws(StoreError) -> StoredWebhook?
    func webhook(_ handle: RowHandle) throws(StoreError) -> StoredWebhook?
    /// The handle is never given twice.
    ///
    /// - Throws: `.duplicate` if the id is there.
    func insertWebhook(_ row: WebhookRow) throws(StoreError) -> RowHandle
    /// - Throws: `.unknown` without it.
    func updateWebhook(_ handle: RowHandle, _ row: WebhookRow) throws(StoreError)
    /// With its deliveries and their attempts. Nothing happens without it.
    func deleteWebhook(_ handle: RowHandle) throws(StoreError)
}

/// Messages for endpoints.
public protocol DeliveryTable {
    func delivery(_ id: DeliveryID, tenant: String) throws(StoreError) -> StoredDelivery?
    func delivery(_ handle: RowHandle) throws(StoreError) -> StoredDelivery?
    /// The handle is larger than all before; it is the order in which deliveries of a process go out.
    ///
    /// - Throws: `.duplicate` if the id is there.
    func insertDelivery(_ row: DeliveryRow) throws(StoreError) -> RowHandle
    /// What it is (id, webhook, type, kind, `createdAt`) never changes.
    ///
    /// - Throws: `.unknown` without it.
    func updateDelivery(_ handle: RowHandle, _ row: DeliveryRow) throws(StoreError)
    /// The oldest pending one of a process for an endpoint.
    func firstPendingDelivery(of webhook: RowHandle, process: RowHandle) throws(StoreError) -> StoredDelivery?
    /// Those with larger handles, oldest first.
    func pendingDeliveries(
        of webhook: RowHandle, after handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery]
    /// Failed and exhausted ones with larger handles that came into being at `since` or later, oldest first.
    func failedDeliveries(
        of webhook: RowHandle, since: Instant, after handle: RowHandle, limit: Int
    ) throws(StoreError) -> [StoredDelivery]
    func insertAttempt(_ attempt: DeliveryAttempt, of delivery: RowHandle) throws(StoreError)
    /// Removes deliveries that ended before `time`, with their attempts; at most `limit`, those that ended first.
    func pruneDeliveries(endedBefore time: Instant, limit: Int) throws(StoreError)
}

/// Commands that no endpoint wanted when they were issued.
public protocol OutboxTable {
    /// - Throws: `.duplicate` if the process has the command in it.
    func insertOutbox(_ row: OutboxRow) throws(StoreError)
    /// Those with larger handles, oldest first.
    func undeliveredCommands(after handle: RowHandle, limit: Int) throws(StoreError) -> [UndeliveredCommand]
    /// Nothing happens without it.
    func removeOutbox(_ handle: RowHandle) throws(StoreError)
    /// Looks at the `limit` oldest ones and removes those created before `time`.
    func pruneOutbox(createdBefore time: Instant, limit: Int) throws(StoreError)
}

/// Queries on committed endpoints and deliveries.
public protocol WebhookReader {
    /// Of all tenants, oldest first.
    func webhooks() throws(StoreError) -> [StoredWebhook]
    func webhook(_ id: WebhookID, tenant: String) throws(StoreError) -> StoredWebhook?
    func webhook(_ handle: RowHandle) throws(StoreError) -> StoredWebhook?

    /// Pending deliveries of an active endpoint with `nextAttemptAt` at or before `now`, earliest first, then by age,
    /// but for those under way. Of an endpoint that is not active there are none.
    func dueDeliveries(
        of webhook: RowHandle, at now: Instant, limit: Int, excluding underWay: Set<RowHandle>
    ) throws(StoreError) -> [StoredDelivery]
    /// The earliest `nextAttemptAt` after `time` of an active endpoint: when to look again.
    func nextDeliveryDue(after time: Instant) throws(StoreError) -> Instant?

    func delivery(_ id: DeliveryID, tenant: String) throws(StoreError) -> StoredDelivery?
    /// Those of an endpoint with smaller handles, newest first; only of one status if it is given.
    func deliveries(
        of webhook: RowHandle, status: DeliveryStatus?, before handle: RowHandle?, limit: Int
    ) throws(StoreError) -> [StoredDelivery]
    /// In order.
    func attempts(of delivery: RowHandle) throws(StoreError) -> [DeliveryAttempt]
    /// How many deliveries of all tenants wait.
    func pendingDeliveryCount() throws(StoreError) -> Int

    /// For `verify`: every delivery and every undelivered command with larger handles, oldest first.
    func allDeliveries(after handle: RowHandle, limit: Int) throws(StoreError) -> [StoredDelivery]
    func undeliveredCommands(after handle: RowHandle, limit: Int) throws(StoreError) -> [UndeliveredCommand]
}
