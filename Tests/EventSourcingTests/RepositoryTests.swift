import Chrono
import EventSourcing
import JSON
import Testing

struct Opened: EventPayload, Equatable {
    static let eventType = "AccountOpened"
    var owner: String

    init(owner: String) { self.owner = owner }

    init(decoding data: JSONView) throws(EventStoreError) {
        guard let owner = data["owner"]?.stringValue else {
            throw .unreadable(type: Self.eventType, message: "owner is missing")
        }
        self.owner = owner
    }

    func encoded() -> JSONView { JSONView(["owner": .string(owner)]) }
}

struct Deposited: EventPayload, Equatable {
    static let eventType = "MoneyDeposited"
    var cents: Int64

    init(cents: Int64) { self.cents = cents }

    init(decoding data: JSONView) throws(EventStoreError) {
        guard let cents = data["cents"]?.int64Value else {
            throw .unreadable(type: Self.eventType, message: "cents is missing")
        }
        self.cents = cents
    }

    func encoded() -> JSONView { JSONView(["cents": .number(JSONNumber(cents))]) }
}

struct Account: Aggregate, Equatable {
    var owner: String?
    var balance: Int64 = 0

    mutating func apply(_ event: Event) throws(EventStoreError) {
        switch event.type {
        case Opened.eventType: owner = try event.payload(as: Opened.self).owner
        case Deposited.eventType: balance += try event.payload(as: Deposited.self).cents
        default: break
        }
    }
}

enum Refusal: Error, Equatable { case notOpen }

@Suite("Repository")
struct RepositoryTests {
    let accounts = Repository<Account>(category: "account", tenant: "default")
    let id = UniqueID(name: "account 1")
    let start = Instant(milliseconds: 1_700_000_000_000)

    func opened(in store: inout InMemoryEventStore, deposits: Int = 0) throws {
        try accounts.update(id, in: &store, at: start) { account throws(EventStoreError) in
            try account.emit(Opened(owner: "Ada"), id: EventID("open"))
            for number in 0..<deposits { try account.emit(Deposited(cents: 1), id: EventID("d\(number)")) }
        }
    }

    @Test("what was never stored is new")
    func new() throws {
        let account = try accounts.load(id, from: InMemoryEventStore())
        #expect(account.root == Account())
        #expect(account.stream == StreamID(category: "account", id: id))
        #expect(account.isNew)
        #expect(account.storedVersion == 0)
        #expect(account.version == 0)
        #expect(account.createdAt == nil)
        #expect(account.updatedAt == nil)
    }

    @Test("emitting folds at once, saving stores behind what was loaded")
    func emitAndSave() throws {
        var store = InMemoryEventStore()
        var account = try accounts.load(id, from: store)
        try account.emit(Opened(owner: "Ada"), id: EventID("1"))
        try account.emit(Deposited(cents: 250), id: EventID("2"))
        #expect(
            account.root
                == {
                    var root = Account(); root.owner = "Ada"; root.balance = 250; return root
                }())
        #expect(account.isNew)
        #expect(account.storedVersion == 0)
        #expect(account.version == 2)
        #expect(account.createdAt == nil)
        try accounts.save(&account, to: &store, at: start)
        #expect(account.pending.isEmpty)
        #expect(account.storedVersion == 2)
        #expect(account.version == 2)
        #expect(!account.isNew)
        #expect(account.createdAt == start)
        // The same instance goes on; nothing is stored twice.
        try account.emit(Deposited(cents: 50), id: EventID("3"))
        try accounts.save(&account, to: &store, at: start + .seconds(1))
        try accounts.save(&account, to: &store, at: start + .seconds(2))
        let loaded = try accounts.load(id, from: store)
        #expect(loaded.root == account.root)
        #expect(loaded.root.balance == 300)
        #expect(loaded.storedVersion == 3)
        #expect(loaded.createdAt == start)
        #expect(loaded.updatedAt == start + .seconds(1))
        #expect(loaded.updatedAt == account.updatedAt)
        let types = try store.read(account.stream, tenant: "default", from: 1, limit: 9).map(\.event.type)
        #expect(types == ["AccountOpened", "MoneyDeposited", "MoneyDeposited"])
    }

    @Test("a stream longer than a page is folded whole", arguments: [499, 500, 501, 1000, 1234])
    func longStreams(_ deposits: Int) throws {
        var store = InMemoryEventStore()
        try opened(in: &store, deposits: deposits)
        let account = try accounts.load(id, from: store)
        #expect(account.root.balance == Int64(deposits))
        #expect(account.storedVersion == Int64(deposits + 1))
    }

    @Test("an error inside stores nothing")
    func errorInside() throws {
        var store = InMemoryEventStore()
        #expect(throws: UpdateError.refused(Refusal.notOpen)) {
            try accounts.update(id, in: &store, at: start) { account throws(Refusal) in
                do throws(EventStoreError) {
                    try account.emit(Deposited(cents: 1), id: EventID("1"))
                } catch {}
                throw .notOpen
            }
        }
        #expect(try store.position() == 0)
    }

    @Test("without pending events nothing is appended and no stream comes into being")
    func nothingPending() throws {
        var store = InMemoryEventStore()
        let owner = try accounts.update(id, in: &store, at: start) { $0.root.owner }
        #expect(owner == nil)
        #expect(try store.version(of: StreamID(category: "account", id: id), tenant: "default") == 0)
        #expect(try store.position() == 0)
    }

    @Test("of two writers the later is refused, keeps its events and can decide again")
    func conflict() throws {
        var store = InMemoryEventStore()
        try opened(in: &store)
        var first = try accounts.load(id, from: store)
        var second = try accounts.load(id, from: store)
        try first.emit(Deposited(cents: 1), id: EventID("first"))
        try second.emit(Deposited(cents: 2), id: EventID("second"))
        try accounts.save(&first, to: &store, at: start)
        let conflict = EventStoreError.conflict(stream: second.stream, expected: .exact(1), actual: 2)
        #expect(throws: conflict) { try accounts.save(&second, to: &store, at: start) }
        #expect(second.pending.count == 1)
        #expect(second.storedVersion == 1)
        #expect(try accounts.load(id, from: store).root.balance == 1)
        try accounts.update(id, in: &store, at: start) { account throws(EventStoreError) in
            try account.emit(Deposited(cents: 2), id: EventID("second"))
        }
        #expect(try accounts.load(id, from: store).root.balance == 3)
    }

    @Test("two writers of a new stream: one comes into being")
    func conflictOfNew() throws {
        var store = InMemoryEventStore()
        var second = try accounts.load(id, from: store)
        try opened(in: &store)
        try second.emit(Opened(owner: "Bob"), id: EventID("other"))
        #expect(throws: EventStoreError.conflict(stream: second.stream, expected: .none, actual: 1)) {
            try accounts.save(&second, to: &store, at: start)
        }
        #expect(try accounts.load(id, from: store).root.owner == "Ada")
    }

    @Test("a repeated command is a repeat to the store, and the instance is as stored")
    func repeatedCommand() throws {
        var store = InMemoryEventStore()
        try opened(in: &store)
        var account = try accounts.load(id, from: store)
        try account.emit(Deposited(cents: 5), id: EventID("once"))
        try accounts.save(&account, to: &store, at: start)
        try account.emit(Deposited(cents: 5), id: EventID("once"))
        #expect(account.root.balance == 10)
        try accounts.save(&account, to: &store, at: start)
        #expect(account.root.balance == 5)
        #expect(account.storedVersion == 2)
        #expect(account.pending.isEmpty)
    }

    @Test("correlation, causation, trace and extensions of the context go on every event")
    func context() throws {
        var store = InMemoryEventStore()
        let cause = Event(
            id: EventID("cause"), type: "Asked", data: .null, correlationID: "c-7", causationID: "earlier",
            traceparent: "00-1-2-01")
        var context = EventContext(following: cause)
        context.extensions = JSONView(["subject": "x"])
        try accounts.update(id, in: &store, context: context, at: start) { account throws(EventStoreError) in
            try account.emit(Opened(owner: "Ada"), id: EventID("1"), source: "bank")
            try account.emit(Deposited(cents: 1), id: EventID("2"))
            try account.emit(Event(id: EventID("3"), type: "Noted", data: .null, causationID: "own"))
        }
        let events = try store.read(StreamID(category: "account", id: id), tenant: "default", from: 1, limit: 9)
            .map(\.event)
        #expect(events.map(\.correlationID) == ["c-7", "c-7", "c-7"])
        #expect(events.map(\.causationID) == ["cause", "cause", "own"])
        #expect(events.map(\.traceparent) == ["00-1-2-01", "00-1-2-01", "00-1-2-01"])
        #expect(events.map(\.source) == ["bank", nil, nil])
        #expect(events.allSatisfy { $0.extensions == context.extensions })
    }

    @Test("the same id in another tenant or category is another aggregate")
    func isolation() throws {
        var store = InMemoryEventStore()
        try opened(in: &store)
        #expect(try Repository<Account>(category: "account", tenant: "acme").load(id, from: store).isNew)
        #expect(try Repository<Account>(category: "other", tenant: "default").load(id, from: store).isNew)
    }

    @Test("data that cannot be read is an error that says so, and an emit of it changes nothing")
    func unreadable() throws {
        var store = InMemoryEventStore()
        var account = try accounts.load(id, from: store)
        let bad = Event(id: EventID("1"), type: Deposited.eventType, data: JSONView(["cents": "many"]))
        let error = EventStoreError.unreadable(type: Deposited.eventType, message: "cents is missing")
        #expect(throws: error) { try account.emit(bad) }
        #expect(account.pending.isEmpty)
        _ = try store.append([bad], to: account.stream, tenant: "default", expected: .none, at: start)
        #expect(throws: error) { try accounts.load(id, from: store) }
        #expect(throws: UpdateError<Never>.store(error)) {
            try accounts.update(id, in: &store, at: start) { _ throws(Never) in }
        }
    }

    @Test("a payload is read only as its own type")
    func payloads() throws {
        let event = Event(id: EventID("1"), Deposited(cents: 9), context: EventContext())
        #expect(event.type == "MoneyDeposited")
        #expect(try event.payload(as: Deposited.self) == Deposited(cents: 9))
        #expect(
            throws: EventStoreError.unreadable(type: "MoneyDeposited", message: "asked for as AccountOpened")
        ) { try event.payload(as: Opened.self) }
    }
}
