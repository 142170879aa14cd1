import JSON
import Procession
import RebaseFailure
import Testing

@Suite("A manager written in Swift")
struct SwiftManagerTests {
    static let scenarios = Samples.scenarios().filter { $0.file.hasPrefix("rebase-") }

    private func configuration(store: StoreLocation) -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.port = 0
        configuration.store = store
        configuration.testClock = true
        configuration.managers = [RebaseFailureManager()]
        return configuration
    }

    @Test("passes the scenarios of the definition in memory", arguments: scenarios)
    func inMemory(_ sample: SampleScenario) throws {
        try ScenarioRunner.run(try sample.decoded(), on: try InProcessClient(configuration(store: .memory)))
    }

    @Test("passes them on SQLite with a restart between any two steps", arguments: scenarios)
    func onSQLite(_ sample: SampleScenario) throws {
        try Samples.withFolder { folder in
            let client = try InProcessClient(configuration(store: .sqlite(path: "\(folder)/store.db")))
            try ScenarioRunner.run(try sample.decoded(), on: client, restartsBetweenSteps: true)
        }
    }

    @Test("passes them over real HTTP", arguments: scenarios)
    func overHTTP(_ sample: SampleScenario) throws {
        try ScenarioRunner.run(try sample.decoded(), on: try HTTPClient(configuration(store: .memory)))
    }

    @Test("there are scenarios to pass")
    func arePresent() {
        #expect(Self.scenarios.count == 2)
    }
}
