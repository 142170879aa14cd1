import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Due work")
struct DueWorkTests {
    @Test("a process that cannot be read does not keep the others from what is due")
    func unreadableProcess() throws {
        let first = try EngineDesk([Job()])
        let broken = try #require(try first.post("Opened", ["key": "a", "timer": 1]).deliveries.first).processID
        let sound = try #require(try first.post("Opened", ["key": "b", "timer": 1]).deliveries.first).processID
        try damage(broken, at: first)

        // Another engine has neither of them in memory.
        let desk = try EngineDesk([Job()], after: first)
        desk.now = desk.now + .minutes(1)
        #expect(desk.run([]).isHealthy)
        #expect(try desk.stream(sound).last == "TimerFired")
        #expect(try desk.stream(broken).last == "TimerScheduled")

        // Time goes on for the others, at most a second late.
        let later = try #require(try desk.post("Opened", ["key": "c", "timer": 1]).deliveries.first).processID
        desk.now = desk.now + .minutes(1)
        #expect(desk.run([]).isHealthy)
        #expect(try desk.stream(later).last == "TimerFired")
    }

    @Test("an advance of the test clock ends after the real time it may take, and the next one goes on from there")
    func boundedAdvance() throws {
        let desk = try EngineDesk([Job()])
        let begun = desk.now
        for index in 0..<3 {
            _ = try desk.post("Opened", ["key": .string("k\(index)"), "timer": .number(JSONNumber(1 + index))])
        }
        // Each look at it takes a second.
        var seconds: Int64 = 0
        desk.engine.stopwatch = {
            seconds += 1
            return seconds * 1_000_000
        }
        desk.engine.advanceTime = .seconds(1)
        let cut = desk.engine.advanceClock(from: begun, by: .minutes(5), wallClock: begun)
        guard case .problem(let problem) = cut.answer else { return #expect(Bool(false), "it went on without end") }
        #expect(problem.code == .advanceTooLong)
        #expect(problem.members["now"]?.stringValue == cut.now.rfc3339)
        #expect(begun < cut.now && cut.now < begun + .minutes(3))
        desk.engine.advanceTime = .minutes(10)
        let rest = desk.engine.advanceClock(from: cut.now, by: .minutes(5), wallClock: begun)
        guard case .clock(let end) = rest.answer else { return #expect(Bool(false), "it did not go on") }
        #expect(end == cut.now + .minutes(5))
    }

    /// Its row claims more records than its stream has.
    private func damage(_ id: ProcessID, at desk: EngineDesk) throws {
        let stored = try desk.stored(id)
        var row = stored.row
        row.version += 5
        try desk.store.begin()
        try desk.store.updateProcess(stored.handle, row, snapshot: nil)
        try desk.store.commit()
    }
}
