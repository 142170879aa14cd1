import Chrono
import EventSourcing
import JSON
import Testing

/// What every event store keeps, as cases to run against one: each works on a fresh, empty store.
///
///     @Test("MyStore keeps the contract", arguments: EventStoreContract<MyStore>.all)
///     func contract(_ rule: EventStoreContract<MyStore>.Rule) throws {
///         try rule.run(EventStoreContract { MyStore() })
///     }
public struct EventStoreContract<Store: EventStore & SendableMetatype>: Sendable {
    public struct Rule: Sendable, CustomTestStringConvertible {
        public let name: String
        public let run: @Sendable (EventStoreContract) throws -> Void

        public var testDescription: String { name }
    }

    let makeStore: @Sendable () throws -> Store

    public init(makeStore: @escaping @Sendable () throws -> Store) {
        self.makeStore = makeStore
    }

    public static var all: [Rule] {
        appendRules + identityRules + readRules + orderRules + deletionRules + tenantRules + subscriptionRules
    }
}

// What the cases are made of.

let tenant = "default"
let start = Instant(milliseconds: 1_700_000_000_000)
let orders = StreamID(category: "order", name: "order 1")

func event(
    _ id: String, _ type: String = "Counted", source: String? = "test", data: JSONValue = ["n": 1]
) -> Event {
    Event(id: EventID(id), type: type, source: source, data: JSONView(data))
}

/// `e<first>`, `e<first + 1>` …
func numbered(_ numbers: ClosedRange<Int>, _ type: String = "Counted") -> [Event] {
    numbers.map { event("e\($0)", type, data: ["n": .number(JSONNumber($0))]) }
}

extension EventStore {
    /// With the defaults of the cases.
    @discardableResult
    mutating func add(
        _ events: [Event], to stream: StreamID = orders, tenant owner: String = tenant,
        expected: ExpectedVersion = .any, at now: Instant = start
    ) throws(EventStoreError) -> AppendReceipt {
        try append(events, to: stream, tenant: owner, expected: expected, at: now)
    }

    func ids(
        _ stream: StreamID = orders, tenant owner: String = tenant, from first: Int64 = 1, limit: Int = 1000
    ) throws(EventStoreError) -> [String] {
        try read(stream, tenant: owner, from: first, limit: limit).map(\.event.id.description)
    }

    /// Everything that a reader of pages gets to see, to the end.
    func everything(
        tenant owner: String = tenant, after position: Int64 = 0, matching filter: EventFilter = EventFilter(),
        limit: Int = 1000
    ) throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var cursor = position
        while true {
            let page = try readAll(tenant: owner, after: cursor, matching: filter, limit: limit)
            #expect(page.events.count <= limit)
            #expect(page.events.allSatisfy { $0.position > cursor && $0.position <= page.next })
            events += page.events
            guard page.next > cursor else {
                #expect(page.next == cursor, "a cursor goes back")
                #expect(page.events.isEmpty)
                return events
            }
            cursor = page.next
        }
    }

    func allIDs(
        tenant owner: String = tenant, after position: Int64 = 0, matching filter: EventFilter = EventFilter(),
        limit: Int = 1000
    ) throws -> [String] {
        try everything(tenant: owner, after: position, matching: filter, limit: limit).map(\.event.id.description)
    }
}
