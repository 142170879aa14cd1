import EventSourcing
import Testing

extension EventStoreContract {
    static var orderRules: [Rule] {
        [
            Rule(name: "an empty store is at position 0") { try $0.startsAtZero() },
            Rule(name: "the global order is that of the appends") { try $0.ordersGlobally() },
            Rule(name: "after is exclusive and pages join without overlap") { try $0.pages() },
            Rule(name: "a cursor at or beyond the end is kept") { try $0.keepsCursorsBeyondTheEnd() },
            Rule(name: "what comes later is found from where a reader stopped") { try $0.findsLaterEvents() },
            Rule(name: "a filter takes exactly a category") { try $0.filtersCategories() },
            Rule(name: "a filter takes exactly the types") { try $0.filtersTypes() },
            Rule(name: "both conditions of a filter must hold") { try $0.filtersBoth() },
            Rule(name: "a rare filter makes progress") { try $0.makesProgress() },
        ]
    }

    public func startsAtZero() throws {
        let store = try makeStore()
        #expect(try store.position() == 0)
        let page = try store.readAll(tenant: tenant, after: 0, matching: EventFilter(), limit: 10)
        #expect(page == EventPage(events: [], next: 0))
    }

    public func ordersGlobally() throws {
        var store = try makeStore()
        let other = StreamID(category: "parcel", name: "p")
        try store.add(numbered(1...2))
        try store.add([event("p1"), event("p2")], to: other)
        try store.add(numbered(3...3))
        let events = try store.everything()
        #expect(events.map(\.event.id.description) == ["e1", "e2", "p1", "p2", "e3"])
        #expect(events.map(\.version) == [1, 2, 1, 2, 3])
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
        #expect(events.first.map(\.position) ?? 0 >= 1)
        #expect(try store.position() == events.last?.position)
    }

    public func pages() throws {
        var store = try makeStore()
        for number in 1...7 { try store.add(numbered(number...number), to: StreamID(name: "s\(number % 3)")) }
        let ids = (1...7).map { "e\($0)" }
        for limit in [1, 2, 3, 6, 7, 8, .max] { #expect(try store.allIDs(limit: limit) == ids, "limit \(limit)") }
        for event in try store.everything() {
            let rest = try store.everything(after: event.position)
            #expect(rest.allSatisfy { $0.position > event.position })
        }
        let third = try store.everything()[2]
        #expect(try store.allIDs(after: third.position) == ["e4", "e5", "e6", "e7"])
        #expect(try store.readAll(tenant: tenant, after: 0, matching: EventFilter(), limit: 0).events.isEmpty)
    }

    public func keepsCursorsBeyondTheEnd() throws {
        var store = try makeStore()
        try store.add(numbered(1...2))
        let end = try store.position()
        for cursor in [end, end + 5] {
            let page = try store.readAll(tenant: tenant, after: cursor, matching: EventFilter(), limit: 10)
            #expect(page == EventPage(events: [], next: cursor))
        }
    }

    public func findsLaterEvents() throws {
        var store = try makeStore()
        let filter = EventFilter(types: ["Rare"])
        var cursor: Int64 = 0
        var found: [String] = []
        for number in 1...9 {
            try store.add([event("e\(number)", number % 3 == 0 ? "Rare" : "Common")])
            var page: EventPage
            repeat {
                page = try store.readAll(tenant: tenant, after: cursor, matching: filter, limit: 10)
                found += page.events.map(\.event.id.description)
                let moved = page.next > cursor
                cursor = page.next
                if !moved { break }
            } while true
        }
        #expect(found == ["e3", "e6", "e9"])
    }

    public func filtersCategories() throws {
        var store = try makeStore()
        let id = UniqueID(name: "x")
        let categories: [String?] = ["order", "Order", "orders", nil, "order"]
        for (index, category) in categories.enumerated() {
            try store.add(numbered((index + 1)...(index + 1)), to: StreamID(category: category, id: id))
        }
        #expect(try store.allIDs(matching: EventFilter(category: "order")) == ["e1", "e5"])
        #expect(try store.allIDs(matching: EventFilter(category: "Order")) == ["e2"])
        #expect(try store.allIDs(matching: EventFilter(category: "orde")) == [])
        #expect(try store.allIDs(matching: EventFilter(category: "")) == ["e4"])
        #expect(try store.allIDs(matching: EventFilter(category: nil)).count == 5)
    }

    public func filtersTypes() throws {
        var store = try makeStore()
        try store.add([event("a", "A"), event("b", "B"), event("ab", "AB"), event("c", "C"), event("A2", "A")])
        #expect(try store.allIDs(matching: EventFilter(types: ["A"])) == ["a", "A2"])
        #expect(try store.allIDs(matching: EventFilter(types: ["C", "A", "A"])) == ["a", "c", "A2"])
        #expect(try store.allIDs(matching: EventFilter(types: ["a"])) == [])
        #expect(try store.allIDs(matching: EventFilter(types: [])).count == 5)
    }

    public func filtersBoth() throws {
        var store = try makeStore()
        let parcels = StreamID(category: "parcel", name: "p")
        try store.add([event("o1", "A"), event("o2", "B")])
        try store.add([event("p1", "A"), event("p2", "B")], to: parcels)
        for limit in [1, 10] {
            #expect(
                try store.allIDs(matching: EventFilter(category: "parcel", types: ["A", "C"]), limit: limit) == ["p1"])
        }
    }

    public func makesProgress() throws {
        var store = try makeStore()
        try store.add(numbered(1...400, "Common"))
        try store.add([event("rare", "Rare")], to: StreamID(category: "rare", name: "r"))
        try store.add(numbered(401...800, "Common"))
        for filter in [EventFilter(types: ["Rare"]), EventFilter(category: "rare")] {
            for limit in [1, 10] {
                #expect(try store.allIDs(matching: filter, limit: limit) == ["rare"])
            }
        }
        #expect(try store.allIDs(matching: EventFilter(types: ["Never"]), limit: 1) == [])
    }
}
