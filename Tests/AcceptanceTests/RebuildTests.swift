import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Procession
import Testing

@testable import SQLiteStore

/// `procession rebuild`: what follows from events, made from them alone.
@Suite("Rebuild")
struct RebuildTests {
    /// Everything derived, as readers see it.
    private struct Rows: Equatable {
        var processes: [ProcessRow] = []
        var timers: [[TimerRow]] = []
        var keys: [[String]] = []
        var tasks: [[StoredTask]] = []
        var located: [LocatedProcess?] = []

        init(_ store: SQLiteStore) throws {
            let reader = try store.makeReader()
            for process in try reader.processes(ProcessQuery(tenant: "default", limit: 10_000)) {
                processes.append(process.row)
                timers.append(
                    try reader.timers(of: process.handle).sorted {
                        ($0.dueAt, $0.id.description) < ($1.dueAt, $1.id.description)
                    })
                let locations = try reader.locations(of: process.handle)
                keys.append(locations.map { "\($0.key) \($0.running)" }.sorted())
                located += try locations.map(\.key).sorted { "\($0)" < "\($1)" }.map { try store.locate($0) }
                tasks.append(
                    try reader.allTasks(of: process.handle).sorted { $0.row.id.description < $1.row.id.description })
            }
        }

        /// Without what no record tells: handles of tasks without a stream, and moments of open tasks.
        var told: Rows {
            var rows = self
            for (process, list) in tasks.enumerated() {
                for (index, task) in list.enumerated() {
                    var row = task.row
                    row.lease = nil
                    row.dueAt = nil
                    row.readyAt = row.scheduledAt
                    row.deadline = nil
                    // A delay that is over is found over as soon as the engine runs.
                    if row.status == .delayed, !row.isChild { row.status = .ready }
                    rows.tasks[process][index] = StoredTask(handle: 0, row: row)
                }
            }
            return rows
        }
    }

    private static let damages = [
        "DELETE FROM processes; DELETE FROM locations; DELETE FROM timers; DELETE FROM tasks",
        """
        UPDATE processes SET status = 1, key = 'x', version = 1, incidents = 7, snapshot = x'00', snapshot_version = 1;
        UPDATE tasks SET status = 0, attempt = 9, steps = 3, priority = 4;
        DELETE FROM timers; UPDATE locations SET released = released + 100
        """,
    ]

    private func rebuild(_ path: String) throws -> (report: RebuildReport, rows: Rows, difference: String?) {
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        let engine = try ProcessEngine(store: store, factory: DefinitionManagers(), makeSecret: { [] })
        let report = try engine.rebuild()
        let verifier = try StoreVerifier(reader: try store.makeReader(), factory: DefinitionManagers())
        return (report, try Rows(store), try verifier.verifyAll(tenant: "default").difference)
    }

    private func rows(_ path: String) throws -> Rows {
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        return try Rows(store)
    }

    private func execute(_ sql: String, _ path: String) throws {
        let connection = try Connection(path: path, mode: .readWrite, busyTimeoutMilliseconds: 1000)
        try connection.execute(sql)
    }

    @Test(
        "after any scenario, and in the middle of it, a rebuild changes nothing, and brings back what was lost",
        arguments: Samples.scenarios())
    func scenarios(_ sample: SampleScenario) throws {
        let document = try JSONValue(parsing: sample.text)
        let steps = document["steps"]?.arrayValue ?? []
        for count in Set([steps.count / 3, steps.count * 2 / 3, steps.count]).sorted() {
            var object = try #require(document.objectValue)
            object["steps"] = .array(Array(steps.prefix(count)))
            let scenario = try Scenario(.object(object))
            try Samples.withFolder { folder in
                let path = "\(folder)/store.db"
                do {
                    let configuration = try Samples.configuration(for: scenario, store: .sqlite(path: path))
                    let client = try InProcessClient(configuration)
                    try ScenarioRunner.run(scenario, on: client)
                }
                let before = try rows(path)
                let untouched = try rebuild(path)
                #expect(untouched.report.changed == 0, "\(count)")
                #expect(untouched.rows == before, "\(count)")
                #expect(untouched.difference == nil, "\(count)")
                for damage in Self.damages {
                    try execute(damage, path)
                    let rebuilt = try rebuild(path)
                    #expect(rebuilt.difference == nil, "\(count)")
                    #expect(rebuilt.rows.told == before.told, "\(count)")
                }
            }
        }
    }
}
