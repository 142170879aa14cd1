import Chrono
import EventSourcing
import JSON
import Testing

@Suite("Subscription")
struct SubscriptionTests {
    func store(_ types: [String]) throws -> InMemoryEventStore {
        var store = InMemoryEventStore()
        for (index, type) in types.enumerated() {
            _ = try store.append(
                [Event(id: EventID("e\(index + 1)"), type: type, data: .null)], to: StreamID(name: "s"),
                tenant: "default", expected: .any, at: Instant(milliseconds: 0))
        }
        return store
    }

    @Test("an acknowledgement of what was not delivered is refused, because it would skip events")
    func refusesSkipping() throws {
        let store = try store(["A", "A", "A", "A"])
        var subscription = Subscription(name: "s", tenant: "default", restoredAt: 0)
        let early = subscription.acknowledge(1)
        #expect(!early)
        let page = try subscription.poll(store, limit: 2)
        let beyond = subscription.acknowledge(page.next + 1)
        #expect(!beyond)
        #expect(subscription.position == 0)
        let exact = subscription.acknowledge(page.next)
        #expect(exact)
        #expect(subscription.position == page.next)
    }

    @Test("an acknowledgement never moves the cursor back")
    func neverGoesBack() throws {
        let store = try store(["A", "A", "A"])
        var subscription = Subscription(name: "s", tenant: "default", restoredAt: 0)
        _ = try subscription.poll(store, limit: 3)
        #expect([3, 1, 0, -5].map { subscription.acknowledge($0) } == [true, true, true, true])
        #expect(subscription.position == 3)
    }

    @Test("an empty page moves the cursor over what the filter leaves out, a full one does not")
    func movesOverOthers() throws {
        var store = try store(["B", "B", "B"])
        var subscription = Subscription(
            name: "s", tenant: "default", filter: EventFilter(types: ["A"]), restoredAt: 0)
        let empty = try subscription.poll(store, limit: 5)
        #expect(empty.events.isEmpty)
        #expect(subscription.position == 3)
        _ = try store.append(
            [Event(id: EventID("a"), type: "A", data: .null)], to: StreamID(name: "t"), tenant: "default",
            expected: .any, at: Instant(milliseconds: 0))
        let page = try subscription.poll(store, limit: 5)
        #expect(page.events.count == 1)
        #expect(subscription.position == 3)
    }

    @Test("a position below 0 is the beginning, one beyond the end waits")
    func oddStarts() throws {
        var store = try store(["A", "A"])
        var early = try Subscription(name: "s", tenant: "default", from: .position(-3), in: store)
        #expect(early.position == 0)
        let all = try early.poll(store, limit: 9)
        #expect(all.events.count == 2)
        var late = try Subscription(name: "s", tenant: "default", from: .position(3), in: store)
        for number in 3...4 {
            let nothing = try late.poll(store, limit: 9)
            #expect(nothing.events.isEmpty)
            _ = try store.append(
                [Event(id: EventID("e\(number)"), type: "A", data: .null)], to: StreamID(name: "s"),
                tenant: "default", expected: .any, at: Instant(milliseconds: 0))
        }
        let page = try late.poll(store, limit: 9)
        #expect(page.events.map(\.position) == [4])
    }

    @Test("subscriptions do not disturb each other")
    func independent() throws {
        let store = try store(["A", "A", "A"])
        var one = Subscription(name: "one", tenant: "default", restoredAt: 0)
        var two = one
        let page = try one.poll(store, limit: 2)
        _ = one.acknowledge(page.next)
        #expect(two.position == 0)
        let other = try two.poll(store, limit: 9)
        #expect(other.events.count == 3)
        #expect(one != two)
    }
}
