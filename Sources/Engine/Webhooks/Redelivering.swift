import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// At most this many at a time.
    private static let redeliveryLimit = 10_000

    /// One more attempt, whatever became of it so far. The schedule does not begin anew.
    func redeliver(_ id: DeliveryID, tenant: String, at now: Instant) throws(EngineError) -> StoredDelivery {
        let store = store
        guard let found = try stored({ () throws(StoreError) in try store.delivery(id, tenant: tenant) }),
            let webhook = try stored({ () throws(StoreError) in try store.webhook(found.row.webhook) })
        else { throw .problem(Problem(.deliveryNotFound, "there is no delivery \(id)")) }
        try checkNotDisabled(webhook.row)
        return try redeliver(found, to: webhook, at: now)
    }

    /// The same for what failed.
    ///
    /// - Returns: how many there were; if it is the limit, there may be more.
    func redeliverFailed(of webhook: StoredWebhook, since: Instant, at now: Instant) throws(EngineError) -> Int {
        try checkNotDisabled(webhook.row)
        let store = store
        var count = 0
        var after: RowHandle = 0
        while count < Self.redeliveryLimit {
            let page = try stored { () throws(StoreError) in
                try store.failedDeliveries(of: webhook.handle, since: since, after: after, limit: 500)
            }
            guard let last = page.last else { break }
            after = last.handle
            for delivery in page { _ = try redeliver(delivery, to: webhook, at: now) }
            count += page.count
        }
        return count
    }

    private func redeliver(
        _ delivery: StoredDelivery, to webhook: StoredWebhook, at now: Instant
    ) throws(EngineError) -> StoredDelivery {
        var delivery = delivery
        let isBlocked = try isBlocked(delivery, by: webhook)
        if delivery.row.status.isEnd {
            delivery.row.status = .pending
            delivery.row.isManual = true
            delivery.row.endedAt = nil
        }
        delivery.row.nextAttemptAt = isBlocked ? nil : now
        let (store, saved) = (store, delivery)
        try stored { () throws(StoreError) in try store.updateDelivery(saved.handle, saved.row) }
        outgoing.changedDeliveries = true
        return delivery
    }

    /// In order, and an earlier one of its process waits.
    private func isBlocked(_ delivery: StoredDelivery, by webhook: StoredWebhook) throws(EngineError) -> Bool {
        guard webhook.row.configuration.ordered, let process = delivery.row.kind.process else { return false }
        let store = store
        let first = try stored { () throws(StoreError) in
            try store.firstPendingDelivery(of: webhook.handle, process: process)
        }
        return first.map { $0.handle < delivery.handle } ?? false
    }

    /// A delivery that only an operator wants to see.
    func test(_ webhook: StoredWebhook, requestID: String, at now: Instant) throws(EngineError) -> StoredDelivery {
        guard webhook.row.status == .active else {
            throw .problem(
                Problem(
                    .webhookNotActive, "webhook \(webhook.row.id) is \(webhook.row.status.rawValue); resume it first",
                    members: ["webhook_status": .string(webhook.row.status.rawValue)]))
        }
        let id = DeliveryRow.id(of: UniqueID(name: "[\"test\",\"\(requestID)\"]"), to: webhook.row.id)
        let store = store
        // The same request again.
        if let found = try stored({ () throws(StoreError) in try store.delivery(id, tenant: webhook.row.tenant) }) {
            return found
        }
        let row = DeliveryRow(
            id: id, webhook: webhook.handle, type: DeliveryRow.testType, kind: .test, isManual: true, createdAt: now,
            nextAttemptAt: now)
        let handle = try stored { () throws(StoreError) in try store.insertDelivery(row) }
        outgoing.changedDeliveries = true
        tally.deliveriesMade += 1
        return StoredDelivery(handle: handle, row: row)
    }

    /// From now on deliveries of a process go one after the other, or need not any more.
    func putInOrder(_ webhook: RowHandle, _ ordered: Bool, at now: Instant) throws(EngineError) {
        let store = store
        try stored { () throws(StoreError) in
            var after: RowHandle = 0
            var begun: Set<RowHandle> = []
            while true {
                let page = try store.pendingDeliveries(of: webhook, after: after, limit: 500)
                guard let last = page.last else { return }
                after = last.handle
                for var delivery in page {
                    guard let process = delivery.row.kind.process else { continue }
                    if ordered {
                        if begun.insert(process).inserted { continue }
                        delivery.row.nextAttemptAt = nil
                    } else {
                        guard delivery.row.nextAttemptAt == nil else { continue }
                        delivery.row.nextAttemptAt = now
                    }
                    try store.updateDelivery(delivery.handle, delivery.row)
                }
            }
        }
    }
}
