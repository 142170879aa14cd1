import Chrono
import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

@testable import Diagrams

@Suite("A process on the picture of its definition")
struct OverlayTests {
    @Test("The way that a real process took is marked, and the state it is in")
    func takenPath() throws {
        var run = try Run("docs/examples/definitions/order-fulfilment.json")
        run.post("OrderPlaced", ["order_id": "4711", "total": 12])
        try run.complete("charge-card", ["payment_id": "p1"])
        try run.complete("book-courier", ["tracking": "t1"])
        let overlay = ProcessOverlay(state: run.state, history: run.history)
        #expect(overlay.caption == "4711, Running")
        #expect(overlay.currentStates == ["main": ["InTransit": 1]])
        let machine = run.graph.machines[0]
        let taken = machine.edges.filter { overlay.count(of: $0, in: "main") > 0 }
        #expect(taken.map(\.from) == ["Charging", "Shipping"])
        #expect(taken.map(\.label.trigger) == ["completed", "completed"])
        #expect(overlay.births(of: "main") == 1)
        #expect(overlay.hasVisited("Charging", of: "main"))
        #expect(!overlay.hasVisited("Delivered", of: "main"))

        let scene = Scene(run.graph, marking: overlay)
        let marks = scene.machines[0].nodes.filter { $0.mark != .none }.map {
            "\($0.lines.first?.text ?? "•") \($0.mark)"
        }
        #expect(marks == ["• visited", "Charging visited", "Shipping visited", "InTransit current"])
        #expect(scene.machines[0].edges.count { $0.isTaken } == 3)
        let text = run.graph.svg(marking: overlay)
        #expect(text.contains("<title>order-fulfilment · 4711, Running</title>"))
        #expect(text.contains("Now in InTransit."))
        let mermaid = run.graph.mermaid(marking: overlay)
        #expect(mermaid.contains("Charging --> Shipping : completed ×1"))
        #expect(mermaid.contains("class InTransit current"))
        #expect(mermaid.contains("class Charging visited"))
    }

    @Test("A transition that ends the process leads to its end, not to another of the same name")
    func end() throws {
        var run = try Run("docs/examples/definitions/order-fulfilment.json")
        run.post("OrderPlaced", ["order_id": "4711", "total": 12])
        try run.fail("charge-card", code: "card_declined")
        let overlay = ProcessOverlay(state: run.state, history: run.history)
        #expect(run.state.status == .failed)
        let scene = Scene(run.graph, marking: overlay)
        let ends = scene.machines[0].nodes.filter { $0.shape == .end(.fail) }
        #expect(ends.contains { $0.mark == .current && $0.lines.count == 1 })
    }

    @Test("An end after undoing is the end of the transition that began it")
    func compensated() throws {
        var run = try Run("docs/examples/definitions/order-fulfilment.json")
        run.post("OrderPlaced", ["order_id": "4711", "total": 12])
        try run.complete("charge-card", ["payment_id": "p1"])
        try run.fail("book-courier", code: "none")
        #expect(run.state.status == .compensating)
        try run.complete("refund-card")
        #expect(run.state.status == .failed)
        let overlay = ProcessOverlay(state: run.state, history: run.history)
        let edge = try #require(
            run.graph.machines[0].edges.first { $0.from == "Shipping" && $0.label.trigger == "failed" })
        #expect(overlay.count(of: edge, in: "main") == 1)
    }

    @Test("Timers, named transitions and transitions that stay are found again")
    func stays() throws {
        var run = try Run("docs/examples/definitions/approval.json")
        run.post("ApprovalRequested", ["request_id": "r1", "subject": "s", "approver": "a", "manager": "m"])
        try run.complete("ask-for-approval")
        run.advance(.hours(73))
        let overlay = ProcessOverlay(state: run.state, history: run.history)
        #expect(overlay.currentStates == ["main": ["Escalated": 1]])
        let asking = run.graph.machines[0].states[0]
        let counts = asking.stays.map { overlay.count(of: $0, in: "Asking", of: "main") }
        #expect(asking.stays.map(\.trigger).first == "completed")
        #expect(counts.first == 1)
        #expect(asking.stays.last?.name == "remind")
        #expect(counts.last == 1)
        let escalate = try #require(run.graph.machines[0].edges.first { $0.label.name == "escalate" })
        #expect(overlay.count(of: escalate, in: "main") == 1)
    }

    @Test("Machines spawned from one declaration are counted by state")
    func spawned() throws {
        var run = try Run("docs/examples/definitions/rebase-failure.json")
        run.post("RebaseFailed", ["rebase_id": "r1", "instance_ids": ["a", "b", "c"]])
        try run.complete("CloseInstance")
        let overlay = ProcessOverlay(state: run.state, history: run.history)
        #expect(overlay.currentStates == ["instance": ["Closing": 2, "Closed": 1]])
        let svg = run.graph.svg(marking: overlay)
        #expect(svg.contains(">Closing ×2<"))
        #expect(svg.contains(">RebaseFailed ×3<"))
        #expect(SceneGeometry(Scene(run.graph, marking: overlay)).faults.isEmpty)
        #expect(run.graph.mermaid(marking: overlay).contains("state \"Closing ×2\" as instance_Closing"))
    }

    @Test("States by machine id are counted under the declared name")
    func machineStates() {
        let overlay = ProcessOverlay(currentStates: ["item/a": "Packed", "item/b": "Packed", "main": "Open"])
        #expect(overlay.currentStates == ["item": ["Packed": 2], "main": ["Open": 1]])
    }
}

/// A process without a store.
private struct Run {
    let graph: DefinitionGraph
    let manager: DefinedProcessManager
    var state: ProcessState
    var history: [ProcessRecord] = []
    var now = Instant(milliseconds: 1_700_000_000_000)

    init(_ file: String) throws {
        let definition = try Samples.definition(file)
        graph = DefinitionGraph(definition)
        manager = DefinedProcessManager(definition)
        state = ProcessState(
            processID: ProcessID(name: "a process"), tenant: "default", definition: definition.name,
            definitionVersion: 1, key: "4711")
    }

    mutating func give(_ input: ProcessInput) {
        let step = manager.step(state, input, at: now)
        history += step.entries.map(\.record)
        state = step.state
    }

    mutating func post(_ type: String, _ data: JSONValue) {
        give(.event(Event(id: EventID("e\(history.count)"), type: type, source: "", data: JSONView(data))))
    }

    mutating func complete(_ type: String, _ result: JSONValue = [:]) throws {
        let task = try #require(state.tasks.inOrder.first { $0.type == type })
        give(.outcome(TaskOutcome(taskID: task.id, ending: .completed(result: JSONView(result)), attempt: 1)))
    }

    mutating func fail(_ type: String, code: String) throws {
        let task = try #require(state.tasks.inOrder.first { $0.type == type })
        give(.outcome(TaskOutcome(taskID: task.id, ending: .failed(code: code, reason: "because"), attempt: 1)))
    }

    mutating func advance(_ span: TimeSpan) {
        let end = now + span
        while let timer = state.timers.inOrder.min(by: { $0.dueAt < $1.dueAt }), timer.dueAt <= end {
            now = timer.dueAt
            give(.timer(TimerFired(timerID: timer.id, machineID: timer.machineID, dueAt: timer.dueAt)))
        }
        now = end
    }
}
