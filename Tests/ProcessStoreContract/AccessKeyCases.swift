import Chrono
import Engine
import EventSourcing
import Testing

extension ProcessStoreContract {
    private static func key(_ name: String, hash: UInt8) -> AccessKeyRow {
        AccessKeyRow(
            id: UniqueID(name: name), hash: [UInt8](repeating: hash, count: 32), name: name, tenant: nil,
            scopes: [.read], createdAt: .at(1))
    }

    static let accessKeys: [Case] = [
        Case("keys: come back as they were given, oldest first, to the store and to readers") { fixture in
            let store = fixture.store
            #expect(try store.accessKeys() == [])
            let plain = key("zebra", hash: 1)
            var full = key("änt", hash: 2)
            full.tenant = "acme"
            full.scopes = Set(AccessScope.allCases)
            full.createdBy = "root"
            full.expiresAt = .at(9)
            full.revokedAt = .at(8)
            full.lastUsedAt = .at(7)
            let rows = [plain, full]
            try fixture.write {
                for row in rows { try store.insertAccessKey(row) }
                #expect(try store.accessKeys() == rows)
            }
            #expect(try store.accessKey(full.id) == full)
            #expect(try store.accessKey(UniqueID(name: "none")) == nil)
            #expect(try store.makeReader().accessKeys() == rows)
        },
        Case("keys: an id or a hash that is there is a duplicate, and nothing is changed") { fixture in
            let store = fixture.store
            let row = key("a", hash: 1)
            try fixture.write {
                try store.insertAccessKey(row)
                var sameID = row
                sameID.hash = [9]
                fixture.expectDuplicate("the same id") { try store.insertAccessKey(sameID) }
                fixture.expectDuplicate("the same hash") { try store.insertAccessKey(key("b", hash: 1)) }
            }
            #expect(try store.accessKeys() == [row])
        },
        Case("keys: an update writes the end and the last use and nothing else; without the key it is unknown") {
            fixture in
            let store = fixture.store
            let row = key("a", hash: 1)
            var changed = row
            changed.revokedAt = .at(5)
            changed.lastUsedAt = .at(4)
            try fixture.write {
                try store.insertAccessKey(row)
                var other = changed
                other.name = "other"
                other.scopes = [.admin]
                try store.updateAccessKey(other)
                #expect(throws: StoreError.self) { try store.updateAccessKey(key("none", hash: 3)) }
            }
            #expect(try store.accessKeys() == [changed])
        },
        Case("tenants: all that have events are told") { fixture in
            let store = fixture.store
            #expect(try store.makeReader().tenants().isEmpty)
            try fixture.write {
                for tenant in ["acme", "ünder"] {
                    let process = try fixture.insertProcess("p of \(tenant)", tenant: tenant)
                    try fixture.append(["M"], toProcess: process, version: 1)
                }
            }
            #expect(Set(try store.makeReader().tenants()) == ["acme", "ünder"])
        },
        Case("keys: a rolled back transaction leaves them as they were; they outlive the store") { fixture in
            let store = fixture.store
            let row = key("a", hash: 1)
            try fixture.write { try store.insertAccessKey(row) }
            try store.begin()
            var changed = row
            changed.revokedAt = .at(5)
            try store.updateAccessKey(changed)
            try store.insertAccessKey(key("b", hash: 2))
            store.rollback()
            #expect(try store.accessKeys() == [row])
            guard let reopen = fixture.reopen else { return }
            let again = try reopen(store)
            defer { again.close() }
            #expect(try again.accessKeys() == [row])
        },
    ]
}
