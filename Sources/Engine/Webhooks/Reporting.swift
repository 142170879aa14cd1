import Chrono
import EventSourcing
import ProcessManagement

extension ProcessEngine {
    /// An endpoint for which nothing succeeded for this long is given up.
    static let failingLimit = TimeSpan.hours(120)
    /// How long a delivery that has ended is kept, with its attempts.
    static let deliveryAge = TimeSpan.days(30)

    /// What came of requests to endpoints. Those that were deleted meanwhile are passed over.
    func take(_ reports: [DeliveryReport], at now: Instant) throws(EngineError) {
        let store = store
        // One reading for all reports of an endpoint.
        var webhooks: [RowHandle: StoredWebhook] = [:]
        for report in reports {
            var known = webhooks[report.webhook]
            if known == nil { known = try stored { () throws(StoreError) in try store.webhook(report.webhook) } }
            guard var webhook = known else { continue }
            if let handle = report.delivery {
                guard let delivery = try stored({ () throws(StoreError) in try store.delivery(handle) }) else {
                    continue
                }
                try take(report, of: delivery, isOrdered: webhook.row.configuration.ordered, at: now)
                // Somebody tries something out: that says nothing of the days before.
                if case .test = delivery.row.kind { continue }
            }
            try noteHealth(of: &webhook, report, at: now)
            webhooks[report.webhook] = webhook
        }
        try stored { () throws(StoreError) in
            try store.pruneDeliveries(endedBefore: now - Self.deliveryAge, limit: 100)
            try store.pruneOutbox(createdBefore: now - Self.undeliveredAge, limit: 100)
        }
    }

    private func take(
        _ report: DeliveryReport, of delivery: StoredDelivery, isOrdered: Bool, at now: Instant
    ) throws(EngineError) {
        var delivery = delivery
        var attempt = report.attempt
        attempt.answer = Array(attempt.answer.prefix(DeliveryAttempt.answerLimit))
        delivery.row.attempts += 1
        tally.deliveryAttempts += 1
        if report.verdict != .succeeded { tally.deliveryAttemptsFailed += 1 }
        let end = delivery.row.end(after: report.verdict)
        // One that was reported before stays as it was, unless it got through after all.
        let isSettled = delivery.row.status.isEnd && (end != .delivered || delivery.row.status == .delivered)
        if !isSettled {
            if let end {
                delivery.row.status = end
                delivery.row.nextAttemptAt = nil
                delivery.row.endedAt = now
                delivery.row.isManual = false
                tally.count(end)
            } else if case .retry(let delay) = report.verdict {
                delivery.row.nextAttemptAt = now + delay
                outgoing.changedDeliveries = true
            }
        }
        let (store, saved) = (store, delivery)
        try stored { () throws(StoreError) in
            try store.updateDelivery(saved.handle, saved.row)
            try store.insertAttempt(attempt, of: saved.handle)
        }
        if isOrdered, end != nil, !isSettled { try releaseNext(after: delivery, at: now) }
    }

    /// The next one of the process may go, if it waited for this one.
    private func releaseNext(after delivery: StoredDelivery, at now: Instant) throws(EngineError) {
        guard let process = delivery.row.kind.process else { return }
        let store = store
        let next = try stored { () throws(StoreError) in
            try store.firstPendingDelivery(of: delivery.row.webhook, process: process)
        }
        guard var next, next.row.nextAttemptAt == nil else { return }
        next.row.nextAttemptAt = now
        let released = next
        try stored { () throws(StoreError) in try store.updateDelivery(released.handle, released.row) }
        outgoing.changedDeliveries = true
    }

    private func noteHealth(
        of webhook: inout StoredWebhook, _ report: DeliveryReport, at now: Instant
    ) throws(EngineError) {
        let before = webhook.row
        guard before.status != .disabled else { return }
        if let previous = before.previousSecret, previous.expiresAt <= now { webhook.row.previousSecret?.sealed = [] }
        switch report.verdict {
        case .succeeded: webhook.row.failingSince = nil
        case .gone: return try disable(&webhook, .gone, at: now)
        case .retry, .exhausted, .failed:
            let since = before.failingSince ?? now
            guard now - since < Self.failingLimit else { return try disable(&webhook, .failing, at: now) }
            webhook.row.failingSince = since
        }
        guard webhook.row != before else { return }
        let (store, saved) = (store, webhook)
        try stored { () throws(StoreError) in try store.updateWebhook(saved.handle, saved.row) }
    }
}

extension DeliveryRow {
    /// How it ends; nil if another attempt follows.
    fileprivate func end(after verdict: DeliveryReport.Verdict) -> DeliveryStatus? {
        switch verdict {
        case .succeeded: .delivered
        case .exhausted: .exhausted
        case .failed, .gone: .failed
        // An operator's attempt is one.
        case .retry: isManual ? .failed : nil
        }
    }
}

extension EngineTally {
    fileprivate mutating func count(_ end: DeliveryStatus) {
        switch end {
        case .delivered: deliveriesDelivered += 1
        case .failed: deliveriesFailed += 1
        case .exhausted: deliveriesExhausted += 1
        case .pending: break
        }
    }
}
