import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension StreamID {
    /// What operators did to no process in particular. Each tenant has one.
    public static let audit = StreamID(category: auditCategory, name: auditCategory)
}

extension ProcessEngine {
    /// Records what a request changed beyond one process, in the transaction that changes it. What changed nothing
    /// leaves no record; what changed a process is a fact of that process.
    func audit(
        _ request: EngineRequest, _ answer: EngineAnswer, by actor: Actor, at now: Instant
    ) throws(EngineError) {
        guard let fact = AuditFact(request, answer) else { return }
        let event = Event(
            id: EventID(UniqueID(name: "audit \(actor.requestID) \(fact.type)")), type: fact.type,
            data: JSONView(.object(fact.data(by: actor))))
        let store = store
        _ = try stored { () throws(StoreError) in
            try store.append([event], toGeneral: .audit, tenant: actor.tenant, at: now)
        }
    }
}

/// One record of what an operator did. Nothing secret is ever in it: of a key its id and name, of a definition its
/// version.
struct AuditFact {
    let type: String
    private var members: JSONObject

    /// Nil where nothing changed.
    init?(_ request: EngineRequest, _ answer: EngineAnswer) {
        switch (request, answer) {
        case (.keys(.create), .key(let row, _)):
            type = "KeyCreated"
            members = Self.key(row)
            members["scopes"] = .array(row.scopes.names.map { .string($0) })
            members["tenant"] = row.tenant.map { .string($0) }
            members["expires_at"] = row.expiresAt.map { .string($0.rfc3339) }
        case (.keys(.revoke), .key(let row, isChanged: true)):
            type = "KeyRevoked"
            members = Self.key(row)
        case (.storeDefinition, .definition(let receipt)) where receipt.isNew:
            type = "DefinitionStored"
            members = Self.definition(receipt.name, receipt.version)
        case (.deleteVersion(let request), .done):
            type = "DefinitionDeleted"
            members = Self.definition(request.name, request.version)
        case (.deleteProcess(let id, _), .done):
            type = "ProcessDeleted"
            members = ["process_id": .string(id.description)]
        case (.migrate(_, let request), .migrated(let results)) where !request.dryRun:
            let migrated = results.compactMap { try? $0.get() }.filter { $0.migrated != nil }
            guard let first = migrated.first else { return nil }
            type = "ProcessesMigrated"
            members = Self.definition(first.view.state.definition, request.toVersion)
            members["migrated"] = .number(JSONNumber(migrated.count))
            members["refused"] = .number(JSONNumber(results.count { (try? $0.get()) == nil }))
            members["reason"] = request.reason.map { .string($0) }
        case (.redeliver(_, let unmatched), .posted(let results)):
            guard case .success(let receipt)? = results.first else { return nil }
            type = "UnmatchedRedelivered"
            members = [
                "unmatched_id": .number(JSONNumber(unmatched)), "event_id": .string(receipt.eventID.description),
                "processes": .array(receipt.deliveries.map { .string($0.processID.description) }),
            ]
        case (.discard(_, let unmatched), .discarded(let event)):
            type = "UnmatchedDiscarded"
            members = ["unmatched_id": .number(JSONNumber(unmatched)), "event_id": .string(event.description)]
        case (.subscriptions(.put), .subscription(.stored(let stored, let change, _))) where change != .none:
            type = change == .made ? "SubscriptionCreated" : "SubscriptionChanged"
            members = ["subscription": .string(stored.row.name)]
            members["category"] = stored.row.filter.category.map { .string($0) }
            members["types"] = .array(stored.row.filter.types.sorted().map { .string($0) })
            if change == .made { members["position"] = .number(JSONNumber(stored.row.position)) }
        case (.subscriptions(.delete(_, let name, _)), .subscription(.deleted)):
            type = "SubscriptionDeleted"
            members = ["subscription": .string(name)]
        case (.webhook(let request), let answer):
            guard let (type, members) = Self.redelivery(request.action, answer) else { return nil }
            (self.type, self.members) = (type, members)
        case (.recordAdvance(let span), .clock(let now)):
            type = "ClockAdvanced"
            members = ["advanced_by": .string(span.text), "now": .string(now.rfc3339)]
        default: return nil
        }
    }

    func data(by actor: Actor) -> JSONObject {
        var data = members
        data["by"] = actor.name.map { .string($0) }
        data["address"] = actor.address.map { .string($0) }
        data["request_id"] = .string(actor.requestID)
        return data
    }

    /// What was sent by hand; changes of endpoints are facts of their streams.
    private static func redelivery(
        _ action: WebhookRequest.Action, _ answer: EngineAnswer
    ) -> (type: String, members: JSONObject)? {
        switch (action, answer) {
        case (.test(let webhook), .delivery): ("WebhookTested", ["webhook_id": .string(webhook.description)])
        case (.redeliver(let delivery), .delivery):
            ("DeliveryRedelivered", ["delivery_id": .string(delivery.description)])
        case (.redeliverFailed(let webhook, let since), .redelivered(let count)):
            (
                "FailedRedelivered",
                [
                    "webhook_id": .string(webhook.description), "since": .string(since.rfc3339),
                    "deliveries": .number(JSONNumber(count)),
                ]
            )
        default: nil
        }
    }

    private static func key(_ row: AccessKeyRow) -> JSONObject {
        ["key_id": .string(row.id.description), "name": .string(row.name)]
    }

    private static func definition(_ name: String, _ version: Int) -> JSONObject {
        ["definition": .string(name), "version": .number(JSONNumber(version))]
    }
}
