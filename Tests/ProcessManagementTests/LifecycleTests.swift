import Chrono
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("A process runs")
struct LifecycleTests {
    @Test("from its start event over its tasks to its end")
    func happyPath() throws {
        var process = Process()
        let start = try process.post("Start")
        #expect(start.types == ["ProcessStarted", "Start", "TransitionPlanned"])
        #expect(process.state.status == .running)
        #expect(process.state.data["seats"]?.value == JSONView(2))
        #expect(process.state.machines["main"]?.state == "Flight")
        #expect(process.state.machines["main"]?.enteredAt == 3)
        #expect(process.state.machines["main"]?.stateTask == (try process.task("book-flight").id))
        #expect(process.state.count(of: "main", in: "Flight") == 1)
        let hotel = try process.complete("book-flight", ["seat": "1A"])
        #expect(hotel.types == ["TaskCompleted", "TransitionPlanned"])
        #expect(process.state.count(of: "main", in: "Flight") == 0)
        #expect(process.open == ["book-hotel"])
        let end = try process.complete("book-hotel", ["final": true])
        #expect(end.types == ["TaskCompleted", "TransitionPlanned", "ProcessCompleted"])
        #expect(process.state.status == .completed)
        #expect(process.state.result == JSONView(["final": true]))
        #expect(process.state.undoStack.isEmpty)
        #expect(process.state.endedAt == process.now)
        // Nothing follows an end: an event is folded and offered to nobody.
        check(try process.post("Start"), ["Start"])
    }

    @Test("and says what leaves it: a task to start, a command, a task to cancel")
    func commands() throws {
        var process = Process()
        let start = try process.post("Start")
        let task = try process.task("book-flight")
        #expect(
            start.facts.compactMap(Command.init)
                == [
                    .startTask(
                        taskID: task.id, stream: .task(task.id), type: "book-flight", input: JSONView(["seats": 2]))
                ])
        let pause = try process.post("Pause")
        #expect(pause.facts.compactMap(Command.init) == [.cancelTask(taskID: task.id)])
    }

    @Test("ids are made from the process, the input and an ordinal, so a repeat has the same and nothing else has")
    func ids() throws {
        var process = Process()
        let start = try process.post("Start")
        var ids = DeterministicIDs(
            processID: process.state.processID, inputID: .event(source: "test", id: EventID("event-1")))
        #expect(try process.task("book-flight").id == ids.next(.task))
        #expect(start.entries[2].id == EventID(ids.next(.transition)))
        #expect(start.entries[0].id == EventID(ids.next(.record)))
        let name = #"["\#(process.state.processID)",["event","test","event-1"],"task",0]"#
        #expect(try process.task("book-flight").id == UniqueID(name: name))
        #expect(start.entries[1].id == EventID("event-1"))
    }

    @Test("leaving a state cancels its task first, in the order of a transition")
    func leaving() throws {
        var process = Process()
        try process.post("Start")
        try process.post("Remind")
        let first = try process.task("book-flight").id
        let again = try process.post("Restart")
        #expect(again.types == ["Restart", "TaskCancelled", "TransitionPlanned"])
        #expect(process.state.timers.isEmpty)
        #expect(process.state.tasks.count == 1)
        #expect(try process.task("book-flight").id != first)
    }

    @Test("a side task outlives the state that planned it; its failure is nobody's once that state is left")
    func sideTasks() throws {
        var process = Process()
        try process.post("Start")
        try process.post("Side")
        #expect(process.open == ["book-flight", "notify"])
        try process.complete("book-flight")
        #expect(process.open == ["notify", "book-hotel"])
        check(try process.fail("notify", "oops"), ["TaskFailed"])
        #expect(process.incidents == [])
        try process.post("Side")
        check(try process.fail("notify", "oops"), ["TaskFailed", "IncidentRaised"])
    }

    @Test("a timer is the machine's, and silent once fired or left")
    func timers() throws {
        var process = Process()
        try process.post("Start")
        try process.post("Remind")
        let timer = try #require(process.state.timers.inOrder.first)
        #expect(timer.dueAt == process.now + .hours(1))
        let fired = TimerFired(timerID: timer.id, machineID: "main", dueAt: timer.dueAt)
        check(try process.give(.timer(fired)), ["TimerFired", "CommandIssued"])
        #expect(process.state.timers.isEmpty)
        check(try process.give(.timer(fired)), ["TimerFired"])
    }

    @Test("correlations are kept by name, in the order gained")
    func correlations() throws {
        var process = Process()
        try process.post("Start")
        let step = try process.post("Key")
        let gained = [("b", "0"), ("b", "2"), ("a", "1")].map { Correlation(name: $0.0, value: $0.1) }
        #expect(step.gainedCorrelations == gained)
        #expect(process.state.correlations.inOrder == gained)
        #expect(try process.post("Key").gainedCorrelations == [])
        #expect(process.state.data["keyed"]?.value == JSONView(true))
    }

    @Test("a correlation that is taken replaces the step by an incident")
    func taken() throws {
        var process = Process()
        try process.post("Start")
        let event = Event(id: EventID("k"), type: "Key", source: "test", data: .null)
        let step = try process.give(
            .event(event), observing: Observations(taken: [Correlation(name: "a", value: "1")]))
        #expect(step.types == ["Key", "IncidentRaised"])
        #expect(process.incidents == [.correlationTaken])
        #expect(process.state.correlations.isEmpty)
        check(try process.resolve(.retry, recorded: [.event(event)]), ["IncidentResolved", "TransitionPlanned"])
        #expect(process.state.correlations.count == 3)
    }

    @Test("suspended, it still decides")
    func suspended() throws {
        var process = Process()
        try process.post("Start")
        check(try process.give(.suspend(OperatorNote(requestID: "s"))), ["ProcessSuspended"])
        #expect(process.state.suspended)
        check(try process.complete("book-flight"), ["TaskCompleted", "TransitionPlanned"])
        check(try process.give(.resume(OperatorNote(requestID: "r"))), ["ProcessResumed"])
        #expect(!process.state.suspended)
    }

    @Test("the outcome of a task that is not open is no input")
    func unknownTasks() throws {
        var process = Process()
        try process.post("Start")
        let task = try process.task("book-flight").id
        try process.fail("book-flight", "oops")
        let before = process.state
        for id in [task, UniqueID(name: "unknown")] {
            let outcome = TaskOutcome(taskID: id, ending: .completed(result: .null), attempt: 1)
            check(try process.give(.outcome(outcome)), [])
        }
        #expect(process.state == before)
    }
}
