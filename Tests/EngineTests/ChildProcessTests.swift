import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Child processes")
struct ChildProcessTests {
    private static let managers = [Job(), Job(name: "helper", routes: ["HelpSaid": EventRoute(expression: "key")])]

    /// A desk with one parent that has one child.
    private func family(_ managers: [Job] = managers) throws -> (EngineDesk, parent: ProcessID) {
        let desk = try EngineDesk(managers)
        _ = try desk.post("Opened", ["key": "a"])
        let parent = try desk.post("Said", ["key": "a", "child": "helper", "child_key": "h", "with": ["n": 1]])
        return (desk, parent.deliveries[0].processID)
    }

    @Test("a child starts by ChildRequested, in the transaction of the step that plans it, and knows its parent")
    func start() throws {
        let (desk, parent) = try family()
        let task = try #require(try desk.state(parent).tasks.inOrder.first)
        let child = try desk.process("helper", "h")
        let records = try desk.store.processStream(try desk.stored(child.processID).handle, from: 1, limit: 10)
        #expect(task.type == "process:helper")
        #expect(records.map(\.event.type) == ["ProcessStarted", "ChildRequested", "TransitionPlanned"])
        let request = records[1].event
        #expect(request.id == EventID(task.id))
        #expect(request.source == "procession")
        #expect(request.data == JSONView(["n": 1]))
        #expect(request.causationID == "e2")
        #expect(request.time == desk.now.rfc3339)
        #expect(child.parent == ParentTask(processID: parent, taskID: task.id))
        #expect(
            child.processID
                == InputID.processID(
                    tenant: "default", definition: "helper", key: "h", source: "procession",
                    eventID: EventID(task.id)))
        try desk.verify()
    }

    @Test("no worker can have the task, and no outcome from outside is taken")
    func notClaimable() throws {
        let (desk, parent) = try family()
        #expect(try desk.claims(["process:helper"], id: nil) == [])
        let queue = try #require(try desk.store.makeReader().queues(tenant: "default").first)
        #expect(queue.type == "process:helper")
        #expect(queue.ready == 0)
        let task = try #require(try desk.state(parent).tasks.inOrder.first)
        let request = OutcomeRequest(
            tenant: "default", taskID: task.id, leaseToken: "1.abc", outcome: .completed(result: .null))
        guard case .outcomes(let results) = try desk.ask(.outcomes([request])) else { throw EngineDesk.Unexpected() }
        #expect(throws: Problem.self) { try results[0].get() }
        try desk.verify()
    }

    @Test("the end of the child settles the task, with an attempt that names the child")
    func end() throws {
        let (desk, parent) = try family()
        let task = try #require(try desk.state(parent).tasks.inOrder.first)
        let child = try desk.process("helper", "h").processID
        _ = try desk.post("HelpSaid", ["key": "h", "end": true])
        #expect(try desk.stream(parent).suffix(2) == ["TransitionPlanned", "TaskCompleted"])
        #expect(try desk.state(parent).tasks.isEmpty)
        let records = try desk.taskStream(task.id)
        #expect(records.map(\.event.type) == ["AttemptStarted", "AttemptEnded"])
        #expect(records[0].event.data["worker"]?.stringValue == "procession/helper/\(child)")
        try desk.verify()
    }

    @Test("a definition that is not stored is an incident of the step; a retry starts the child once it is")
    func missingDefinition() throws {
        let (first, parent) = try family([Job()])
        let incident = try #require(try first.state(parent).incidents.inOrder.first)
        #expect(incident.kind == .definitionMissing)
        #expect(try first.state(parent).tasks.isEmpty)
        try first.verify()
        let desk = try EngineDesk(Self.managers, after: first)
        try desk.operate(parent, .retryIncident(incident.id))
        #expect(try desk.state(parent).tasks.count == 1)
        #expect(try desk.process("helper", "h").status == .running)
        try desk.verify()
    }

    @Test("a failed task's retry starts a new child with the same key")
    func retry() throws {
        let (desk, parent) = try family()
        let firstChild = try desk.process("helper", "h").processID
        try desk.operate(firstChild, .cancel(reason: "no", mode: .hard, compensate: nil, deadline: nil))
        let incident = try #require(try desk.state(parent).incidents.inOrder.first)
        #expect(incident.kind == .taskFailed)
        #expect(incident.message == "process:helper was cancelled")
        try desk.operate(parent, .retryIncident(incident.id))
        let secondChild = try desk.process("helper", "h").processID
        #expect(secondChild != firstChild)
        _ = try desk.post("HelpSaid", ["key": "h", "end": true])
        #expect(try desk.state(parent).tasks.isEmpty)
        try desk.verify()
    }

    @Test("children of children: a cancel goes all the way down")
    func grandchildren() throws {
        let (desk, parent) = try family(Self.managers + [Job(name: "tool", routes: [:])])
        _ = try desk.post("HelpSaid", ["key": "h", "child": "tool", "child_key": "t"])
        #expect(try desk.process("tool", "t").status == .running)
        try desk.operate(parent, .cancel(reason: "stop", mode: .cooperative, compensate: nil, deadline: nil))
        for (name, key) in [("job", "a"), ("helper", "h"), ("tool", "t")] {
            #expect(try desk.process(name, key).status == .cancelled)
        }
        #expect(try desk.process("tool", "t").reason == "stop")
        try desk.verify()
    }

    @Test("more children than fit into a transaction start right after it; a cancel in between leaves none behind")
    func many() throws {
        let managers: [any ManagedDefinition] = [Fan(), Job(name: "helper", routes: [:])]
        let desk = try EngineDesk(managers)
        _ = try desk.post("Opened", ["key": "a"])
        #expect(try desk.store.makeReader().processes(ProcessQuery(tenant: "default", limit: 1000)).count == 101)
        try desk.verify()
        let fan = try desk.process("fan", "a").processID
        try desk.operate(fan, .cancel(reason: nil, mode: .hard, compensate: nil, deadline: nil))
        while desk.run([]).hasMoreDue {}
        let after = try desk.store.makeReader().processes(ProcessQuery(tenant: "default", limit: 1000))
        #expect(after.allSatisfy { $0.row.status == .cancelled })
        try desk.verify()
        _ = try desk.post("Opened", ["key": "b"])
        while desk.run([]).hasMoreDue {}
        let all = try desk.store.makeReader().processes(ProcessQuery(tenant: "default", limit: 1000))
        #expect(all.filter { $0.row.status == .running }.count == 151)
        try desk.verify()
    }

    @Test("the queue of a store that was left behind starts the children that were still to begin")
    func restart() throws {
        let managers: [any ManagedDefinition] = [Fan(), Job(name: "helper", routes: [:])]
        let first = try EngineDesk(managers)
        _ = try first.post("Opened", ["key": "a"])
        let desk = try EngineDesk(managers, after: first)
        while desk.run([]).hasMoreDue {}
        #expect(try desk.store.makeReader().processes(ProcessQuery(tenant: "default", limit: 1000)).count == 151)
        try desk.verify()
    }

    @Test("definitions that start each other without end are stopped by the length of the chain")
    func endless() throws {
        let desk = try EngineDesk([Nesting()])
        _ = try desk.post("Opened", ["key": ""])
        while desk.run([]).hasMoreDue {}
        #expect(try desk.process("nesting", String(repeating: "x", count: 100)).incidents.isEmpty)
        let last = try desk.process("nesting", String(repeating: "x", count: 101))
        #expect(last.incidents.inOrder.map(\.kind) == [.tooManyRounds])
        #expect(last.tasks.isEmpty)
        try desk.verify()
    }
}

/// Starts a child of itself with a longer key.
private struct Nesting: ManagedDefinition {
    let name = "nesting"
    let routes: [ExactText: EventRoute] = ["Opened": EventRoute(kind: .start, expression: "key")]

    func key(of event: Event) -> String? { event.data["key"]?.stringValue }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        guard case .event = trigger else { return context.decision }
        let child = ChildProcess(definition: name, key: state.key + "x")
        try context.plan(machine: "main", to: "On", as: "start", task: TaskPlan(child: child, data: .null))
        return context.decision
    }
}

/// Starts 150 children at once.
private struct Fan: ManagedDefinition {
    let name = "fan"
    let routes: [ExactText: EventRoute] = ["Opened": EventRoute(kind: .start, expression: "key")]

    func key(of event: Event) -> String? { event.data["key"]?.stringValue }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        guard case .event = trigger else { return context.decision }
        for number in 0..<150 {
            let child = ChildProcess(definition: "helper", key: "\(state.key)/\(number)")
            try context.plan(
                machine: "m/\(number)", named: "m", to: "On", as: "start",
                task: TaskPlan(child: child, data: .null))
        }
        return context.decision
    }
}
