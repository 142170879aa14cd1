import Chrono
import EventSourcing
import ProcessManagement

// Commands that nobody wanted go to an endpoint that came, came back, or wants more than before.

extension ProcessEngine {
    /// A transaction gives this many at most, so that a heap of them holds up nothing else.
    private static let portion = 500

    /// Gives an ordered endpoint all that is kept for it, as what is issued from now on must not overtake it. Others get
    /// it in portions, the first one now.
    func giveKept(to webhook: inout StoredWebhook, at now: Instant) throws(EngineError) {
        guard !webhook.row.configuration.commands.isEmpty else { return }
        webhook.row.backlog = 0
        repeat {
            try givePortion(to: &webhook, at: now)
        } while webhook.row.configuration.ordered && webhook.row.backlog != nil
        let (store, saved) = (store, webhook)
        try stored { () throws(StoreError) in try store.updateWebhook(saved.handle, saved.row) }
        if saved.row.backlog != nil { outgoing.hasBacklog = true }
    }

    /// The next portion for one endpoint.
    func giveBacklog(at now: Instant) throws(EngineError) {
        guard outgoing.hasBacklog else { return }
        let store = store
        let waiting = try stored { () throws(StoreError) in try store.webhooks() }
            .filter { $0.row.backlog != nil && $0.row.status != .disabled }
        guard var webhook = waiting.first else {
            outgoing.hasBacklog = false
            return
        }
        try givePortion(to: &webhook, at: now)
        let saved = webhook
        try stored { () throws(StoreError) in try store.updateWebhook(saved.handle, saved.row) }
        outgoing.hasBacklog = waiting.count > 1 || saved.row.backlog != nil
    }

    private func givePortion(to webhook: inout StoredWebhook, at now: Instant) throws(EngineError) {
        guard let after = webhook.row.backlog else { return }
        let wanted = Set(webhook.row.configuration.commands.map { TextKey($0) })
        let endpoint = WebhookIndex.Endpoint(webhook)
        let store = store
        let page = try stored { () throws(StoreError) in
            try store.undeliveredCommands(after: after, limit: Self.portion)
        }
        for command in page where wanted.contains(TextKey(command.row.command)) {
            // One whose process cannot be read is passed over: this is nobody's request that could be refused.
            guard command.row.createdAt > now - Self.undeliveredAge, let process = try? processRow(command.row.process),
                TextKey(process.tenant) == TextKey(endpoint.tenant), endpoint.wants(definition: process.definition)
            else { continue }
            try stored { () throws(StoreError) in
                try deliver(
                    .command(command.row.process, position: command.row.position), type: command.row.command,
                    about: command.row.id, to: endpoint, at: now)
                try store.removeOutbox(command.handle)
            }
        }
        webhook.row.backlog = page.count == Self.portion ? page.last?.handle : nil
    }
}
