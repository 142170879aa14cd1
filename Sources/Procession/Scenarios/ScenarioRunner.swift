import Chrono
import Engine
import HTTPServer
import JSON

/// Takes the steps of a scenario against a service that has its definitions, and says what is not as expected.
public struct ScenarioRunner {
    let client: any ScenarioClient
    let expectation: Expectation
    /// Claims do not wait, and texts with placeholders stay as they are: neither is bounded by the time of a
    /// simulation.
    let isSimulation: Bool
    /// Tasks that were claimed, oldest first.
    var claims: [Claim] = []
    /// Process ids by the `as` name of their `post`.
    var processes: [String: String] = [:]

    /// A step that did not go as expected.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let step: Int
        public let message: String
        public var description: String { "step \(step + 1): \(message)" }
    }

    /// The same inside of a step, which may be one of several.
    struct StepFault: Error {
        let message: String
    }

    /// Runs all steps, then verifies the store. `restartsBetweenSteps`: the service is restarted after every step.
    public static func run(
        _ scenario: Scenario, on client: any ScenarioClient, restartsBetweenSteps: Bool = false
    ) throws {
        var runner = try ScenarioRunner(on: client)
        for (index, step) in scenario.steps.enumerated() {
            if let message = try runner.failure(of: step) {
                throw Failure(step: index, message: "\(step.kind.rawValue): \(message)")
            }
            if restartsBetweenSteps { _ = try client.restart() }
        }
        if let difference = try client.verify().difference {
            throw Failure(step: scenario.steps.count, message: "verify: \(difference)")
        }
    }

    init(on client: any ScenarioClient, isSimulation: Bool = false) throws {
        let clock = try client.call("GET", "/clock", nil).body["now"]?.stringValue ?? ""
        guard let start = Instant(rfc3339: clock) else { throw Failure(step: 0, message: "there is no test clock") }
        self.client = client
        self.isSimulation = isSimulation
        expectation = Expectation(start: start)
    }

    /// Takes a step; what is not as expected, or nil.
    mutating func failure(of step: Scenario.Step) throws -> String? {
        do {
            try take(step)
            return nil
        } catch let fault as StepFault {
            return fault.message
        }
    }

    private mutating func take(_ step: Scenario.Step) throws {
        switch step.kind {
        case .post:
            let answer = try call(step, "POST", "/events", try body(step.value))
            if let name = step.fields["as"]?.stringValue {
                processes[name] = answer["processes"]?[0]?["process_id"]?.stringValue
            }
        case .claim: try claim(step)
        case .outcome: try outcome(step)
        case .heartbeat: try leaseCall(step, "heartbeat")
        case .step: try leaseCall(step, "steps")
        case .release:
            let index = try leaseCall(step, "release")
            settle(index, after: step)
        case .advance: _ = try call(step, "POST", "/clock/advance", ["by": step.value])
        case .cancel, .suspend, .resume, .migrate:
            let id = try processID(step)
            _ = try call(step, "POST", "/processes/\(id)/\(step.kind.rawValue)", try object(step.value))
        case .retryIncident, .resolveIncident:
            let id = try processID(step)
            let incident = try incidentID(of: id, like: step.fields["incident"])
            let action = step.kind == .retryIncident ? "retry" : "resolve"
            _ = try call(step, "POST", "/processes/\(id)/incidents/\(incident)/\(action)", try object(step.value))
        case .restart: _ = try client.restart()
        case .request where step.value["method"] == "GET": try settled { try request(step.value) }
        case .request: try request(step.value)
        case .parallel: try parallel(step)
        case .oneOf: try oneOf(step)
        case .expectTasks: try settled { try expectTasks(step) }
        case .expectProcess: try settled { try expectProcess(step) }
        case .expectStream: try settled { try expectStream(step) }
        }
    }

    private func object(_ value: JSONValue) throws -> JSONValue {
        value.objectValue == nil ? .object(JSONObject()) : try body(value)
    }

    // MARK: Calls

    /// Makes a call that has to succeed or to be refused, as the step says.
    @discardableResult
    func call(_ step: Scenario.Step, _ method: String, _ target: String, _ body: JSONValue?) throws -> JSONValue {
        let (status, answer) = try client.call(method, target, body)
        try checkStatus(step.fields["expect_problem"], status, answer)
        try check(step.fields["expect"], answer)
        return answer
    }

    /// Refused as expected, or else answered.
    func checkStatus(_ problem: JSONValue?, _ status: Int, _ answer: JSONValue) throws {
        guard let problem else {
            guard (200..<300).contains(status) else { throw StepFault(message: "answered \(status) \(answer.text)") }
            return
        }
        let wanted = problem.arrayValue ?? [problem]
        let isExpected = wanted.contains { $0 == answer["code"] || $0.int64Value == Int64(status) }
        guard status >= 400, isExpected else {
            throw StepFault(message: "answered \(status) \(answer.text), expected the problem \(problem.text)")
        }
    }

    func check(_ expected: JSONValue?, _ answer: JSONValue) throws {
        if let expected, let difference = expectation.difference(try filled(expected), answer) {
            throw StepFault(message: difference)
        }
    }

    // MARK: Expecting

    /// Looks once more if something is not as expected: a call is answered before that part of its consequences that
    /// one transaction has no room for. An advance by nothing is answered after it.
    func settled(_ look: () throws -> Void) throws {
        do {
            try look()
        } catch is StepFault {
            _ = try client.call("POST", "/clock/advance", ["by": "0s"])
            try look()
        }
    }

    private func expectTasks(_ step: Scenario.Step) throws {
        let queues = try client.call("GET", "/queues", nil).body["queues"]?.arrayValue ?? []
        var types: [String] = []
        for queue in queues {
            let ready = queue["ready"]?.int64Value ?? 0
            types += Array(repeating: queue["task_type"]?.stringValue ?? "", count: Int(ready))
        }
        let expected = (step.value.arrayValue ?? []).compactMap(\.stringValue).sorted()
        guard types.sorted() == expected else {
            throw StepFault(message: "claimable are \(types.sorted()), expected \(expected)")
        }
    }

    private func expectProcess(_ step: Scenario.Step) throws {
        let process = try client.call("GET", "/processes/\(try processID(step))", nil).body
        try check(step.value, process)
        try check(step.fields["expect"], process)
    }

    private func expectStream(_ step: Scenario.Step) throws {
        let types = try types(inStreamOf: try processID(step), only: step.fields["only"]?.arrayValue)
        let expected = (step.value.arrayValue ?? []).compactMap(\.stringValue)
        guard types == expected else { throw StepFault(message: "the stream holds \(types), expected \(expected)") }
    }

    private func types(inStreamOf process: String, only: [JSONValue]?) throws -> [String] {
        var types: [String] = []
        var from: Int64 = 1
        while true {
            let page = try client.call("GET", "/processes/\(process)/events?limit=1000&from=\(from)", nil).body
            let records = page["events"]?.arrayValue ?? []
            types += records.compactMap { $0["type"]?.stringValue }
            guard records.count == 1000, let next = page["next"]?.int64Value else { break }
            from = next
        }
        guard let only = only?.compactMap(\.stringValue) else { return types }
        return types.filter(only.contains)
    }
}
