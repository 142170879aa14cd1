import Chrono
import Engine
import Testing

private func requestKeyRow(_ key: String, tenant: String = "acme", at time: Int64 = 1000) -> RequestKeyRow {
    RequestKeyRow(
        tenant: tenant, key: key, fingerprint: .max - 1, answer: Array("{\u{1}é}".utf8), createdAt: .at(time))
}

extension ProcessStoreContract {
    static let requestKeys: [Case] = [
        Case("request keys: come back as stored, each tenant its own") { fixture in
            let store = fixture.store
            var empty = requestKeyRow("empty")
            empty.answer = []
            var none = requestKeyRow("none")
            none.answer = nil
            let other = requestKeyRow("empty", tenant: "other", at: 5)
            try fixture.write { for row in [empty, none, other] { try store.insertRequestKey(row) } }
            #expect(try store.requestKey("empty", tenant: "acme") == empty)
            #expect(try store.requestKey("none", tenant: "acme") == none)
            #expect(try store.requestKey("empty", tenant: "other") == other)
            #expect(try store.requestKey("Empty", tenant: "acme") == nil)
            #expect(try store.requestKey("none", tenant: "nobody") == nil)
        },
        Case("request keys: one that is there is a duplicate and keeps its row") { fixture in
            let store = fixture.store
            try fixture.write {
                try store.insertRequestKey(requestKeyRow("a", at: 1))
                fixture.expectDuplicate("uncommitted") { try store.insertRequestKey(requestKeyRow("a", at: 2)) }
            }
            #expect(try store.requestKey("a", tenant: "acme")?.createdAt == .at(1))
        },
        Case("request keys: are pruned by age, oldest first, of all tenants") { fixture in
            let store = fixture.store
            #expect(try store.oldestRequestKey() == nil)
            try fixture.write {
                for number in 1...5 {
                    let tenant = number.isMultiple(of: 2) ? "acme" : "other"
                    try store.insertRequestKey(requestKeyRow("k\(number)", tenant: tenant, at: Int64(number)))
                }
            }
            #expect(try store.oldestRequestKey() == .at(1))
            #expect(try fixture.write { try store.pruneRequestKeys(through: .at(0), limit: 9) } == 0)
            #expect(try fixture.write { try store.pruneRequestKeys(through: .at(4), limit: 2) } == 2)
            #expect(try store.requestKey("k2", tenant: "acme") == nil)
            #expect(try store.oldestRequestKey() == .at(3))
            #expect(try fixture.write { try store.pruneRequestKeys(through: .at(4), limit: 9) } == 2)
            #expect(try store.requestKey("k5", tenant: "other") != nil)
            try fixture.write { try store.insertRequestKey(requestKeyRow("k2", at: 6)) }
            #expect(try store.oldestRequestKey() == .at(5))
        },
        Case("request keys: a rolled back transaction leaves them as they were") { fixture in
            let store = fixture.store
            try fixture.write { try store.insertRequestKey(requestKeyRow("a")) }
            try store.begin()
            try store.insertRequestKey(requestKeyRow("b"))
            _ = try store.pruneRequestKeys(through: .at(5000), limit: 1)
            store.rollback()
            #expect(try store.requestKey("a", tenant: "acme") != nil)
            #expect(try store.requestKey("b", tenant: "acme") == nil)
        },
        Case("request keys: outlive the store") { fixture in
            guard let reopen = fixture.reopen else { return }
            try fixture.write { try fixture.store.insertRequestKey(requestKeyRow("a")) }
            let again = try reopen(fixture.store)
            defer { again.close() }
            #expect(try again.requestKey("a", tenant: "acme") == requestKeyRow("a"))
        },
    ]
}
