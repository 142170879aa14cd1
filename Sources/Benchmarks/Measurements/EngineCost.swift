import ArgumentParser
import Engine
import EventSourcing
import Foundation
import JSON
import SQLiteStore

/// What an event costs on the engine's thread, without HTTP: for profilers, and for machines that are not quiet.
struct EngineCost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Processor time of the engine's thread for an event, a claim, an outcome.")

    @Option(help: "How many events, each of which starts a process.")
    var events = 20_000
    @Option(help: "Events to a commit.")
    var batch = 64

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/procession-benchmark-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/engine.db"
        let alone = try EngineAlone(try SQLiteStore(path: path), definition: ServiceUnderTest.order)
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
        let posting = try alone.run(requests, batch: batch) / Double(events) * 1e6
        let (outcomes, claiming) = try alone.claim(events, batch: batch)
        let ending = try alone.run(outcomes, batch: batch)
        alone.engine.close()
        let writer = try RawWriter(copying: path, events: events)
        let rawBegun = EngineAlone.processorTime()
        let raw = try writer.measure(batch: batch, seconds: .infinity, in: folder)
        let rawUsed = (EngineAlone.processorTime() - rawBegun) / Double(events) * 1e6
        print(
            """
            processor time: event \(Spread.rounded(posting, 1)) µs, \
            claim of one task \(Spread.rounded(claiming / Double(outcomes.count) * 1e6, 1)) µs, \
            outcome \(Spread.rounded(ending / Double(outcomes.count) * 1e6, 1)) µs; \
            the rows of an event in raw SQLite \(Spread.rounded(rawUsed, 1)) µs (\(Int(raw.perSecond)) a second), \
            ratio \(Spread.rounded(rawUsed / posting, 2))
            """)
    }
}
