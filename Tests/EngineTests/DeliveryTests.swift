import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Deliveries to endpoints")
struct DeliveryTests {
    private func hook(
        _ commands: [String] = ["notify"], definitions: [String] = [], ordered: Bool = false
    ) -> WebhookConfiguration {
        WebhookConfiguration(
            url: "https://example.org/", commands: commands, taskTypes: ["work"], definitions: definitions,
            ordered: ordered)
    }

    @Test("a command makes one delivery for each endpoint that wants it, paused ones included")
    func fanOut() throws {
        let desk = try EngineDesk([Job()])
        let (all, other) = (try desk.addWebhook(hook()), try desk.addWebhook(hook(["alert"])))
        let (mine, foreign) = (
            try desk.addWebhook(hook(definitions: ["job", "x"])), try desk.addWebhook(hook(definitions: ["x"]))
        )
        let paused = try desk.addWebhook(hook())
        try desk.webhook(.pause(paused.row.id))
        let id = try desk.post("Opened", ["key": "a", "command": "notify", "with": ["n": 1]]).deliveries[0].processID
        #expect(try [all, other, mine, foreign].map { try desk.due($0).count } == [1, 0, 1, 0])
        #expect(try desk.due(paused).isEmpty)
        #expect(try desk.deliveries(paused).count == 1)
        #expect(try desk.store.undeliveredCommands(after: 0, limit: 9).isEmpty)
        try desk.webhook(.resume(paused.row.id))
        #expect(try desk.due(paused).count == 1)

        let delivery = try #require(try desk.due(all).first)
        #expect(delivery.row.id != (try desk.due(mine)[0].row.id))
        #expect(!"\(delivery.row.id)".contains("."))
        let body = try desk.message(delivery)
        #expect(body["type"] == "notify")
        #expect(body["timestamp"]?.stringValue == desk.now.rfc3339)
        let data = try #require(body["data"])
        #expect(data["command"] == "notify")
        #expect(data["process_id"]?.stringValue == "\(id)")
        #expect(data["definition"] == "job")
        #expect(data["key"] == "a")
        #expect(data["payload"]?["n"] == 1)
        #expect(data["correlation_id"]?.isNull == true)
        let issued = try desk.store.processStream(try desk.stored(id).handle, from: 1, limit: 99)
            .first { $0.event.type == "CommandIssued" }
        #expect(data["command_id"]?.stringValue == issued?.event.data["command_id"]?.stringValue)
        try desk.verify()
    }

    @Test("a batch says whether there is something new to send, and a batch that failed made nothing")
    func signal() throws {
        let desk = try EngineDesk([Job()])
        let request = WebhookRequest(
            tenant: "default", action: .create(hook(), headers: [], secret: [1]), requestID: "r")
        #expect(desk.run([.webhook(request)]).changedDeliveries)
        #expect(!desk.run([.post([desk.incoming("Opened", ["key": "a"])])]).changedDeliveries)
        #expect(desk.run([.post([desk.incoming("Said", ["key": "a", "command": "notify"])])]).changedDeliveries)
        #expect(!desk.run([.post([desk.incoming("Said", ["key": "a", "command": "alert"])])]).changedDeliveries)
        #expect(!desk.run([]).changedDeliveries)
    }

    @Test("what no endpoint wants is kept for three days and goes to one that comes, or whose wishes change")
    func undelivered() throws {
        let desk = try EngineDesk([Job()])
        _ = try desk.post("Opened", ["key": "a", "command": "notify"])
        _ = try desk.post("Said", ["key": "a", "command": "alert"])
        desk.now = desk.now + .hours(71)
        _ = try desk.post("Said", ["key": "a", "command": "notify"])
        desk.now = desk.now + .hours(1)
        try desk.verify()
        let webhook = try desk.addWebhook(hook())
        #expect(try desk.due(webhook).count == 1, "the first is three days old")
        #expect(try desk.store.undeliveredCommands(after: 0, limit: 9).map(\.row.command) == ["notify", "alert"])
        var change = WebhookChange()
        change.commands = ["notify", "alert"]
        desk.now = desk.now - .milliseconds(1)
        try desk.webhook(.change(webhook.row.id, change))
        // A millisecond earlier, neither is three days old.
        #expect(try desk.deliveries(webhook).map(\.row.type).sorted() == ["alert", "notify", "notify"])
        try desk.verify()
    }

    @Test("a heap of kept commands is given in portions, after a restart too, and in order all at once")
    func portions() throws {
        let first = try EngineDesk([Job()])
        _ = try first.post("Opened", ["key": "a"])
        let count = 1600
        _ = first.run([.post((0..<count).map { _ in first.incoming("Said", ["key": "a", "command": "notify"]) })])
        #expect(first.run([]).hasMoreDue == false)
        let request = WebhookRequest(
            tenant: "default", action: .create(hook(), headers: [], secret: [1]), requestID: "r")
        let begun = first.run([.webhook(request)])
        #expect(begun.hasMoreDue)
        #expect(try first.store.makeReader().pendingDeliveryCount() == 1000)

        let desk = try EngineDesk([Job()], after: first)
        #expect(desk.run([]).hasMoreDue)
        let done = desk.run([])
        #expect(!done.hasMoreDue)
        #expect(done.changedDeliveries)
        #expect(try desk.store.makeReader().pendingDeliveryCount() == count)
        #expect(try desk.store.undeliveredCommands(after: 0, limit: 9).isEmpty)
        try desk.verify()

        var change = WebhookChange()
        change.commands = []
        try desk.webhook(.change(try desk.store.webhooks()[0].row.id, change))
        _ = desk.run([.post((0..<count).map { _ in desk.incoming("Said", ["key": "a", "command": "notify"]) })])
        try desk.addWebhook(hook(ordered: true))
        #expect(try desk.store.makeReader().pendingDeliveryCount() == 2 * count)
        try desk.verify()
    }

    @Test("kept commands do not pile up for ever")
    func pruning() throws {
        let desk = try EngineDesk([Job()])
        _ = try desk.post("Opened", ["key": "a"])
        for _ in 0..<40 { _ = try desk.post("Said", ["key": "a", "command": "notify"]) }
        desk.now = desk.now + .hours(73)
        for _ in 0..<32 { _ = try desk.post("Said", ["key": "a", "command": "notify"]) }
        #expect(try desk.store.undeliveredCommands(after: 0, limit: 99).count == 32)
    }

    @Test("an attempt that fails is made again when it is due, after a restart too, and every attempt is kept")
    func schedule() throws {
        let first = try EngineDesk([Job()])
        let webhook = try first.addWebhook(hook())
        _ = try first.post("Opened", ["key": "a", "command": "notify"])
        let delivery = try #require(try first.due(webhook).first)
        try first.report(delivery, .retry(after: .minutes(5)))

        let desk = try EngineDesk([Job()], after: first)
        #expect(try desk.due(webhook).isEmpty)
        let reader = try desk.store.makeReader()
        #expect(try reader.nextDeliveryDue(after: desk.now) == desk.now + .minutes(5))
        desk.now = desk.now + .minutes(5)
        let again = try #require(try desk.due(webhook).first)
        #expect(again.row.id == delivery.row.id)
        #expect(again.row.attempts == 1)
        #expect(try desk.message(again) == first.message(delivery))
        try desk.report(again, .exhausted)
        let ended = try #require(try desk.deliveries(webhook).first?.row)
        #expect(ended.status == .exhausted)
        #expect(ended.endedAt == desk.now)
        #expect(try reader.attempts(of: again.handle).map(\.status) == [500, 500])
        try desk.verify()

        // An operator's attempt is one, and the id stays.
        guard case .delivery(let redelivered) = try desk.webhook(.redeliver(delivery.row.id)) else {
            throw EngineDesk.Unexpected()
        }
        #expect(redelivered.row.status == .pending)
        #expect(try desk.due(webhook).map(\.row.id) == [delivery.row.id])
        try desk.report(redelivered, .retry(after: .minutes(5)))
        #expect(try desk.deliveries(webhook).map(\.row.status) == [.failed])
        try desk.webhook(.redeliver(delivery.row.id))
        try desk.report(redelivered, .succeeded)
        #expect(try desk.deliveries(webhook).map(\.row.status) == [.delivered])
        #expect(try desk.deliveries(webhook).map(\.row.attempts) == [4])
        #expect(problem { try desk.webhook(.redeliver(UniqueID(name: "none"))) } == .deliveryNotFound)
        try desk.verify()
    }

    @Test("what failed since a time gets one more attempt, all of it")
    func bulk() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(hook())
        _ = try desk.post("Opened", ["key": "a"])
        let start = desk.now
        for verdict in [DeliveryReport.Verdict.failed, .exhausted, .succeeded, .failed] {
            _ = try desk.post("Said", ["key": "a", "command": "notify"])
            try desk.report(try #require(try desk.due(webhook).first), verdict)
            desk.now = desk.now + .minutes(1)
        }
        guard
            case .redelivered(let count) = try desk.webhook(
                .redeliverFailed(webhook.row.id, since: start + .minutes(1)))
        else { throw EngineDesk.Unexpected() }
        #expect(count == 2)
        #expect(try desk.deliveries(webhook).map(\.row.status) == [.failed, .pending, .delivered, .pending])
        #expect(try desk.due(webhook).count == 2)
    }

    @Test("in order, the next delivery of a process waits until the one before is delivered or given up")
    func order() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(hook(ordered: true))
        for key in ["a", "b"] { _ = try desk.post("Opened", ["key": .string(key), "command": "notify"]) }
        for _ in 0..<2 { _ = try desk.post("Said", ["key": "a", "command": "notify"]) }
        let all = try desk.deliveries(webhook)
        func due() throws -> [Int] {
            try desk.due(webhook).compactMap { one in all.firstIndex { $0.handle == one.handle } }
        }
        #expect(try due() == [0, 1])
        try desk.report(all[0], .retry(after: .minutes(1)))
        #expect(try due() == [1])
        try desk.verify()
        desk.now = desk.now + .minutes(1)
        #expect(try due() == [1, 0])
        try desk.report(all[0], .exhausted)
        #expect(try due() == [1, 2])
        try desk.report(all[2], .succeeded)
        #expect(try due() == [1, 3])
        // Redelivered while a later one waits: nothing overtakes it.
        try desk.report(all[3], .retry(after: .hours(1)))
        try desk.webhook(.redeliver(all[0].row.id))
        #expect(Set(try due()) == [0, 1])
        try desk.verify()
    }

    @Test("order can be asked for and given up later")
    func reordering() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(hook())
        _ = try desk.post("Opened", ["key": "a", "command": "notify"])
        for _ in 0..<2 { _ = try desk.post("Said", ["key": "a", "command": "notify"]) }
        #expect(try desk.due(webhook).count == 3)
        var change = WebhookChange()
        change.ordered = true
        try desk.webhook(.change(webhook.row.id, change))
        #expect(try desk.due(webhook).count == 1)
        try desk.verify()
        change.ordered = false
        try desk.webhook(.change(webhook.row.id, change))
        #expect(try desk.due(webhook).count == 3)
    }

    @Test("a task that an endpoint holds is reported to it when it is cancelled; others are not")
    func cancelTask() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(hook())
        for (key, worker) in [("a", webhook.row.worker), ("b", "w"), ("c", "webhook:nobody")] {
            let id = try desk.post("Opened", ["key": .string(key), "task": "work"]).deliveries[0].processID
            let claim = ClaimRequest(tenant: "default", types: ["work"], worker: worker)
            guard case .claimed(let tasks) = try desk.ask(.claim(claim, ClaimCaller(ticket: 1))), tasks.count == 1
            else {
                throw EngineDesk.Unexpected()
            }
            try desk.operate(id, .cancel(reason: nil, mode: nil, compensate: nil, deadline: nil))
            guard key == "a" else { continue }
            let delivery = try #require(try desk.due(webhook).first)
            let body = try desk.message(delivery)
            #expect(body["type"] == "CancelTask")
            #expect(body["data"]?["command"] == "CancelTask")
            #expect(body["data"]?["payload"]?["task_id"]?.stringValue == "\(tasks[0].taskID)")
            #expect(body["data"]?["payload"]?["task_type"] == "work")
            #expect(body["data"]?["payload"]?["attempt"] == 1)
        }
        #expect(try desk.deliveries(webhook).count == 1)
        try desk.verify()
    }

    @Test("a test is one attempt, told apart by its type, and once for a request")
    func test() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(hook([]))
        for _ in 0..<2 { try desk.webhook(.test(webhook.row.id), named: "t") }
        let delivery = try #require(try desk.due(webhook).first)
        #expect(try desk.due(webhook).count == 1)
        let body = try desk.message(delivery)
        #expect(body["type"] == "webhook.test")
        #expect(body["data"]?["webhook_id"]?.stringValue == "\(webhook.row.id)")
        try desk.report(delivery, .retry(after: .seconds(1)))
        #expect(try desk.deliveries(webhook).map(\.row.status) == [.failed])
        #expect(try desk.stored(webhook: webhook.row.id).row.failingSince == nil)
        try desk.verify()
    }

    @Test("reports about what was deleted are passed over; of an answer only the beginning is kept")
    func reports() throws {
        let desk = try EngineDesk([Job()])
        let (webhook, gone) = (try desk.addWebhook(hook()), try desk.addWebhook(hook()))
        _ = try desk.post("Opened", ["key": "a", "command": "notify"])
        let (kept, lost) = (try #require(try desk.due(webhook).first), try #require(try desk.due(gone).first))
        try desk.webhook(.delete(gone.row.id))
        try desk.report(lost, .succeeded)
        let answer = Array(repeating: UInt8(ascii: "x"), count: 10_000)
        _ = try desk.ask(
            .reportDeliveries([
                DeliveryReport(
                    webhook: webhook.handle, delivery: kept.handle,
                    attempt: DeliveryAttempt(startedAt: desk.now, duration: .zero, status: 200, answer: answer),
                    verdict: .succeeded)
            ]))
        #expect(try desk.store.makeReader().attempts(of: kept.handle).map(\.answer.count) == [4096])
        // Ended deliveries go with age, when the next report comes.
        desk.now = desk.now + .days(30) + .milliseconds(1)
        try desk.report(kept, .succeeded)
        #expect(try desk.deliveries(webhook).isEmpty)
    }

    @Test("verify finds a delivery that waits for nothing, and a command that no process issued")
    func verification() throws {
        let desk = try EngineDesk([Job()])
        let webhook = try desk.addWebhook(hook())
        _ = try desk.post("Opened", ["key": "a", "command": "notify"])
        _ = try desk.post("Said", ["key": "a", "command": "alert"])
        func difference(after change: (InMemoryProcessStore) throws -> Void) throws -> String? {
            try desk.store.begin()
            try change(desk.store)
            try desk.store.commit()
            let verifier = try StoreVerifier(
                reader: try desk.store.makeReader(), factory: EngineDesk.NoDefinitions(), managers: [Job()])
            return try verifier.verifyAll(tenant: "default").difference
        }
        let delivery = try #require(try desk.due(webhook).first)
        var changed = delivery.row
        changed.nextAttemptAt = nil
        #expect(
            try difference { try $0.updateDelivery(delivery.handle, changed) }?.hasSuffix("it waits for nothing")
                == true)
        changed = delivery.row
        changed.endedAt = desk.now
        #expect(try difference { try $0.updateDelivery(delivery.handle, changed) } != nil)
        #expect(try difference { try $0.updateDelivery(delivery.handle, delivery.row) } == nil)
        let foreign = DeliveryRow(
            id: UniqueID(name: "x"), webhook: webhook.handle, type: "alert", kind: delivery.row.kind,
            createdAt: desk.now,
            nextAttemptAt: desk.now)
        #expect(try difference { _ = try $0.insertDelivery(foreign) } != nil)
        try desk.webhook(.delete(webhook.row.id))
        let kept = try #require(try desk.store.undeliveredCommands(after: 0, limit: 9).first)
        #expect(try difference { try $0.removeOutbox(kept.handle) } == nil)
        var row = kept.row
        row.command = "notify"
        #expect(try difference { try $0.insertOutbox(row) }?.contains("\(row.id)") == true)
    }

    @Test("a claim for some definitions gets their tasks only, and does not keep others from theirs")
    func definitions() throws {
        var other = Job()
        other.name = "other"
        other.routes = ["Begun": EventRoute(kind: .start, expression: "key")]
        let desk = try EngineDesk([Job(), other])
        func claim(_ definitions: [String], ticket: Int64, wait: TimeSpan = .zero) throws -> EngineAnswer {
            try desk.ask(
                .claim(
                    ClaimRequest(
                        tenant: "default", types: ["work"], definitions: definitions, worker: "w\(ticket)", wait: wait),
                    ClaimCaller(ticket: ticket)))
        }
        guard case .waiting = try claim(["other"], ticket: 1, wait: .minutes(1)),
            case .waiting = try claim([], ticket: 2, wait: .minutes(1))
        else { throw EngineDesk.Unexpected() }
        let first = desk.run([.post([desk.incoming("Opened", ["key": "a", "task": "work"])])])
        #expect(first.served.map(\.ticket) == [2])
        let second = desk.run([.post([desk.incoming("Begun", ["key": "b", "task": "work"])])])
        #expect(second.served.map(\.ticket) == [1])
        #expect(second.served.first?.tasks.map(\.definition) == ["other"])
    }
}
