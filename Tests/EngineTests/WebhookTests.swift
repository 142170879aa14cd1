import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Endpoints of webhooks")
struct WebhookTests {
    private let notify = WebhookConfiguration(url: "https://example.org/", commands: ["notify"])

    @Test("every change is a fact of the endpoint's own stream, with who made it and without secrets")
    func facts() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(notify, headers: [WebhookHeader(name: "X-Token", value: "hush-hush")])
        let id = webhook.row.id
        var change = WebhookChange()
        change.description = .some("ours")
        try desk.webhook(.change(id, change))
        try desk.webhook(.change(id, change))
        for _ in 0..<2 { try desk.webhook(.pause(id)) }
        for _ in 0..<2 { try desk.webhook(.resume(id)) }
        try desk.webhook(.rotate(id, secret: Array("hush-hush".utf8), grace: .hours(1)))
        let records = try desk.webhookStream(id)
        #expect(
            records.map(\.event.type) == [
                "WebhookRegistered", "WebhookChanged", "WebhookPaused", "WebhookResumed", "WebhookSecretRotated",
            ])
        #expect(records.map(\.version) == [1, 2, 3, 4, 5])
        #expect(records.allSatisfy { $0.event.data["by"]?.stringValue == "ops" })
        #expect(records.allSatisfy { !$0.event.data.text.contains("hush-hush") })
        #expect(records[0].event.data["header_names"]?[0]?.stringValue == "X-Token")
        #expect(try desk.stored(webhook: id).row.version == 5)
        try desk.webhook(.delete(id))
        #expect(try desk.webhookStream(id).last?.event.type == "WebhookDeleted")
        #expect(problem { try desk.webhook(.pause(id)) } == .webhookNotFound)
    }

    @Test("the same named request finds what it made; with other content it is refused")
    func repeats() throws {
        let desk = try EngineDesk([Job()])
        let key: [UInt8] = [1, 2, 3]
        let create = WebhookRequest.Action.create(notify, headers: [], secret: key)
        guard case .webhook(let first) = try desk.webhook(create, named: "k"),
            case .webhook(let again) = try desk.webhook(.create(notify, headers: [], secret: [9]), named: "k")
        else { throw EngineDesk.Unexpected() }
        #expect(again.row == first.row)
        #expect(again.secret == key)
        #expect(again.duplicate)
        let other = WebhookRequest(
            tenant: "default", action: create, requestID: "k", isNamed: true, contentHash: 2)
        guard case .problem(let refusal) = try desk.ask(.webhook(other)) else { throw EngineDesk.Unexpected() }
        #expect(refusal.code == .idempotencyKeyReused)
        try desk.webhook(.rotate(first.row.id, secret: [4], grace: .zero))
        guard case .webhook(let later) = try desk.webhook(create, named: "k") else { throw EngineDesk.Unexpected() }
        #expect(later.secret == nil)
        #expect(try desk.store.webhooks().count == 1)
    }

    @Test("a version that is not the endpoint's own changes nothing")
    func conditions() throws {
        let desk = try EngineDesk([Job()])
        let id = try desk.addWebhook(notify).row.id
        #expect(problem { try desk.webhook(.pause(id), version: 2) } == .preconditionFailed)
        try desk.webhook(.pause(id), version: 1)
        #expect(problem { try desk.webhook(.delete(id), version: 1) } == .preconditionFailed)
        try desk.webhook(.delete(id), version: 2)
    }

    @Test("two keys sign while a rotation is open, the newer first")
    func rotation() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(notify)
        let old = try webhook.row.signingKeys(at: desk.now, SecretSealer())
        try desk.webhook(.rotate(webhook.row.id, secret: [4], grace: .hours(1)))
        let row = try desk.stored(webhook: webhook.row.id).row
        #expect(try row.signingKeys(at: desk.now, SecretSealer()) == [[4]] + old)
        #expect(try row.signingKeys(at: desk.now + .milliseconds(3_599_999), SecretSealer()).count == 2)
        #expect(try row.signingKeys(at: desk.now + .hours(1), SecretSealer()) == [[4]])
        // What signs no more is forgotten when the endpoint is next used.
        _ = try desk.post("Opened", ["key": "a", "command": "notify"])
        desk.now = desk.now + .hours(1)
        try desk.report(try #require(try desk.due(webhook).first), .succeeded)
        #expect(try desk.stored(webhook: webhook.row.id).row.previousSecret?.sealed == [])
        let key = SecretSealer(secretKey: "k")
        let later = try EngineDesk([Job()], after: desk, sealer: key)
        #expect(try later.stored(webhook: webhook.row.id).row.signingKeys(at: later.now, key) == [[4]])
    }

    @Test("an endpoint that says it is gone is disabled; resuming enables it")
    func gone() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(notify)
        let id = webhook.row.id
        _ = try desk.post("Opened", ["key": "a", "command": "notify"])
        try desk.report(try #require(try desk.due(webhook).first), .gone)
        #expect(try desk.stored(webhook: id).row.status == .disabled)
        #expect(try desk.stored(webhook: id).row.disabledReason == .gone)
        #expect(try desk.deliveries(webhook).map(\.row.status) == [.failed])
        #expect(problem { try desk.webhook(.pause(id)) } == .webhookNotActive)
        #expect(problem { try desk.webhook(.test(id)) } == .webhookNotActive)
        // Meanwhile nobody wants it, so it is kept and comes when the endpoint does.
        _ = try desk.post("Said", ["key": "a", "command": "notify"])
        #expect(try desk.deliveries(webhook).count == 1)
        try desk.verify()
        try desk.webhook(.resume(id))
        #expect(try desk.stored(webhook: id).row.disabledReason == nil)
        #expect(try desk.due(webhook).count == 1)
        #expect(try desk.webhookStream(id).map(\.event.type).suffix(2) == ["WebhookDisabled", "WebhookEnabled"])
        try desk.verify()
    }

    @Test("an endpoint for which nothing succeeded for five days is disabled; a success forgets the count")
    func failing() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(notify)
        _ = try desk.post("Opened", ["key": "a", "command": "notify"])
        let delivery = try #require(try desk.due(webhook).first)
        func health() throws -> Instant? { try desk.stored(webhook: webhook.row.id).row.failingSince }
        let start = desk.now
        try desk.report(delivery, .retry(after: .hours(1)))
        #expect(try health() == start)
        desk.now = start + .hours(119)
        try desk.report(delivery, .succeeded)
        #expect(try health() == nil)
        for hours in [120, 200, 239] as [Int64] {
            desk.now = start + .hours(hours)
            // A task's attempt counts for the endpoint's health like any other.
            _ = try desk.ask(
                .reportDeliveries([
                    DeliveryReport(
                        webhook: webhook.handle, delivery: nil,
                        attempt: DeliveryAttempt(startedAt: desk.now, duration: .zero, status: nil),
                        verdict: .retry(after: .seconds(1)))
                ]))
            #expect(try desk.stored(webhook: webhook.row.id).row.status == .active)
        }
        desk.now = start + .hours(240)
        _ = try desk.post("Said", ["key": "a", "command": "notify"])
        try desk.report(try #require(try desk.due(webhook).first), .retry(after: .hours(1)))
        #expect(try desk.stored(webhook: webhook.row.id).row.disabledReason == .failing)
        let last = try #require(try desk.webhookStream(webhook.row.id).last)
        #expect(last.event.data["reason"]?.stringValue == "failing")
        #expect(last.event.data["by"] == nil)
    }

    @Test("secrets are sealed with the key, and the store opens with that key only")
    func sealing() throws {
        let key = SecretSealer(secretKey: "correct horse battery staple")
        let plain = try EngineDesk([Job()])
        let header = WebhookHeader(name: "Authorization", value: "hush-hush")
        let id = try plain.addWebhook(notify, headers: [header]).row.id
        #expect(try plain.stored(webhook: id).row.secret.first == 0)

        // A key that is introduced seals what was there.
        let sealed = try EngineDesk([Job()], after: plain, sealer: key)
        let row = try sealed.stored(webhook: id).row
        #expect(row.secret.first == 1)
        #expect(row.headers.first == 1)
        #expect(try row.signingKeys(at: sealed.now, key) == [Array(repeating: 5, count: 32)])
        #expect(try row.headerFields(key) == [header])
        #expect(throws: SecretSealer.Failure.wrongKey) {
            try row.signingKeys(at: sealed.now, SecretSealer(secretKey: "another"))
        }
        // It is bound to its owner.
        #expect(throws: SecretSealer.Failure.wrongKey) { try key.open(row.secret, of: UniqueID(name: "x")) }
        for wrong in [SecretSealer(), SecretSealer(secretKey: "another")] {
            do {
                _ = try EngineDesk([Job()], after: sealed, sealer: wrong)
                Issue.record("opened with the wrong key")
            } catch let error as StoreError {
                guard case .unusable = error else { throw error }
            }
        }
        _ = try EngineDesk([Job()], after: sealed, sealer: key)
    }

    @Test("a key is 32 bytes in base64, or any other text")
    func keys() throws {
        let owner = UniqueID(name: "o")
        let bytes = SecretSealer(secretKey: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let sealed = try bytes.seal([1, 2, 3], for: owner)
        #expect(try bytes.open(sealed, of: owner) == [1, 2, 3])
        #expect(try bytes.seal([1, 2, 3], for: owner) != sealed)
        #expect(throws: SecretSealer.Failure.keyMissing) { try SecretSealer().open(sealed, of: owner) }
        #expect(throws: SecretSealer.Failure.unknownScheme) { try bytes.open([7, 1], of: owner) }
        #expect(throws: SecretSealer.Failure.wrongKey) { try bytes.open([1, 2, 3], of: owner) }
    }
}
