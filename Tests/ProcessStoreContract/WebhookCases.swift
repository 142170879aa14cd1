import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

func webhookRow(_ name: String, tenant: String = "acme") -> WebhookRow {
    WebhookRow(
        id: UniqueID(name: name), tenant: tenant,
        configuration: WebhookConfiguration(url: "https://example.org/\(name)", commands: ["Notify"]),
        secret: [0, 1, 2, 255], createdAt: .at(1000), requestHash: .max)
}

extension ProcessStoreContract {
    static let webhooks: [Case] = [
        Case("webhooks: rows come back as they were, oldest first, by id and by handle") { fixture in
            let store = fixture.store
            var full = webhookRow("b")
            full.configuration = WebhookConfiguration(
                url: "https://exämple.org/x?y=\"", commands: ["a", "b"], taskTypes: ["t"], definitions: ["d"],
                headerNames: ["X-One"], maxInFlight: 3, ratePerSecond: 7, timeout: .milliseconds(2500), ordered: true,
                description: "\u{e9} e\u{301}")
            full.headers = Array("{}".utf8)
            full.status = .disabled
            full.disabledReason = .failing
            full.previousSecret = WebhookRow.PreviousSecret(
                sealed: [], expiresAt: .at(9), rotation: UniqueID(name: "r"))
            full.failingSince = .at(5)
            full.backlog = 0
            full.version = 4
            full.updatedAt = .at(2000)
            let rows = [webhookRow("c"), full, webhookRow("a", tenant: "other")]
            let handles = try fixture.write { try rows.map { try store.insertWebhook($0) } }
            let expected = zip(handles, rows).map { StoredWebhook(handle: $0, row: $1) }
            #expect(try store.webhooks() == expected)
            let reader = try store.makeReader()
            #expect(try reader.webhooks() == expected)
            #expect(try reader.webhook(handles[1]) == expected[1])
            #expect(try reader.webhook(full.id, tenant: "acme") == expected[1])
            #expect(try store.webhook(full.id, tenant: "other") == nil)
            #expect(try store.webhook(rows[2].id, tenant: "other") == expected[2])
            #expect(try store.webhook(handles[0]) == expected[0])
            #expect(try reader.webhook(999) == nil)
        },
        Case("webhooks: an id that is there is a duplicate, whatever its tenant") { fixture in
            let store = fixture.store
            try fixture.write {
                _ = try store.insertWebhook(webhookRow("a"))
                fixture.expectDuplicate("the same id") {
                    _ = try store.insertWebhook(webhookRow("a", tenant: "other"))
                }
                fixture.expectUnknown("no such row") { try store.updateWebhook(77, webhookRow("x")) }
            }
            #expect(try store.webhooks().map(\.row) == [webhookRow("a")])
        },
        Case("webhooks: an update replaces what may change, and a rollback takes it back") { fixture in
            let store = fixture.store
            let handle = try fixture.write { try store.insertWebhook(webhookRow("a")) }
            var changed = webhookRow("a")
            changed.status = .paused
            changed.backlog = 7
            changed.secret = [9]
            changed.previousSecret = WebhookRow.PreviousSecret(
                sealed: [0, 1], expiresAt: .at(50), rotation: UniqueID(name: "s"))
            changed.configuration.url = "http://elsewhere"
            changed.version = 2
            try store.begin()
            try store.updateWebhook(handle, changed)
            #expect(try store.webhook(handle)?.row == changed)
            #expect(try store.makeReader().webhook(handle)?.row == webhookRow("a"))
            store.rollback()
            #expect(try store.webhook(handle)?.row == webhookRow("a"))
            try fixture.write { try store.updateWebhook(handle, changed) }
            #expect(try store.makeReader().webhook(handle)?.row == changed)
        },
        Case("webhooks: a deleted one is gone with its deliveries and attempts, and its handle is not given again") {
            fixture in
            let store = fixture.store
            let (handle, other) = try fixture.write {
                (try store.insertWebhook(webhookRow("a")), try store.insertWebhook(webhookRow("b")))
            }
            let (gone, kept) = try fixture.write {
                let gone = try store.insertDelivery(deliveryRow("x", of: other))
                let kept = try store.insertDelivery(deliveryRow("y", of: handle))
                for delivery in [gone, kept] { try store.insertAttempt(attempt(at: 1), of: delivery) }
                return (gone, kept)
            }
            try fixture.write {
                try store.deleteWebhook(other)
                try store.deleteWebhook(999)
            }
            let reader = try store.makeReader()
            #expect(try reader.webhooks().map(\.handle) == [handle])
            #expect(try store.delivery(gone) == nil)
            #expect(try reader.attempts(of: gone).isEmpty)
            #expect(try reader.attempts(of: kept).count == 1)
            let next = try fixture.write { try store.insertWebhook(webhookRow("b")) }
            #expect(next > other)
        },
    ]

    static let outbox: [Case] = [
        Case("outbox: commands come in the order in which they were issued, and what is removed is gone") { fixture in
            let store = fixture.store
            let rows = try fixture.write {
                let process = try fixture.insertProcess("p")
                let rows = (1...5).map { number in
                    OutboxRow(
                        id: UniqueID(name: "\(number)"), process: process, command: "C\(number)",
                        position: Int64(number), createdAt: .at(Int64(number)))
                }
                for row in rows { try store.insertOutbox(row) }
                return rows
            }
            let first = try store.undeliveredCommands(after: 0, limit: 2)
            #expect(first.map(\.row) == Array(rows[..<2]))
            #expect(try store.undeliveredCommands(after: first[1].handle, limit: 9).map(\.row) == Array(rows[2...]))
            try fixture.write {
                try store.removeOutbox(first[0].handle)
                try store.removeOutbox(first[0].handle)
            }
            let reader = try store.makeReader()
            #expect(try reader.undeliveredCommands(after: 0, limit: 9).map(\.row) == Array(rows[1...]))
            #expect(try reader.outbox(of: rows[0].process) == Array(rows[1...]))
            try fixture.write {
                try store.insertOutbox(rows[0])
                fixture.expectDuplicate("it is back") { try store.insertOutbox(rows[0]) }
            }
            #expect(try store.undeliveredCommands(after: 0, limit: 9).last?.row == rows[0])
        },
        Case("outbox: pruning looks at the oldest ones only, and leaves what is younger") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for number in 1...6 {
                    try store.insertOutbox(
                        OutboxRow(
                            id: UniqueID(name: "\(number)"), process: process, command: "C\(number)",
                            position: Int64(number), createdAt: .at(Int64(number))))
                }
            }
            func left() throws -> [String] {
                try store.undeliveredCommands(after: 0, limit: 9).map(\.row.command)
            }
            try fixture.write { try store.pruneOutbox(createdBefore: .at(5), limit: 2) }
            #expect(try left() == ["C3", "C4", "C5", "C6"])
            try fixture.write { try store.pruneOutbox(createdBefore: .at(5), limit: 100) }
            #expect(try left() == ["C5", "C6"])
            try fixture.write { try store.pruneOutbox(createdBefore: .at(5), limit: 100) }
            #expect(try left() == ["C5", "C6"])
        },
    ]
}
