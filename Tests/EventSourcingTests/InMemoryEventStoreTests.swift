import Chrono
import EventSourcing
import EventStoreContract
import JSON
import Testing

@Suite("In-memory event store")
struct InMemoryEventStoreTests {
    @Test("keeps the contract", arguments: EventStoreContract<InMemoryEventStore>.all)
    func contract(_ rule: EventStoreContract<InMemoryEventStore>.Rule) throws {
        try rule.run(EventStoreContract { InMemoryEventStore() })
    }

    @Test("a copy is a store of its own")
    func copies() throws {
        let stream = StreamID(name: "s")
        let now = Instant(milliseconds: 0)
        var store = InMemoryEventStore()
        _ = try store.append(
            [Event(id: EventID("1"), type: "T", data: .null)], to: stream, tenant: "", expected: .none, at: now)
        var copy = store
        _ = try copy.append(
            [Event(id: EventID("2"), type: "T", data: .null)], to: stream, tenant: "", expected: .exact(1), at: now)
        try store.delete(stream, tenant: "")
        #expect(try store.version(of: stream, tenant: "") == 0)
        #expect(try copy.read(stream, tenant: "", from: 1, limit: 9).map(\.event.id.description) == ["1", "2"])
    }
}
