import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Retention")
struct RetentionTests {
    private func ended(_ desk: EngineDesk, _ key: String, steps: Int = 0) throws -> ProcessID {
        let id = try #require(try desk.post("Opened", ["key": .string(key)]).deliveries.first).processID
        for _ in 0..<steps { _ = try desk.post("Said", ["key": .string(key)]) }
        _ = try desk.post("Said", ["key": .string(key), "end": true])
        return id
    }

    private func post(_ desk: EngineDesk, _ event: IncomingEvent) throws -> EventReceipt {
        guard case .posted(let results) = try desk.ask(.post([event])) else { throw EngineDesk.Unexpected() }
        return try results[0].get()
    }

    private func events(_ desk: EngineDesk) throws -> [RecordedEvent] {
        try desk.store.makeReader().events(tenant: "default", after: 0, matching: EventFilter(), limit: 10_000).events
    }

    @Test("only a process that has ended can be removed, and then it is gone")
    func removes() throws {
        let desk = try EngineDesk([Job()])
        let running = try #require(try desk.post("Opened", ["key": "r"]).deliveries.first).processID
        let id = try ended(desk, "a")
        #expect(problem { try desk.delete(running) } == .processNotEnded)
        try desk.delete(id)
        #expect(problem { try desk.delete(id) } == .processNotFound)
        try desk.settle()
        #expect(try events(desk).allSatisfy { $0.stream.id == running })
        #expect(try !desk.store.hasRemovedRecords())
        try desk.verify()
        // The key was never had by anybody.
        let again = try #require(try desk.post("Opened", ["key": "a"]).deliveries.first)
        #expect(again.effect.started && again.processID != id)
        try desk.verify()
    }

    @Test("repeats are known as long as one of the event's processes is stored")
    func repeats() throws {
        let desk = try EngineDesk([Job(), Job(name: "other")])
        let start = desk.incoming("Opened", ["key": "a"])
        let processes = try post(desk, start).deliveries.map(\.processID)
        #expect(processes.count == 2)
        _ = try desk.post("Said", ["key": "a", "end": true])
        try desk.delete(processes[0])
        #expect(try post(desk, start).duplicate, "not purged yet")
        try desk.settle()
        let again = try post(desk, start)
        #expect(again.duplicate && again.deliveries.map(\.processID) == [processes[1]])
        try desk.delete(processes[1])
        try desk.settle()
        let anew = try post(desk, start)
        #expect(!anew.duplicate && anew.deliveries.count == 2 && anew.deliveries.allSatisfy(\.effect.started))
    }

    @Test("ended processes are removed by age, and nothing else is")
    func byAge() throws {
        let desk = try EngineDesk([Job()])
        desk.retain(RetentionPolicy(ended: .hours(1)))
        let running = try #require(try desk.post("Opened", ["key": "r"]).deliveries.first).processID
        let first = try ended(desk, "a")
        try desk.advance(.minutes(30))
        let second = try ended(desk, "b")
        try desk.advance(.minutes(29))
        #expect(try desk.store.process(first, tenant: "default") != nil)
        try desk.advance(.minutes(2))
        #expect(try desk.store.process(first, tenant: "default") == nil)
        #expect(try desk.store.process(second, tenant: "default") != nil)
        try desk.advance(.hours(2))
        #expect(try desk.store.process(second, tenant: "default") == nil)
        #expect(try desk.store.process(running, tenant: "default") != nil)
        #expect(try events(desk).allSatisfy { $0.stream.id == running })
        try desk.verify()
    }

    @Test("however much there is to remove, each batch does a bounded piece of it")
    func pieces() throws {
        let desk = try EngineDesk([Job()])
        for number in 1...50 { _ = try ended(desk, "k\(number)", steps: 5) }
        let before = try events(desk).count
        desk.now = desk.now + .hours(2)
        desk.retain(RetentionPolicy(ended: .hours(1)))
        var counts: [Int] = [before]
        while counts.count < 1000 {
            _ = desk.run([])
            counts.append(try events(desk).count)
            if counts.last == 0 { break }
            desk.now = desk.now + .milliseconds(10)
        }
        #expect(counts.last == 0 && counts.count > 3)
        // An ended process of this kind has about 15 records; 20 of them may go at once.
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 - $1 <= 20 * 20 })
        try desk.settle()
        #expect(try !desk.store.hasRemovedRecords())
    }

    @Test("a child goes without its parent, and a parent without its child")
    func family() throws {
        let desk = try EngineDesk([
            Job(), Job(name: "part", routes: ["PartSaid": EventRoute(expression: "key")]),
        ])
        let parent = try #require(
            try desk.post("Opened", ["key": "p", "child": "part", "child_key": "c", "with": ["key": "c"]]).deliveries
                .first
        ).processID
        let child = try desk.process("part", "c").processID
        _ = try desk.post("PartSaid", ["key": "c", "end": true])
        try desk.delete(child)
        try desk.settle()
        try desk.verify()
        #expect(try desk.state(parent).status == .running)
        _ = try desk.post("Said", ["key": "p", "end": true])
        try desk.delete(parent)
        try desk.settle()
        #expect(try events(desk).isEmpty)
    }

    @Test("unmatched events go by age, and so does what is known of them")
    func unmatched() throws {
        let desk = try EngineDesk([Job()])
        desk.retain(RetentionPolicy(unmatched: .hours(1)))
        let event = desk.incoming("Said", ["key": "nobody"])
        #expect(try post(desk, event).unmatched)
        try desk.advance(.minutes(59))
        #expect(try desk.unmatched().count == 1)
        #expect(try post(desk, event).duplicate)
        try desk.advance(.minutes(2))
        #expect(try desk.unmatched().isEmpty)
        #expect(try !post(desk, event).duplicate)
    }

    @Test("the ids of known events go by age, a tenth of it late at most")
    func inbox() throws {
        let desk = try EngineDesk([Job()])
        desk.retain(RetentionPolicy(inbox: .hours(10)))
        let event = desk.incoming("Opened", ["key": "a"])
        _ = try post(desk, event)
        try desk.advance(.hours(9))
        #expect(try post(desk, event).duplicate)
        try desk.advance(.hours(2) + .seconds(1))
        #expect(try !post(desk, event).duplicate)
    }

    @Test("named requests go by age")
    func requests() throws {
        let desk = try EngineDesk([Job()])
        desk.retain(RetentionPolicy(requests: .hours(1)))
        let id = try #require(try desk.post("Opened", ["key": "a"]).deliveries.first).processID
        func ask(_ fingerprint: UInt64) throws -> EngineAnswer {
            let suspend = OperatorRequest(
                tenant: "default", processID: id, action: .suspend(reason: nil), requestID: "k", isNamed: true)
            return try desk.ask(
                .once(
                    OnceRequest(
                        tenant: "default", key: "k", fingerprint: fingerprint, request: .operate(suspend),
                        remember: { _ in [7] })))
        }
        guard case .process = try ask(1) else { throw EngineDesk.Unexpected() }
        guard case .repeated([7]) = try ask(1) else { throw EngineDesk.Unexpected() }
        guard case .problem(let problem) = try ask(2) else { throw EngineDesk.Unexpected() }
        #expect(problem.code == .idempotencyKeyReused)
        try desk.advance(.hours(1) + .seconds(2))
        guard case .process = try ask(2) else { throw EngineDesk.Unexpected() }
    }

    @Test("with nothing to keep for a bounded time, nothing is ever due")
    func forEver() throws {
        let desk = try EngineDesk([Job()])
        _ = try ended(desk, "a")
        let commits = desk.run([]).hasChanged
        #expect(!commits)
        try desk.advance(.hours(10_000))
        #expect(try !events(desk).isEmpty)
    }
}
