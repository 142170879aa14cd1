import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Published events")
struct PublishingTests {
    /// Lists what others publish, under the same key.
    private static let listener = Job(
        name: "listener",
        routes: [
            "Told": EventRoute(kind: .start, expression: "key"),
            "Asked": EventRoute(whenMissing: .reject, expression: "key"),
        ])

    @Test("an event is appended to the publisher's own stream, then located like one that was posted")
    func isLocated() throws {
        let desk = try EngineDesk([Job(), Self.listener])
        let receipt = try desk.post("Opened", ["key": "a", "publish": "Told", "with": ["key": "b"]])
        let publisher = receipt.deliveries[0].processID
        let records = try desk.published(publisher)
        let record = try #require(records.first)
        #expect(records.count == 1)
        #expect(record.stream == StreamID(category: "published", id: publisher))
        #expect(record.version == 1)
        #expect(record.event.type == "Told")
        #expect(record.event.source == "procession/job/\(publisher)")
        #expect(record.event.causationID == receipt.eventID.description)
        #expect(record.event.data == JSONView(["key": "b"]))
        #expect(record.event.time == desk.now.rfc3339)
        let listener = try desk.process("listener", "b")
        let started = try desk.store.processStream(try desk.stored(listener.processID).handle, from: 2, limit: 1)[0]
        #expect(started.event.id == record.event.id)
        #expect(started.event.source == record.event.source)
        #expect(started.position > record.position)
        let page = try desk.store.makeReader().events(
            tenant: "default", after: 0, matching: EventFilter(category: "published"), limit: 10)
        #expect(page.events == records)
        try desk.verify()
    }

    @Test("correlation and trace are carried")
    func carriesContext() throws {
        let desk = try EngineDesk([Job(), Self.listener])
        var incoming = desk.incoming("Opened", ["key": "a", "publish": "Told", "with": ["key": "b"]])
        incoming.event.correlationID = "c1"
        incoming.event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        _ = try desk.ask(.post([incoming]))
        let event = try desk.published(try desk.process("job", "a").processID)[0].event
        #expect(event.correlationID == "c1")
        #expect(event.traceparent == incoming.event.traceparent)
        #expect(try desk.process("listener", "b").correlationID == "c1")
    }

    @Test("what finds no process is unmatched, also where a posted event would be refused")
    func unmatched() throws {
        let desk = try EngineDesk([Job(), Self.listener])
        _ = try desk.post("Opened", ["key": "a", "publish": "Heard"])
        _ = try desk.post("Said", ["key": "a", "publish": "Asked", "with": ["key": "b"]])
        _ = try desk.post("Said", ["key": "a", "publish": "Told", "with": [:]])
        #expect(try desk.unmatched().map(\.reason) == [.noDefinition, .ignored, .keyFailed])
        #expect(try desk.published(try desk.process("job", "a").processID).map(\.version) == [1, 2, 3])
        try desk.verify()
    }

    @Test("a repeat of the input publishes nothing again")
    func repeated() throws {
        let desk = try EngineDesk([Job(), Self.listener])
        let incoming = desk.incoming("Opened", ["key": "a", "publish": "Told", "with": ["key": "b"]])
        for _ in 0..<2 { _ = try desk.ask(.post([incoming])) }
        #expect(try desk.published(try desk.process("job", "a").processID).count == 1)
        #expect(try desk.stream(try desk.process("listener", "b").processID).count == 3)
    }

    @Test("a step that is replaced by an incident publishes nothing")
    func replacedStep() throws {
        let desk = try EngineDesk([Job(), Self.listener])
        _ = try desk.post("Opened", ["key": "a"])
        _ = try desk.post("Said", ["key": "a", "publish": "Told", "with": ["key": "b"], "times": 1001])
        let state = try desk.process("job", "a")
        #expect(state.incidents.inOrder.map(\.kind) == [.limitExceeded])
        #expect(try desk.published(state.processID).isEmpty)
        try desk.verify()
    }

    @Test(
        "a hundred share the transaction; the rest is in the store's queue, survives a restart and comes before later events"
    )
    func queue() throws {
        let first = try EngineDesk([Job(), Self.listener])
        let request = EngineRequest.post([
            first.incoming("Opened", ["key": "a", "publish": "Told", "with": ["key": "b"], "times": 230])
        ])
        #expect(first.run([request]).hasMoreDue)
        #expect(try first.process("listener", "b").version == 3 + 2 * 99)
        #expect(try first.store.queuedInputs(limit: 1000).count == 130)
        let desk = try EngineDesk([Job(), Self.listener], after: first)
        let later = try desk.post("Told", ["key": "b"]).deliveries[0]
        #expect(later.effect.version == 3 + 2 * 230)
        #expect(try desk.store.nextQueued() == nil)
        try desk.verify()
    }

    @Test("what is published while others wait in the queue comes after them, also when no event led to it")
    func order() throws {
        let desk = try EngineDesk([Teller(), Self.listener])
        _ = try desk.post("Began", ["key": "a", "times": 250])
        #expect(try desk.store.queuedInputs(limit: 1000).count == 150)
        desk.now = desk.now + .minutes(1)
        // A hundred more, then the timer, while fifty still wait.
        #expect(desk.run([]).hasMoreDue)
        #expect(try desk.stream(try desk.process("teller", "a").processID).last == "TransitionPlanned")
        while desk.run([]).hasMoreDue {}
        let listener = try desk.process("listener", "b")
        let events = try desk.store.processStream(try desk.stored(listener.processID).handle, from: 1, limit: 1000)
            .filter { $0.event.type == "Told" }
        #expect(events.map { $0.event.data["n"]?.int64Value } == (0...250).map { Int64($0) })
        try desk.verify()
    }

    @Test("without requests, the queue is drained as due work")
    func drained() throws {
        let desk = try EngineDesk([Job(), Self.listener])
        _ = try desk.post("Opened", ["key": "a", "publish": "Told", "with": ["key": "b"], "times": 1000])
        var batches = 0
        while desk.run([]).hasMoreDue { batches += 1 }
        #expect((8...11).contains(batches))
        #expect(try desk.process("listener", "b").version == 3 + 2 * 999)
        try desk.verify()
    }

    @Test("processes that multiply events for each other do not stop the service: events are refused, the rest goes on")
    func explosion() throws {
        let echo = Echo()
        let desk = try EngineDesk([echo, Job(name: "job")])
        _ = try desk.post("Rang", ["key": "a"])
        // Each batch does its share, and the queue grows.
        #expect(problem { _ = try desk.post("Opened", ["key": "x"]) } == .overloaded)
        let view = try desk.operate(
            try desk.process("echo", "a").processID, .cancel(reason: nil, mode: nil, compensate: nil, deadline: nil))
        #expect(view.state.status == .cancelled)
        // Now that nobody answers, what is queued runs out.
        while desk.run([]).hasMoreDue {}
        _ = try desk.post("Opened", ["key": "x"])
        try desk.verify()
    }

    @Test("verification notices what was published beside the stream")
    func verification() throws {
        let desk = try EngineDesk([Job(), Self.listener])
        _ = try desk.post("Opened", ["key": "a", "publish": "Told", "with": ["key": "b"]])
        try desk.verify()
        let process = try desk.stored(try desk.process("job", "a").processID)
        try desk.store.begin()
        let forged = Event(id: EventID("x"), type: "Told", source: "procession/job/x", data: .null)
        _ = try desk.store.append([forged], publishedBy: process.handle, at: desk.now)
        try desk.store.commit()
        let verifier = try StoreVerifier(
            reader: try desk.store.makeReader(), factory: EngineDesk.NoDefinitions(), managers: [Job(), Self.listener])
        #expect(try verifier.verify(process)?.contains("published more") == true)
    }
}

/// Publishes two of what it gets.
private struct Echo: ManagedDefinition {
    let name = "echo"
    let routes: [ExactText: EventRoute] = ["Rang": EventRoute(kind: .start, expression: "key")]

    func key(of event: Event) -> String? { event.data["key"]?.stringValue }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        guard case .event(let event) = trigger else { return context.decision }
        if state.machines.isEmpty { try context.plan(machine: "main", to: "On", as: event.type) }
        for _ in 0..<2 { try context.publish("Rang", data: event.data) }
        return context.decision
    }
}

/// Publishes as many as its first event says, numbered, and one more a minute later.
private struct Teller: ManagedDefinition {
    let name = "teller"
    let routes: [ExactText: EventRoute] = ["Began": EventRoute(kind: .start, expression: "key")]

    func key(of event: Event) -> String? { event.data["key"]?.stringValue }

    func initialData(for event: Event, of state: ProcessState, at now: Instant, by rules: DecisionRules)
        throws(DecisionFault) -> JSONView
    {
        event.data
    }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        let times = state.data["times"]?.value.int64Value ?? 0
        switch trigger {
        case .event:
            try context.plan(machine: "main", to: "On", as: "start")
            try context.schedule(machine: "main", at: context.now + .minutes(1))
            for number in 0..<times { try tell(number, &context) }
        case .timer:
            try context.plan(machine: "main", as: "timer")
            try tell(times, &context)
        case .outcome: break
        }
        return context.decision
    }

    private func tell(_ number: Int64, _ context: inout ProcessContext) throws(DecisionFault) {
        try context.publish("Told", data: JSONView(["key": "b", "n": .number(JSONNumber(number))]))
    }
}
