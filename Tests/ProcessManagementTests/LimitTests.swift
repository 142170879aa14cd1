import Chrono
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// Does whatever the body says with its one event.
private struct Scripted: ProcessManager {
    let name = "scripted"
    var data = JSONView([:])
    var correlations: [Correlation] = []
    let body: @Sendable (inout ProcessContext) throws(DecisionFault) -> Void

    func initialData(for event: Event, of state: ProcessState, at now: Instant, by rules: DecisionRules)
        throws(DecisionFault) -> JSONView
    {
        data
    }

    func initialCorrelations(
        for event: Event, of state: ProcessState, at now: Instant
    ) throws(DecisionFault) -> [Correlation] { correlations }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        try body(&context)
        return context.decision
    }

    var new: ProcessState {
        ProcessState(
            processID: UniqueID(name: "p"), tenant: "default", definition: name, definitionVersion: 1, key: "k")
    }

    func start(observing observations: Observations = Observations()) -> Step {
        step(new, .event(Self.event("Start")), observing: observations, at: Instant(milliseconds: 1000))
    }

    static func event(_ type: String) -> Event {
        Event(id: EventID(type), type: type, source: "test", data: .null)
    }
}

private func text(_ bytes: Int) -> JSONView { .string(String(repeating: "x", count: bytes - 2)) }

@Suite("A process stays within its limits")
struct LimitTests {
    @Test("ten thousand machines are allowed, one more is not", arguments: [10_000, 10_001])
    func machines(_ count: Int) {
        let manager = Scripted { context throws(DecisionFault) in
            for number in 0..<count { try context.plan(machine: "m/\(number)", named: "m", to: "S", as: "Start") }
        }
        let state = manager.start().state
        #expect(state.machines.count == (count > 10_000 ? 0 : count))
        #expect(state.incidents.inOrder.map(\.kind) == (count > 10_000 ? [.limitExceeded] : []))
    }

    @Test("a step has at most twenty thousand facts", arguments: [20_000, 20_001])
    func facts(_ count: Int) {
        let manager = Scripted { context throws(DecisionFault) in
            for _ in 0..<count { try context.issue("c", payload: .null) }
        }
        let step = manager.start()
        #expect(step.facts.count == (count > 20_000 ? 2 : 20_001))
        #expect(step.state.incidents.inOrder.map(\.kind) == (count > 20_000 ? [.limitExceeded] : []))
    }

    @Test("a thousand deferred events are allowed, one more is not", arguments: [1000, 1001])
    func deferred(_ count: Int) {
        let manager = Scripted { context throws(DecisionFault) in
            try context.plan(machine: "main", to: "S", as: "Start")
            for _ in 0..<count {
                try context.record(.eventDeferred(EventDeferred(eventVersion: 2, machineID: "main")))
            }
        }
        let state = manager.start().state
        #expect(state.deferredCount == (count > 1000 ? 0 : count))
        #expect(state.incidents.inOrder.map(\.kind) == (count > 1000 ? [.limitExceeded] : []))
    }

    @Test("the data of a process has at most 1 MiB, whoever writes it")
    func data() {
        let half = JSONView(["half": .string(String(repeating: "x", count: 600_000))])
        let other = JSONView(["other": .string(String(repeating: "x", count: 600_000))])
        let manager = Scripted(data: half) { context throws(DecisionFault) in
            try context.plan(machine: "main", to: "S", as: "Start", set: other)
        }
        let step = manager.start()
        #expect(step.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
        #expect(step.state.data["half"] != nil)
        #expect(step.state.data["other"] == nil)
    }

    @Test("a process that would start with more than 1 MiB of data starts with none and an incident")
    func initialData() {
        let large = JSONView(["all": .string(String(repeating: "x", count: 1 << 20))])
        let step = Scripted(data: large, body: { _ in }).start()
        #expect(step.entries.map(\.record.type) == ["ProcessStarted", "Start", "IncidentRaised"])
        #expect(step.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
        #expect(step.state.data.isEmpty)
    }

    private static let largeFacts:
        [(String, @Sendable (JSONView, inout ProcessContext) throws(DecisionFault) -> Void)] =
            [
                (
                    "CommandIssued",
                    { value, context throws(DecisionFault) in try context.issue("c", payload: value) }
                ),
                (
                    "TransitionPlanned",
                    { value, context throws(DecisionFault) in
                        try context.plan(machine: "m", to: "S", as: "Start", task: TaskPlan(type: "t", input: value))
                    }
                ),
                ("ProcessCompleted", { value, context throws(DecisionFault) in context.complete(result: value) }),
                (
                    "ProcessFailed",
                    { value, context throws(DecisionFault) in context.fail(reason: value.stringValue ?? "") }
                ),
            ]

    @Test("a fact has at most 1 MiB as it is written", arguments: 0..<largeFacts.count)
    func largeFact(_ index: Int) throws {
        let (type, say) = Self.largeFacts[index]
        let recorded = { (bytes: Int) in
            Scripted { context throws(DecisionFault) in try say(text(bytes), &context) }.start()
        }
        let small = try #require(recorded(1000).facts.last)
        #expect(small.type == type)
        let room = (1 << 20) - (small.encoded(in: UniqueID(name: "p")).rawByteCount - 1000)
        #expect(recorded(room).facts.last?.type == type)
        let step = recorded(room + 1)
        #expect(step.facts.last?.type == "IncidentRaised")
        #expect(step.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
    }
}

@Suite("Nothing follows an end")
struct NothingFollowsTests {
    @Test(
        "whatever a manager says after it ended the process is not recorded", arguments: ["complete", "cancel", "fail"])
    func afterTheEnd(_ end: String) {
        let manager = Scripted { context throws(DecisionFault) in
            let task = try context.plan(
                machine: "main", to: "S", as: "Start", task: TaskPlan(type: "t", input: .null))
            switch end {
            case "complete": context.complete()
            case "cancel": context.cancel(reason: "first")
            default: context.fail(reason: "first")
            }
            try context.cancelTask(task ?? UniqueID(name: "none"))
            try context.record(
                .commandIssued(CommandIssued(commandID: UniqueID(name: "c"), command: "c", payload: .null)))
            try context.record(.processFailed(reason: "again"))
            try context.issue("late", payload: .null)
            try context.schedule(machine: "main", at: context.now)
            try context.plan(machine: "main", to: "T", as: "late")
            try context.plan(machine: "main", as: "late", undoing: task)
            context.fail(reason: "second")
        }
        let step = manager.start()
        let last = ["complete": "ProcessCompleted", "cancel": "ProcessCancelled", "fail": "ProcessFailed"][end]
        #expect(
            step.entries.map(\.record.type)
                == ["ProcessStarted", "Start", "TransitionPlanned", "TaskCancelled", last])
        #expect(step.state.reason == (end == "complete" ? nil : "first"))
    }

    @Test("an end that a manager records as a fact is the last one, too")
    func recordedEnd() {
        let manager = Scripted { context throws(DecisionFault) in
            try context.plan(machine: "main", to: "S", as: "Start")
            try context.record(.processCompleted(result: nil))
            try context.issue("late", payload: .null)
            context.fail(reason: "late")
        }
        let step = manager.start()
        #expect(
            step.entries.map(\.record.type) == ["ProcessStarted", "Start", "TransitionPlanned", "ProcessCompleted"])
    }

    @Test("a decision cannot record an input")
    func inputs() {
        let note = OperatorNote(requestID: "r")
        let manager = Scripted { context throws(DecisionFault) in try context.record(.suspended(note)) }
        let step = manager.start()
        #expect(step.entries.map(\.record.type) == ["ProcessStarted", "Start", "IncidentRaised"])
        #expect(!step.state.suspended)
    }
}

@Suite("A process knows correlations from the start")
struct StartCorrelationTests {
    private let keys = [Correlation(name: "order", value: "o"), Correlation(name: "cart", value: "c")]

    private func manager() -> Scripted {
        Scripted(correlations: keys) { context throws(DecisionFault) in
            try context.plan(machine: "main", to: "S", as: "Start")
        }
    }

    @Test("which its first fact carries")
    func carried() throws {
        let step = manager().start()
        guard case .processStarted(let started)? = step.facts.first else {
            Issue.record("\(step.facts)")
            return
        }
        #expect(started.correlations == keys)
        #expect(step.gainedCorrelations == keys)
        #expect(step.state.correlations.inOrder == keys)
        let encoded = step.facts[0].encoded(in: step.state.processID)
        #expect(encoded["correlations"] == JSONView(["order": "o", "cart": "c"]))
        #expect(try Fact(type: "ProcessStarted", data: encoded) == step.facts[0])
        #expect(Scripted { _ in }.start().facts[0].encoded(in: step.state.processID)["correlations"] == nil)
    }

    @Test("if one is taken the start waits; its retry gains them")
    func taken() throws {
        let manager = manager()
        let step = manager.start(observing: Observations(taken: [keys[1]]))
        #expect(step.entries.map(\.record.type) == ["ProcessStarted", "Start", "IncidentRaised"])
        #expect(step.state.awaitsStart)
        #expect(step.state.correlations.isEmpty)
        let incident = try #require(step.state.incidents.inOrder.first)
        #expect(incident.kind == .correlationTaken)
        let retry = ProcessInput.resolve(
            IncidentResolved(incidentID: incident.id, resolution: .retry, requestID: "r"), result: nil,
            recorded: [.trigger(.event(Scripted.event("Start")))])
        let still = manager.step(
            step.state, retry, observing: Observations(taken: [keys[1]]), at: Instant(milliseconds: 2000))
        #expect(still.state.incidents.inOrder.map(\.kind) == [.correlationTaken])
        #expect(still.state.awaitsStart)
        let done = manager.step(step.state, retry, at: Instant(milliseconds: 2000))
        #expect(done.gainedCorrelations == keys)
        #expect(done.state.correlations.inOrder == keys)
        #expect(done.state.machines["main"]?.state == "S")
    }
}
