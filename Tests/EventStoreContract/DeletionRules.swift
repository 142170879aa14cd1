import Chrono
import EventSourcing
import Testing

extension EventStoreContract {
    static var deletionRules: [Rule] {
        [
            Rule(name: "deleting a stream that is not there does nothing") { try $0.deletesNothing() },
            Rule(name: "a deleted stream is gone from every read") { try $0.deletesStreams() },
            Rule(name: "positions never go back, deletions included") { try $0.neverGoesBack() },
            Rule(name: "a deleted stream's id is free, from version 1") { try $0.reusesStreams() },
            Rule(name: "deleting touches one category only") { try $0.deletesOneCategory() },
        ]
    }

    public func deletesNothing() throws {
        var store = try makeStore()
        try store.delete(orders, tenant: tenant)
        try store.add(numbered(1...1))
        let position = try store.position()
        try store.delete(StreamID(category: "order", name: "other"), tenant: tenant)
        #expect(try store.ids() == ["e1"])
        #expect(try store.position() >= position)
    }

    public func deletesStreams() throws {
        var store = try makeStore()
        let other = StreamID(category: "order", name: "order 2")
        try store.add(numbered(1...2))
        try store.add(numbered(3...3), to: other)
        try store.add(numbered(4...4))
        try store.delete(orders, tenant: tenant)
        #expect(try store.ids() == [])
        #expect(try store.version(of: orders, tenant: tenant) == 0)
        for limit in [1, 2, 10] {
            #expect(try store.allIDs(limit: limit) == ["e3"])
            #expect(try store.allIDs(matching: EventFilter(category: "order"), limit: limit) == ["e3"])
        }
        #expect(try store.ids(other) == ["e3"])
        try store.delete(orders, tenant: tenant)
    }

    public func neverGoesBack() throws {
        var store = try makeStore()
        try store.add(numbered(1...1), to: StreamID(name: "old"))
        let last = try store.add(numbered(1...3))
        try store.delete(orders, tenant: tenant)
        #expect(try store.position() >= last.position)
        let next = try store.add(numbered(1...1), to: StreamID(name: "new"))
        #expect(next.position > last.position)
        #expect(try store.allIDs(after: last.position) == ["e1"])
        try store.delete(StreamID(name: "old"), tenant: tenant)
        try store.delete(StreamID(name: "new"), tenant: tenant)
        #expect(try store.position() >= next.position)
        #expect(try store.allIDs() == [])
    }

    public func reusesStreams() throws {
        var store = try makeStore()
        let last = try store.add(numbered(1...3), at: start + .seconds(60))
        try store.delete(orders, tenant: tenant)
        // The same ids and other content: what was deleted is no longer known.
        let receipt = try store.add([event("e1", "Other"), event("e4")], expected: .none)
        #expect(!receipt.duplicate)
        #expect(receipt.firstVersion == 1)
        #expect(receipt.lastVersion == 2)
        #expect(receipt.position > last.position)
        let events = try store.read(orders, tenant: tenant, from: 1, limit: 10)
        #expect(events.map(\.version) == [1, 2])
        #expect(events.map(\.event.type) == ["Other", "Counted"])
        #expect(try store.everything() == events)
        try store.add(numbered(5...5), expected: .exact(2))
        #expect(try store.version(of: orders, tenant: tenant) == 3)
    }

    public func deletesOneCategory() throws {
        var store = try makeStore()
        let id = UniqueID(name: "x")
        let streams = ["a", "b", nil].map { StreamID(category: $0, id: id) }
        for stream in streams { try store.add(numbered(1...1), to: stream) }
        try store.delete(streams[0], tenant: tenant)
        #expect(try streams.map { try store.version(of: $0, tenant: tenant) } == [0, 1, 1])
        try store.delete(streams[2], tenant: tenant)
        #expect(try streams.map { try store.version(of: $0, tenant: tenant) } == [0, 1, 0])
    }
}
