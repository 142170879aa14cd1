import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Claiming tasks")
struct ClaimingTests {
    private func desk(_ count: Int, policy: TaskPolicy = TaskPolicy()) throws -> EngineDesk {
        let desk = try EngineDesk([Job(policy: policy)])
        for number in 0..<count { _ = try desk.post("Opened", ["key": .string("\(number)"), "task": "work"]) }
        return desk
    }

    private func done(_ task: ClaimedTask, _ desk: EngineDesk) throws {
        try desk.give(.completed(result: .null), task)
    }

    @Test("a claim id gives what is still leased under it, unchanged; then it is a new claim")
    func repeats() throws {
        let desk = try desk(5)
        let tasks = try #require(try desk.claims(["work"], limit: 3, id: "k"))
        #expect(tasks.count == 3)
        desk.now = desk.now + .seconds(1)
        #expect(try desk.claims(["work"], limit: 1, id: "k") == tasks)
        #expect(try desk.claims(["more", "work"], limit: 99, id: "k") == tasks)
        #expect(problem { _ = try desk.claims(["more"], id: "k") } == .claimReused)
        try done(tasks[1], desk)
        #expect(try desk.claims(["work"], limit: 3, id: "k") == [tasks[0], tasks[2]])
        try done(tasks[0], desk)
        try done(tasks[2], desk)
        let next = try #require(try desk.claims(["work"], limit: 9, id: "k"))
        #expect(next.count == 2)
        #expect(Set(next.map(\.taskID)).isDisjoint(with: tasks.map(\.taskID)))
    }

    @Test("while the first claim of an id waits, the next takes its place and the first ends empty")
    func replacesWaiting() throws {
        let desk = try EngineDesk([Job()])
        #expect(try desk.claims(["work"], wait: .minutes(1), id: "k", ticket: 7) == nil)
        let second = ClaimRequest(
            tenant: "default", types: ["work"], worker: "w", limit: 1, wait: .minutes(1), claim: "k")
        let result = desk.run([.claim(second, ClaimCaller(ticket: 8, isGone: { false }))])
        #expect(result.served.map(\.ticket) == [7])
        #expect(result.served.map(\.tasks.count) == [0])
        let served = desk.run([.post([desk.incoming("Opened", ["key": "a", "task": "work"])])]).served
        #expect(served.map(\.ticket) == [8])
        #expect(served.map(\.tasks.count) == [1])
    }

    @Test(
        "a claim waits as long as it asked for, however the wall clock is set meanwhile", arguments: [-3600, 0, 3600])
    func steadyWait(jump: Int64) throws {
        let desk = try EngineDesk([Job()])
        let request = ClaimRequest(tenant: "default", types: ["none"], worker: "w", limit: 1, wait: .seconds(3))
        let begun = Instant(milliseconds: 5000)
        let waiting = [EngineRequest.claim(request, ClaimCaller(ticket: 9, isGone: { false }))]
        _ = desk.engine.run(waiting, at: desk.now, wallClock: desk.now, steady: begun)
        let moved = desk.now + .seconds(jump)
        _ = desk.engine.run([], at: moved, wallClock: moved, steady: begun + .seconds(2))
        #expect(desk.engine.endWaits(at: begun + .seconds(2)).isEmpty)
        #expect(desk.engine.nextWaitEnd == begun + .seconds(3))
        #expect(desk.engine.endWaits(at: begun + .seconds(3)) == [9])
    }

    @Test("a claim whose caller is gone gets nothing")
    func gone() throws {
        let desk = try desk(1)
        let request = ClaimRequest(tenant: "default", types: ["work"], worker: "w")
        guard case .claimed(let tasks) = try desk.ask(.claim(request, ClaimCaller(ticket: 1, isGone: { true }))) else {
            throw EngineDesk.Unexpected()
        }
        #expect(tasks.isEmpty)
        #expect(try desk.claims(["work"], id: nil)?.count == 1)
    }

    @Test("after a pause everything that is overdue happens in the order in which it was due")
    func overdueInOrder() throws {
        var policy = TaskPolicy(retry: .once)
        policy.timeouts.claim = .minutes(20)
        let desk = try EngineDesk([
            Job(
                routes: [
                    "Opened": EventRoute(kind: .start, expression: "key"),
                    "Waited": EventRoute(whenMissing: .hold(.minutes(15)), expression: "key"),
                ], policy: policy)
        ])
        _ = try desk.post("Waited", ["key": "w"])
        let task = try desk.post("Opened", ["key": "task", "task": "work"]).deliveries[0].processID
        let timers = try [30, 10].map { minutes in
            try desk.post("Opened", ["key": .string("\(minutes)"), "timer": .number(JSONNumber(minutes))])
                .deliveries[0].processID
        }
        desk.now = desk.now + .hours(1)
        let before = try desk.store.makeReader().lastPosition()
        _ = desk.run([])
        let page = try desk.store.makeReader().events(
            tenant: "default", after: before, matching: EventFilter(types: ["TaskFailed", "TimerFired"]), limit: 9)
        #expect(page.events.map(\.stream.id) == [timers[1], task, timers[0]])
        try desk.verify()
    }

    @Test("after a start workers get time to be heard: the shorter of their lease and a minute")
    func grace() throws {
        var policy = TaskPolicy()
        policy.timeouts = TaskTimeouts(claim: .minutes(10), attempt: .minutes(5))
        let before = try desk(3, policy: policy)
        let short = try before.claim("work", lease: .seconds(20))
        let long = try before.claim("work", lease: .minutes(5))
        let ready = try #require(
            try before.store.claimableTasks(tenant: "default", types: ["work"], limit: 9).first
        ).row.id
        // Two hours without a service.
        before.now = before.now + .hours(2)
        let desk = try EngineDesk([Job(policy: policy)], after: before)
        try desk.grantGrace()
        let status = { (id: TaskID) in try #require(try desk.store.task(id, tenant: "default")).row.status }
        try desk.advance(.milliseconds(19_999))
        #expect(try status(short.taskID) == .leased)
        try desk.advance(.milliseconds(1))
        #expect(try status(short.taskID) == .delayed)
        try desk.advance(.milliseconds(39_999))
        #expect(try status(long.taskID) == .leased)
        #expect(try status(ready) == .ready)
        #expect(try desk.give(.completed(result: .null), long).recorded)
        try desk.advance(.milliseconds(1))
        #expect(try status(ready) == .failed)
        try desk.verify()
    }

    @Test(
        "a lease that was cut short by a time limit is kept for as long as it was given, not as it was asked for",
        arguments: [
            TaskTimeouts(attempt: .seconds(2)), TaskTimeouts(heartbeat: .seconds(2)), TaskTimeouts(total: .seconds(2)),
        ])
    func graceOfShortLease(_ timeouts: TaskTimeouts) throws {
        var policy = TaskPolicy()
        policy.timeouts = timeouts
        let before = try desk(1, policy: policy)
        let task = try before.claim("work", lease: .minutes(1))
        before.now = before.now + .seconds(1)
        let desk = try EngineDesk([Job(policy: policy)], after: before)
        try desk.grantGrace()
        let status = { try #require(try desk.store.task(task.taskID, tenant: "default")).row.status }
        try desk.advance(.milliseconds(1_999))
        #expect(try status() == .leased)
        try desk.advance(.milliseconds(2))
        #expect(try status() != .leased)
        try desk.verify()
    }

    @Test("the grace goes by the length that was given, at the claim or by the last heartbeat")
    func graceOfGivenLeases() throws {
        var policy = TaskPolicy()
        policy.timeouts = TaskTimeouts(heartbeat: .seconds(10))
        let before = try desk(1, policy: policy)
        let short = try before.claim("work", lease: .minutes(5))
        let other = try desk(1)
        let extended = try other.claim("work", lease: .seconds(5))
        _ = try other.ask(
            .heartbeat(
                HeartbeatRequest(
                    tenant: "default", taskID: extended.taskID, leaseToken: extended.leaseToken, extend: .seconds(40),
                    progress: nil)))
        for (old, task, given) in [(before, short, 10_000), (other, extended, 40_000)] {
            old.now = old.now + .hours(2)
            let desk = try EngineDesk([Job(policy: old === before ? policy : TaskPolicy())], after: old)
            try desk.grantGrace()
            let status = { try #require(try desk.store.task(task.taskID, tenant: "default")).row.status }
            try desk.advance(.milliseconds(Int64(given) - 1))
            #expect(try status() == .leased)
            try desk.advance(.milliseconds(1))
            #expect(try status() == .delayed)
        }
    }

    @Test("the grace is as long as it says, however the wall clock is set meanwhile", arguments: [-1800, 0, 1800])
    func steadyGrace(jump: Int64) throws {
        var policy = TaskPolicy()
        policy.timeouts = TaskTimeouts(claim: .minutes(10))
        let before = try desk(1, policy: policy)
        let id = try #require(
            try before.store.claimableTasks(tenant: "default", types: ["work"], limit: 9).first
        ).row.id
        let desk = try EngineDesk([Job(policy: policy)], after: before)
        desk.now = before.now + .hours(2)
        try desk.grantGrace()
        let (begun, moved) = (desk.now, desk.now + .seconds(jump))
        let status = { try #require(try desk.store.task(id, tenant: "default")).row.status }
        for (seconds, expected) in [(0, TaskStatus.ready), (59, .ready), (61, .failed)] {
            let (wall, steady) = (moved + .seconds(Int64(seconds)), begun + .seconds(Int64(seconds)))
            _ = desk.engine.run([], at: wall, wallClock: wall, steady: steady)
            #expect(try status() == expected, "after \(seconds) s")
        }
    }

    @Test("after a start a ready task whose total time is up is over at once")
    func noGraceForTotal() throws {
        var policy = TaskPolicy()
        policy.timeouts = TaskTimeouts(total: .minutes(10))
        let before = try desk(1, policy: policy)
        before.now = before.now + .hours(2)
        let desk = try EngineDesk([Job(policy: policy)], after: before)
        try desk.grantGrace()
        try desk.advance(.zero)
        #expect(try desk.claims(["work"], id: nil)?.isEmpty == true)
        try desk.verify()
    }
}
