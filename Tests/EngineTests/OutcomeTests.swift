import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Outcomes of tasks")
struct OutcomeTests {
    private func failed(_ code: String?, reason: String = "because") -> OutcomeRequest.Outcome {
        .failed(code: code, reason: reason, retryable: true, retryAfter: nil)
    }

    private func late(_ task: ClaimedTask, _ desk: EngineDesk) throws -> [JSONView] {
        try desk.taskStream(task.taskID).filter { $0.event.type == "LateOutcome" }.map(\.event.data)
    }

    @Test("a refused outcome is recorded once for each attempt, with the attempt and why it was refused")
    func lateOutcomes() throws {
        let desk = try EngineDesk([Job()])
        _ = try desk.post("Opened", ["key": "a", "task": "work"])
        let first = try desk.claim("work", lease: .seconds(1))
        try desk.advance(.seconds(10))
        let second = try desk.claim("work")
        let done = OutcomeRequest.Outcome.completed(result: JSONView(["a": 1, "b": 2]))
        for _ in 0..<3 { #expect(problem { try desk.give(done, first) } == .leaseLost) }
        // The same JSON value, however it is written.
        let same = try JSONDocument.parse(#"{ "b": 2, "a": 1 }"#).root
        #expect(problem { try desk.give(.completed(result: same), first) } == .leaseLost)
        #expect(try late(first, desk).count == 1)
        #expect(try late(first, desk)[0]["attempt"]?.int64Value == 1)
        #expect(try late(first, desk)[0]["refused"]?.stringValue == "lease_lost")

        // Another outcome is another fact; words that only explain are not compared.
        #expect(problem { try desk.give(failed("x"), first) } == .leaseLost)
        #expect(problem { try desk.give(failed("x", reason: "otherwise"), first) } == .leaseLost)
        #expect(try late(first, desk).count == 2)

        try desk.give(done, second)
        #expect(problem { try desk.give(done, first) } == .taskEnded)
        #expect(problem { try desk.give(failed("y"), second) } == .taskEnded)
        #expect(problem { try desk.give(done, first, token: "no token") } == .taskEnded)
        #expect(problem { try desk.give(done, first, token: "none either") } == .taskEnded)
        let all = try late(first, desk)
        #expect(all.map { $0["attempt"]?.int64Value } == [1, 1, 2, nil])
        #expect(all.map { $0["refused"]?.stringValue } == ["lease_lost", "lease_lost", "task_ended", "task_ended"])
        // A repeat of what was taken is none of these.
        #expect(try desk.give(done, second).duplicate)
        #expect(try late(first, desk).count == 4)
        try desk.verify()
    }

    @Test("an outcome is judged in order: unknown, repeat, ended process, ended task, lost lease")
    func order() throws {
        let desk = try EngineDesk([Job()])
        let id = try desk.post("Opened", ["key": "a", "task": "work"]).deliveries[0].processID
        let task = try desk.claim("work")
        var unknown = task
        unknown.taskID = UniqueID(name: "nobody's")
        #expect(problem { try desk.give(.cancelled, unknown) } == .taskNotFound)
        let receipt = try desk.give(failed("x"), task)
        #expect(receipt.willRetry && !receipt.recorded)
        // The first answer, also when the task is with somebody else, has ended, or its process has.
        var expected = receipt
        expected.duplicate = true
        #expect(try desk.give(failed("x"), task) == expected)
        try desk.advance(.seconds(1))
        let next = try desk.claim("work")
        #expect(try desk.give(failed("x"), task) == expected)
        #expect(problem { try desk.give(failed("y"), task) } == .leaseLost)
        let done = try desk.give(.completed(result: .null), next)
        #expect(done.recorded && !done.willRetry)
        #expect(problem { try desk.give(failed("y"), task) } == .taskEnded)
        _ = try desk.post("Said", ["key": "a", "end": true])
        #expect(try desk.state(id).status == .completed)
        #expect(try desk.give(failed("x"), task) == expected)
        #expect(try desk.give(.completed(result: .null), next).recorded)
        #expect(problem { try desk.give(.cancelled, next) } == .processEnded)
    }

    @Test(
        "a cancel knows of an attempt that ran out, and that nobody holds the task any more", arguments: CancelMode.both
    )
    func expiredAttempt(_ mode: CancelMode) throws {
        let desk = try EngineDesk([Job(undo: .whenUnknown)])
        let id = try desk.post("Opened", ["key": "a", "task": "work"]).deliveries[0].processID
        _ = try desk.post("Said", ["key": "a", "task": "untouched"])
        _ = try desk.post("Said", ["key": "a", "task": "refused"])
        _ = try desk.claim("work", lease: .seconds(1))
        try desk.give(failed("no"), try desk.claim("refused"))
        try desk.advance(.milliseconds(1000))
        // One waits for its next attempt, one for its first, and one after an attempt that said how it ended.
        try desk.operate(id, .cancel(reason: nil, mode: mode, compensate: true, deadline: nil))
        #expect(try desk.state(id).status == .compensating)
        #expect(try desk.state(id).tasks.inOrder.map(\.type) == ["undo"])
        try desk.give(.completed(result: .null), try desk.claim("undo"))
        #expect(try desk.state(id).status == .cancelled)
        try desk.verify()
    }

    @Test("a task that was released, failed or fell silent during a cooperative cancel gets no other attempt")
    func cancelling() throws {
        let desk = try EngineDesk([Job()])
        let id = try desk.post("Opened", ["key": "a", "task": "released"]).deliveries[0].processID
        for type in ["failed", "silent"] { _ = try desk.post("Said", ["key": "a", "task": .string(type)]) }
        let released = try desk.claim("released")
        let lost = try desk.claim("failed")
        _ = try desk.claim("silent", lease: .seconds(5))
        try desk.operate(id, .cancel(reason: nil, mode: .cooperative, compensate: nil, deadline: nil))
        _ = try desk.ask(
            .release(ReleaseRequest(tenant: "default", taskID: released.taskID, leaseToken: released.leaseToken)))
        let receipt = try desk.give(failed("x"), lost)
        #expect(receipt.recorded && !receipt.willRetry)
        #expect(try desk.state(id).status == .cancelling)
        try desk.advance(.seconds(5))
        #expect(
            try desk.stream(id).suffix(5) == [
                "ProcessCancellationRequested", "TaskCancelled", "TaskFailed", "TaskFailed", "ProcessCancelled",
            ])
        try desk.verify()
    }

    @Test("a heartbeat that asks for more does not change what later ones get")
    func heartbeatLength() throws {
        let desk = try EngineDesk([Job()])
        _ = try desk.post("Opened", ["key": "a", "task": "work"])
        let task = try desk.claim("work", lease: .seconds(10))
        let beat = { (extend: TimeSpan?) in
            guard
                case .heartbeat(let receipt) = try desk.ask(
                    .heartbeat(
                        HeartbeatRequest(
                            tenant: "default", taskID: task.taskID, leaseToken: task.leaseToken, extend: extend)))
            else { throw EngineDesk.Unexpected() }
            return receipt.expiresAt - desk.now
        }
        #expect(try beat(.seconds(30)) == .seconds(30))
        #expect(try beat(nil) == .seconds(10))
    }

    @Test("a token that was never given, one that expired and one that was given back are told apart")
    func lostLeases() throws {
        let desk = try EngineDesk([Job()])
        _ = try desk.post("Opened", ["key": "a", "task": "work"])
        func refusal(_ token: String, of task: ClaimedTask) throws -> (word: String?, detail: String) {
            let request = HeartbeatRequest(
                tenant: "default", taskID: task.taskID, leaseToken: token, extend: nil, progress: nil)
            guard case .problem(let problem) = try desk.ask(.heartbeat(request)) else { throw EngineDesk.Unexpected() }
            #expect(problem.code == .leaseLost)
            return (problem.members["lease"]?.stringValue, problem.detail)
        }
        let first = try desk.claim("work", lease: .seconds(10))
        #expect(try refusal("1-0000", of: first).word == "unknown")
        #expect(try refusal("", of: first).detail.contains("as it came"))
        guard
            case .released = try desk.ask(
                .release(ReleaseRequest(tenant: "default", taskID: first.taskID, leaseToken: first.leaseToken)))
        else { throw EngineDesk.Unexpected() }
        #expect(try refusal(first.leaseToken, of: first).word == "released")
        let second = try desk.claim("work", lease: .seconds(10))
        #expect(try refusal(first.leaseToken, of: first).detail.contains("another attempt"))
        try desk.advance(.seconds(10))
        #expect(try refusal(second.leaseToken, of: second).word == "expired")
        #expect(try refusal(second.leaseToken, of: second).detail.contains("claim it again"))
    }
}

extension CancelMode {
    static let both: [CancelMode] = [.hard, .cooperative]
}
