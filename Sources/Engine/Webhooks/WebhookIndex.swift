import EventSourcing

/// Which endpoints want which commands: what the store holds of them, in memory.
struct WebhookIndex {
    struct Endpoint {
        let handle: RowHandle
        let id: WebhookID
        let tenant: String
        let definitions: [String]
        let ordered: Bool

        init(_ webhook: StoredWebhook) {
            handle = webhook.handle
            id = webhook.row.id
            tenant = webhook.row.tenant
            definitions = webhook.row.configuration.definitions
            ordered = webhook.row.configuration.ordered
        }

        func wants(definition: String) -> Bool { definitions.isEmpty || definitions.contains(definition) }
    }

    private var byCommand: [TextKey: [Endpoint]] = [:]
    private var byID: [WebhookID: Endpoint] = [:]

    /// Those that were given up are left out.
    init(_ webhooks: [StoredWebhook]) {
        for webhook in webhooks where webhook.row.status != .disabled {
            let endpoint = Endpoint(webhook)
            byID[endpoint.id] = endpoint
            for command in webhook.row.configuration.commands {
                byCommand[TextKey(endpoint.tenant, command), default: []].append(endpoint)
            }
        }
    }

    func endpoints(for command: String, of definition: String, tenant: String) -> [Endpoint] {
        guard !byCommand.isEmpty, let endpoints = byCommand[TextKey(tenant, command)] else { return [] }
        return endpoints.filter { $0.wants(definition: definition) }
    }

    /// The endpoint that leases tasks under the worker's name `webhook:<id>`.
    func endpoint(worker: String, tenant: String) -> Endpoint? {
        guard worker.hasPrefix(Self.workerPrefix), let id = UniqueID(worker.dropFirst(Self.workerPrefix.utf8.count)),
            let endpoint = byID[id], TextKey(endpoint.tenant) == TextKey(tenant)
        else { return nil }
        return endpoint
    }

    static let workerPrefix = "webhook:"
}

extension WebhookRow {
    /// The worker under whose name the endpoint leases tasks.
    public var worker: String { "\(WebhookIndex.workerPrefix)\(id)" }
}
