import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

private func subscriptionRow(
    _ name: String, tenant: String = "acme", filter: EventFilter = EventFilter(), position: Int64 = 0
) -> SubscriptionRow {
    SubscriptionRow(
        tenant: tenant, name: name, filter: filter, position: position, createdAt: .at(1000), updatedAt: .at(1000))
}

extension ProcessStoreContract {
    static let subscriptions: [Case] = [
        Case("subscriptions: come back as stored, each tenant its own, by name") { fixture in
            let store = fixture.store
            var rows = [
                subscriptionRow("b", filter: EventFilter(category: "order", types: ["A", "Ä\u{301}", "A"])),
                subscriptionRow("a", filter: EventFilter(category: ""), position: 7), subscriptionRow("B"),
            ]
            rows[0].lease = .init(expiresAt: .at(5000), length: .seconds(30), through: 12)
            rows[0].leaseNumber = 3
            rows[0].revision = 9
            let other = subscriptionRow("b", tenant: "other")
            let (handles, otherHandle) = try fixture.write {
                (try rows.map { try store.insertSubscription($0) }, try store.insertSubscription(other))
            }
            let stored = zip(handles, rows).map { StoredSubscription(handle: $0, row: $1) }
            let reader = try store.makeReader()
            #expect(try reader.subscriptions(tenant: "acme") == [stored[2], stored[1], stored[0]])
            #expect(try store.subscription("b", tenant: "acme") == stored[0])
            #expect(try reader.subscription("b", tenant: "other")?.row == other)
            #expect(try reader.subscription("b", tenant: "other")?.handle == otherHandle)
            #expect(try store.subscription("A", tenant: "acme") == nil)
            #expect(try store.subscription("a", tenant: "nobody") == nil)
            #expect(try reader.subscriptions(tenant: "nobody").isEmpty)
        },
        Case("subscriptions: a name that is there is a duplicate and keeps its row") { fixture in
            let store = fixture.store
            try fixture.write {
                _ = try store.insertSubscription(subscriptionRow("a", position: 1))
                fixture.expectDuplicate("uncommitted") {
                    _ = try store.insertSubscription(subscriptionRow("a", position: 2))
                }
            }
            #expect(try store.subscription("a", tenant: "acme")?.row.position == 1)
        },
        Case("subscriptions: an update changes all but name and creation, and of what is not there is unknown") {
            fixture in
            let store = fixture.store
            let handle = try fixture.write { try store.insertSubscription(subscriptionRow("a")) }
            var row = subscriptionRow("a", filter: EventFilter(category: "c", types: ["T"]), position: 44)
            row.revision = 2
            row.leaseNumber = 5
            row.lease = .init(expiresAt: .at(9000), length: .milliseconds(1500), through: 50)
            row.updatedAt = .at(2000)
            try fixture.write {
                try store.updateSubscription(handle, row)
                fixture.expectUnknown("another") { try store.updateSubscription(handle + 1, row) }
            }
            #expect(try store.makeReader().subscription("a", tenant: "acme")?.row == row)
            row.lease = nil
            try fixture.write { try store.updateSubscription(handle, row) }
            #expect(try store.subscription("a", tenant: "acme")?.row == row)
        },
        Case("subscriptions: one that was deleted and made again is another one") { fixture in
            let store = fixture.store
            let first = try fixture.write { try store.insertSubscription(subscriptionRow("a")) }
            try fixture.write {
                try store.deleteSubscription(first)
                try store.deleteSubscription(first)
            }
            #expect(try store.subscription("a", tenant: "acme") == nil)
            #expect(try store.makeReader().subscriptions(tenant: "acme").isEmpty)
            let second = try fixture.write { try store.insertSubscription(subscriptionRow("a")) }
            #expect(second > first)
        },
        Case("subscriptions: leases that have ended come by their end") { fixture in
            let store = fixture.store
            #expect(try store.nextSubscriptionExpiry() == nil)
            try fixture.write {
                for (name, end) in [("a", 3000), ("b", 1000), ("c", 3000), ("d", nil), ("e", 5000)]
                    as [(String, Int64?)]
                {
                    var row = subscriptionRow(name)
                    row.lease = end.map { .init(expiresAt: .at($0), length: .seconds(1), through: 1) }
                    _ = try store.insertSubscription(row)
                }
            }
            #expect(try store.nextSubscriptionExpiry() == .at(1000))
            #expect(try store.expiredSubscriptions(at: .at(999), limit: 9).isEmpty)
            #expect(try store.expiredSubscriptions(at: .at(3000), limit: 9).map(\.row.name) == ["b", "a", "c"])
            #expect(try store.expiredSubscriptions(at: .at(9000), limit: 2).map(\.row.name) == ["b", "a"])
            let first = try #require(try store.subscription("b", tenant: "acme"))
            try fixture.write {
                var row = first.row
                row.lease = nil
                try store.updateSubscription(first.handle, row)
            }
            #expect(try store.nextSubscriptionExpiry() == .at(3000))
        },
        Case("subscriptions: a rolled back transaction leaves them as they were") { fixture in
            let store = fixture.store
            let handle = try fixture.write { try store.insertSubscription(subscriptionRow("a")) }
            try store.begin()
            try store.updateSubscription(handle, subscriptionRow("a", position: 9))
            _ = try store.insertSubscription(subscriptionRow("b"))
            #expect(try store.subscription("a", tenant: "acme")?.row.position == 9)
            store.rollback()
            #expect(try store.subscription("a", tenant: "acme")?.row.position == 0)
            #expect(try store.subscription("b", tenant: "acme") == nil)
        },
        Case("subscriptions: place and lease outlive the store") { fixture in
            guard let reopen = fixture.reopen else { return }
            var row = subscriptionRow("a", position: 77)
            row.lease = .init(expiresAt: .at(9000), length: .seconds(1), through: 80)
            let handle = try fixture.write { try fixture.store.insertSubscription(row) }
            let again = try reopen(fixture.store)
            defer { again.close() }
            #expect(try again.subscription("a", tenant: "acme") == StoredSubscription(handle: handle, row: row))
        },
        Case("subscriptions: an event that is committed after a look is behind the place of that look") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try fixture.append(["A", "B"], toProcess: process, version: 1)
                return process
            }
            #expect(try store.lastPosition() == 2)
            let reader = try store.makeReader()
            try store.begin()
            try fixture.append(["C"], toProcess: process, version: 3)
            #expect(try store.lastPosition() == 3, "uncommitted ones count")
            let early = try reader.events(
                tenant: "acme", after: 0, matching: EventFilter(types: ["C"]), limit: 1)
            #expect(early.events.isEmpty && early.next == 2)
            try store.commit()
            let late = try reader.events(
                tenant: "acme", after: early.next, matching: EventFilter(types: ["C"]), limit: 1)
            #expect(late.events.map(\.event.type) == ["C"] && late.next == 3)
        },
    ]
}
