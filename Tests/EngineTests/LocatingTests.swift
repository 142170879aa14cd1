import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Where an event goes")
struct LocatingTests {
    static let start = EventRoute(kind: .start, expression: "key")

    private func job(
        name: String = "job", version: Int = 1, restarts: Bool = false, opened: EventRoute? = start,
        _ others: [ExactText: EventRoute] = [:]
    ) -> Job {
        var routes = others
        routes["Opened"] = opened
        return Job(name: name, version: version, routes: routes, restarts: restarts)
    }

    private func reasons(_ desk: EngineDesk) throws -> [String] {
        try desk.unmatched().map { "\($0.definition ?? "-"): \($0.reason.rawValue)" }
    }

    // MARK: Versions

    @Test("old processes are found by the key of their own version; the newest version's is tried first")
    func keysOfVersions() throws {
        let old = job(["Said": EventRoute(expression: "old")])
        let new = job(version: 2, ["Said": EventRoute(expression: "new")])
        let first = try EngineDesk([old])
        let onOld = try first.post("Opened", ["key": "a"]).deliveries[0].processID
        let desk = try EngineDesk([old, new], after: first)
        let onNew = try desk.post("Opened", ["key": "b"]).deliveries[0].processID
        #expect(try desk.post("Said", ["old": "a", "new": "none"]).deliveries.map(\.processID) == [onOld])
        #expect(try desk.post("Said", ["old": "a", "new": "b"]).deliveries.map(\.processID) == [onNew])
        // What the newest version cannot read, an older one may.
        #expect(try desk.post("Said", ["old": "a"]).deliveries.map(\.processID) == [onOld])
        #expect(problem { _ = try desk.post("Said", ["other": "a"]) } == .keyFailed)
        // Without a process on it, a version is not asked.
        _ = try desk.post("Said", ["old": "a", "to": "T", "end": true])
        #expect(problem { _ = try desk.post("Said", ["old": "a"]) } == .keyFailed)
        try desk.verify()
    }

    @Test("who cannot read a key is named with the reason, the first five of many")
    func reasonsOfKeys() throws {
        func detail(_ jobs: [Job]) throws -> String {
            let desk = try EngineDesk(jobs)
            let problem = try #require(throws: Problem.self) { _ = try desk.post("Said", ["other": "a"]) }
            #expect(problem.code == .keyFailed)
            return problem.detail
        }
        func said(_ name: String, fault: String?) -> Job {
            var job = job(name: name, ["Said": EventRoute(expression: "key")])
            job.keyFault = fault
            return job
        }
        #expect(
            try detail([said("a", fault: "'key' is missing"), said("b", fault: nil)])
                == "no definition could read a key from Said: a: 'key' is missing; b")
        let many = (1...7).map { said("d\($0)", fault: "f\($0)") }
        #expect(
            try detail(many)
                == "no definition could read a key from Said: d1: f1; d2: f2; d3: f3; d4: f4; d5: f5; 2 more")
    }

    @Test("a process is found behind any number of versions, as long as they read the key in few ways")
    func manyVersions() throws {
        var versions = [job(["Said": EventRoute(expression: "old")])]
        var desk = try EngineDesk(versions)
        let oldest = try desk.post("Opened", ["key": "v1"]).deliveries[0].processID
        for version in 2...40 {
            versions.append(job(version: version, ["Said": EventRoute(expression: "new")]))
            desk = try EngineDesk(versions, after: desk)
            _ = try desk.post("Opened", ["key": .string("v\(version)")])
        }
        #expect(try desk.store.runningVersions(of: "job", tenant: "default").count == 40)
        #expect(try desk.post("Said", ["old": "v1", "new": "none"]).deliveries.map(\.processID) == [oldest])
    }

    @Test("versions that look under different names are different, though they read the same key")
    func namesOfVersions() throws {
        let old = job(["Scanned": EventRoute(by: "label", expression: "code")])
        let new = job(version: 2, ["Scanned": EventRoute(by: "tag", expression: "code")])
        let first = try EngineDesk([old])
        let id = try first.post("Opened", ["key": "a", "label": "L"]).deliveries[0].processID
        let desk = try EngineDesk([old, new], after: first)
        #expect(try desk.post("Scanned", ["code": "L"]).deliveries.map(\.processID) == [id])
    }

    @Test("an event that the process's version does not list is unmatched")
    func notInVersion() throws {
        let old = job()
        let new = job(version: 2, ["Said": EventRoute(whenMissing: .reject, expression: "key")])
        let first = try EngineDesk([old])
        _ = try first.post("Opened", ["key": "a"])
        let desk = try EngineDesk([old, new], after: first)
        #expect(try desk.post("Said", ["key": "a"]).unmatched)
        #expect(try reasons(desk) == ["job: not_in_version"])
    }

    @Test("an event that only an old version lists goes to its processes, else it is unmatched")
    func onlyInOldVersion() throws {
        let old = job(["Said": EventRoute(expression: "key")])
        let first = try EngineDesk([old])
        let id = try first.post("Opened", ["key": "a"]).deliveries[0].processID
        let desk = try EngineDesk([old, job(version: 2)], after: first)
        #expect(try desk.post("Said", ["key": "a"]).deliveries.map(\.processID) == [id])
        #expect(try desk.post("Said", ["key": "b"]).unmatched)
        _ = try desk.post("Said", ["key": "a", "end": true])
        #expect(try desk.post("Said", ["key": "a"]).unmatched)
        #expect(try desk.post("Said", [:]).unmatched)
        #expect(try reasons(desk) == Array(repeating: "job: not_in_version", count: 3))
    }

    @Test("starting and what happens without a process are the newest version's")
    func newestDecides() throws {
        let old = job(["Said": EventRoute(whenMissing: .reject, expression: "key")])
        let new = job(version: 2, ["Said": EventRoute(kind: .start, expression: "key")])
        let first = try EngineDesk([old])
        #expect(problem { _ = try first.post("Said", ["key": "a"]) } == .processMissing)
        let desk = try EngineDesk([old, new], after: first)
        let delivery = try desk.post("Said", ["key": "a"]).deliveries[0]
        #expect(delivery.effect.started && delivery.definitionVersion == 2)
    }

    // MARK: Several definitions

    @Test("a missing process is loud only if nobody else takes, starts or holds the event")
    func reject() throws {
        let strict = job(name: "strict", opened: nil, ["Said": EventRoute(whenMissing: .reject, expression: "key")])
        let holding = job(
            name: "holding", opened: nil, ["Said": EventRoute(whenMissing: .hold(.hours(1)), expression: "held")])
        let desk = try EngineDesk([strict, holding, job(name: "taking", ["Said": EventRoute(expression: "key")])])
        #expect(problem { _ = try desk.post("Said", ["key": "a"]) } == .processMissing)
        #expect(try desk.unmatched().isEmpty)

        let held = try desk.post("Said", ["key": "a", "held": "h"])
        #expect(held.held && !held.unmatched && held.deliveries.isEmpty)
        #expect(try reasons(desk) == ["strict: ignored", "taking: ignored"])

        _ = try desk.post("Opened", ["key": "a"])
        let taken = try desk.post("Said", ["key": "a"])
        #expect(taken.deliveries.map(\.definition) == ["taking"])
        #expect(!taken.held && !taken.unmatched)
        #expect(try reasons(desk).suffix(2) == ["holding: key_failed", "strict: ignored"])

        // An ended process takes nothing.
        _ = try desk.post("Said", ["key": "a", "end": true])
        #expect(problem { _ = try desk.post("Said", ["key": "a"]) } == .processMissing)
    }

    @Test("one event starts and reaches processes of several definitions, each once, in the order of names")
    func several() throws {
        let desk = try EngineDesk([
            job(name: "c", ["Said": EventRoute(expression: "key")]), job(name: "a"),
            job(name: "b", opened: EventRoute(expression: "none")),
        ])
        let receipt = try desk.post("Opened", ["key": "k"])
        #expect(receipt.deliveries.map(\.definition) == ["a", "c"])
        #expect(receipt.deliveries.map(\.effect.started) == [true, true])
        #expect(try reasons(desk) == ["b: key_failed"])
        try desk.verify()
    }

    // MARK: Ended and ending processes

    @Test(
        "after the end an event is ignored, whatever the definition does without a process",
        arguments: [EventRoute.WhenMissing.ignore, .reject, .hold(.hours(1))])
    func ended(_ whenMissing: EventRoute.WhenMissing) throws {
        let desk = try EngineDesk([job(["Said": EventRoute(whenMissing: whenMissing, expression: "key")])])
        let id = try desk.post("Opened", ["key": "a"]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a", "end": true])
        let count = try desk.stream(id).count
        for type in ["Said", "Opened"] {
            let receipt = try desk.post(type, ["key": "a"])
            #expect(receipt.deliveries.map(\.effect.ignored) == [.ended])
            #expect(receipt.deliveries.map(\.processID) == [id])
            #expect(!receipt.held && !receipt.unmatched)
        }
        #expect(try desk.stream(id).count == count)
        // Somebody sees what came too late.
        #expect(try desk.unmatched().map(\.reason) == [.ended, .ended])
    }

    @Test("with restart a start event begins anew, and what was held for the key goes to the next start")
    func restart() throws {
        let desk = try EngineDesk([
            job(restarts: true, ["Said": EventRoute(whenMissing: .hold(.hours(1)), expression: "key")])
        ])
        let first = try desk.post("Opened", ["key": "a"]).deliveries[0]
        _ = try desk.post("Said", ["key": "a", "end": true])
        #expect(try desk.post("Said", ["key": "a", "to": "Next"]).held)
        try desk.advance(.minutes(59))
        let second = try desk.post("Opened", ["key": "a"]).deliveries[0]
        #expect(second.effect.started && second.processID != first.processID)
        #expect(try desk.state(second.processID).machines["main"]?.state == "Next")
        try desk.verify()
    }

    @Test("a hold is over at exactly its time")
    func holdEnds() throws {
        let desk = try EngineDesk([job(["Said": EventRoute(whenMissing: .hold(.hours(1)), expression: "key")])])
        for key in ["in time", "too late"] { _ = try desk.post("Said", ["key": .string(key), "to": "Next"]) }
        desk.now = desk.now + .milliseconds(3_599_999)
        let inTime = try desk.post("Opened", ["key": "in time"]).deliveries[0].processID
        #expect(try desk.state(inTime).machines["main"]?.state == "Next")
        desk.now = desk.now + .milliseconds(1)
        let late = try desk.post("Opened", ["key": "too late"]).deliveries[0].processID
        #expect(try desk.state(late).machines["main"]?.state == "Open")
        #expect(try reasons(desk) == ["job: expired"])
    }

    @Test("events held for a later key are delivered right after the process gains it")
    func heldByKey() throws {
        let desk = try EngineDesk([
            job(["Scanned": EventRoute(by: "label", whenMissing: .hold(.hours(1)), expression: "code")])
        ])
        for state in ["First", "Second"] { _ = try desk.post("Scanned", ["code": "L", "to": .string(state)]) }
        let id = try desk.post("Opened", ["key": "a", "label": "L"]).deliveries[0].processID
        #expect(
            try desk.stream(id) == [
                "ProcessStarted", "Opened", "TransitionPlanned", "Scanned", "TransitionPlanned", "Scanned",
                "TransitionPlanned",
            ])
        #expect(try desk.state(id).machines["main"]?.state == "Second")
        #expect(try desk.state(id).correlations.inOrder == [Correlation(name: "label", value: "L")])
        try desk.verify()
    }

    @Test("while a process is ending its events are recorded and change nothing; a restarting start waits for the end")
    func ending() throws {
        let desk = try EngineDesk([job(restarts: true, ["Said": EventRoute(expression: "key")])])
        let first = try desk.post("Opened", ["key": "a", "task": "work"]).deliveries[0].processID
        let task = try desk.claim("work")
        try desk.operate(first, .cancel(reason: nil, mode: .cooperative, compensate: nil, deadline: nil))
        #expect(try desk.post("Said", ["key": "a", "to": "Next"]).deliveries.map(\.processID) == [first])
        #expect(try desk.stream(first).last == "Said")
        #expect(try desk.state(first).machines["main"]?.state == "Open")
        let kept = try desk.post("Opened", ["key": "a", "n": 2])
        #expect(kept.held && kept.deliveries.isEmpty && !kept.unmatched)
        #expect(try desk.post("Opened", ["key": "a", "n": 3]).held)
        try desk.advance(.hours(1000))
        #expect(try desk.state(first).status == .cancelled)
        #expect(problem { try desk.give(.cancelled, task) } == .processEnded)
        let second = try desk.post("Said", ["key": "a"]).deliveries[0].processID
        #expect(second != first)
        // The first that was kept started it, the other was delivered to it.
        #expect(
            try desk.stream(second) == [
                "ProcessStarted", "Opened", "TransitionPlanned", "Opened", "TransitionPlanned", "Said",
                "TransitionPlanned",
            ])
        try desk.verify()
    }

    // MARK: Correlations known at the start

    @Test("a correlation that is taken makes the start wait; it is free again when its process ends")
    func takenAtStart() throws {
        let desk = try EngineDesk([
            job(["Said": EventRoute(expression: "key"), "Scanned": EventRoute(by: "label", expression: "code")])
        ])
        let first = try desk.post("Opened", ["key": "a", "label": "L"]).deliveries[0].processID
        let second = try desk.post("Opened", ["key": "b", "label": "L"]).deliveries[0].processID
        let incident = try #require(try desk.state(second).incidents.inOrder.first)
        #expect(incident.kind == .correlationTaken)
        #expect(try desk.post("Scanned", ["code": "L"]).deliveries.map(\.processID) == [first])
        _ = try desk.post("Said", ["key": "b", "to": "Next"])
        try desk.operate(second, .retryIncident(incident.id))
        let still = try #require(try desk.state(second).incidents.inOrder.first)
        _ = try desk.post("Said", ["key": "a", "end": true])
        try desk.operate(second, .retryIncident(still.id))
        #expect(try desk.state(second).incidents.isEmpty)
        // What came while it waited was decided after it.
        #expect(try desk.state(second).machines["main"]?.state == "Next")
        #expect(try desk.post("Scanned", ["code": "L"]).deliveries.map(\.processID) == [second])
        try desk.verify()
    }

    // MARK: Unmatched events

    @Test("an unmatched event can be redelivered once somebody takes it, and only to the definition that missed it")
    func redeliver() throws {
        let desk = try EngineDesk([
            job(name: "first", opened: nil, ["Begun": Self.start, "Said": EventRoute(expression: "key")]),
            job(name: "second", ["Said": EventRoute(expression: "key")]),
        ])
        let first = try desk.post("Begun", ["key": "a"]).deliveries[0].processID
        #expect(try desk.post("Said", ["key": "a", "to": "Next"]).deliveries.map(\.processID) == [first])
        let kept = try #require(try desk.unmatched().first)
        #expect(kept.definition == "second")
        #expect(kept.receivedAt == desk.now)
        #expect(problem { _ = try desk.redeliver(kept.handle) } == .stillUnmatched)
        #expect(problem { _ = try desk.redeliver(kept.handle + 1) } == .unmatchedNotFound)
        let second = try desk.post("Opened", ["key": "a"]).deliveries[0].processID
        let count = try desk.stream(first).count
        let receipt = try desk.redeliver(kept.handle)
        #expect(receipt.deliveries.map(\.processID) == [second])
        #expect(try desk.stream(first).count == count)
        #expect(try desk.state(second).machines["main"]?.state == "Next")
        #expect(try desk.unmatched().isEmpty)
        #expect(problem { _ = try desk.redeliver(kept.handle) } == .unmatchedNotFound)
        try desk.verify()
    }

    // MARK: Very many held events

    @Test("held events beyond a hundred follow in order, ahead of what is posted later, also in the same batch")
    func manyHeld() throws {
        let desk = try EngineDesk([job(["Said": EventRoute(whenMissing: .hold(.hours(1)), expression: "key")])])
        for number in 0..<250 { _ = try desk.post("Said", ["key": "a", "n": .number(JSONNumber(number))]) }
        let result = desk.run([
            .post([desk.incoming("Opened", ["key": "a", "n": -1])]),
            .post([desk.incoming("Said", ["key": "a", "n": 250])]),
        ])
        guard case .posted(let results) = result.answers[0] else {
            Issue.record("\(result.answers)")
            return
        }
        let id = try results[0].get().deliveries[0].processID
        let records = try desk.store.processStream(try desk.stored(id).handle, from: 1, limit: 10_000)
        #expect(records.compactMap { $0.event.data["n"]?.int64Value } == Array(-1...250))
        try desk.verify()
    }

    @Test("so do start events that were kept for a key, each starting the next process")
    func manyStarts() throws {
        let desk = try EngineDesk([job(restarts: true)])
        let first = try desk.post("Opened", ["key": "a", "task": "work"]).deliveries[0].processID
        let task = try desk.claim("work")
        try desk.operate(first, .cancel(reason: nil, mode: .cooperative, compensate: nil, deadline: nil))
        for _ in 0..<150 { #expect(try desk.post("Opened", ["key": "a", "end": true]).held) }
        try desk.give(.cancelled, task)
        try desk.advance(.zero)
        #expect(try desk.unmatched().isEmpty)
        let processes = try desk.store.makeReader().processes(ProcessQuery(tenant: "default", limit: 1000))
        #expect(processes.count == 151)
        #expect(processes.filter { $0.row.status == .completed }.count == 150)
        try desk.verify()
    }

    @Test("a held event is unmatched if the version of the process that gains its key does not list it")
    func heldForOldVersion() throws {
        let old = job(["Said": EventRoute(expression: "key")])
        let hold = EventRoute(by: "label", whenMissing: .hold(.hours(1)), expression: "code")
        let first = try EngineDesk([old])
        _ = try first.post("Opened", ["key": "a", "label": "L", "fault": true])
        let desk = try EngineDesk([old, job(version: 2, ["Scanned": hold])], after: first)
        #expect(try reasons(desk) == [])
        #expect(try desk.post("Scanned", ["code": "M"]).held)
        // Nothing but a start gives this manager a key, so that the process is started on the old version.
        let third = try EngineDesk([old], after: desk)
        let id = try third.post("Opened", ["key": "b", "label": "M"]).deliveries[0].processID
        #expect(try third.stream(id) == ["ProcessStarted", "Opened", "TransitionPlanned"])
        #expect(try reasons(third) == ["job: not_in_version"])
    }

    @Test("held events beyond a hundred need no further request")
    func restFollows() throws {
        let desk = try EngineDesk([job(["Said": EventRoute(whenMissing: .hold(.hours(1)), expression: "key")])])
        for number in 0..<150 { _ = try desk.post("Said", ["key": "a", "n": .number(JSONNumber(number))]) }
        let result = desk.run([.post([desk.incoming("Opened", ["key": "a"])])])
        #expect(result.hasMoreDue)
        #expect(!desk.run([]).hasMoreDue)
        let id = try #require(try desk.store.locate(LocationKey(tenant: "default", definition: "job", value: "a")))
        #expect(try desk.store.process(id.handle)?.row.version == 2 + 1 + 2 * 150)
    }
}
