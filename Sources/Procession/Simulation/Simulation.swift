import API
import Chrono
import Definitions
import Engine
import JSON

/// One scenario, played in memory for a caller who wants to see what happens.
struct Simulation {
    /// More steps than this are refused.
    static let stepLimit = 1_000
    /// No further step is begun after this much real time, and no advance of the clock goes on for longer.
    static let time = TimeSpan.seconds(5)
    /// How many processes, and how many records of each, an answer shows.
    private static let shownProcesses = 100
    private static let shownEvents = 1_000

    private let request: SimulationRequest
    private let mayGoOn: () -> Bool

    init(_ request: SimulationRequest, while mayGoOn: @escaping () -> Bool) {
        self.request = request
        self.mayGoOn = mayGoOn
    }

    func result() -> SimulationResult {
        let scenario: Scenario
        let configuration: ServiceConfiguration
        do throws(Scenario.Fault) {
            scenario = try read()
            configuration = try self.configuration(for: scenario)
        } catch {
            return .invalid(pointer: error.pointer, message: error.message)
        }
        do {
            return .played(try play(scenario, on: try InProcessClient(configuration)))
        } catch let error as StartError {
            return .invalid(pointer: "/definitions", message: error.message)
        } catch {
            return .failed("\(error)")
        }
    }

    /// A scenario here need not say which definition it is about.
    private func read() throws(Scenario.Fault) -> Scenario {
        guard var document = request.scenario.value.objectValue else {
            throw Scenario.Fault(pointer: "", message: "a scenario is an object")
        }
        if document["name"] == nil { document["name"] = "simulation" }
        if document["definition"] == nil, document["definitions"] == nil {
            document["definition"] = .string(name)
        }
        // Whoever may only read may simulate: a request of the scenario's own could do more, and steps that hold others
        // would get around the limits.
        return try Scenario(.object(document), stepLimit: Self.stepLimit, isPlain: true)
    }

    private var name: String { request.definition["name"]?.stringValue ?? "" }

    private func configuration(for scenario: Scenario) throws(Scenario.Fault) -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.store = .memory
        configuration.testClock = true
        configuration.advanceTime = Self.time
        for (index, definition) in scenario.definitions.enumerated() {
            guard let wanted = definition.stringValue else {
                configuration.definitions.append((definition["name"]?.stringValue ?? "definition", definition.bytes))
                continue
            }
            guard let content = wanted == name ? request.definition : request.others[wanted] else {
                let isSingle = request.scenario["definition"] != nil
                throw Scenario.Fault(
                    pointer: isSingle ? "/definition" : "/definitions/\(index)",
                    message: "there is no definition '\(wanted)'")
            }
            configuration.definitions.append((wanted, Array(content.rawBytes)))
        }
        return configuration
    }

    /// Steps are taken until one fails or the time is up.
    private func play(_ scenario: Scenario, on client: InProcessClient) throws -> JSONValue {
        let end = SystemClock.monotonicMicroseconds() + Self.time.milliseconds * 1_000
        var runner = try ScenarioRunner(on: client, isSimulation: true)
        var steps: [JSONValue] = []
        var hasFailed = false
        for step in scenario.steps {
            var result: JSONObject = ["step": .string(step.kind.rawValue)]
            var message: String?
            if !mayGoOn() {
                message = "not taken: the service is stopping"
            } else if SystemClock.monotonicMicroseconds() > end {
                message = "not taken: the simulation took more than \(Self.time.text)"
            } else {
                message = try runner.failure(of: step)
            }
            result["now"] = client.call("GET", "/clock", nil).body["now"]
            result["passed"] = .bool(message == nil)
            if let message { result["message"] = .string(message) }
            steps.append(.object(result))
            if message != nil {
                hasFailed = true
                break
            }
        }
        return [
            "name": .string(scenario.name), "passed": .bool(!hasFailed), "steps": .array(steps),
            "processes": .array(processes(client)),
        ]
    }

    /// Every process with its stream, the first started first.
    private func processes(_ client: InProcessClient) -> [JSONValue] {
        let list = client.call("GET", "/processes?limit=\(Self.shownProcesses)", nil).body["processes"]?.arrayValue
        return (list ?? []).reversed().compactMap { listed in
            guard let id = listed["process_id"]?.stringValue,
                var process = client.call("GET", "/processes/\(id)", nil).body.objectValue
            else { return nil }
            let events = client.call("GET", "/processes/\(id)/events?limit=\(Self.shownEvents)", nil)
            process["events"] = events.body["events"] ?? .array([])
            return .object(process)
        }
    }
}
