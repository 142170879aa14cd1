import Chrono
import EventSourcing
import JSON
import Testing

extension EventStoreContract {
    static var appendRules: [Rule] {
        [
            Rule(name: "versions count from 1 without gaps") { try $0.numbersVersions() },
            Rule(name: "the receipt says where the events are") { try $0.givesReceipts() },
            Rule(name: "an event comes back as it was given") { try $0.keepsEvents() },
            Rule(name: "an empty append is refused") { try $0.refusesEmptyAppends() },
            Rule(name: "a negative expected version is refused") { try $0.refusesNegativeVersions() },
            Rule(name: "an exact version must be the current one") { try $0.checksExactVersions() },
            Rule(name: "none and exact 0 mean an empty stream") { try $0.checksEmptyStreams() },
            Rule(name: "any appends whatever is there") { try $0.appendsAnyway() },
            Rule(name: "a refused append leaves nothing behind") { try $0.storesAllOrNothing() },
            Rule(name: "recorded times never go back in a stream") { try $0.keepsTimesInOrder() },
            Rule(name: "streams do not disturb each other") { try $0.keepsStreamsApart() },
        ]
    }

    public func numbersVersions() throws {
        var store = try makeStore()
        #expect(try store.version(of: orders, tenant: tenant) == 0)
        try store.add(numbered(1...3))
        try store.add(numbered(4...4))
        let events = try store.read(orders, tenant: tenant, from: 1, limit: 10)
        #expect(events.map(\.version) == [1, 2, 3, 4])
        #expect(events.map(\.event) == numbered(1...4))
        #expect(try store.version(of: orders, tenant: tenant) == 4)
    }

    public func givesReceipts() throws {
        var store = try makeStore()
        let first = try store.add(numbered(1...3))
        #expect(first.firstVersion == 1)
        #expect(first.lastVersion == 3)
        #expect(!first.duplicate)
        let second = try store.add(numbered(4...4))
        #expect(second.firstVersion == 4)
        #expect(second.lastVersion == 4)
        let positions = try store.read(orders, tenant: tenant, from: 1, limit: 10).map(\.position)
        #expect(first.position == positions[2])
        #expect(second.position == positions[3])
        #expect(try store.position() == second.position)
    }

    public func keepsEvents() throws {
        var store = try makeStore()
        let data = try JSONDocument.parse(#" {"b": 1.50, "a": [1e2, -0, "\u00e9\\"], "t": "😀", "n": null} "#).root
        let full = Event(
            id: EventID("Any id ☃"), type: "Counted", source: "/some/source", time: "2026-01-02T03:04:05.678901+02:00",
            data: data, correlationID: "c-1", causationID: "cause", traceparent: "00-ab-cd-01",
            extensions: JSONView(["subject": "s"]), observed: JSONView(["unsettled": []]))
        let bare = Event(id: EventID(UniqueID(name: "bare")), type: "Counted", data: .null)
        let upper = event("2ED6657D-E927-568B-95E1-2665A8AEA6A2", data: "text")
        try store.add([full, bare, upper])
        let events = try store.read(orders, tenant: tenant, from: 1, limit: 10)
        #expect(events.map(\.event) == [full, bare, upper])
        #expect(events.map(\.event.id.description) == [full, bare, upper].map(\.id.description))
        #expect(events.first?.event.data.text == data.text)
        #expect(events.first?.stream == orders)
        #expect(events.first?.recordedAt == start)
        #expect(try store.everything() == events)
    }

    public func refusesEmptyAppends() throws {
        var store = try makeStore()
        #expect(throws: EventStoreError.nothingToAppend) { try store.add([]) }
        #expect(try store.position() == 0)
    }

    public func refusesNegativeVersions() throws {
        var store = try makeStore()
        #expect(throws: EventStoreError.invalidVersion(-1)) { try store.add(numbered(1...1), expected: .exact(-1)) }
        #expect(try store.version(of: orders, tenant: tenant) == 0)
    }

    public func checksExactVersions() throws {
        var store = try makeStore()
        #expect(throws: EventStoreError.conflict(stream: orders, expected: .exact(1), actual: 0)) {
            try store.add(numbered(1...1), expected: .exact(1))
        }
        try store.add(numbered(1...2), expected: .none)
        for wrong in [1, 3] as [Int64] {
            #expect(throws: EventStoreError.conflict(stream: orders, expected: .exact(wrong), actual: 2)) {
                try store.add(numbered(3...3), expected: .exact(wrong))
            }
        }
        try store.add(numbered(3...4), expected: .exact(2))
        try store.add(numbered(5...5), expected: .exact(4))
        #expect(try store.ids() == ["e1", "e2", "e3", "e4", "e5"])
    }

    public func checksEmptyStreams() throws {
        for expected in [ExpectedVersion.none, .exact(0)] {
            var store = try makeStore()
            try store.add(numbered(1...1), expected: expected)
            #expect(throws: EventStoreError.conflict(stream: orders, expected: expected, actual: 1)) {
                try store.add(numbered(2...2), expected: expected)
            }
            #expect(try store.ids() == ["e1"])
        }
    }

    public func appendsAnyway() throws {
        var store = try makeStore()
        try store.add(numbered(1...1), expected: .any)
        try store.add(numbered(2...2), expected: .any)
        try store.add(numbered(3...3), expected: .exact(2))
        #expect(try store.ids() == ["e1", "e2", "e3"])
    }

    public func storesAllOrNothing() throws {
        var store = try makeStore()
        let receipt = try store.add(numbered(1...1))
        #expect(throws: EventStoreError.self) { try store.add(numbered(2...4), expected: .exact(2)) }
        #expect(throws: EventStoreError.self) { try store.add([event("x"), event("e1", "Other")]) }
        #expect(throws: EventStoreError.self) { try store.add([event("y"), event("y", "Other")]) }
        #expect(try store.ids() == ["e1"])
        #expect(try store.allIDs() == ["e1"])
        #expect(try store.position() == receipt.position)
        try store.add([event("x"), event("y")], expected: .exact(1))
        #expect(try store.ids() == ["e1", "x", "y"])
    }

    public func keepsTimesInOrder() throws {
        var store = try makeStore()
        let other = StreamID(category: "order", name: "order 2")
        try store.add(numbered(1...1), at: start)
        try store.add(numbered(2...2), at: start - .seconds(5))
        try store.add(numbered(3...3), at: start + .seconds(5))
        try store.add(numbered(1...1), to: other, at: start - .seconds(9))
        let times = try store.read(orders, tenant: tenant, from: 1, limit: 10).map(\.recordedAt)
        #expect(times == [start, start, start + .seconds(5)])
        #expect(try store.read(other, tenant: tenant, from: 1, limit: 1).map(\.recordedAt) == [start - .seconds(9)])
    }

    public func keepsStreamsApart() throws {
        var store = try makeStore()
        let id = UniqueID(name: "one id")
        let streams = [
            StreamID(category: "order", id: id), StreamID(category: "Order", id: id),
            StreamID(category: "a::b", id: id),
            StreamID(id: id), StreamID(category: "order", name: "another id"),
        ]
        for (index, stream) in streams.enumerated() {
            // The same event ids in each: ids are a stream's own.
            try store.add(numbered(1...(index + 1)), to: stream, expected: .none)
        }
        for (index, stream) in streams.enumerated() {
            let events = try store.read(stream, tenant: tenant, from: 1, limit: 10)
            #expect(events.map(\.version) == (1...(index + 1)).map(Int64.init))
            #expect(events.allSatisfy { $0.stream == stream })
        }
        // The empty category is none.
        #expect(try store.version(of: StreamID(category: "", id: id), tenant: tenant) == 4)
    }
}
