import EventSourcing
import JSON
import Testing

extension EventStoreContract {
    static var identityRules: [Rule] {
        [
            Rule(name: "a repeated append writes nothing") { try $0.answersRepeats() },
            Rule(name: "a repeat is known whatever version is expected") { try $0.knowsRepeatsBeforeConflicts() },
            Rule(name: "a repeat is known by the value of its data") { try $0.comparesValues() },
            Rule(name: "part of a batch can be repeated") { try $0.answersRepeatsOfParts() },
            Rule(name: "an id with other content is refused") { try $0.refusesOtherContent() },
            Rule(name: "a batch of old and new events is refused") { try $0.refusesMixedBatches() },
            Rule(name: "a batch with one id twice is refused") { try $0.refusesDoubleIDs() },
            Rule(name: "the source is part of an event's identity") { try $0.distinguishesSources() },
        ]
    }

    public func answersRepeats() throws {
        var store = try makeStore()
        try store.add(numbered(1...2))
        let first = try store.add(numbered(3...5), expected: .exact(2))
        try store.add(numbered(6...6))
        let position = try store.position()
        let repeated = try store.add(numbered(3...5), expected: .exact(2))
        #expect(
            repeated
                == AppendReceipt(firstVersion: 3, lastVersion: 5, position: first.position, duplicate: true))
        #expect(try store.version(of: orders, tenant: tenant) == 6)
        #expect(try store.position() == position)
        #expect(try store.allIDs() == (1...6).map { "e\($0)" })
    }

    public func knowsRepeatsBeforeConflicts() throws {
        var store = try makeStore()
        try store.add(numbered(1...2))
        for expected in [ExpectedVersion.any, .none, .exact(1), .exact(2), .exact(9)] {
            let receipt = try store.add(numbered(1...2), expected: expected)
            #expect(receipt.duplicate)
        }
        #expect(try store.ids() == ["e1", "e2"])
    }

    public func comparesValues() throws {
        var store = try makeStore()
        let first = try JSONDocument.parse(#"{"a":1,"b":[true,"A"]}"#).root
        let same = try JSONDocument.parse(#"{ "b": [true, "\u0041"], "a": 1 }"#).root
        let otherDigits = try JSONDocument.parse(#"{"a":1.0,"b":[true,"A"]}"#).root
        try store.add([Event(id: EventID("e"), type: "Counted", data: first)])
        // Only type and data are content: a repeat may come with another time or trace.
        let repeated = try store.add(
            [Event(id: EventID("e"), type: "Counted", time: "2026-01-02T03:04:05Z", data: same)])
        #expect(repeated.duplicate)
        #expect(throws: EventStoreError.eventIDInUse(EventID("e"))) {
            try store.add([Event(id: EventID("e"), type: "Counted", data: otherDigits)])
        }
        #expect(try store.read(orders, tenant: tenant, from: 1, limit: 2).map(\.event.data.text) == [first.text])
    }

    public func answersRepeatsOfParts() throws {
        var store = try makeStore()
        try store.add(numbered(1...4))
        let repeated = try store.add(numbered(2...3))
        #expect(repeated.duplicate)
        #expect(repeated.firstVersion == 2)
        #expect(repeated.lastVersion == 3)
        #expect(try store.read(orders, tenant: tenant, from: 3, limit: 1).map(\.position) == [repeated.position])
    }

    public func refusesOtherContent() throws {
        var store = try makeStore()
        try store.add([event("e1", "Counted", data: ["n": 1])])
        for other in [event("e1", "Counted", data: ["n": 2]), event("e1", "Weighed", data: ["n": 1])] {
            #expect(throws: EventStoreError.eventIDInUse(EventID("e1"))) { try store.add([other]) }
        }
        #expect(try store.ids() == ["e1"])
    }

    public func refusesMixedBatches() throws {
        var store = try makeStore()
        try store.add(numbered(1...3))
        let batches = [
            [numbered(3...3)[0], event("new")], [event("new"), numbered(1...1)[0]], numbered(1...3).reversed(),
            [numbered(1...1)[0], numbered(3...3)[0]],
        ]
        for batch in batches {
            let error = #expect(throws: EventStoreError.self) { try store.add(batch) }
            guard case .eventIDInUse = error else {
                Issue.record("\(batch.map(\.id.description)): \(String(describing: error))")
                continue
            }
        }
        #expect(try store.ids() == ["e1", "e2", "e3"])
    }

    public func refusesDoubleIDs() throws {
        var store = try makeStore()
        #expect(throws: EventStoreError.eventIDInUse(EventID("e1"))) { try store.add([event("e1"), event("e1")]) }
        #expect(try store.version(of: orders, tenant: tenant) == 0)
    }

    public func distinguishesSources() throws {
        var store = try makeStore()
        let sources = ["a", "b", "", nil]
        try store.add(sources.map { event("e", source: $0) })
        #expect(try store.version(of: orders, tenant: tenant) == 4)
        for source in sources {
            let receipt = try store.add([event("e", source: source)])
            #expect(receipt.duplicate)
        }
        let recorded = try store.read(orders, tenant: tenant, from: 1, limit: 9).map(\.event.source)
        #expect(recorded == sources)
    }
}
