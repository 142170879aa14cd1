import ArgumentParser
import CLinux
import Chrono
import Definitions
import Engine
import EventSourcing
import Foundation
import Glibc
import JSON
import Procession
import SQLiteStore

/// What an event costs on the engine's thread, without HTTP: for profilers, and for machines that are not quiet.
struct EngineCost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Processor time of the engine's thread for an event that starts a process.")

    @Option(help: "How many events.")
    var events = 20_000
    @Option(help: "Events to a commit.")
    var batch = 64
    @Flag(help: "In memory, without SQLite.")
    var memory = false

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/procession-benchmark-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/engine.db"
        let store: any ProcessStore = memory ? InMemoryProcessStore() : try SQLiteStore(path: path)
        let engine = try ProcessEngine(
            store: store, factory: DefinitionManagers(), makeSecret: { [UInt8](repeating: 7, count: 32) })
        let now = Instant(milliseconds: 1_800_000_000_000)
        let definition = try Definition.load(Array(ServiceUnderTest.order.utf8)).definition
        let stored = EngineRequest.storeDefinition(
            DefinitionRequest(name: definition.name, content: JSONView(definition.canonical)))
        _ = engine.run([stored], at: now, wallClock: now)
        let requests = try (0..<events).map { number in
            let view = try JSONDocument.parse(Requests.order(number, run: "e")).root
            return EngineRequest.post([
                IncomingEvent(
                    tenant: "default",
                    event: Event(
                        id: EventID(Requests.uuid()), type: "OrderPlaced", source: "/shops/north",
                        data: view["data"] ?? view))
            ])
        }
        let begun = Self.processorTime()
        var first = 0
        while first < events {
            let last = min(events, first + batch)
            let result = engine.run(Array(requests[first..<last]), at: now, wallClock: now)
            guard result.isHealthy else { throw BenchmarkError("the commit failed") }
            first = last
        }
        let used = (Self.processorTime() - begun) / Double(events) * 1e6
        engine.close()
        guard !memory else {
            print("engine in memory: \(Spread.rounded(used, 1)) µs an event")
            return
        }
        let writer = try RawWriter(copying: path, events: events)
        let rawBegun = Self.processorTime()
        let raw = try writer.measure(batch: batch, seconds: .infinity, in: folder)
        let rawUsed = (Self.processorTime() - rawBegun) / Double(events) * 1e6
        print(
            """
            engine on SQLite: \(Spread.rounded(used, 1)) µs an event, raw SQLite \(Spread.rounded(rawUsed, 1)) µs \
            (\(Int(raw.perSecond)) a second), \(Spread.rounded(rawUsed / used, 2))
            """)
    }

    /// Of this thread, in seconds.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
