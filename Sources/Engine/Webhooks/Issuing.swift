import Chrono
import EventSourcing
import ProcessManagement

// What leaves a process becomes a delivery for every endpoint that wants it, in the transaction that decided it. What
// nobody wants is kept for a while, for endpoints that come later.

extension ProcessEngine {
    /// How long a command that no endpoint wants is kept.
    static let undeliveredAge = TimeSpan.days(3)

    /// A `CommandIssued` at `position`.
    func issue(
        _ issued: CommandIssued, of process: RowHandle, _ state: ProcessState, position: Int64, at now: Instant
    ) throws(StoreError) {
        let endpoints = try webhooks().endpoints(for: issued.command, of: state.definition, tenant: state.tenant)
        for endpoint in endpoints {
            try deliver(
                .command(process, position: position), type: issued.command, about: issued.commandID, to: endpoint,
                at: now)
        }
        guard endpoints.isEmpty else { return }
        try store.insertOutbox(
            OutboxRow(
                id: issued.commandID, process: process, command: issued.command, position: position, createdAt: now))
        outgoing.commandsKept &+= 1
        // Whoever adds to the heap clears it, so that it is bounded without anything being due.
        if outgoing.commandsKept % 16 == 0 {
            try store.pruneOutbox(createdBefore: now - Self.undeliveredAge, limit: 32)
        }
    }

    /// The `TaskCancelled` at `position` concerns a task that is leased: if an endpoint holds it, it is told.
    func tellHolder(of task: StoredTask, position: Int64, at now: Instant) throws(StoreError) {
        guard let worker = task.row.lease?.worker, worker.hasPrefix(WebhookIndex.workerPrefix),
            let endpoint = try webhooks().endpoint(worker: worker, tenant: task.row.tenant)
        else { return }
        // A task that was reopened can be cancelled under another lease.
        let about = UniqueID(name: "[\"cancel\",\"\(task.row.id)\",\(task.row.leaseNumber)]")
        try deliver(
            .cancelTask(task.row.process, position: position), type: DeliveryRow.cancelTaskType, about: about,
            to: endpoint, at: now)
    }

    /// In order, a delivery waits until no earlier one of its process does.
    func deliver(
        _ kind: DeliveryKind, type: String, about id: UniqueID, to endpoint: WebhookIndex.Endpoint, at now: Instant
    ) throws(StoreError) {
        var dueAt: Instant? = now
        if endpoint.ordered, let process = kind.process,
            try store.firstPendingDelivery(of: endpoint.handle, process: process) != nil
        {
            dueAt = nil
        }
        _ = try store.insertDelivery(
            DeliveryRow(
                id: DeliveryRow.id(of: id, to: endpoint.id), webhook: endpoint.handle, type: type, kind: kind,
                createdAt: now, nextAttemptAt: dueAt))
        outgoing.changedDeliveries = true
        tally.deliveriesMade += 1
    }

    /// Read from the store when it is not known: at first, after a change and after a transaction that failed.
    private func webhooks() throws(StoreError) -> WebhookIndex {
        if let index = outgoing.index { return index }
        let index = WebhookIndex(try store.webhooks())
        outgoing.index = index
        return index
    }
}
