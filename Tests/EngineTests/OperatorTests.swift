import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("What an operator may do")
struct OperatorTests {
    private let never = TaskPolicy(retry: .once)

    private func failed(_ code: String) -> OutcomeRequest.Outcome {
        .failed(code: code, reason: "because", retryable: false, retryAfter: nil)
    }

    private func incidents(_ id: ProcessID, _ desk: EngineDesk) throws -> [Incident] {
        try desk.state(id).incidents.inOrder
    }

    @Test("on the way to an end only undo tasks are retried", arguments: [CancelMode.cooperative, .hard])
    func ending(_ mode: CancelMode) throws {
        let desk = try EngineDesk([Job(undo: .whenCompleted)])
        let id = try desk.post("Opened", ["key": "a", "task": "good"]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a", "task": "bad"])
        try desk.give(.completed(result: .string("done")), try desk.claim("good"))
        try desk.give(failed("x"), try desk.claim("bad"))
        let bad = try #require(try incidents(id, desk).first)
        if mode == .cooperative {
            // Something is held, so that it waits.
            _ = try desk.post("Said", ["key": "a", "task": "held"])
            let held = try desk.claim("held")
            try desk.operate(id, .cancel(reason: nil, mode: mode, compensate: true, deadline: nil))
            #expect(try desk.state(id).status == .cancelling)
            #expect(problem { try desk.operate(id, .retryIncident(bad.id)) } == .processEnding)
            try desk.give(.completed(result: .string("held")), held)
            try desk.give(.completed(result: .null), try desk.claim("undo"))
        } else {
            try desk.operate(id, .cancel(reason: nil, mode: mode, compensate: true, deadline: nil))
        }
        #expect(try desk.state(id).status == .compensating)
        #expect(problem { try desk.operate(id, .retryIncident(bad.id)) } == .processEnding)
        let undo = try desk.claim("undo")
        try desk.give(failed("y"), undo)
        let open = try incidents(id, desk)
        #expect(open.count == 2)
        try desk.operate(id, .retryIncident(try #require(open.last).id))
        let again = try desk.claim("undo")
        #expect(again.taskID == undo.taskID)
        #expect(again.attempt == 2)
        try desk.give(.completed(result: .null), again)
        #expect(try desk.state(id).status == .cancelled)
        try desk.verify()
    }

    @Test("closing the incident of an undo task lets the compensation go on")
    func closedUndo() throws {
        let desk = try EngineDesk([Job(undo: .whenCompleted)])
        let id = try desk.post("Opened", ["key": "a", "task": "good"]).deliveries[0].processID
        try desk.give(.completed(result: .string("done")), try desk.claim("good"))
        try desk.operate(id, .cancel(reason: nil, mode: .hard, compensate: true, deadline: nil))
        try desk.give(failed("y"), try desk.claim("undo"))
        let incident = try #require(try incidents(id, desk).first)
        try desk.operate(id, .resolveIncident(incident.id, result: nil))
        #expect(try desk.state(id).status == .cancelled)
        try desk.verify()
    }

    @Test(
        "on the way to an end the result of a failed task can still be given: it is undone as well",
        arguments: CancelMode.both)
    func resolvedWhileEnding(_ mode: CancelMode) throws {
        let desk = try EngineDesk([Job(undo: .whenCompleted)])
        let id = try desk.post("Opened", ["key": "a", "task": "good"]).deliveries[0].processID
        for type in ["bad", "held"] { _ = try desk.post("Said", ["key": "a", "task": .string(type)]) }
        try desk.give(.completed(result: .string("good")), try desk.claim("good"))
        try desk.give(failed("x"), try desk.claim("bad"))
        let held = try desk.claim("held")
        try desk.operate(id, .cancel(reason: nil, mode: mode, compensate: true, deadline: nil))
        let incident = try #require(try incidents(id, desk).first)
        try desk.operate(id, .resolveIncident(incident.id, result: .string("bad")))
        if mode == .cooperative { try desk.give(failed("x"), held) }
        #expect(try desk.state(id).status == .compensating)
        var undone: [String?] = []
        while try desk.state(id).status == .compensating {
            let undo = try desk.claim("undo")
            undone.append(undo.input.stringValue)
            try desk.give(.completed(result: .null), undo)
        }
        // A hard cancel had begun to undo the first when the result of the other came.
        #expect(undone == (mode == .hard ? ["good", "bad"] : ["bad", "good"]))
        #expect(try desk.state(id).status == .cancelled)
        try desk.verify()
    }

    @Test("the incident of a start is not just closed: retry or cancel")
    func start() throws {
        let desk = try EngineDesk([Job()])
        let id = try desk.post("Opened", ["key": "a", "fault": true]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a"])
        let incident = try #require(try incidents(id, desk).first)
        #expect(problem { try desk.operate(id, .resolveIncident(incident.id, result: nil)) } == .incidentNeedsRetry)
        try desk.operate(id, .retryIncident(incident.id))
        let next = try #require(try incidents(id, desk).first)
        #expect(next.id != incident.id)
        #expect(try desk.state(id).awaitsStart)
        try desk.operate(id, .cancel(reason: "never", mode: nil, compensate: nil, deadline: nil))
        #expect(try desk.state(id).status == .cancelled)
        #expect(problem { try desk.operate(id, .retryIncident(next.id)) } == .processEnded)
        // The key is free again.
        #expect(try desk.post("Said", ["key": "a"]).deliveries.map(\.effect.ignored) == [.ended])
        try desk.verify()
    }

    @Test("another incident of an input is closed, and nothing else happens")
    func closed() throws {
        let desk = try EngineDesk([Job()])
        let id = try desk.post("Opened", ["key": "a"]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a", "fault": true])
        let incident = try #require(try incidents(id, desk).first)
        try desk.operate(id, .resolveIncident(incident.id, result: nil))
        #expect(try desk.stream(id).last == "IncidentResolved")
        #expect(try incidents(id, desk).isEmpty)
    }

    @Test("doing the same about an incident again changes nothing; doing something else is refused")
    func repeats() throws {
        let desk = try EngineDesk([Job(policy: never)])
        let id = try desk.post("Opened", ["key": "a", "task": "work"]).deliveries[0].processID
        try desk.give(failed("x"), try desk.claim("work"))
        let first = try #require(try incidents(id, desk).first).id
        try desk.operate(id, .retryIncident(first))
        let before = try desk.stream(id)
        try desk.operate(id, .retryIncident(first))
        #expect(try desk.stream(id) == before)
        #expect(problem { try desk.operate(id, .resolveIncident(first, result: .null)) } == .incidentClosed)

        try desk.give(failed("x"), try desk.claim("work"))
        let second = try #require(try incidents(id, desk).first).id
        try desk.operate(id, .resolveIncident(second, result: JSONView(["by": "hand", "n": 1])))
        let after = try desk.stream(id)
        #expect(after.suffix(2) == ["IncidentResolved", "TaskCompleted"])
        let same = try JSONDocument.parse(#"{"n": 1, "by": "hand"}"#).root
        try desk.operate(id, .resolveIncident(second, result: same))
        #expect(try desk.stream(id) == after)
        #expect(problem { try desk.operate(id, .resolveIncident(second, result: .string("other"))) } == .incidentClosed)
        #expect(problem { try desk.operate(id, .retryIncident(second)) } == .incidentClosed)
        #expect(problem { try desk.operate(id, .retryIncident(UniqueID(name: "none"))) } == .incidentNotFound)
        try desk.verify()
    }

    @Test("an incident that became obsolete is closed")
    func obsolete() throws {
        let desk = try EngineDesk([Job(policy: never)])
        let id = try desk.post("Opened", ["key": "a"]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a", "task": "work", "to": "Next"])
        try desk.give(failed("x"), try desk.claim("work"))
        let incident = try #require(try incidents(id, desk).first).id
        _ = try desk.post("Said", ["key": "a", "to": "Further"])
        #expect(try incidents(id, desk).isEmpty)
        #expect(problem { try desk.operate(id, .retryIncident(incident)) } == .incidentClosed)
        #expect(problem { try desk.operate(id, .resolveIncident(incident, result: .null)) } == .incidentClosed)
    }

    @Test("the incident of a side task stays when the state is left")
    func sideTask() throws {
        let desk = try EngineDesk([Job(policy: never)])
        let id = try desk.post("Opened", ["key": "a"]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a", "task": "side"])
        try desk.give(failed("x"), try desk.claim("side"))
        let incident = try #require(try incidents(id, desk).first).id
        _ = try desk.post("Said", ["key": "a", "to": "Next"])
        #expect(try incidents(id, desk).map(\.id) == [incident])
        try desk.operate(id, .retryIncident(incident))
        // Nobody is left in the state that planned it, so that its second failure raises none.
        try desk.give(failed("x"), try desk.claim("side"))
        #expect(try incidents(id, desk).isEmpty)
        try desk.verify()
    }

    @Test("a retry for which no machine is left closes the incident as obsolete")
    func nobodyLeft() throws {
        let desk = try EngineDesk([Job()])
        let id = try desk.post("Opened", ["key": "a"]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a", "fault": true])
        let incident = try #require(try incidents(id, desk).first).id
        _ = try desk.post("Said", ["key": "a", "to": "Next"])
        try desk.operate(id, .retryIncident(incident))
        let last = try #require(try desk.store.processStream(try desk.stored(id).handle, from: 1, limit: 99).last)
        #expect(last.event.type == "IncidentResolved")
        #expect(last.event.data["resolution"]?.stringValue == "obsolete")
        #expect(try incidents(id, desk).isEmpty)
        try desk.operate(id, .retryIncident(incident))
        #expect(try desk.stream(id).count == last.version)
        try desk.verify()
    }

    @Test("a named request is carried out once, whatever happened since")
    func named() throws {
        let desk = try EngineDesk([Job(policy: never)])
        let id = try desk.post("Opened", ["key": "a", "task": "work"]).deliveries[0].processID
        try desk.operate(id, .suspend(reason: nil), named: "s")
        try desk.operate(id, .resume(reason: nil), named: "r")
        #expect(try !desk.operate(id, .suspend(reason: nil), named: "s").state.suspended)
        #expect(try desk.operate(id, .suspend(reason: nil)).state.suspended)
        try desk.operate(id, .resume(reason: nil), named: "s")
        #expect(try !desk.state(id).suspended)
        try desk.give(failed("x"), try desk.claim("work"))
        let incident = try #require(try incidents(id, desk).first).id
        try desk.operate(id, .resolveIncident(incident, result: .null), named: "i")
        _ = try desk.post("Said", ["key": "a", "end": true])
        let count = try desk.stream(id).count
        #expect(try desk.operate(id, .resolveIncident(incident, result: .null), named: "i").state.status == .completed)
        #expect(problem { try desk.operate(id, .suspend(reason: nil)) } == .processEnded)
        #expect(try desk.stream(id).count == count)
        try desk.verify()
    }

    @Test("a retried task starts afresh: no delay, all attempts, its limits from now; steps and progress stay")
    func reopened() throws {
        var policy = TaskPolicy(retry: .once)
        policy.timeouts.total = .minutes(10)
        let desk = try EngineDesk([Job(policy: policy)])
        let id = try desk.post("Opened", ["key": "a", "task": "work"]).deliveries[0].processID
        let task = try desk.claim("work")
        _ = try desk.ask(
            .recordStep(
                StepRequest(
                    tenant: "default", taskID: task.taskID, leaseToken: task.leaseToken, name: "half", data: .null)))
        try desk.give(failed("x"), task)
        try desk.advance(.hours(1))
        try desk.operate(id, .retryIncident(try #require(try incidents(id, desk).first).id))
        let again = try desk.claim("work")
        #expect(again.taskID == task.taskID)
        #expect(again.attempt == 2)
        #expect(again.maxAttempts == 2)
        #expect(again.steps.map(\.name) == ["half"])
        #expect(again.deadline == desk.now + .minutes(10))
        try desk.verify()
    }

    @Test("a stored definition cannot take the name of a manager written in Swift")
    func definitionIsCode() throws {
        let desk = try EngineDesk([Job()])
        let answer = try desk.ask(.storeDefinition(DefinitionRequest(name: "job", content: .null)))
        guard case .problem(let refusal) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(refusal.code == .definitionIsCode)
        #expect(refusal.code.status == 409)
    }

    @Test("a cancel that asks for what happens already records nothing")
    func cancelTwice() throws {
        let desk = try EngineDesk([Job(undo: .whenCompleted)])
        let id = try desk.post("Opened", ["key": "a", "task": "good"]).deliveries[0].processID
        try desk.give(.completed(result: .string("done")), try desk.claim("good"))
        _ = try desk.post("Said", ["key": "a", "task": "held"])
        let held = try desk.claim("held")
        let cancel = { (mode: CancelMode, compensate: Bool) in
            _ = try desk.operate(id, .cancel(reason: nil, mode: mode, compensate: compensate, deadline: nil))
            return try desk.stream(id).count
        }
        let count = try cancel(.cooperative, true)
        #expect(try cancel(.cooperative, true) == count)
        try desk.give(.completed(result: .null), held)
        #expect(try desk.state(id).status == .compensating)
        let compensating = try desk.stream(id).count
        #expect(try cancel(.hard, true) == compensating)
        #expect(try cancel(.cooperative, false) == compensating)
        #expect(try cancel(.hard, false) == compensating + 3)
        #expect(try desk.state(id).status == .cancelled)
        let ended = try desk.stream(id).count
        #expect(try cancel(.hard, false) == ended)
        try desk.verify()
    }
}

extension RetryPolicy {
    static var once: RetryPolicy {
        var policy = RetryPolicy()
        policy.maxAttempts = 1
        return policy
    }
}
