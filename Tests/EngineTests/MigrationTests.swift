import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Migrating")
struct MigrationTests {
    /// Two versions that are the same but for the tasks' policy and one state.
    private static func versions() -> [any ManagedDefinition] {
        var first = Job(undo: .whenCompleted)
        first.declared = ["Open": DeclaredState(timers: [.init(index: 0)])]
        var second = Job(version: 2, undo: .whenCompleted, policy: TaskPolicy(retry: .once))
        second.declared = [
            "Opened": DeclaredState(
                timers: [.init(index: 0)],
                nextTasks: [
                    .init(on: "Said", taskType: "next"), .init(on: "after", taskType: "timed", timer: 0),
                    .init(on: "after", taskType: "other", timer: 1),
                ])
        ]
        return [first, second]
    }

    private let map = StateMap(everywhere: ["Open": "Opened"])

    /// A process on the first version; it takes the place of the newest until it is there.
    private func started(_ data: JSONObject = [:]) throws -> (EngineDesk, ProcessID) {
        let before = try EngineDesk([Self.versions()[0]])
        var data = data
        data["key"] = "a"
        let id = try before.post("Opened", .object(data)).deliveries[0].processID
        return (try EngineDesk(Self.versions(), after: before), id)
    }

    @Test("rows follow: the version, timers that are dropped, tasks that stay")
    func rows() throws {
        let (desk, id) = try started(["task": "work", "timer": 5])
        let task = try desk.claim("work")
        let receipt = try desk.migrate(
            id, MigrationRequest(tenant: "default", toVersion: 2, stateMap: map, requestID: "m"))
        #expect(receipt.migrated?.timersKept.count == 1)
        #expect(receipt.wouldPlan.map(\.taskType) == ["next", "timed"])
        #expect(try desk.stored(id).row.definitionVersion == 2)
        #expect(try desk.store.runningVersions(of: "job", tenant: "default") == [2])
        // As the version says that planned it: a second attempt.
        #expect(try desk.give(.failed(code: nil, reason: "x", retryable: true, retryAfter: nil), task).willRetry)
        try desk.verify()
        let again = try desk.migrate(id, MigrationRequest(tenant: "default", toVersion: 2, requestID: "n"))
        #expect(again.migrated == nil)
        #expect(try desk.stream(id).filter { $0 == "ProcessMigrated" }.count == 1)
    }

    @Test("a dry run and a refusal leave no trace")
    func noTrace() throws {
        let (desk, id) = try started(["task": "work"])
        let before = try desk.stream(id)
        let dry = try desk.migrate(
            id, MigrationRequest(tenant: "default", toVersion: 2, stateMap: map, dryRun: true, requestID: "m"))
        #expect(dry.view.state.machines["main"]?.state == "Opened")
        #expect(dry.view.state.definitionVersion == 2)
        #expect(try desk.stream(id) == before)
        #expect(try desk.state(id).definitionVersion == 1)
        for dryRun in [false, true] {
            let refused = problem {
                _ = try desk.migrate(
                    id, MigrationRequest(tenant: "default", toVersion: 2, dryRun: dryRun, requestID: "m"))
            }
            #expect(refused == .migrationRefused)
            // It does not say how a state is entered.
            let notEntered = problem {
                _ = try desk.migrate(
                    id,
                    MigrationRequest(
                        tenant: "default", toVersion: 2, stateMap: map, enter: true, dryRun: dryRun, requestID: "m"))
            }
            #expect(notEntered == .migrationRefused)
        }
        #expect(try desk.stream(id) == before)
        try desk.verify()
    }

    @Test("nothing that has ended or is ending is moved, and no version that is not there is moved to")
    func refusals() throws {
        let (desk, id) = try started(["task": "work"])
        func code(_ version: Int) -> Problem.Code? {
            problem {
                _ = try desk.migrate(
                    id, MigrationRequest(tenant: "default", toVersion: version, stateMap: map, requestID: "m"))
            }
        }
        #expect(code(3) == .definitionNotFound)
        _ = try desk.claim("work")
        try desk.operate(id, .cancel(reason: nil, mode: .cooperative, compensate: nil, deadline: nil))
        #expect(code(2) == .processEnding)
        try desk.operate(id, .cancel(reason: nil, mode: .hard, compensate: nil, deadline: nil))
        #expect(code(2) == .processEnded)
        let other = problem {
            _ = try desk.migrate(id, MigrationRequest(tenant: "other", toVersion: 2, requestID: "m"))
        }
        #expect(other == .processNotFound)
    }

    @Test("a named migration is carried out once, also if the process was moved on since")
    func named() throws {
        let (desk, id) = try started()
        var versions = MigrationRequest(
            tenant: "default", toVersion: 2, stateMap: map, requestID: "once", isNamed: true)
        _ = try desk.migrate(id, versions)
        let back = StateMap(everywhere: ["Opened": "Open"])
        _ = try desk.migrate(id, MigrationRequest(tenant: "default", toVersion: 1, stateMap: back, requestID: "back"))
        let count = try desk.stream(id).count
        versions.stateMap = StateMap()
        #expect(try desk.migrate(id, versions).view.state.definitionVersion == 1)
        #expect(try desk.stream(id).count == count)
        try desk.verify()
    }

    @Test("verify notices a migration that does not follow from its version")
    func verified() throws {
        let (desk, id) = try started(["timer": 5])
        _ = try desk.migrate(id, MigrationRequest(tenant: "default", toVersion: 2, stateMap: map, requestID: "m"))
        var versions = Self.versions()
        var other = Job(version: 2, undo: .whenCompleted, policy: TaskPolicy(retry: .once))
        other.declared = ["Opened": DeclaredState()]
        versions[1] = other
        let verifier = try StoreVerifier(
            reader: try desk.store.makeReader(), factory: EngineDesk.NoDefinitions(), managers: versions)
        #expect(try verifier.verifyAll(tenant: "default").difference?.contains("migrating again") == true)
    }
}

extension EngineDesk {
    func migrate(_ id: ProcessID, _ request: MigrationRequest) throws -> MigrationReceipt {
        guard case .migrated(let results) = try ask(.migrate([id], request)) else { throw Unexpected() }
        return try results[0].get()
    }
}
