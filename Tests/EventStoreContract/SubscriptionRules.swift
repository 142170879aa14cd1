import EventSourcing
import Testing

extension Subscription {
    fileprivate mutating func done(_ position: Int64) {
        let accepted = acknowledge(position)
        #expect(accepted)
    }

    fileprivate mutating func pollIDs(_ store: some EventStore, limit: Int) throws -> [String] {
        try poll(store, limit: limit).events.map(\.event.id.description)
    }
}

extension EventStoreContract {
    static var subscriptionRules: [Rule] {
        [
            Rule(name: "a subscription starts at the beginning, behind a position, or now") { try $0.startsAsAsked() },
            Rule(name: "a subscription gets every event once when it acknowledges") { try $0.deliversEverything() },
            Rule(name: "what is not acknowledged comes again") { try $0.deliversAgain() },
            Rule(name: "a page of one is delivered at once") { try $0.deliversOneByOne() },
            Rule(name: "events that come later are delivered") { try $0.deliversLateEvents() },
            Rule(name: "a filtered subscription skips nothing of its own") { try $0.deliversFiltered() },
            Rule(name: "a deleted stream leaves no hole that stops a subscription") { try $0.passesDeletedEvents() },
        ]
    }

    /// Polls and acknowledges page by page, until the cursor moves no more.
    private func drain(_ subscription: inout Subscription, _ store: Store, limit: Int) throws -> [String] {
        var ids: [String] = []
        while true {
            let before = subscription.position
            let page = try subscription.poll(store, limit: limit)
            #expect(page.events.count <= limit)
            ids += page.events.map(\.event.id.description)
            subscription.done(page.next)
            if subscription.position == before { return ids }
        }
    }

    public func startsAsAsked() throws {
        var store = try makeStore()
        try store.add(numbered(1...4))
        let third = try store.everything()[2]
        var fromStart = try Subscription(name: "s", tenant: tenant, from: .beginning, in: store)
        var fromThird = try Subscription(name: "s", tenant: tenant, from: .position(third.position), in: store)
        var fromNow = try Subscription(name: "s", tenant: tenant, from: .now, in: store)
        try store.add(numbered(5...5), to: StreamID(name: "other"))
        let all = try drain(&fromStart, store, limit: 2)
        #expect(all == ["e1", "e2", "e3", "e4", "e5"])
        let rest = try drain(&fromThird, store, limit: 2)
        #expect(rest == ["e4", "e5"])
        let new = try drain(&fromNow, store, limit: 2)
        #expect(new == ["e5"])
    }

    public func deliversEverything() throws {
        for limit in [1, 2, 3, 7, 100] {
            var store = try makeStore()
            var subscription = try Subscription(name: "s", tenant: tenant, from: .beginning, in: store)
            var ids: [String] = []
            for number in 1...10 {
                try store.add(numbered(number...number), to: StreamID(name: "s\(number % 4)"))
                if number % 3 == 0 { ids += try drain(&subscription, store, limit: limit) }
            }
            ids += try drain(&subscription, store, limit: limit)
            #expect(ids == (1...10).map { "e\($0)" })
            #expect(try store.position() == subscription.position)
        }
    }

    public func deliversAgain() throws {
        var store = try makeStore()
        try store.add(numbered(1...4))
        var subscription = try Subscription(name: "s", tenant: tenant, from: .beginning, in: store)
        let page = try subscription.poll(store, limit: 3)
        let again = try subscription.poll(store, limit: 3)
        #expect(again == page)
        let second = try #require(page.events.dropFirst().first)
        subscription.done(second.position)
        let unacknowledged = try subscription.pollIDs(store, limit: 3)
        #expect(unacknowledged == ["e3", "e4"])
        // After a restart only the acknowledged position is left.
        var restored = Subscription(name: "s", tenant: tenant, restoredAt: subscription.position)
        let afterRestart = try restored.pollIDs(store, limit: 9)
        #expect(afterRestart == ["e3", "e4"])
    }

    public func deliversOneByOne() throws {
        var store = try makeStore()
        try store.add(numbered(1...3))
        var subscription = try Subscription(name: "s", tenant: tenant, from: .beginning, in: store)
        for number in 1...3 {
            let page = try subscription.poll(store, limit: 1)
            #expect(page.events.map(\.event.id.description) == ["e\(number)"])
            subscription.done(page.next)
        }
        let end = try subscription.pollIDs(store, limit: 1)
        #expect(end == [])
    }

    public func deliversLateEvents() throws {
        var store = try makeStore()
        var subscription = try Subscription(name: "s", tenant: tenant, from: .beginning, in: store)
        for number in 1...5 {
            let nothing = try drain(&subscription, store, limit: 10)
            #expect(nothing == [])
            try store.add(numbered(number...number))
            let late = try drain(&subscription, store, limit: 10)
            #expect(late == ["e\(number)"])
        }
    }

    public func deliversFiltered() throws {
        for limit in [1, 2, 50] {
            var store = try makeStore()
            let parcels = StreamID(category: "parcel", name: "p")
            let both = EventFilter(category: "parcel", types: ["A"])
            var category = try Subscription(
                name: "c", tenant: tenant, filter: EventFilter(category: "parcel"), from: .beginning, in: store)
            var types = try Subscription(
                name: "t", tenant: tenant, filter: EventFilter(types: ["A"]), from: .beginning, in: store)
            var narrow = try Subscription(name: "n", tenant: tenant, filter: both, from: .beginning, in: store)
            var seen: [[String]] = [[], [], []]
            for number in 1...24 {
                try store.add(
                    [event("e\(number)", number % 3 == 0 ? "A" : "B")], to: number % 4 == 0 ? parcels : orders)
                guard number % 7 == 0 || number == 24 else { continue }
                seen[0] += try drain(&category, store, limit: limit)
                seen[1] += try drain(&types, store, limit: limit)
                seen[2] += try drain(&narrow, store, limit: limit)
            }
            #expect(seen[0] == stride(from: 4, through: 24, by: 4).map { "e\($0)" })
            #expect(seen[1] == stride(from: 3, through: 24, by: 3).map { "e\($0)" })
            #expect(seen[2] == ["e12", "e24"])
        }
    }

    public func passesDeletedEvents() throws {
        var store = try makeStore()
        let other = StreamID(category: "order", name: "order 2")
        try store.add(numbered(1...1), to: other)
        try store.add(numbered(2...9))
        try store.add(numbered(10...10), to: other)
        var subscription = try Subscription(name: "s", tenant: tenant, from: .beginning, in: store)
        let page = try subscription.poll(store, limit: 3)
        subscription.done(page.next)
        try store.delete(orders, tenant: tenant)
        let behindTheHole = try drain(&subscription, store, limit: 1)
        #expect(behindTheHole == ["e10"])
        try store.add(numbered(11...11))
        let later = try drain(&subscription, store, limit: 1)
        #expect(later == ["e11"])
    }
}
