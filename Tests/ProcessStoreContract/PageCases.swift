import Engine
import EventSourcing
import JSON
import Testing

/// What holds payloads is read in pages of `PageFill`, and going on gives all of it.
extension ProcessStoreContract {
    private static let size = 900_000
    private static let count = 10

    private static func large(_ number: Int) -> Event {
        event("Large", id: "l\(number)", data: JSONView(.string(String(repeating: "x", count: size))))
    }

    /// How many items each page has; each goes on behind the last of the one before.
    private static func sizes(_ page: (RowHandle) throws -> [RowHandle]) throws -> [Int] {
        var sizes: [Int] = []
        var place: RowHandle = 0
        while true {
            let handles = try page(place)
            guard let last = handles.last else { return sizes }
            sizes.append(handles.count)
            place = last
        }
    }

    static let pages: [Case] = [
        Case("pages: a stream is read in pages, to its end") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                _ = try store.append((0..<count).map(large), toProcess: process, version: 1, at: .at(1000))
                return process
            }
            var sizes: [Int] = []
            var version: Int64 = 1
            while true {
                let page = try store.processStream(process, from: version, limit: 1_000)
                guard let last = page.last else { break }
                #expect(page.map(\.version) == Array(version...last.version))
                sizes.append(page.count)
                version = last.version + 1
            }
            #expect(sizes == [4, 4, 2])
        },
        Case("pages: the global order is read in pages, and none is passed over") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for number in 0..<count {
                    let events = [large(number), event("Small", id: "s\(number)")]
                    _ = try store.append(events, toProcess: process, version: Int64(2 * number + 1), at: .at(1000))
                }
            }
            let reader = try store.makeReader()
            for filter in [EventFilter(), EventFilter(types: ["Large"])] {
                var found: [RecordedEvent] = []
                var place: Int64 = 0
                while true {
                    let page = try reader.events(tenant: "acme", after: place, matching: filter, limit: 1_000)
                    #expect(page.events.reduce(0) { $0 + $1.event.byteCount } <= 4 * 1_048_576)
                    #expect(page.events.allSatisfy { $0.position <= page.next })
                    if page.next == place { break }
                    found += page.events
                    place = page.next
                }
                #expect(found.count == (filter.types.isEmpty ? 2 * count : count))
                #expect(found.map(\.position) == found.map(\.position).sorted())
            }
        },
        Case("pages: held and unmatched events are read in pages, to their end") { fixture in
            let store = fixture.store
            try fixture.write {
                for number in 0..<count {
                    try store.insertHeld(
                        HeldEvent(
                            handle: 0, location: key("k"), event: large(number), receivedAt: .at(0), expiresAt: .at(9)))
                    try store.insertUnmatched(
                        UnmatchedEvent(
                            handle: 0, tenant: "acme", event: large(number), reason: .ignored, definition: nil,
                            receivedAt: .at(0)))
                }
            }
            let reader = try store.makeReader()
            let held = try sizes { try store.heldEvents(for: key("k"), after: $0).map(\.handle) }
            #expect(held == [4, 4, 2])
            let listed = try sizes { try reader.heldEvents(tenant: "acme", after: $0, limit: 99).map(\.handle) }
            #expect(listed == [4, 4, 2])
            let unmatched = try sizes { try reader.unmatched(tenant: "acme", after: $0, limit: 99).map(\.handle) }
            #expect(unmatched == [4, 4, 2])
            #expect(try store.expiredHeld(at: .at(9), limit: 99).count == 4)
        },
        Case("pages: tasks with large words of their workers are handed out in order, page by page") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                let words = JSONView(.string(String(repeating: "x", count: size)))
                for number in 0..<count {
                    let type = number % 2 == 0 ? "even" : "odd"
                    _ = try fixture.insertTask("t\(number)", of: process, type: type) { row in
                        row.readyAt = .at(Int64(number))
                        row.progress = type == "even" ? words : nil
                    }
                }
            }
            let found = try store.claimableTasks(tenant: "acme", types: ["odd", "even"], limit: 99)
            #expect(found.map(\.row.readyAt) == (0..<found.count).map { .at(Int64($0)) })
            #expect((1..<count).contains(found.count))
        },
    ]
}
