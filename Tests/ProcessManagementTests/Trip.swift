import Chrono
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// A manager by hand: books a flight, then a hotel, and undoes both if it must.
struct Trip: ProcessManager {
    let name = "trip"
    /// Its undo cannot be computed.
    var brokenUndo = false

    func initialData(for event: Event, of state: ProcessState, at now: Instant, by rules: DecisionRules)
        throws(DecisionFault) -> JSONView
    {
        event.data
    }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        switch trigger {
        case .event(let event): try decide(event, &context)
        case .outcome(let task, let outcome): try decide(task, outcome, &context)
        case .timer: try context.issue("remind", payload: .null)
        }
        return context.decision
    }

    private func decide(_ event: Event, _ context: inout ProcessContext) throws(DecisionFault) {
        let task = { (type: String) in
            TaskPlan(type: type, input: event.data, undo: .whenUnknown, policy: TaskPolicy(priority: 7))
        }
        switch event.type {
        case "Start":
            try context.plan(machine: "main", to: "Flight", as: "Start", task: task("book-flight"))
        case "Restart":
            try context.plan(machine: "main", to: "Flight", as: "Restart", task: task("book-flight"))
        case "Pause": try context.plan(machine: "main", to: "Paused", as: "Pause")
        case "Side":
            try context.plan(machine: "main", as: "Side", task: TaskPlan(type: "notify", input: .null))
        case "Insure":
            try context.plan(
                machine: "main", as: "Insure", task: TaskPlan(type: "insure", input: .null, undo: .whenCompleted))
        case "Remind": try context.schedule(machine: "main", at: context.now + .hours(1), name: "reminder")
        case "Key":
            let correlations = ["b", "a", "b"].enumerated().map { index, name in
                Correlation(name: name, value: "\(index)")
            }
            try context.plan(machine: "main", as: "Key", set: JSONView(["keyed": true]), correlations: correlations)
        case "Break":
            try context.plan(machine: "main", to: "Broken", as: "Break", task: task("book-nothing"))
            throw DecisionFault(.expressionFailed, "no such key: x", pointer: "/states/x")
        case "Many": for _ in 0...StepLimits.facts { try context.issue("again", payload: .null) }
        case "Finish": context.complete(result: .string("done"))
        default: break
        }
    }

    private func decide(
        _ task: OpenTask, _ outcome: TaskOutcome, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        switch (task.type, outcome.ending) {
        case ("book-flight", .completed):
            try context.plan(
                machine: "main", to: "Hotel", as: "completed",
                task: TaskPlan(type: "book-hotel", input: .null, undo: .whenCompleted))
        case ("book-hotel", .completed(let result)):
            try context.plan(machine: "main", to: "Booked", as: "completed")
            if result["final"]?.boolValue == true { context.complete(result: result) }
        case (_, .failed("full", let reason)):
            try context.plan(machine: "main", to: "Refused", as: "failed")
            context.fail(reason: reason, compensate: true)
        case (_, .failed("undecidable", _)): throw DecisionFault(.expressionFailed, "cannot decide")
        default: break
        }
    }

    func undoTask(
        for undone: UndoableTask, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> TaskPlan {
        if brokenUndo { throw DecisionFault(.expressionFailed, "cannot undo") }
        return TaskPlan(type: "undo-\(undone.task.type)", input: undone.result)
    }
}

/// One process under test. Every step is also decided twice, folded again from its own entries, written and read back,
/// and put through a snapshot.
struct Process {
    var manager = Trip()
    var state = ProcessState(
        processID: UniqueID(name: "trip 1"), tenant: "default", definition: "trip", definitionVersion: 1, key: "t1")
    var now = Instant(milliseconds: 1_700_000_000_000)
    var requests = 0
    var events = 0

    @discardableResult
    mutating func give(_ input: ProcessInput, observing observations: Observations = Observations()) throws -> Step {
        now = now + .seconds(1)
        let before = state
        let step = manager.step(before, input, observing: observations, at: now)
        #expect(manager.step(before, input, observing: observations, at: now) == step)

        var folded = before
        var readBack = before
        for entry in step.entries {
            folded.fold(entry.record, at: now)
            if case .fact(let fact) = entry.record {
                let text = try JSONDocument.parse(fact.encoded(in: before.processID).text).root
                readBack.fold(.fact(try Fact(type: fact.type, data: text)), at: now)
            } else {
                readBack.fold(entry.record, at: now)
            }
        }
        #expect(folded == step.state)
        #expect(readBack == step.state)
        #expect(step.state.version == before.version + Int64(step.entries.count))
        #expect(Set(step.entries.map(\.id)).count == step.entries.count)

        let restored = try #require(ProcessState(snapshot: step.state.snapshot()))
        #expect(restored.snapshot() == step.state.snapshot())
        // The task of the input at hand is no part of a snapshot.
        if step.state.settled == nil { #expect(restored == step.state) }
        state = step.state
        return step
    }

    @discardableResult
    mutating func post(_ type: String, _ data: JSONValue = ["seats": 2]) throws -> Step {
        events += 1
        return try give(
            .event(Event(id: EventID("event-\(events)"), type: type, source: "test", data: JSONView(data))))
    }

    @discardableResult
    mutating func complete(_ type: String, _ result: JSONValue = nil, attempt: Int = 1) throws -> Step {
        try give(
            .outcome(
                TaskOutcome(
                    taskID: try task(type).id, ending: .completed(result: JSONView(result)), attempt: attempt)))
    }

    @discardableResult
    mutating func fail(_ type: String, _ code: String?, attempt: Int = 1) throws -> Step {
        try give(
            .outcome(
                TaskOutcome(
                    taskID: try task(type).id, ending: .failed(code: code, reason: "because"), attempt: attempt)))
    }

    @discardableResult
    mutating func cancel(
        _ mode: CancelMode, compensate: Bool = false, after deadline: TimeSpan? = nil, unsettled: [TaskID] = [],
        expired: [TaskID] = []
    ) throws -> Step {
        requests += 1
        return try give(
            .cancel(
                CancellationRequested(
                    reason: "enough", mode: mode, compensate: compensate, deadlineAt: deadline.map { now + $0 },
                    by: "ops", requestID: "request-\(requests)")),
            observing: Observations(unsettled: unsettled, expired: expired))
    }

    @discardableResult
    mutating func resolve(
        _ resolution: IncidentResolved.Resolution, newest: Bool = false, result: JSONValue? = nil,
        recorded: [Trigger] = []
    ) throws -> Step {
        requests += 1
        let incident = try #require(newest ? state.incidents.last : state.incidents.inOrder.first)
        return try give(
            .resolve(
                IncidentResolved(
                    incidentID: incident.id, resolution: resolution, taskID: incident.task?.id, by: "ops",
                    requestID: "request-\(requests)"), result: result.map { JSONView($0) },
                recorded: recorded.map(RetriedInput.trigger)))
    }

    func task(_ type: String) throws -> OpenTask {
        try #require(state.tasks.inOrder.last { $0.type == type }, "no open task \(type)")
    }

    /// The types of the open tasks, in the order planned.
    var open: [String] { state.tasks.inOrder.map(\.type) }
    var incidents: [IncidentKind] { state.incidents.inOrder.map(\.kind) }
}

extension Step {
    /// The types of everything recorded, in order.
    var types: [String] { entries.map(\.record.type) }
}

/// The step recorded exactly these types. (A mutating call cannot stand inside `#expect`.)
func check(_ step: Step, _ types: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(step.types == types, sourceLocation: sourceLocation)
}
