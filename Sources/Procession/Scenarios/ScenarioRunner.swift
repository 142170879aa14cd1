import Chrono
import Engine
import HTTPServer
import JSON

/// Takes the steps of a scenario against a service that has its definitions, and says what is not as expected.
public struct ScenarioRunner {
    private let client: any ScenarioClient
    private let expectation: Expectation
    /// Claims may wait, in real time.
    private let waits: Bool
    /// Tasks that were claimed, oldest first.
    private var claims: [Claim] = []
    /// Process ids by the `as` name of their `post`.
    private var processes: [String: String] = [:]

    private struct Claim {
        var name: String?
        var type: String
        var id: String
        var token: String
        var isSettled = false
    }

    /// A step that did not go as expected.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let step: Int
        public let message: String
        public var description: String { "step \(step + 1): \(message)" }
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

    /// Without `waits` a claim that finds nothing is answered at once, whatever its `wait` says.
    init(on client: any ScenarioClient, waits: Bool = true) throws {
        let clock = try client.call("GET", "/clock", nil).body["now"]?.stringValue ?? ""
        guard let start = Instant(rfc3339: clock) else { throw Failure(step: 0, message: "there is no test clock") }
        self.client = client
        self.waits = waits
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

    private struct StepFault: Error {
        let message: String
    }

    private mutating func take(_ step: Scenario.Step) throws {
        switch step.kind {
        case .post:
            let answer = try call(step, "POST", "/events", expectation.resolve(step.value))
            if let name = step.fields["as"]?.stringValue {
                processes[name] = answer["processes"]?[0]?["process_id"]?.stringValue
            }
        case .claim: try claim(step)
        case .outcome: try outcome(step)
        case .heartbeat: try leaseCall(step, "heartbeat")
        case .step: try leaseCall(step, "steps")
        case .release:
            let index = try leaseCall(step, "release")
            claims[index].isSettled = true
        case .advance: _ = try call(step, "POST", "/clock/advance", ["by": step.value])
        case .cancel, .suspend, .resume, .migrate:
            let id = try processID(step)
            _ = try call(step, "POST", "/processes/\(id)/\(step.kind.rawValue)", body(step.value))
        case .retryIncident, .resolveIncident:
            let id = try processID(step)
            let process = try client.call("GET", "/processes/\(id)", nil).body
            guard let incident = process["incidents"]?[0]?["incident_id"]?.stringValue else {
                throw StepFault(message: "the process has no open incident")
            }
            let action = step.kind == .retryIncident ? "retry" : "resolve"
            _ = try call(step, "POST", "/processes/\(id)/incidents/\(incident)/\(action)", body(step.value))
        case .restart: _ = try client.restart()
        case .expectTasks: try expectTasks(step)
        case .expectProcess: try expectProcess(step)
        case .expectStream: try expectStream(step)
        }
    }

    private func body(_ value: JSONValue) -> JSONValue {
        value.objectValue == nil ? .object(JSONObject()) : expectation.resolve(value)
    }

    /// Makes a call that has to succeed or to be refused, as the step says.
    @discardableResult
    private func call(
        _ step: Scenario.Step, _ method: String, _ target: String, _ body: JSONValue?
    ) throws -> JSONValue {
        let (status, answer) = try client.call(method, target, body)
        try checkStatus(step, status, answer)
        try check(step, answer)
        return answer
    }

    /// Refused as the step says, or else answered.
    private func checkStatus(_ step: Scenario.Step, _ status: Int, _ answer: JSONValue) throws {
        guard let expected = step.fields["expect_problem"] else {
            guard (200..<300).contains(status) else { throw StepFault(message: "answered \(status) \(answer.text)") }
            return
        }
        let wanted = expected.arrayValue ?? [expected]
        let isExpected = wanted.contains { $0 == answer["code"] || $0.int64Value == Int64(status) }
        guard status >= 400, isExpected else {
            throw StepFault(message: "answered \(status) \(answer.text), expected the problem \(expected.text)")
        }
    }

    private func check(_ step: Scenario.Step, _ answer: JSONValue) throws {
        if let expected = step.fields["expect"], let difference = expectation.difference(expected, answer) {
            throw StepFault(message: difference)
        }
    }

    private mutating func claim(_ step: Scenario.Step) throws {
        let type = step.value.stringValue ?? ""
        var target = "/tasks?type=\(PercentEncoding.encode(type))"
        for (field, name) in [("worker", "worker"), ("lease", "lease"), ("wait", "wait"), ("claim_id", "claim")] {
            if field == "wait", !waits { continue }
            if let text = step.fields[field]?.stringValue { target += "&\(name)=\(PercentEncoding.encode(text))" }
        }
        let limit = step.fields["limit"]?.int64Value
        if let limit { target += "&limit=\(limit)" }
        let (status, answer) = try client.call("GET", target, nil)
        try checkStatus(step, status, answer)
        guard status == 200 else { return try check(step, answer) }
        let tasks = answer["tasks"]?.arrayValue ?? []
        if step.fields["expect_none"]?.boolValue == true {
            guard tasks.isEmpty else { throw StepFault(message: "there is a task: \(answer.text)") }
            return
        }
        guard tasks.count == Int(limit ?? 1) else {
            throw StepFault(message: "got \(tasks.count) tasks of type \(type), expected \(limit ?? 1)")
        }
        for (index, task) in tasks.enumerated() {
            let name = step.fields["as"]?.stringValue
            claims.append(
                Claim(
                    name: limit == nil ? name : name.map { "\($0).\(index + 1)" },
                    type: task["task_type"]?.stringValue ?? "", id: task["task_id"]?.stringValue ?? "",
                    token: task["lease"]?["token"]?.stringValue ?? ""))
        }
        try check(step, limit == nil ? tasks[0] : answer["tasks"] ?? .null)
    }

    /// The task that `of` means: a name, or else of a type the oldest one claimed without a name and not settled yet,
    /// else the last settled.
    private func claimIndex(_ step: Scenario.Step) throws -> Int {
        guard let of = step.fields["of"]?.stringValue else { throw StepFault(message: "'of' names a claimed task") }
        if let named = claims.lastIndex(where: { $0.name == of }) { return named }
        if let open = claims.firstIndex(where: { $0.type == of && $0.name == nil && !$0.isSettled }) { return open }
        if let settled = claims.lastIndex(where: { $0.type == of && $0.isSettled }) { return settled }
        throw StepFault(message: "no task '\(of)' was claimed")
    }

    private mutating func outcome(_ step: Scenario.Step) throws {
        let index = try claimIndex(step)
        var body: JSONObject = ["lease_token": .string(claims[index].token), "outcome": step.value]
        for name in ["result", "code", "reason", "retryable", "retry_after"] {
            if let value = step.fields[name] { body[name] = expectation.resolve(value) }
        }
        if step.value.stringValue == "failed", body["reason"] == nil { body["reason"] = "failed" }
        try call(step, "POST", "/tasks/\(claims[index].id)/outcome", .object(body))
        claims[index].isSettled = true
    }

    @discardableResult
    private func leaseCall(_ step: Scenario.Step, _ action: String) throws -> Int {
        let index = try claimIndex(step)
        var body = expectation.resolve(step.value).objectValue ?? JSONObject()
        body["lease_token"] = .string(claims[index].token)
        try call(step, "POST", "/tasks/\(claims[index].id)/\(action)", .object(body))
        return index
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

    /// The newest process that the step's key and definition name; the only one where it names none.
    private func processID(_ step: Scenario.Step) throws -> String {
        if let of = step.fields["of"]?.stringValue {
            guard let id = processes[of] else { throw StepFault(message: "no post named '\(of)' met a process") }
            return id
        }
        let inner = step.kind == .expectProcess ? step.value : .null
        var target = "/processes?limit=1"
        for name in ["key", "definition"] {
            if let text = (step.fields[name] ?? inner[name])?.stringValue {
                target += "&\(name)=\(PercentEncoding.encode(text))"
            }
        }
        let list = try client.call("GET", target, nil).body["processes"]
        guard let id = list?[0]?["process_id"]?.stringValue else {
            throw StepFault(message: "there is no such process")
        }
        return id
    }

    private func expectProcess(_ step: Scenario.Step) throws {
        let process = try client.call("GET", "/processes/\(try processID(step))", nil).body
        if let difference = expectation.difference(step.value, process) { throw StepFault(message: difference) }
        try check(step, process)
    }

    private func expectStream(_ step: Scenario.Step) throws {
        let target = "/processes/\(try processID(step))/events?limit=1000"
        let records = try client.call("GET", target, nil).body["events"]?.arrayValue ?? []
        var types = records.compactMap { $0["type"]?.stringValue }
        if let only = step.fields["only"]?.arrayValue?.compactMap(\.stringValue) { types = types.filter(only.contains) }
        let expected = (step.value.arrayValue ?? []).compactMap(\.stringValue)
        guard types == expected else { throw StepFault(message: "the stream holds \(types), expected \(expected)") }
    }
}
