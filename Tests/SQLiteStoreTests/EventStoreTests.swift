import Chrono
import Engine
import EventSourcing
import ProcessManagement
import SQLiteStore
import Testing

@Suite("SQLite: general streams beside an engine")
struct EventStoreTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("general streams share the order of positions with those of processes")
    func oneOrder() throws {
        let store = try SQLiteStore(path: directory.file())
        let events = try store.makeEventStore()
        let process = try store.write { try store.insertProcess(processRow("p")) }
        let stream = StreamID(category: "cart", name: "cart 1")
        let now = Instant(milliseconds: 1)
        try store.advance(process, "p", to: 1)
        let receipt = try events.append([event("a")], to: stream, tenant: "acme", expected: .none, at: now)
        #expect(receipt.position == 2)
        try store.advance(process, "p", to: 2)
        let page = try store.makeReader().events(tenant: "acme", after: 0, matching: EventFilter(), limit: 9)
        #expect(page.events.map(\.event.id.description) == ["e1", "a", "e2"])
        #expect(page.events.map(\.position) == [1, 2, 3])
        #expect(page.events[1].stream == stream)
        #expect(page == (try events.readAll(tenant: "acme", after: 0, matching: EventFilter(), limit: 9)))
    }

    @Test("streams of processes and tasks can be read, not written or deleted")
    func managed() throws {
        let store = try SQLiteStore(path: directory.file())
        let events = try store.makeEventStore()
        let process = try store.write { try store.insertProcess(processRow("p")) }
        try store.advance(process, "p", to: 1)
        let now = Instant(milliseconds: 1)
        let ofProcess = StreamID.process(UniqueID(name: "p"), of: "order")
        let ofTask = StreamID.task(UniqueID(name: "t"))
        #expect(try events.read(ofProcess, tenant: "acme", from: 1, limit: 9).count == 1)
        #expect(try events.read(ofProcess, tenant: "other", from: 1, limit: 9).isEmpty)
        for stream in [ofProcess, ofTask] {
            #expect(throws: EventStoreError.streamIsManaged(stream)) {
                try events.append([event("x")], to: stream, tenant: "acme", expected: .any, at: now)
            }
        }
        #expect(throws: EventStoreError.streamIsManaged(ofProcess)) {
            try events.delete(ofProcess, tenant: "acme")
        }
        #expect(try store.processStream(process, from: 1, limit: 9).map(\.event.id.description) == ["e1"])
    }

    @Test("a name belongs to whoever uses it first: no general stream and no process share one")
    func oneOwner() throws {
        let store = try SQLiteStore(path: directory.file())
        let events = try store.makeEventStore()
        let now = Instant(milliseconds: 1)
        let name = StreamID.process(UniqueID(name: "p"), of: "order")
        _ = try events.append([event("mine")], to: name, tenant: "acme", expected: .none, at: now)
        try store.begin()
        let error = #expect(throws: StoreError.self) { _ = try store.insertProcess(processRow("p")) }
        guard case .duplicate = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // The transaction goes on, and the stream is as it was.
        let other = try store.insertProcess(processRow("q"))
        try store.commit()
        #expect(try store.process(UniqueID(name: "p"), tenant: "acme") == nil)
        #expect(try events.read(name, tenant: "acme", from: 1, limit: 9).map(\.event.id.description) == ["mine"])
        try store.advance(other, "q", to: 1)
        #expect(throws: EventStoreError.streamIsManaged(.process(UniqueID(name: "q"), of: "order"))) {
            try events.append(
                [event("x")], to: .process(UniqueID(name: "q"), of: "order"), tenant: "acme", expected: .any, at: now)
        }
        // The same id in another category, or of another tenant, is another stream.
        _ = try events.append(
            [event("x")], to: StreamID(category: "cart", name: "q"), tenant: "acme", expected: .none, at: now)
        _ = try events.append(
            [event("x")], to: .process(UniqueID(name: "q"), of: "order"), tenant: "other", expected: .none, at: now)
        // Once it is deleted, a process may have the name.
        try events.delete(name, tenant: "acme")
        try store.write { _ = try store.insertProcess(processRow("p")) }
    }

    @Test("what processes published can be read, and nobody else appends to it")
    func publishedIsManaged() throws {
        let store = try SQLiteStore(path: directory.file())
        let events = try store.makeEventStore()
        let now = Instant(milliseconds: 1)
        let process = try store.write { try store.insertProcess(processRow("p")) }
        let position = try store.write { try store.append([event("a")], publishedBy: process, at: now) }
        let stream = StreamID.published(by: UniqueID(name: "p"))
        let records = try events.read(stream, tenant: "acme", from: 1, limit: 9)
        #expect(records.map(\.position) == [position])
        #expect(try events.version(of: stream, tenant: "acme") == 1)
        #expect(try events.read(stream, tenant: "other", from: 1, limit: 9).isEmpty)
        for stream in [stream, StreamID(category: "published", name: "mine")] {
            #expect(throws: EventStoreError.streamIsManaged(stream)) {
                try events.append([event("b")], to: stream, tenant: "acme", expected: .any, at: now)
            }
        }
        #expect(throws: EventStoreError.streamIsManaged(stream)) { try events.delete(stream, tenant: "acme") }
    }

    @Test("an append waits for the engine's open transaction, no longer than the timeout, and leaves nothing")
    func busy() throws {
        let options = SQLiteOptions(busyTimeout: TimeSpan(milliseconds: 1))
        let store = try SQLiteStore(path: directory.file(), options: options)
        let events = try store.makeEventStore()
        let stream = StreamID(category: "cart", name: "cart 1")
        let now = Instant(milliseconds: 1)
        try store.begin()
        let error = #expect(throws: EventStoreError.self) {
            try events.append([event("a")], to: stream, tenant: "acme", expected: .any, at: now)
        }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try store.commit()
        #expect(try events.read(stream, tenant: "acme", from: 1, limit: 9).isEmpty)
        #expect(try events.append([event("a")], to: stream, tenant: "acme", expected: .none, at: now).position == 1)
    }

    @Test("what a deleted stream leaves does not change where the engine goes on")
    func deletionKeepsPositions() throws {
        let store = try SQLiteStore(path: directory.file())
        let events = try store.makeEventStore()
        let stream = StreamID(category: "cart", name: "cart 1")
        let now = Instant(milliseconds: 1)
        let process = try store.write { try store.insertProcess(processRow("p")) }
        _ = try events.append([event("a"), event("b")], to: stream, tenant: "acme", expected: .none, at: now)
        try events.delete(stream, tenant: "acme")
        try store.reopen()
        try store.advance(process, "p", to: 1)
        #expect(try store.record(at: 3)?.event.id.description == "e1")
        #expect(try events.position() == 3)
    }
}
