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
