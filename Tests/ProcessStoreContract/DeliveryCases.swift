import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

func deliveryRow(
    _ name: String, of webhook: RowHandle, process: RowHandle? = 1, created: Int64 = 1000, due: Int64? = 1000
) -> DeliveryRow {
    DeliveryRow(
        id: UniqueID(name: name), webhook: webhook, type: "Nötify",
        kind: process.map { .command($0, position: 7) } ?? .test, createdAt: .at(created),
        nextAttemptAt: due.map { .at($0) })
}

func attempt(at start: Int64) -> DeliveryAttempt {
    DeliveryAttempt(
        startedAt: .at(start), duration: .milliseconds(12), status: 500, error: "bad_status", answer: [0, 255, 10])
}

extension ProcessStoreContract {
    static let deliveries: [Case] = [
        Case("deliveries: rows come back as they were, by handle and by id within their tenant") { fixture in
            let store = fixture.store
            let (webhook, foreign) = try webhooks(fixture)
            var ended = deliveryRow("c", of: foreign, process: nil, due: nil)
            ended.status = .exhausted
            ended.attempts = 10
            ended.isManual = true
            ended.endedAt = .at(3000)
            var cancel = deliveryRow("b", of: webhook)
            cancel.kind = .cancelTask(3, position: 9)
            cancel.type = DeliveryRow.cancelTaskType
            let rows = [deliveryRow("a", of: webhook, due: nil), cancel, ended]
            let handles = try fixture.write { try rows.map { try store.insertDelivery($0) } }
            let stored = zip(handles, rows).map { StoredDelivery(handle: $0, row: $1) }
            let reader = try store.makeReader()
            for delivery in stored {
                #expect(try store.delivery(delivery.handle) == delivery)
            }
            #expect(try store.delivery(rows[1].id, tenant: "acme") == stored[1])
            #expect(try reader.delivery(ended.id, tenant: "acme") == nil)
            #expect(try reader.delivery(ended.id, tenant: "other") == stored[2])
            #expect(try reader.allDeliveries(after: 0, limit: 2) == Array(stored[..<2]))
            #expect(try reader.allDeliveries(after: handles[1], limit: 9) == [stored[2]])
            #expect(try reader.pendingDeliveryCount() == 2)
        },
        Case("deliveries: an id that is there is a duplicate; without a row there is nothing to update") { fixture in
            let store = fixture.store
            let (webhook, other) = try webhooks(fixture)
            try fixture.write {
                _ = try store.insertDelivery(deliveryRow("a", of: webhook))
                fixture.expectDuplicate("again") { _ = try store.insertDelivery(deliveryRow("a", of: other)) }
                fixture.expectUnknown("none") { try store.updateDelivery(99, deliveryRow("x", of: webhook)) }
            }
        },
        Case("deliveries: due ones come by time, then by age, for active endpoints only") { fixture in
            let store = fixture.store
            let (webhook, other) = try webhooks(fixture)
            let handles = try fixture.write {
                try [
                    deliveryRow("a", of: webhook, due: 300), deliveryRow("b", of: webhook, due: 100),
                    deliveryRow("c", of: webhook, due: nil), deliveryRow("d", of: webhook, due: 100),
                    deliveryRow("e", of: other, due: 50), deliveryRow("f", of: webhook, due: 301),
                ].map { try store.insertDelivery($0) }
            }
            let reader = try store.makeReader()
            func due(_ now: Int64, limit: Int = 9, excluding: Set<RowHandle> = []) throws -> [RowHandle] {
                try reader.dueDeliveries(of: webhook, at: .at(now), limit: limit, excluding: excluding).map(\.handle)
            }
            #expect(try due(99) == [])
            #expect(try due(100) == [handles[1], handles[3]])
            #expect(try due(300) == [handles[1], handles[3], handles[0]])
            #expect(try due(300, limit: 1) == [handles[1]])
            #expect(try due(300, limit: 1, excluding: [handles[1], handles[3]]) == [handles[0]])
            #expect(try due(300, limit: 0) == [])
            #expect(try reader.nextDeliveryDue(after: .at(0)) == .at(50))
            #expect(try reader.nextDeliveryDue(after: .at(50)) == .at(100))
            #expect(try reader.nextDeliveryDue(after: .at(100)) == .at(300))
            #expect(try reader.nextDeliveryDue(after: .at(301)) == nil)
            try fixture.write {
                var row = try #require(try store.webhook(webhook)).row
                row.status = .paused
                try store.updateWebhook(webhook, row)
            }
            #expect(try due(300) == [])
            #expect(try reader.nextDeliveryDue(after: .at(50)) == nil)
            #expect(try reader.nextDeliveryDue(after: .at(0)) == .at(50))
        },
        Case("deliveries: what has ended or waits is not due, and a rollback takes a change back") { fixture in
            let store = fixture.store
            let (webhook, _) = try webhooks(fixture)
            let row = deliveryRow("a", of: webhook, due: 100)
            let handle = try fixture.write { try store.insertDelivery(row) }
            var ended = row
            ended.status = .delivered
            ended.attempts = 1
            ended.nextAttemptAt = nil
            ended.endedAt = .at(150)
            try store.begin()
            try store.updateDelivery(handle, ended)
            try store.insertAttempt(attempt(at: 1), of: handle)
            #expect(try store.firstPendingDelivery(of: webhook, process: 1) == nil)
            store.rollback()
            let reader = try store.makeReader()
            #expect(try reader.dueDeliveries(of: webhook, at: .at(100), limit: 9, excluding: []).count == 1)
            #expect(try reader.attempts(of: handle).isEmpty)
            try fixture.write { try store.updateDelivery(handle, ended) }
            #expect(try reader.dueDeliveries(of: webhook, at: .at(999), limit: 9, excluding: []).isEmpty)
            #expect(try reader.pendingDeliveryCount() == 0)
            #expect(try store.delivery(handle)?.row == ended)
        },
        Case("deliveries: the first pending one of a process and endpoint, and all pending ones") { fixture in
            let store = fixture.store
            let (webhook, other) = try webhooks(fixture)
            let handles = try fixture.write {
                try [
                    deliveryRow("a", of: webhook, process: 2), deliveryRow("b", of: webhook, process: 1),
                    deliveryRow("c", of: webhook, process: 1, due: nil), deliveryRow("d", of: other, process: 1),
                ].map { try store.insertDelivery($0) }
            }
            #expect(try store.firstPendingDelivery(of: webhook, process: 1)?.handle == handles[1])
            #expect(try store.firstPendingDelivery(of: webhook, process: 2)?.handle == handles[0])
            #expect(try store.firstPendingDelivery(of: other, process: 2) == nil)
            #expect(try store.pendingDeliveries(of: webhook, after: 0, limit: 2).map(\.handle) == Array(handles[..<2]))
            #expect(try store.pendingDeliveries(of: webhook, after: handles[1], limit: 9).map(\.handle) == [handles[2]])
            try fixture.write {
                var row = try #require(try store.delivery(handles[1])).row
                row.status = .failed
                row.nextAttemptAt = nil
                try store.updateDelivery(handles[1], row)
            }
            #expect(try store.firstPendingDelivery(of: webhook, process: 1)?.handle == handles[2])
        },
        Case("deliveries: listed newest first, by status, in pages; failed ones since a time") { fixture in
            let store = fixture.store
            let (webhook, other) = try webhooks(fixture)
            let statuses: [DeliveryStatus] = [.pending, .failed, .exhausted, .delivered, .failed]
            let handles = try fixture.write {
                _ = try store.insertDelivery(deliveryRow("x", of: other))
                return try statuses.enumerated().map { number, status in
                    var row = deliveryRow("\(number)", of: webhook, created: Int64(number))
                    row.status = status
                    return try store.insertDelivery(row)
                }
            }
            let reader = try store.makeReader()
            func list(
                _ status: DeliveryStatus?, before: RowHandle? = nil, limit: Int = 9
            ) throws -> [RowHandle] {
                try reader.deliveries(of: webhook, status: status, before: before, limit: limit).map(\.handle)
            }
            #expect(try list(nil) == handles.reversed())
            #expect(try list(nil, limit: 2) == [handles[4], handles[3]])
            #expect(try list(nil, before: handles[3]) == [handles[2], handles[1], handles[0]])
            #expect(try list(.failed) == [handles[4], handles[1]])
            #expect(try list(.failed, before: handles[4]) == [handles[1]])
            func failed(since: Int64, after: RowHandle = 0) throws -> [RowHandle] {
                try store.failedDeliveries(of: webhook, since: .at(since), after: after, limit: 9).map(\.handle)
            }
            #expect(try failed(since: 0) == [handles[1], handles[2], handles[4]])
            #expect(try failed(since: 2) == [handles[2], handles[4]])
            #expect(try failed(since: 0, after: handles[1]) == [handles[2], handles[4]])
        },
        Case("deliveries: attempts come back in order, and go with deliveries that ended long ago") { fixture in
            let store = fixture.store
            let (webhook, _) = try webhooks(fixture)
            let handles = try fixture.write {
                try (1...4).map { number in
                    var row = deliveryRow("\(number)", of: webhook, due: number == 4 ? 1 : nil)
                    if number < 4 {
                        row.status = .delivered
                        row.endedAt = .at(Int64(number))
                    }
                    let handle = try store.insertDelivery(row)
                    for start in [3, 1, 2] { try store.insertAttempt(attempt(at: Int64(start)), of: handle) }
                    return handle
                }
            }
            let bare = DeliveryAttempt(startedAt: .at(9), duration: .zero, status: nil)
            try fixture.write { try store.insertAttempt(bare, of: handles[0]) }
            let reader = try store.makeReader()
            #expect(try reader.attempts(of: handles[0]) == [attempt(at: 3), attempt(at: 1), attempt(at: 2), bare])
            try fixture.write { try store.pruneDeliveries(endedBefore: .at(3), limit: 1) }
            #expect(try reader.allDeliveries(after: 0, limit: 9).map(\.handle) == Array(handles[1...]))
            try fixture.write { try store.pruneDeliveries(endedBefore: .at(3), limit: 9) }
            #expect(try reader.allDeliveries(after: 0, limit: 9).map(\.handle) == Array(handles[2...]))
            #expect(try reader.attempts(of: handles[1]).isEmpty)
            #expect(try reader.attempts(of: handles[2]).count == 3)
        },
        Case("deliveries: outlive the store, with endpoint, schedule and attempts") { fixture in
            guard let reopen = fixture.reopen else { return }
            let store = fixture.store
            let (webhook, _) = try webhooks(fixture)
            var row = deliveryRow("a", of: webhook, due: 500)
            row.attempts = 1
            let handle = try fixture.write {
                let handle = try store.insertDelivery(row)
                try store.insertAttempt(attempt(at: 1), of: handle)
                return handle
            }
            let again = try reopen(store)
            defer { again.close() }
            #expect(try again.delivery(handle)?.row == row)
            #expect(try again.webhook(webhook)?.row == webhookRow("hook"))
            #expect(try again.makeReader().nextDeliveryDue(after: .at(0)) == .at(500))
            #expect(try again.makeReader().attempts(of: handle) == [attempt(at: 1)])
        },
    ]

    /// One of the tenant `acme`, one of another.
    private static func webhooks(_ fixture: StoreFixture) throws -> (RowHandle, RowHandle) {
        try fixture.write {
            (
                try fixture.store.insertWebhook(webhookRow("hook")),
                try fixture.store.insertWebhook(webhookRow("foreign", tenant: "other"))
            )
        }
    }
}
