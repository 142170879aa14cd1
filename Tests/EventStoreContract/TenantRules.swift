import EventSourcing
import Testing

extension EventStoreContract {
    static var tenantRules: [Rule] {
        [
            Rule(name: "a tenant sees its own streams only") { try $0.keepsTenantsApart() },
            Rule(name: "versions and event ids are a tenant's own") { try $0.countsPerTenant() },
            Rule(name: "the global order shows a tenant its own events only") { try $0.filtersTenants() },
            Rule(name: "deleting touches one tenant only") { try $0.deletesOneTenant() },
        ]
    }

    private static var tenants: [String] { ["default", "", "acme", "Acme", "acme-2 ☃"] }

    public func keepsTenantsApart() throws {
        for owner in Self.tenants {
            var store = try makeStore()
            try store.add(numbered(1...2), tenant: owner)
            for other in Self.tenants {
                #expect(try store.ids(tenant: other) == (other == owner ? ["e1", "e2"] : []))
                #expect(try store.version(of: orders, tenant: other) == (other == owner ? 2 : 0))
                #expect(try store.allIDs(tenant: other) == (other == owner ? ["e1", "e2"] : []))
            }
        }
    }

    public func countsPerTenant() throws {
        var store = try makeStore()
        for (index, owner) in Self.tenants.enumerated() {
            // One stream at several versions: a version of one tenant is no conflict for another.
            for number in 1...(index + 1) {
                let receipt = try store.add(
                    [event("e\(number)", owner)], tenant: owner, expected: .exact(Int64(number - 1)))
                #expect(receipt.lastVersion == Int64(number))
                #expect(!receipt.duplicate)
            }
        }
        for (index, owner) in Self.tenants.enumerated() {
            #expect(try store.version(of: orders, tenant: owner) == Int64(index + 1))
            let types = try store.read(orders, tenant: owner, from: 1, limit: 10).map(\.event.type)
            #expect(types.allSatisfy { $0 == owner })
        }
    }

    public func filtersTenants() throws {
        var store = try makeStore()
        for number in 1...20 {
            try store.add(numbered(number...number), tenant: number % 5 == 0 ? "acme" : "default")
        }
        for limit in [1, 3, 100] {
            #expect(try store.allIDs(tenant: "acme", limit: limit) == ["e5", "e10", "e15", "e20"])
            #expect(try store.allIDs(tenant: "nobody", limit: limit) == [])
            #expect(try store.allIDs(tenant: "default", limit: limit).count == 16)
        }
        #expect(try store.position() == store.everything(tenant: "acme").last?.position)
    }

    public func deletesOneTenant() throws {
        var store = try makeStore()
        for owner in Self.tenants { try store.add(numbered(1...2), tenant: owner) }
        try store.delete(orders, tenant: "acme")
        for owner in Self.tenants {
            #expect(try store.ids(tenant: owner) == (owner == "acme" ? [] : ["e1", "e2"]))
            #expect(try store.allIDs(tenant: owner) == (owner == "acme" ? [] : ["e1", "e2"]))
        }
    }
}
