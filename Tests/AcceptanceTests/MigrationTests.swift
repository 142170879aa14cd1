import Definitions
import Engine
import JSON
import Procession
import Testing

/// What one scenario cannot show: many processes, definitions that come while others run, deletion, simulation.
@Suite("Versions of a definition")
struct MigrationTests {
    private static func definition(_ state: String, task: String = "work") -> JSONValue {
        [
            "name": "job", "events": ["Opened": ["key": "event.data.id", "route": "start"]], "initial": .string(state),
            "states": .object([
                state: [
                    "task": ["type": .string(task)],
                    "on": ["completed": ["to": "Done"], "failed": ["fail": "failed"]],
                ],
                "Done": ["final": true],
            ]),
        ]
    }

    private static func client(_ definitions: [JSONValue], store: StoreLocation = .memory) throws -> InProcessClient {
        var configuration = ServiceConfiguration()
        configuration.store = store
        configuration.testClock = true
        configuration.definitions = definitions.map { ("job", $0.bytes) }
        return try InProcessClient(configuration)
    }

    private static func start(_ key: String, _ client: InProcessClient) -> String {
        let event: JSONValue = ["id": .string(key), "type": "Opened", "data": ["id": .string(key)]]
        return client.call("POST", "/events", event).body["processes"]?[0]?["process_id"]?.stringValue ?? ""
    }

    private static func migrate(
        _ members: JSONObject, _ client: InProcessClient
    ) -> (status: Int, body: JSONValue) {
        client.call("POST", "/definitions/job/migrate", .object(members))
    }

    private static func keys(_ answer: JSONValue) -> [String] {
        (answer["processes"]?.arrayValue ?? []).compactMap { $0["key"]?.stringValue }
    }

    @Test("many are moved page by page; who is there is not touched again, and one that cannot stops no other")
    func many() throws {
        try Samples.withFolder { folder in
            let client = try Self.client([Self.definition("Old")], store: .sqlite(path: "\(folder)/store.db"))
            for number in 1...5 { _ = Self.start("k\(number)", client) }
            #expect(client.call("PUT", "/definitions/job", Self.definition("New", task: "more")).status == 201)
            let odd = Self.start("odd", client)
            #expect(!odd.isEmpty)

            let map: JSONValue = ["Old": "New"]
            let dry = Self.migrate(["to_version": 2, "dry_run": true], client)
            #expect(dry.status == 200)
            #expect(Self.keys(dry.body) == ["k5", "k4", "k3", "k2", "k1"])
            #expect(dry.body["processes"]?[0]?["problem"]?["code"]?.stringValue == "migration_refused")
            let first = Self.migrate(["to_version": 2, "state_map": map, "limit": 2], client)
            #expect(Self.keys(first.body) == ["k5", "k4"])
            #expect(first.body["processes"]?[0]?["migrated"]?.boolValue == true)
            let next = try #require(first.body["next"])
            let second = Self.migrate(["to_version": 2, "state_map": map, "limit": 2, "cursor": next], client)
            #expect(Self.keys(second.body) == ["k3", "k2"])
            // Begun anew, as after an interruption.
            let rest = Self.migrate(["to_version": 2, "state_map": map, "from_version": 1], client)
            #expect(Self.keys(rest.body) == ["k1"])
            #expect(rest.body["next"] == nil)
            #expect(Self.keys(Self.migrate(["to_version": 2, "state_map": map], client).body).isEmpty)
            #expect(
                Self.keys(Self.migrate(["to_version": 1, "key": "k3", "dry_run": true], client).body) == ["k3"])
            #expect(Self.keys(Self.migrate(["to_version": 1, "state": "Other", "dry_run": true], client).body).isEmpty)
            #expect(Self.migrate(["to_version": 9], client).status == 404)
            #expect(try client.restart())
            #expect(try client.verify().difference == nil)
        }
    }

    @Test("a named migration is carried out once, whatever happened since")
    func idempotent() throws {
        let client = try Self.client([Self.definition("Old")])
        let id = Self.start("a", client)
        _ = client.call("PUT", "/definitions/job", Self.definition("Old", task: "more"))
        for _ in 1...2 {
            #expect(client.call("POST", "/processes/\(id)/migrate", ["to_version": 2]).status == 200)
        }
        let events = client.call("GET", "/processes/\(id)/events", nil).body["events"]?.arrayValue ?? []
        #expect(events.count { $0["type"]?.stringValue == "ProcessMigrated" } == 1)
        #expect(events.last?["data"]?["from_version"] == 1)
    }

    @Test("a version goes only if no stored process ran on it")
    func deletion() throws {
        for isOnDisk in [false, true] {
            try Samples.withFolder { folder in
                let client = try Self.client(
                    [Self.definition("Old")], store: isOnDisk ? .sqlite(path: "\(folder)/store.db") : .memory)
                let path = "/definitions/job/versions"
                let id = Self.start("a", client)
                #expect(client.call("DELETE", "\(path)/1", nil).body["code"]?.stringValue == "version_in_use")
                _ = client.call("PUT", "/definitions/job", Self.definition("New"))
                _ = client.call("PUT", "/definitions/job", Self.definition("Newer"))
                // Nobody ever ran on it.
                #expect(client.call("DELETE", "\(path)/3", nil).status == 200)
                #expect(client.call("DELETE", "\(path)/3", nil).status == 404)
                #expect(client.call("DELETE", "\(path)/03", nil).status == 404)
                let map: JSONValue = ["to_version": 2, "state_map": ["Old": "New"]]
                #expect(client.call("POST", "/processes/\(id)/migrate", map).status == 200)
                // It ran on the first and runs on the second.
                for version in [1, 2] {
                    #expect(client.call("DELETE", "\(path)/\(version)", nil).status == 409)
                }
                _ = client.call("POST", "/processes/\(id)/cancel", .object([:]))
                for version in [1, 2] {
                    #expect(client.call("DELETE", "\(path)/\(version)", nil).status == 409)
                }
                if isOnDisk { #expect(try client.restart()) }
                let versions = client.call("GET", path, nil).body["versions"]?.arrayValue ?? []
                #expect(versions.compactMap { $0["version"]?.int64Value } == [1, 2])
                // New processes start on the newest that is left.
                _ = Self.start("b", client)
                let newest = client.call("GET", "/processes?key=b", nil).body["processes"]?[0]
                #expect(newest?["definition_version"] == 2)
                #expect(try client.verify().difference == nil)
            }
        }
    }

    @Test("a scenario is played in memory: what happened, and nothing of it is stored")
    func simulation() throws {
        let client = try Self.client([Self.definition("Old")])
        let steps: JSONValue = [
            ["post": ["type": "Opened", "data": ["id": "s1"]]],
            ["claim": "work", "wait": "60s"],
            ["outcome": "completed", "of": "work", "result": [:]],
            ["expect_process": ["status": "Completed"]],
        ]
        let played = client.call("POST", "/definitions/job/simulate", ["scenario": ["steps": steps]])
        #expect(played.status == 200)
        #expect(played.body["passed"] == true)
        #expect(played.body["steps"]?.arrayValue?.count == 4)
        #expect(played.body["processes"]?[0]?["status"]?.stringValue == "Completed")
        #expect(played.body["processes"]?[0]?["events"]?[0]?["type"]?.stringValue == "ProcessStarted")
        #expect(client.call("GET", "/processes", nil).body["processes"]?.arrayValue?.isEmpty == true)

        let other = client.call(
            "POST", "/definitions/job/simulate",
            ["scenario": ["steps": steps], "definition": Self.definition("Old", task: "other")])
        #expect(other.status == 200)
        #expect(other.body["passed"] == false)
        #expect(other.body["steps"]?[1]?["passed"] == false)
        #expect(other.body["steps"]?[1]?["message"]?.stringValue?.contains("expected 1") == true)
        #expect(other.body["steps"]?.arrayValue?.count == 2)
    }

    @Test(
        "a simulation that is none is refused with its place",
        arguments: [
            (#"{"steps":[{"fly":1}]}"#, "/scenario/steps/0/fly"),
            (#"{"steps":7}"#, "/scenario/steps"),
            (#"{"definitions":["job","none"],"steps":[]}"#, "/scenario/definitions/1"),
            (#"{"definition":"none","steps":[]}"#, "/scenario/definition"),
        ])
    func noScenario(_ scenario: String, _ place: String) throws {
        let client = try Self.client([Self.definition("Old")])
        let document = try JSONValue(parsing: Array(scenario.utf8))
        let answer = client.call("POST", "/definitions/job/simulate", ["scenario": document])
        #expect(answer.status == 400)
        #expect(answer.body["errors"]?[0]?["pointer"]?.stringValue == place)
    }

    @Test("a simulation has at most 1,000 steps")
    func tooLong() throws {
        let client = try Self.client([Self.definition("Old")])
        let steps = [JSONValue](repeating: ["advance": "1s"], count: 1001)
        let answer = client.call("POST", "/definitions/job/simulate", ["scenario": ["steps": .array(steps)]])
        #expect(answer.status == 400)
        #expect(answer.body["errors"]?[0]?["pointer"]?.stringValue == "/scenario/steps")
    }

    @Test("coverage counts what processes took, and tells alike transitions apart by what they did")
    func coverage() throws {
        let scenario = try Scenario([
            "name": "declined", "definition": "order-fulfilment",
            "steps": [
                ["post": ["id": "e1", "type": "OrderPlaced", "data": ["order_id": "o1", "total": 40]]],
                ["claim": "charge-card"],
                ["outcome": "failed", "of": "charge-card", "code": "card_declined", "reason": "no"],
            ],
        ])
        let client = try InProcessClient(try Samples.configuration(for: scenario, store: .memory))
        try ScenarioRunner.run(scenario, on: client)
        var coverage = TransitionCoverage()
        try coverage.add(client)
        try coverage.add(client)
        let entry = try #require(coverage.entries.first)
        #expect(coverage.entries.count == 1)
        #expect(entry.definition.name == "order-fulfilment")
        #expect(entry.taken.contains { $0.text.hasPrefix("/states/Charging/on/failed") })
        #expect(entry.taken.count == 1)
        #expect(entry.missing.count == entry.transitions.count - 1)
        #expect(coverage.percent == 100.0 / Double(entry.transitions.count))
    }

    @Test("test --coverage leaves the exit status alone, --min-coverage does not")
    func coverageCommand() throws {
        let arguments = [
            "test", Samples.path("scenarios/order-delivered.json"), "--definitions", Samples.path("definitions"),
        ]
        let shown = try ServiceProcess.run(ServiceProcess.command(arguments + ["--coverage"]))
        #expect(shown.status == 0)
        #expect(shown.output.contains("not taken: /states/Shipping/on/failed"))
        let demanded = try ServiceProcess.run(ServiceProcess.command(arguments + ["--min-coverage", "99"]))
        #expect(demanded.status == 1)
        let met = try ServiceProcess.run(ServiceProcess.command(arguments + ["--min-coverage", "4"]))
        #expect(met.status == 0)
    }
}
