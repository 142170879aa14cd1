import Chrono
import Engine
import Testing

extension ProcessStoreContract {
    static let inbox: [Case] = [
        Case("inbox: an unknown key has no entry") { fixture in
            let entry = try fixture.store.inboxEntry(InboxKey(tenant: "acme", source: "/s", id: "1"))
            #expect(entry == nil)
        },
        Case("inbox: entries come back exactly, all bits of hash and answer") { fixture in
            let entries = [
                InboxEntry(contentHash: .max, answer: Array(0...255), receivedAt: .at(1_764_000_000_123)),
                InboxEntry(contentHash: 1 << 63, answer: [], receivedAt: .at(-1)),
                InboxEntry(contentHash: 0, answer: [UInt8](repeating: 7, count: 100_000), receivedAt: .at(0)),
            ]
            try fixture.write {
                for (number, entry) in entries.enumerated() {
                    try fixture.store.insertInboxEntry(
                        entry, for: InboxKey(tenant: "acme", source: "/s", id: "\(number)"))
                }
            }
            for (number, entry) in entries.enumerated() {
                #expect(
                    try fixture.store.inboxEntry(InboxKey(tenant: "acme", source: "/s", id: "\(number)")) == entry)
            }
        },
        Case("inbox: a key that is there is a duplicate, also before the commit, and keeps its entry") { fixture in
            let store = fixture.store
            let key = InboxKey(tenant: "acme", source: "/s", id: "1")
            let first = InboxEntry(contentHash: 1, answer: [1], receivedAt: .at(1))
            let second = InboxEntry(contentHash: 2, answer: [2], receivedAt: .at(2))
            try fixture.write {
                try store.insertInboxEntry(first, for: key)
                fixture.expectDuplicate("uncommitted") { try store.insertInboxEntry(second, for: key) }
            }
            try fixture.write {
                fixture.expectDuplicate("committed") { try store.insertInboxEntry(second, for: key) }
            }
            #expect(try store.inboxEntry(key) == first)
        },
        Case("inbox: tenant, source and id all count, the empty source too") { fixture in
            let keys = [
                InboxKey(tenant: "a", source: "b", id: "c"), InboxKey(tenant: "b", source: "b", id: "c"),
                InboxKey(tenant: "a", source: "a", id: "c"), InboxKey(tenant: "a", source: "b", id: "b"),
                InboxKey(tenant: "a", source: "", id: "bc"), InboxKey(tenant: "a", source: "bc", id: ""),
                InboxKey(tenant: "ab", source: "", id: "c"), InboxKey(tenant: "a", source: "B", id: "c"),
                InboxKey(tenant: "a", source: "b ", id: "c"),
            ]
            try expectDistinct(keys, fixture)
        },
        Case("inbox: composed and decomposed letters are different ids") { fixture in
            try expectDistinct(
                ["caf\u{E9}", "cafe\u{301}", "\u{1F469}\u{200D}\u{1F4BB}", "\u{1F469}"].map {
                    InboxKey(tenant: "acme", source: "/s", id: $0)
                }, fixture)
        },
    ]

    private static func expectDistinct(_ keys: [InboxKey], _ fixture: StoreFixture) throws {
        try fixture.write {
            for (number, key) in keys.enumerated() {
                try fixture.store.insertInboxEntry(
                    InboxEntry(contentHash: UInt64(number), answer: [], receivedAt: .at(0)), for: key)
            }
        }
        for (number, key) in keys.enumerated() {
            #expect(try fixture.store.inboxEntry(key)?.contentHash == UInt64(number), "\(key)")
        }
    }
}
