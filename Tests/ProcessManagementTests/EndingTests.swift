import Chrono
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("A process ends")
struct EndingTests {
    @Test("at once by a hard cancel: open tasks are cancelled in the order planned")
    func hardCancel() throws {
        var process = Process()
        try process.post("Start")
        try process.post("Side")
        let tasks = process.state.tasks.inOrder.map(\.id)
        let step = try process.cancel(.hard)
        #expect(
            step.types == ["ProcessCancellationRequested", "TaskCancelled", "TaskCancelled", "ProcessCancelled"])
        #expect(
            step.facts.compactMap { if case .taskCancelled(let fact) = $0 { fact.taskID } else { nil } } == tasks)
        #expect(step.facts.compactMap(Command.init) == tasks.map { .cancelTask(taskID: $0) })
        #expect(process.state.status == .cancelled)
        #expect(process.state.isCancelled)
        #expect(process.state.reason == "enough")
        let late = TaskOutcome(taskID: tasks[0], ending: .completed(result: .null), attempt: 1)
        check(try process.give(.outcome(late)), [])
    }

    @Test("by its own decision, with the rest cancelled")
    func complete() throws {
        var process = Process()
        try process.post("Start")
        check(try process.post("Finish"), ["Finish", "TaskCancelled", "ProcessCompleted"])
        #expect(process.state.result == .string("done"))
    }

    @Test("cooperatively: waits for what workers hold, cancels the rest")
    func cooperative() throws {
        var process = Process()
        try process.post("Start")
        try process.post("Side")
        try process.post("Remind")
        let held = try process.task("book-flight").id
        let step = try process.cancel(.cooperative, unsettled: [held])
        #expect(step.types == ["ProcessCancellationRequested", "TaskCancelled"])
        #expect(process.state.status == .cancelling)
        #expect(process.open == ["book-flight"])
        #expect(process.state.timers.isEmpty)
        // Recorded and offered to nobody.
        check(try process.post("Pause"), ["Pause"])
        let end = try process.complete("book-flight")
        #expect(end.types == ["TaskCompleted", "ProcessCancelled"])
        #expect(process.state.status == .cancelled)
    }

    @Test("cooperatively, at once when nothing is held")
    func cooperativeAtOnce() throws {
        var process = Process()
        try process.post("Start")
        let step = try process.cancel(.cooperative, after: .minutes(1))
        #expect(step.types == ["ProcessCancellationRequested", "TaskCancelled", "ProcessCancelled"])
    }

    @Test("cooperatively: a failure or a cancelled task ends the waiting as well, without an incident")
    func cooperativeFailure() throws {
        for ending in [TaskOutcome.Ending.failed(code: "oops", reason: "because"), .cancelled] {
            var process = Process()
            try process.post("Start")
            let held = try process.task("book-flight").id
            try process.cancel(.cooperative, unsettled: [held])
            let step = try process.give(.outcome(TaskOutcome(taskID: held, ending: ending, attempt: 1)))
            #expect(step.types.last == "ProcessCancelled")
            #expect(!step.types.contains("IncidentRaised"))
        }
    }

    @Test("cooperatively, at the deadline with what is left cancelled")
    func deadline() throws {
        var process = Process()
        try process.post("Start")
        let held = try process.task("book-flight").id
        let step = try process.cancel(.cooperative, after: .minutes(1), unsettled: [held])
        #expect(step.types == ["ProcessCancellationRequested", "TimerScheduled"])
        let timer = try #require(process.state.timers.inOrder.first)
        #expect(timer.machineID == nil)
        // A timer of a state that came too late is not the deadline.
        let stale = TimerFired(timerID: UniqueID(name: "stale"), machineID: "main", dueAt: process.now)
        check(try process.give(.timer(stale)), ["TimerFired"])
        #expect(process.state.status == .cancelling)
        let fired = TimerFired(timerID: timer.id, machineID: nil, dueAt: timer.dueAt)
        check(try process.give(.timer(fired)), ["TimerFired", "TaskCancelled", "ProcessCancelled"])
    }

    @Test(
        "cooperatively: a task whose attempt ran out is not waited for, and undone if it says so",
        arguments: [true, false])
    func expiredAttempt(_ compensate: Bool) throws {
        var process = Process()
        try process.post("Start")
        let task = try process.task("book-flight").id
        let step = try process.cancel(.cooperative, compensate: compensate, unsettled: [task], expired: [task])
        if compensate {
            #expect(
                step.types == [
                    "ProcessCancellationRequested", "TaskCancelled", "CompensationStarted", "TransitionPlanned",
                ])
            #expect(try process.task("undo-book-flight").input == .null)
        } else {
            #expect(step.types == ["ProcessCancellationRequested", "TaskCancelled", "ProcessCancelled"])
        }
    }

    @Test("hard after cooperative")
    func hardAfterCooperative() throws {
        var process = Process()
        try process.post("Start")
        let held = try process.task("book-flight").id
        try process.cancel(.cooperative, compensate: true, after: .minutes(1), unsettled: [held])
        let step = try process.cancel(.hard)
        #expect(step.types == ["ProcessCancellationRequested", "TaskCancelled", "ProcessCancelled"])
        #expect(process.state.timers.isEmpty)
    }
}

@Suite("A process undoes what it did")
struct CompensationTests {
    /// Flight and hotel are booked, a side task is open.
    private func booked(_ process: inout Process) throws {
        try process.post("Start")
        try process.complete("book-flight", ["seat": "1A"])
        try process.complete("book-hotel", ["room": 7])
        try process.post("Side")
    }

    @Test("one at a time, the last finished first, each with the result of what it undoes")
    func reverseOrder() throws {
        var process = Process()
        try booked(&process)
        let done = process.state.undoStack.inOrder.map(\.task)
        #expect(done.map(\.type) == ["book-flight", "book-hotel"])
        let step = try process.fail("notify", "full")
        #expect(step.types == ["TaskFailed", "TransitionPlanned", "CompensationStarted", "TransitionPlanned"])
        #expect(process.state.status == .compensating)
        #expect(process.open == ["undo-book-hotel"])
        let hotel = try process.task("undo-book-hotel")
        #expect(hotel.undoes == done[1].id)
        #expect(hotel.input == JSONView(["room": 7]))
        #expect(process.state.machines["main"]?.state == "Refused")
        guard case .transitionPlanned(let planned) = step.facts.last else {
            Issue.record("the undo is planned by a transition")
            return
        }
        #expect(planned.transition == "undo")
        #expect(planned.stays)
        let next = try process.complete("undo-book-hotel")
        #expect(next.types == ["TaskCompleted", "TransitionPlanned"])
        #expect(try process.task("undo-book-flight").input == JSONView(["seat": "1A"]))
        let end = try process.complete("undo-book-flight")
        #expect(end.types == ["TaskCompleted", "ProcessFailed"])
        #expect(process.state.status == .failed)
        #expect(process.state.reason == "because")
    }

    @Test("after a hard or a cooperative cancel that asks for it", arguments: [CancelMode.hard, .cooperative])
    func afterCancel(_ mode: CancelMode) throws {
        var process = Process()
        try booked(&process)
        let step = try process.cancel(mode, compensate: true)
        #expect(
            step.types == [
                "ProcessCancellationRequested", "TaskCancelled", "CompensationStarted", "TransitionPlanned",
            ])
        try process.complete("undo-book-hotel")
        check(try process.complete("undo-book-flight"), ["TaskCompleted", "ProcessCancelled"])
    }

    @Test("not when nothing was done")
    func nothingToUndo() throws {
        var process = Process()
        try process.post("Start")
        let step = try process.cancel(.hard, compensate: true)
        #expect(step.types == ["ProcessCancellationRequested", "TaskCancelled", "ProcessCancelled"])
    }

    @Test("a task completed while a cooperative cancel waits counts")
    func completedWhileCancelling() throws {
        var process = Process()
        try process.post("Start")
        try process.cancel(.cooperative, compensate: true, unsettled: [try process.task("book-flight").id])
        let step = try process.complete("book-flight")
        #expect(step.types == ["TaskCompleted", "CompensationStarted", "TransitionPlanned"])
        #expect(process.open == ["undo-book-flight"])
    }

    @Test("a task that a worker held when it was cancelled is undone if it says so")
    func unknown() throws {
        var process = Process()
        try process.post("Start")
        let held = try process.task("book-flight").id
        let step = try process.cancel(.hard, compensate: true, unsettled: [held])
        #expect(
            step.types == [
                "ProcessCancellationRequested", "TaskCancelled", "CompensationStarted", "TransitionPlanned",
            ])
        #expect(try process.task("undo-book-flight").input == .null)
    }

    @Test(
        "so is one whose worker fell silent, but not one that failed",
        arguments: [
            ("lease_expired", 1), ("attempt_timeout", 1), ("total_timeout", 1), ("claim_timeout", 0), ("declined", 0),
        ])
    func unknownEndings(_ code: String, _ undone: Int) throws {
        var process = Process()
        try process.post("Start")
        try process.fail("book-flight", code)
        #expect(process.state.undoStack.count == undone)
    }

    @Test("a task that nobody ever had is not undone when its time is up")
    func neverClaimed() throws {
        var process = Process()
        try process.post("Start")
        try process.fail("book-flight", "total_timeout", attempt: 0)
        #expect(process.state.undoStack.isEmpty)
    }

    @Test("a silent task that is reopened and completes is undone once, at the place where it completed")
    func reopenedUnknown() throws {
        var process = Process()
        try process.post("Start")
        try process.post("Insure")
        try process.fail("book-flight", "lease_expired")
        #expect(process.state.undoStack.inOrder.map(\.result) == [.null])
        try process.complete("insure", "policy 1")
        try process.resolve(.retry)
        try process.complete("book-flight", ["seat": "2B"])
        let results = process.state.undoStack.inOrder.map(\.result)
        #expect(results == [.string("policy 1"), JSONView(["seat": "2B"])])
    }

    @Test("one at a time also when another task is reopened meanwhile")
    func reopenedMeanwhile() throws {
        var process = Process()
        try booked(&process)
        try process.fail("notify", "oops")
        try process.cancel(.hard, compensate: true)
        try process.resolve(.retry)
        #expect(process.open == ["undo-book-hotel", "notify"])
        check(try process.complete("notify"), ["TaskCompleted"])
        check(try process.complete("undo-book-hotel"), ["TaskCompleted", "TransitionPlanned"])
    }

    @Test("an undo that fails for good raises an incident; its retry goes on")
    func failedUndo() throws {
        var process = Process()
        try booked(&process)
        try process.cancel(.hard, compensate: true)
        check(try process.fail("undo-book-hotel", "oops"), ["TaskFailed", "IncidentRaised"])
        #expect(process.state.status == .compensating)
        try process.resolve(.retry)
        #expect(process.open == ["undo-book-hotel"])
        try process.complete("undo-book-hotel")
        #expect(process.open == ["undo-book-flight"])
        try process.fail("undo-book-flight", "oops")
        let end = try process.resolve(.resolve, result: "by hand")
        #expect(end.types == ["IncidentResolved", "TaskCompleted", "ProcessCancelled"])
    }

    @Test("a hard cancel stops it, or with compensate lets it go on to Cancelled", arguments: [false, true])
    func cancelledWhileCompensating(_ compensate: Bool) throws {
        var process = Process()
        try booked(&process)
        try process.fail("notify", "full")
        let step = try process.cancel(.hard, compensate: compensate)
        if compensate {
            #expect(step.types == ["ProcessCancellationRequested"])
            try process.complete("undo-book-hotel")
            try process.complete("undo-book-flight")
        } else {
            #expect(step.types == ["ProcessCancellationRequested", "TaskCancelled", "ProcessCancelled"])
        }
        #expect(process.state.status == .cancelled)
        #expect(process.state.reason == "enough")
    }

    @Test("an undo that cannot be computed waits for an operator and goes on after a retry")
    func brokenUndo() throws {
        var process = Process()
        try booked(&process)
        process.manager.brokenUndo = true
        let step = try process.cancel(.hard, compensate: true)
        #expect(step.types == ["ProcessCancellationRequested", "IncidentRaised"])
        #expect(process.state.status == .running)
        // Deciding another input again is not the cancel's retry.
        try process.post("Break")
        let event = Event(id: EventID("side"), type: "Side", source: "test", data: .null)
        let other = try process.resolve(.retry, newest: true, recorded: [.event(event)])
        #expect(other.types == ["IncidentResolved", "TransitionPlanned"])
        process.manager.brokenUndo = false
        let retried = try process.resolve(.retry)
        #expect(
            retried.types == [
                "IncidentResolved", "TaskCancelled", "TaskCancelled", "CompensationStarted", "TransitionPlanned",
            ])
        process.manager.brokenUndo = true
        check(try process.complete("undo-book-hotel"), ["TaskCompleted", "IncidentRaised"])
        #expect(process.state.status == .compensating)
        #expect(process.open == [])
        process.manager.brokenUndo = false
        check(try process.resolve(.retry), ["IncidentResolved", "TransitionPlanned"])
        check(try process.complete("undo-book-flight"), ["TaskCompleted", "ProcessCancelled"])
    }

    @Test("a hard cancel with compensate cancels what is open but for the undo under way")
    func cancelWhileReopened() throws {
        var process = Process()
        try booked(&process)
        try process.fail("notify", "oops")
        try process.cancel(.cooperative, compensate: true)
        try process.resolve(.retry)
        #expect(process.open == ["undo-book-hotel", "notify"])
        check(try process.cancel(.hard, compensate: true), ["ProcessCancellationRequested", "TaskCancelled"])
        #expect(process.open == ["undo-book-hotel"])
    }

    @Test("completing well undoes nothing")
    func completed() throws {
        var process = Process()
        try booked(&process)
        check(try process.post("Finish"), ["Finish", "TaskCancelled", "ProcessCompleted"])
        #expect(process.state.undoStack.isEmpty)
    }
}
