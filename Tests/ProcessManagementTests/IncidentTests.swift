import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("An incident waits for an operator")
struct IncidentTests {
    @Test("when no transition takes a failure; a retry reopens the same task")
    func unhandledFailure() throws {
        var process = Process()
        try process.post("Start")
        let task = try process.task("book-flight")
        let step = try process.fail("book-flight", "oops", attempt: 3)
        #expect(step.types == ["TaskFailed", "IncidentRaised"])
        #expect(process.incidents == [.taskFailed])
        #expect(process.state.incidents.inOrder.first?.task == task)
        #expect(process.state.incidents.inOrder.first?.message == "book-flight failed (oops): because")
        #expect(process.open == [])
        #expect(process.state.status == .running)

        check(try process.resolve(.retry), ["IncidentResolved"])
        let reopened = try process.task("book-flight")
        #expect(reopened.id == task.id)
        #expect(reopened.reopened == 1)
        #expect(process.state.machines["main"]?.stateTask == task.id)
        // The same attempt number again is another input: its ids differ.
        let again = try process.fail("book-flight", "oops", attempt: 3)
        #expect(again.entries.map(\.id) != step.entries.map(\.id))
        try process.resolve(.retry)
        #expect(try process.task("book-flight").reopened == 2)
        check(try process.complete("book-flight"), ["TaskCompleted", "TransitionPlanned"])
        #expect(process.state.machines["main"]?.state == "Hotel")
        #expect(process.state.undoStack.count == 1)
    }

    @Test("when a worker cancels a task and no transition takes it")
    func cancelledByWorker() throws {
        var process = Process()
        try process.post("Start")
        let outcome = TaskOutcome(taskID: try process.task("book-flight").id, ending: .cancelled, attempt: 1)
        check(try process.give(.outcome(outcome)), ["TaskCancelled", "IncidentRaised"])
    }

    @Test("the operator's result completes the task")
    func resolve() throws {
        var process = Process()
        try process.post("Start")
        try process.fail("book-flight", nil)
        let step = try process.resolve(.resolve, result: ["seat": "by phone"])
        #expect(step.types == ["IncidentResolved", "TaskCompleted", "TransitionPlanned"])
        #expect(process.incidents == [])
        #expect(process.open == ["book-hotel"])
        #expect(process.state.undoStack.inOrder.map(\.result) == [JSONView(["seat": "by phone"])])
    }

    @Test("leaving the state closes its task's incident")
    func obsolete() throws {
        var process = Process()
        try process.post("Start")
        try process.fail("book-flight", "oops")
        try process.post("Pause")
        #expect(process.incidents == [])
    }

    @Test("a fault replaces the whole step; the input stays recorded")
    func fault() throws {
        var process = Process()
        try process.post("Start")
        try process.complete("book-flight")
        let before = process.state
        let step = try process.post("Break")
        #expect(step.types == ["Break", "IncidentRaised"])
        let incident = try #require(process.state.incidents.inOrder.first)
        #expect(incident.kind == .expressionFailed)
        #expect(incident.pointer == "/states/x")
        #expect(incident.inputVersion == before.version + 1)
        #expect(incident.task == nil)
        #expect(incident.undecided == nil, "the input was no outcome")
        #expect(process.state.machines == before.machines)
        #expect(process.state.tasks == before.tasks)
        #expect(process.state.version == before.version + 2)
    }

    @Test("a step beyond its limits is replaced too")
    func limits() throws {
        var process = Process()
        try process.post("Start")
        check(try process.post("Many"), ["Many", "IncidentRaised"])
        #expect(process.incidents == [.limitExceeded])
    }

    @Test("a start that cannot be decided makes everything wait for its retry")
    func start() throws {
        var process = Process()
        check(try process.post("Break"), ["ProcessStarted", "Break", "IncidentRaised"])
        #expect(process.state.awaitsStart)
        #expect(process.state.status == .running)
        check(try process.post("Side"), ["Side"])
        check(try process.post("Start"), ["Start"])
        #expect(process.state.waitingInputs == [4, 5])
        // Still undecidable: it goes on waiting for the same input.
        let event = { (type: String) in
            Trigger.event(Event(id: EventID(type), type: type, source: "test", data: JSONView(["seats": 2])))
        }
        let failed = try process.resolve(.retry, recorded: [event("Break"), event("Start")])
        #expect(failed.types == ["IncidentResolved", "IncidentRaised"])
        #expect(process.state.incidents.inOrder.first?.inputVersion == 2)
        #expect(process.state.waitingInputs == [4, 5])
        let done = try process.resolve(.retry, recorded: [event("Start"), event("Side")])
        #expect(done.types == ["IncidentResolved", "TransitionPlanned", "TransitionPlanned"])
        #expect(process.state.waitingInputs == [])
        #expect(process.open == ["book-flight", "notify"])
    }

    @Test("a start that waits can be cancelled")
    func cancelledStart() throws {
        var process = Process()
        try process.post("Break")
        check(try process.cancel(.hard), ["ProcessCancellationRequested", "ProcessCancelled"])
        #expect(process.state.status == .cancelled)
    }

    @Test("an outcome that could not be decided is decided again as that outcome")
    func undecidableOutcome() throws {
        var process = Process()
        try process.post("Start")
        let task = try process.task("book-flight")
        let step = try process.fail("book-flight", "undecidable")
        #expect(step.types == ["TaskFailed", "IncidentRaised"])
        let incident = try #require(process.state.incidents.inOrder.first)
        #expect(incident.kind == .expressionFailed)
        #expect(incident.undecided == task)
        // This time nobody takes it: so the task itself waits for an operator, and can be reopened.
        let outcome = TaskOutcome(taskID: task.id, ending: .failed(code: "oops", reason: "because"), attempt: 1)
        let again = try process.resolve(.retry, recorded: [.outcome(task, outcome)])
        #expect(again.types == ["IncidentResolved", "IncidentRaised"])
        #expect(process.incidents == [.taskFailed])
        try process.resolve(.retry)
        #expect(process.open == ["book-flight"])
    }
}
