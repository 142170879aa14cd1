import JSON
import Procession
import Testing

@Suite("Scenarios")
struct ScenarioTests {
    @Test("there are scenarios to run")
    func arePresent() {
        #expect(Samples.scenarios().count >= 20)
    }

    @Test("pass in memory", arguments: Samples.scenarios())
    func inMemory(_ sample: SampleScenario) throws {
        let scenario = try sample.decoded()
        let configuration = try Samples.configuration(for: scenario, store: .memory)
        try ScenarioRunner.run(scenario, on: try InProcessClient(configuration))
    }

    @Test("pass on SQLite with a restart between any two steps", arguments: Samples.scenarios())
    func onSQLite(_ sample: SampleScenario) throws {
        let scenario = try sample.decoded()
        try Samples.withFolder { folder in
            let configuration = try Samples.configuration(for: scenario, store: .sqlite(path: "\(folder)/store.db"))
            try ScenarioRunner.run(scenario, on: try InProcessClient(configuration), restartsBetweenSteps: true)
        }
    }

    @Test("pass over real HTTP", arguments: Samples.scenarios())
    func overHTTP(_ sample: SampleScenario) throws {
        let scenario = try sample.decoded()
        try Samples.withFolder { folder in
            let configuration = try Samples.configuration(for: scenario, store: .sqlite(path: "\(folder)/store.db"))
            try ScenarioRunner.run(scenario, on: try HTTPClient(configuration))
        }
    }

    @Test("a wrong expectation fails, so that a passing scenario means something")
    func canFail() throws {
        let document: JSONValue = [
            "name": "wrong", "definition": "order-fulfilment",
            "steps": [
                ["post": ["id": "e1", "type": "OrderPlaced", "data": ["order_id": "o1", "total": 40]]],
                ["expect_process": ["key": "o1", "status": "Completed"]],
            ],
        ]
        let scenario = try Scenario(document)
        let client = try InProcessClient(try Samples.configuration(for: scenario, store: .memory))
        #expect(throws: ScenarioRunner.Failure.self) { try ScenarioRunner.run(scenario, on: client) }
    }
}
