import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// An event is known while something it reached is there; then its id is free.
@Suite("Where an event is")
struct WhereaboutsTests {
    private static let holding = EventRoute(whenMissing: .hold(.hours(1)), expression: "key")
    private static let start = EventRoute(kind: .start, expression: "key")

    private func post(_ desk: EngineDesk, _ event: IncomingEvent) throws -> EventReceipt {
        guard case .posted(let results) = try desk.ask(.post([event])) else { throw EngineDesk.Unexpected() }
        return try results[0].get()
    }

    private func end(_ desk: EngineDesk, _ definition: String, _ key: String) throws {
        let id = try desk.process(definition, key).processID
        if try desk.state(id).status == .running { _ = try desk.post("Said", ["key": .string(key), "end": true]) }
        try desk.delete(id)
        try desk.settle()
    }

    @Test("an id is free for another event once all that the first one reached is gone")
    func freed() throws {
        let desk = try EngineDesk([Job()])
        _ = try post(desk, desk.incoming("Opened", ["key": "a"], id: "1"))
        let other = desk.incoming("Opened", ["key": "b"], id: "1")
        #expect(problem { _ = try post(desk, other) } == .eventIDReused)
        try end(desk, "job", "a")
        let anew = try post(desk, other)
        #expect(!anew.duplicate && anew.deliveries.map(\.key) == ["b"])
        try desk.verify()
    }

    @Test("a held event is known while one of the definitions holds it, then while the process has it")
    func held() throws {
        let one = Job(name: "one", routes: ["OneOpened": Self.start, "Said": Self.holding])
        let two = Job(name: "two", routes: ["TwoOpened": Self.start, "Said": Self.holding])
        let desk = try EngineDesk([one, two])
        let event = desk.incoming("Said", ["key": "a", "end": true], id: "1")
        #expect(try post(desk, event).held)
        _ = try desk.post("OneOpened", ["key": "a"])
        #expect(try desk.process("one", "a").status == .completed, "it got the event")
        try end(desk, "one", "a")
        #expect(try post(desk, event).duplicate, "two still holds it")
        _ = try desk.post("TwoOpened", ["key": "a"])
        #expect(try post(desk, event).duplicate, "two has it")
        #expect(try desk.unmatched().isEmpty)
        try desk.verify()
        try end(desk, "two", "a")
        let anew = try post(desk, event)
        #expect(!anew.duplicate && anew.held)
        try desk.verify()
    }

    @Test("an event whose hold ran out is known while its row is among the unmatched ones")
    func expired() throws {
        let job = Job(routes: ["Opened": Self.start, "Said": Self.holding])
        let desk = try EngineDesk([job])
        desk.retain(RetentionPolicy(unmatched: .hours(2)))
        let event = desk.incoming("Said", ["key": "a"], id: "1")
        #expect(try post(desk, event).held)
        try desk.advance(.minutes(61))
        #expect(try desk.unmatched().map(\.reason) == [.expired])
        #expect(try post(desk, event).duplicate)
        try desk.verify()
        try desk.advance(.hours(3))
        #expect(try desk.unmatched().isEmpty)
        #expect(try !post(desk, event).duplicate)
        try desk.verify()
    }

    @Test("a repeat of an event that is unmatched for several reasons makes no further row")
    func repeats() throws {
        let desk = try EngineDesk([
            Job(), Job(name: "other", routes: ["OtherOpened": Self.start, "Said": EventRoute(expression: "key")]),
        ])
        _ = try desk.post("Opened", ["key": "a"])
        _ = try desk.post("Said", ["key": "a", "end": true])
        let event = desk.incoming("Said", ["key": "a"], id: "late")
        #expect(try !post(desk, event).duplicate)
        let rows = try desk.unmatched().map(\.handle)
        #expect(try Set(desk.unmatched().map(\.reason)) == [.ended, .ignored])
        #expect(try post(desk, event).duplicate)
        #expect(try desk.unmatched().map(\.handle) == rows)
        // Its process goes; the rows still tell of it.
        try end(desk, "job", "a")
        #expect(try post(desk, event).duplicate)
        #expect(try desk.unmatched().map(\.handle) == rows)
        try desk.verify()
    }

    @Test("an unmatched event that is delivered again is known where it went, also into a hold")
    func redelivered() throws {
        let first = try EngineDesk([Job(routes: ["Opened": Self.start, "Said": EventRoute(expression: "key")])])
        let event = first.incoming("Said", ["key": "a", "end": true], id: "1")
        #expect(try post(first, event).unmatched)
        let row = try #require(try first.unmatched().first).handle
        let desk = try EngineDesk(
            [Job(version: 2, routes: ["Opened": Self.start, "Said": Self.holding])], after: first)
        #expect(try desk.redeliver(row).held)
        #expect(try desk.unmatched().isEmpty)
        #expect(try post(desk, event).duplicate, "it is held")
        _ = try desk.post("Opened", ["key": "a"])
        #expect(try post(desk, event).duplicate, "the process has it")
        try desk.verify()
        try end(desk, "job", "a")
        #expect(try !post(desk, event).duplicate)
        try desk.verify()
    }

    @Test("events that a process publishes for others are known where they are held and where they go")
    func published() throws {
        let desk = try EngineDesk([
            Job(), Job(name: "heard", routes: ["HeardOpened": Self.start, "Told": Self.holding]),
        ])
        _ = try desk.post("Opened", ["key": "a", "publish": "Told", "with": ["key": "b", "end": true]])
        try desk.verify()
        _ = try desk.post("HeardOpened", ["key": "b"])
        #expect(try desk.process("heard", "b").status == .completed)
        try desk.verify()
        for (definition, key) in [("heard", "b"), ("job", "a")] {
            try end(desk, definition, key)
            try desk.verify()
        }
    }
}
