import Chrono
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("What a step publishes, and whom it starts")
struct PublishingTests {
    private struct Speaker: ProcessManager {
        let name = "speaker"
        let body: @Sendable (inout ProcessContext) throws(DecisionFault) -> Void

        func decide(
            _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
        ) throws(DecisionFault) -> Decision {
            try context.plan(machine: "main", to: "On", as: "start")
            try body(&context)
            return context.decision
        }

        func start(_ event: Event = Speaker.event, observing observations: Observations = Observations()) -> Step {
            let new = ProcessState(
                processID: UniqueID(name: "p"), tenant: "default", definition: name, definitionVersion: 1, key: "k")
            return step(new, .event(event), observing: observations, at: Instant(milliseconds: 1000))
        }

        static let event = Event(id: EventID("e"), type: "Start", source: "test", data: .null)
    }

    @Test("published events are no facts; their ids follow from the input")
    func ids() {
        let manager = Speaker { context throws(DecisionFault) in
            try context.publish("A", data: .null)
            try context.publish("A", data: JSONView(["n": 1]))
        }
        let step = manager.start()
        #expect(step.facts.map(\.type) == ["ProcessStarted", "TransitionPlanned"])
        #expect(step.published.map(\.type) == ["A", "A"])
        let names = (0...1).map { ordinal in
            #"["\#(UniqueID(name: "p"))",["event","test","e"],"published",\#(ordinal)]"#
        }
        #expect(step.published.map(\.id) == names.map { EventID(UniqueID(name: $0)) })
        #expect(manager.start() == step)
    }

    @Test("nothing is published after an end was decided")
    func afterEnd() {
        let step = Speaker { context throws(DecisionFault) in
            try context.publish("Before", data: .null)
            context.complete()
            try context.publish("After", data: .null)
        }.start()
        #expect(step.published.map(\.type) == ["Before"])
    }

    @Test("reserved types and too large events are faults, and nothing else of the step stands")
    func faults() {
        for type in ["TaskCompleted", "completed", "a:b", "ChildRequested"] {
            let step = Speaker { context throws(DecisionFault) in
                try context.publish("A", data: .null)
                try context.publish(type, data: .null)
            }.start()
            #expect(step.published.isEmpty)
            #expect(step.state.incidents.inOrder.map(\.kind) == [.expressionFailed])
        }
        let large = JSONView.string(String(repeating: "x", count: 1 << 20))
        let step = Speaker { context throws(DecisionFault) in try context.publish("A", data: large) }.start()
        #expect(step.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
    }

    @Test("a step publishes a thousand events, not one more", arguments: [1000, 1001])
    func limit(_ count: Int) {
        let step = Speaker { context throws(DecisionFault) in
            for _ in 0..<count { try context.publish("A", data: .null) }
        }.start()
        #expect(step.published.count == (count > 1000 ? 0 : count))
    }

    @Test("a task that is a child process starts no worker's task, and needs its definition")
    func child() throws {
        let manager = Speaker { context throws(DecisionFault) in
            try context.plan(
                machine: "main", as: "ask",
                task: TaskPlan(child: ChildProcess(definition: "other", key: "o"), data: JSONView(["a": 1])))
        }
        let step = manager.start()
        let task = try #require(step.state.tasks.inOrder.first)
        #expect(task.isChild)
        #expect(task.type == "process:other")
        #expect(step.childDefinitions == ["other"])
        #expect(step.facts.compactMap(Command.init).isEmpty)
        let missing = manager.start(observing: Observations(missing: ["other"]))
        #expect(missing.state.incidents.inOrder.map(\.kind) == [.definitionMissing])
        #expect(missing.state.tasks.isEmpty)
    }

    @Test("a task for a worker cannot pass for a child process")
    func workerTask() {
        let step = Speaker { context throws(DecisionFault) in
            try context.plan(machine: "main", as: "ask", task: TaskPlan(type: "process:other", input: .null))
        }.start()
        #expect(step.state.incidents.count == 1)
    }

    @Test("a process knows its parent from its own stream, also from a snapshot; nobody else can claim to be one")
    func parent() throws {
        let task = PlannedTask(
            id: UniqueID(name: "t"), type: "process:speaker", mode: .child, input: JSONView(["a": 1]), childKey: "k",
            pointer: "", isStateTask: true)
        let request = ChildProcess.request(
            for: task, reopened: 0, by: UniqueID(name: "parent"), at: Instant(milliseconds: 5), correlationID: "c",
            causationID: "x",
            traceparent: nil)
        let manager = Speaker { _ in }
        let state = manager.start(request).state
        let parent = ParentTask(processID: UniqueID(name: "parent"), taskID: UniqueID(name: "t"))
        #expect(state.parent == parent)
        #expect(ProcessState(snapshot: state.snapshot())?.parent == parent)
        #expect(state.correlationID == "c")
        var foreign = request
        foreign.source = "/elsewhere"
        #expect(manager.start(foreign).state.parent == nil)
        #expect(ChildProcess.requestID(for: task.id, reopened: 2) == EventID("\(task.id)-2"))
    }

    @Test("what a decision saw of missing definitions is recorded and read back")
    func observations() throws {
        let observed = Observations(missing: ["other"])
        #expect(try Observations(decoding: observed.encoded) == observed)
    }
}
