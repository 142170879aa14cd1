import EventSourcing
import Testing

extension EventStoreContract {
    static var readRules: [Rule] {
        [
            Rule(name: "a stream that is not there is empty") { try $0.readsMissingStreams() },
            Rule(name: "a range starts at a version and has a limit") { try $0.readsRanges() },
            Rule(name: "a range that starts below 1 is refused") { try $0.refusesRangesBelowOne() },
        ]
    }

    public func readsMissingStreams() throws {
        let store = try makeStore()
        #expect(try store.ids() == [])
        #expect(try store.ids(from: 7, limit: 3) == [])
        #expect(try store.version(of: orders, tenant: tenant) == 0)
    }

    public func readsRanges() throws {
        var store = try makeStore()
        try store.add(numbered(1...5))
        let ranges: [(first: Int64, limit: Int, ids: [String])] = [
            (1, 5, ["e1", "e2", "e3", "e4", "e5"]), (1, 1000, ["e1", "e2", "e3", "e4", "e5"]),
            (1, .max, ["e1", "e2", "e3", "e4", "e5"]), (2, 3, ["e2", "e3", "e4"]), (5, 1, ["e5"]), (5, 9, ["e5"]),
            (6, 9, []), (9, 2, []), (.max, 2, []), (1, 0, []), (3, -1, []),
        ]
        for range in ranges {
            #expect(try store.ids(from: range.first, limit: range.limit) == range.ids, "\(range)")
        }
        // A loader reads on until a page is short: so no page but the last one may be.
        try store.add(numbered(6...1200))
        #expect(try store.ids(limit: 1000).count == 1000)
        #expect(try store.ids(from: 1001, limit: 1000).count == 200)
    }

    public func refusesRangesBelowOne() throws {
        var store = try makeStore()
        try store.add(numbered(1...2))
        for first in [0, -1, .min] as [Int64] {
            #expect(throws: EventStoreError.invalidVersion(first)) { try store.ids(from: first) }
        }
    }
}
