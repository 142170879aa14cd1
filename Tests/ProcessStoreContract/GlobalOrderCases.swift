import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let globalOrder: [Case] = [
        Case("global order: an empty store is at position 0 and has empty pages") { fixture in
            let reader = try fixture.store.makeReader()
            #expect(try reader.lastPosition() == 0)
            let page = try reader.events(tenant: "acme", after: 0, matching: EventFilter(), limit: 9)
            #expect(page.events.isEmpty)
            #expect(page.next == 0)
        },
        Case("global order: holds the streams of processes and tasks in the order of appends") { fixture in
            let reader = try fillStreams(fixture)
            let records = try everything(reader, EventFilter(), limit: 100)
            #expect(records.map(\.event.type) == ["A", "B", "step", "A", "C", "step", "B"])
            #expect(zip(records, records.dropFirst()).allSatisfy { $0.position < $1.position })
            for record in records { #expect(try reader.record(at: record.position) == record) }
        },
        Case("global order: a tenant sees its own events only, and passes over the others") { fixture in
            let store = fixture.store
            let (mine, other) = try fixture.write {
                (try fixture.insertProcess("p"), try fixture.insertProcess("q", tenant: "other"))
            }
            try fixture.write {
                for version: Int64 in 1...10 {
                    try fixture.append(["M\(version)"], toProcess: mine, version: version)
                    try fixture.append((0..<3).map { "O\($0)" }, toProcess: other, version: 3 * version - 2)
                }
            }
            let reader = try store.makeReader()
            let records = try everything(reader, EventFilter(), limit: 4)
            #expect(records.map(\.event.type) == (1...10).map { "M\($0)" })
            #expect(try reader.events(tenant: "nobody", after: 0, matching: EventFilter(), limit: 9).events.isEmpty)
        },
        Case("global order: pages of any size give the same events, each once") { fixture in
            let reader = try fillStreams(fixture)
            let whole = try everything(reader, EventFilter(), limit: 100)
            for limit in 1...8 { #expect(try everything(reader, EventFilter(), limit: limit) == whole, "\(limit)") }
        },
        Case("global order: a page never exceeds its limit, and goes on where it says") { fixture in
            let reader = try fillStreams(fixture)
            let first = try reader.events(tenant: "acme", after: 0, matching: EventFilter(), limit: 3)
            #expect(first.events.count == 3)
            #expect(first.next == first.events.last?.position)
            let second = try reader.events(tenant: "acme", after: first.next, matching: EventFilter(), limit: 3)
            #expect(second.events.map(\.event.type) == ["A", "C", "step"])
        },
        Case("global order: filters by category and by types, both hold") { fixture in
            let reader = try fillStreams(fixture)
            func types(_ filter: EventFilter) throws -> [String] {
                try everything(reader, filter, limit: 2).map(\.event.type)
            }
            #expect(try types(EventFilter(category: "order")) == ["A", "B", "B"])
            #expect(try types(EventFilter(category: "refund")) == ["A", "C"])
            #expect(try types(EventFilter(category: StreamID.taskCategory)) == ["step", "step"])
            #expect(try types(EventFilter(category: "Order")) == [])
            #expect(try types(EventFilter(types: ["A"])) == ["A", "A"])
            #expect(try types(EventFilter(types: ["C", "step"])) == ["step", "C", "step"])
            #expect(try types(EventFilter(category: "order", types: ["A", "C"])) == ["A"])
            #expect(try types(EventFilter(category: "none", types: ["A"])) == [])
        },
        Case("global order: a filter that matches nothing gets to the end and stays there") { fixture in
            let reader = try fillStreams(fixture)
            let last = try reader.lastPosition()
            for filter in [EventFilter(types: ["Z"]), EventFilter(category: "none")] {
                var position: Int64 = 0
                var pages = 0
                while position < last {
                    let page = try reader.events(tenant: "acme", after: position, matching: filter, limit: 1)
                    #expect(page.events.isEmpty)
                    try #require(page.next > position)
                    position = page.next
                    pages += 1
                }
                #expect(position == last)
                #expect(try reader.events(tenant: "acme", after: last, matching: filter, limit: 9).next == last)
            }
        },
        Case("global order: a cursor at the end sees what is committed later, and only that") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertProcess("p") }
            try fixture.write { try fixture.append(["A"], toProcess: process, version: 1) }
            let reader = try store.makeReader()
            let end = try reader.events(tenant: "acme", after: 0, matching: EventFilter(), limit: 9).next
            try store.begin()
            let position = try fixture.append(["B"], toProcess: process, version: 2)
            let before = try reader.events(tenant: "acme", after: end, matching: EventFilter(), limit: 9)
            #expect(before.events.isEmpty)
            #expect(before.next < position)
            try store.commit()
            let after = try reader.events(tenant: "acme", after: before.next, matching: EventFilter(), limit: 9)
            #expect(after.events.map(\.event.type) == ["B"])
            #expect(after.next == position)
            #expect(try reader.lastPosition() == position)
        },
    ]

    /// Two processes and a task of `acme`, and a process of `other` in between.
    private static func fillStreams(_ fixture: StoreFixture) throws -> any ProcessReader {
        let store = fixture.store
        try fixture.write {
            let order = try fixture.insertProcess("p")
            let refund = try fixture.insertProcess("q", definition: "refund")
            let other = try fixture.insertProcess("r", tenant: "other")
            let task = try fixture.insertTask("t", of: order)
            try fixture.append(["A", "B"], toProcess: order, version: 1)
            try store.append([event("step")], toTask: task, version: 1, at: .at(1))
            try fixture.append(["A"], toProcess: other, version: 1)
            try fixture.append(["A", "C"], toProcess: refund, version: 1)
            try store.append([event("step")], toTask: task, version: 2, at: .at(1))
            try fixture.append(["B"], toProcess: order, version: 3)
            try fixture.append(["B"], toProcess: other, version: 2)
        }
        return try store.makeReader()
    }

    /// All pages to the end of the order.
    private static func everything(
        _ reader: any ProcessReader, _ filter: EventFilter, limit: Int
    ) throws -> [RecordedEvent] {
        let last = try reader.lastPosition()
        var records: [RecordedEvent] = []
        var position: Int64 = 0
        while position < last {
            let page = try reader.events(tenant: "acme", after: position, matching: filter, limit: limit)
            #expect(page.events.count <= limit)
            try #require(page.next > position)
            position = page.next
            records += page.events
        }
        return records
    }
}
