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
        let posting = try Self.run(requests, on: engine, batch: batch, at: now)
        let claims = (0..<(events / batch)).map { number in
            EngineRequest.claim(
                ClaimRequest(tenant: "default", types: ["do-work"], worker: "w", limit: batch),
                ClaimCaller(ticket: Int64(number), isGone: { false }))
        }
        var outcomes: [EngineRequest] = []
        let claiming = try Self.run(claims, on: engine, batch: 1, at: now) { answer in
            guard case .claimed(let tasks) = answer else { return }
            for task in tasks {
                let outcome = OutcomeRequest(
                    tenant: "default", taskID: task.taskID, leaseToken: task.leaseToken,
                    outcome: .completed(result: JSONView(["ok": true])))
                outcomes.append(.outcomes([outcome]))
            }
        }
        let ending = try Self.run(outcomes, on: engine, batch: batch, at: now)
        let used = posting / Double(events) * 1e6
        print(
            """
            processor time: event \(Spread.rounded(used, 1)) µs, \
            claim of one task \(Spread.rounded(claiming / Double(outcomes.count) * 1e6, 1)) µs, \
            outcome \(Spread.rounded(ending / Double(outcomes.count) * 1e6, 1)) µs
            """)
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

    /// The processor time that requests take, so many to a batch.
    private static func run(
        _ requests: [EngineRequest], on engine: ProcessEngine, batch: Int, at now: Instant,
        answered: (EngineAnswer) -> Void = { _ in }
    ) throws -> Double {
        let begun = processorTime()
        var first = 0
        while first < requests.count {
            let last = min(requests.count, first + batch)
            let result = engine.run(Array(requests[first..<last]), at: now, wallClock: now)
            guard result.isHealthy else { throw BenchmarkError("the commit failed") }
            result.answers.forEach(answered)
            first = last
        }
        return processorTime() - begun
    }

    /// Of this thread, in seconds.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
