import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// What an operator does about endpoints. Each change is a fact in the endpoint's stream; what changes nothing
    /// records nothing.
    func operate(_ request: WebhookRequest, at now: Instant) throws(EngineError) -> EngineAnswer {
        switch request.action {
        case .create(let configuration, let headers, let secret):
            return .webhook(try create(configuration, headers, secret, request, at: now))
        case .redeliver(let id): return .delivery(try redeliver(id, tenant: request.tenant, at: now))
        case .change(let id, _), .delete(let id), .pause(let id), .resume(let id), .rotate(let id, _, _), .test(let id),
            .redeliverFailed(let id, _):
            let webhook = try webhook(id, tenant: request.tenant)
            if case .rotate = request.action, let receipt = try receipt(ofRotation: request, webhook) {
                return .webhook(receipt)
            }
            try request.condition.check(webhook.row.entityTag)
            return try operate(request, on: webhook, at: now)
        }
    }

    private func operate(
        _ request: WebhookRequest, on webhook: StoredWebhook, at now: Instant
    ) throws(EngineError) -> EngineAnswer {
        var webhook = webhook
        switch request.action {
        case .change(_, let change): try apply(change, to: &webhook, by: request.by, at: now)
        case .delete:
            try record(.deleted, of: &webhook, by: request.by, at: now)
            let store = store
            try stored { () throws(StoreError) in try store.deleteWebhook(webhook.handle) }
            endpointsChanged()
            return .done
        case .pause:
            try checkNotDisabled(webhook.row)
            if webhook.row.status == .active {
                webhook.row.status = .paused
                try save(&webhook, recording: .paused, by: request.by, at: now)
            }
        case .resume: try resume(&webhook, by: request.by, at: now)
        case .rotate(_, let secret, let grace):
            webhook.row.previousSecret = WebhookRow.PreviousSecret(
                sealed: webhook.row.secret, expiresAt: now + grace, rotation: webhook.row.rotation(of: request))
            webhook.row.secret = try seal(secret, for: webhook.row.id)
            try save(&webhook, recording: .secretRotated(previousExpiresAt: now + grace), by: request.by, at: now)
            return .webhook(WebhookReceipt(row: webhook.row, secret: secret))
        case .test: return .delivery(try test(webhook, requestID: request.requestID, at: now))
        case .redeliverFailed(_, let since):
            let count = try redeliverFailed(of: webhook, since: since, at: now)
            return .redelivered(count)
        case .create, .redeliver: break
        }
        return .webhook(WebhookReceipt(row: webhook.row))
    }

    // MARK: Actions

    private func create(
        _ configuration: WebhookConfiguration, _ headers: [WebhookHeader], _ secret: [UInt8],
        _ request: WebhookRequest, at now: Instant
    ) throws(EngineError) -> WebhookReceipt {
        let id = WebhookRow.id(of: request)
        let store = store
        if let found = try stored({ () throws(StoreError) in try store.webhook(id, tenant: request.tenant) }) {
            guard found.row.requestHash == request.contentHash else {
                throw .problem(
                    Problem(.idempotencyKeyReused, "webhook \(id) was made by another request with this key"))
            }
            // After a rotation the first answer would show a secret that is none any more.
            let secret = found.row.previousSecret == nil ? try open(found.row.secret, of: id) : nil
            return WebhookReceipt(row: found.row, secret: secret, duplicate: true)
        }
        var configuration = configuration
        configuration.headerNames = headers.map(\.name)
        var row = WebhookRow(
            id: id, tenant: request.tenant, configuration: configuration, secret: try seal(secret, for: id),
            headers: try seal(headers, for: id), createdAt: now, requestHash: request.contentHash)
        row.version = 0
        var webhook = StoredWebhook(handle: 0, row: row)
        try record(.registered(configuration), of: &webhook, by: request.by, at: now)
        let inserted = webhook.row
        webhook.handle = try stored { () throws(StoreError) in try store.insertWebhook(inserted) }
        endpointsChanged()
        try giveKept(to: &webhook, at: now)
        return WebhookReceipt(row: webhook.row, secret: secret)
    }

    private func apply(
        _ change: WebhookChange, to webhook: inout StoredWebhook, by: String?, at now: Instant
    ) throws(EngineError) {
        let before = webhook.row
        webhook.row.configuration.apply(change)
        if let headers = change.headers { webhook.row.headers = try seal(headers, for: webhook.row.id) }
        let configuration = webhook.row.configuration
        guard configuration != before.configuration || change.headers != nil else { return }
        try save(&webhook, recording: .changed(configuration), by: by, at: now)
        if configuration.ordered != before.configuration.ordered {
            try putInOrder(webhook.handle, configuration.ordered, at: now)
        }
        if webhook.row.status != .disabled { try giveKept(to: &webhook, at: now) }
    }

    private func resume(_ webhook: inout StoredWebhook, by: String?, at now: Instant) throws(EngineError) {
        let wasDisabled = webhook.row.status == .disabled
        guard webhook.row.status != .active else { return }
        webhook.row.status = .active
        webhook.row.disabledReason = nil
        webhook.row.failingSince = nil
        try save(&webhook, recording: wasDisabled ? .enabled : .resumed, by: by, at: now)
        if wasDisabled { try giveKept(to: &webhook, at: now) }
    }

    /// An endpoint that is given up: it says so itself, or nothing succeeded for days.
    func disable(_ webhook: inout StoredWebhook, _ reason: WebhookDisabledReason, at now: Instant) throws(EngineError) {
        webhook.row.status = .disabled
        webhook.row.disabledReason = reason
        webhook.row.backlog = nil
        try save(&webhook, recording: .disabled(reason), by: nil, at: now)
    }

    /// A repeat of the last rotation shows the same secret; rotating again would drop the one that receivers still have.
    private func receipt(
        ofRotation request: WebhookRequest, _ webhook: StoredWebhook
    ) throws(EngineError) -> WebhookReceipt? {
        let row = webhook.row
        guard let previous = row.previousSecret, previous.rotation == row.rotation(of: request) else { return nil }
        return WebhookReceipt(row: row, secret: try open(row.secret, of: row.id), duplicate: true)
    }

    // MARK: Rows and facts

    func webhook(_ id: WebhookID, tenant: String) throws(EngineError) -> StoredWebhook {
        let store = store
        guard let found = try stored({ () throws(StoreError) in try store.webhook(id, tenant: tenant) }) else {
            throw .problem(Problem(.webhookNotFound, "there is no webhook \(id)"))
        }
        return found
    }

    func checkNotDisabled(_ row: WebhookRow) throws(EngineError) {
        guard row.status == .disabled else { return }
        throw .problem(
            Problem(
                .webhookNotActive, "webhook \(row.id) is disabled; resume it first",
                members: ["webhook_status": .string(row.status.rawValue)]))
    }

    private func save(
        _ webhook: inout StoredWebhook, recording fact: WebhookFact, by: String?, at now: Instant
    ) throws(EngineError) {
        try record(fact, of: &webhook, by: by, at: now)
        let (store, saved) = (store, webhook)
        try stored { () throws(StoreError) in try store.updateWebhook(saved.handle, saved.row) }
        endpointsChanged()
    }

    /// Appends to the endpoint's stream; the row's `version` moves with it, and is written by the caller.
    private func record(
        _ fact: WebhookFact, of webhook: inout StoredWebhook, by: String?, at now: Instant
    ) throws(EngineError) {
        webhook.row.version += 1
        webhook.row.updatedAt = now
        let row = webhook.row
        let event = Event(
            id: EventID(UniqueID(name: "\(row.id)/\(row.version)")), type: fact.type,
            data: fact.encoded(for: row.id, by: by))
        let store = store
        _ = try stored { () throws(StoreError) in
            try store.append([event], toGeneral: .webhook(row.id), tenant: row.tenant, at: now)
        }
    }

    /// The index is read anew when it is next needed.
    private func endpointsChanged() {
        outgoing.index = nil
        outgoing.changedDeliveries = true
        outgoing.changedEndpoints = true
    }

    private func seal(_ secret: [UInt8], for id: WebhookID) throws(EngineError) -> [UInt8] {
        do throws(SecretSealer.Failure) {
            return try sealer.seal(secret, for: id)
        } catch {
            throw .problem(Problem(.storeUnavailable, "the secret cannot be sealed"))
        }
    }

    private func seal(_ headers: [WebhookHeader], for id: WebhookID) throws(EngineError) -> [UInt8] {
        guard !headers.isEmpty else { return [] }
        let object = JSONObject(uniqueMembers: headers.map { ($0.name, .string($0.value)) })
        return try seal(JSONValue.object(object).bytes, for: id)
    }

    private func open(_ sealed: [UInt8], of id: WebhookID) throws(EngineError) -> [UInt8] {
        do throws(SecretSealer.Failure) {
            return try sealer.open(sealed, of: id)
        } catch {
            throw .store(.unreadable("the secret of webhook \(id)"))
        }
    }
}

extension WebhookRow {
    public var entityTag: String { "\(version)" }

    fileprivate func rotation(of request: WebhookRequest) -> UniqueID {
        UniqueID(name: JSONValue.array(["rotation", .string(id.description), .string(request.requestID)]).text)
    }

    /// A request that is made again finds what it made.
    fileprivate static func id(of request: WebhookRequest) -> WebhookID {
        UniqueID(name: JSONValue.array(["webhook", .string(request.tenant), .string(request.requestID)]).text)
    }
}

extension WebhookConfiguration {
    fileprivate mutating func apply(_ change: WebhookChange) {
        if let url = change.url { self.url = url }
        if let commands = change.commands { self.commands = commands }
        if let taskTypes = change.taskTypes { self.taskTypes = taskTypes }
        if let definitions = change.definitions { self.definitions = definitions }
        if let headers = change.headers { headerNames = headers.map(\.name) }
        if let maxInFlight = change.maxInFlight { self.maxInFlight = maxInFlight }
        if let ratePerSecond = change.ratePerSecond { self.ratePerSecond = ratePerSecond }
        if let timeout = change.timeout { self.timeout = timeout }
        if let ordered = change.ordered { self.ordered = ordered }
        if let description = change.description { self.description = description }
    }
}
