import Definitions
import Engine
import JSON
import Procession

/// Random calls to a whole service in memory that runs a made-up definition: no crash, no hang, nothing the service is
/// to blame for, and what was recorded decides the same again.
struct SimulationTarget: FuzzTarget {
    /// Definitions to run besides those that are made up.
    let samples: [[UInt8]]
    /// No call may take longer, however busy the machine is.
    var callLimit = Duration.seconds(20)

    func run(_ random: inout SeededGenerator) throws(Finding) -> Bool {
        let bytes = definition(&random)
        guard let definition = (try? Definition.load(bytes))?.definition else { return false }
        var play = try Play(definition, bytes, callLimit)
        for _ in 0..<5 + random.below(25) { try play.step(&random) }
        try play.verify()
        return play.hasStarted
    }

    private func definition(_ random: inout SeededGenerator) -> [UInt8] {
        if !samples.isEmpty, random.chance(5) { return random.pick(samples) }
        var maker = RandomDefinition(slips: random.pick([0, 0, 0, 200]))
        return maker.make(&random).bytes
    }
}

/// One service and what is known of it.
private struct Play {
    private let client: InProcessClient
    private let callLimit: Duration
    private let events: [String]
    private let definition: String
    private var tasks: [(id: String, token: String)] = []
    private var processes: [String] = []
    private var incidents: [(process: String, incident: String)] = []
    private var log: [String] = []
    private var postedEvents = 0
    private(set) var hasStarted = false

    init(_ definition: Definition, _ bytes: [UInt8], _ callLimit: Duration) throws(Finding) {
        self.callLimit = callLimit
        self.definition = String(decoding: bytes, as: UTF8.self)
        let document = definition.canonical
        events = document["events"]?.objectValue?.map(\.name) ?? []
        var configuration = ServiceConfiguration()
        configuration.store = .memory
        configuration.testClock = true
        configuration.definitions = [(definition.name, bytes)]
        do throws(StartError) {
            client = try InProcessClient(configuration)
        } catch {
            throw Finding("a valid definition is not taken: \(error)", input: self.definition)
        }
    }

    mutating func step(_ random: inout SeededGenerator) throws(Finding) {
        switch random.below(12) {
        case 0...3: try post(&random)
        case 4, 5: try claim(&random)
        case 6, 7: try outcome(&random)
        case 8: try call("POST", "/clock/advance", ["by": random.pick(["0s", "1s", "59s", "10m", "1h"])])
        case 9: try look(&random)
        default: try operate(&random)
        }
    }

    private mutating func post(_ random: inout SeededGenerator) throws(Finding) {
        postedEvents += 1
        var data = RandomJSON.object(&random, depth: 2)
        data["id"] = random.pick(["k1", "k1", "k2", 7, .null])
        if random.chance(2) { data["list"] = random.pick([["a", "b"], [["id": "x"]], [], [1, 2, 2]]) }
        let number = random.chance(6) ? 1 : postedEvents
        let answer = try call(
            "POST", "/events",
            [
                "id": .string("e\(number)"), "type": .string(random.chance(10) ? "Unheard" : random.pick(events)),
                "data": .object(data),
            ])
        for process in answer["processes"]?.arrayValue ?? [] {
            hasStarted = true
            if let id = process["process_id"]?.stringValue, !processes.contains(id) { processes.append(id) }
        }
    }

    private mutating func claim(_ random: inout SeededGenerator) throws(Finding) {
        let answer = try call("GET", "/tasks?type=pay,ship,undo,a.b%2Fc,%C3%84,charge-card&limit=3&worker=w", nil)
        for task in answer["tasks"]?.arrayValue ?? [] {
            guard let id = task["task_id"]?.stringValue, let token = task["lease"]?["token"]?.stringValue else {
                continue
            }
            tasks.append((id, token))
        }
    }

    private mutating func outcome(_ random: inout SeededGenerator) throws(Finding) {
        guard !tasks.isEmpty else { return }
        let task = random.pick(tasks)
        let token = JSONValue.string(task.token)
        switch random.below(6) {
        case 0, 1:
            let result = RandomJSON.value(&random)
            try call(
                "POST", "/tasks/\(task.id)/outcome",
                ["lease_token": token, "outcome": "completed", "result": result])
        case 2:
            try call(
                "POST", "/tasks/\(task.id)/outcome",
                [
                    "lease_token": token, "outcome": "failed", "code": random.pick(["no", "yes"]), "reason": "r",
                    "retryable": .bool(random.chance(2)),
                ])
        case 3: try call("POST", "/tasks/\(task.id)/outcome", ["lease_token": token, "outcome": "cancelled"])
        case 4: try call("POST", "/tasks/\(task.id)/heartbeat", ["lease_token": token, "extend": "5m"])
        default:
            try call(
                "POST", "/tasks/\(task.id)/steps",
                ["lease_token": token, "name": random.pick(["s1", "s2"]), "data": RandomJSON.value(&random)])
        }
    }

    private mutating func look(_ random: inout SeededGenerator) throws(Finding) {
        guard !processes.isEmpty else { return }
        let id = random.pick(processes)
        let process = try call("GET", "/processes/\(id)", nil)
        for incident in process["incidents"]?.arrayValue ?? [] {
            if let incident = incident["incident_id"]?.stringValue { incidents.append((id, incident)) }
        }
        try call("GET", random.pick(["/events?limit=1000", "/queues", "/processes/\(id)/events", "/metrics"]), nil)
        try call("GET", "/processes/\(id)/diagram", nil)
    }

    private mutating func operate(_ random: inout SeededGenerator) throws(Finding) {
        if !incidents.isEmpty, random.chance(2) {
            let (process, incident) = random.pick(incidents)
            let action = random.pick(["retry", "resolve"])
            let body: JSONValue? = action == "resolve" && random.chance(2) ? ["result": RandomJSON.value(&random)] : nil
            try call("POST", "/processes/\(process)/incidents/\(incident)/\(action)", body)
            return
        }
        guard !processes.isEmpty else { return }
        let id = random.pick(processes)
        switch random.below(4) {
        case 0:
            try call(
                "POST", "/processes/\(id)/cancel",
                random.pick([
                    ["reason": "r"], ["reason": "r", "mode": "cooperative", "deadline": "1h"],
                    ["reason": "r", "mode": "hard", "compensate": true],
                ]))
        case 1: try call("POST", "/processes/\(id)/suspend", nil)
        default: try call("POST", "/processes/\(id)/resume", nil)
        }
    }

    @discardableResult
    private mutating func call(_ method: String, _ target: String, _ body: JSONValue?) throws(Finding) -> JSONValue {
        log.append("\(method) \(target) \(body?.text ?? "")")
        let begun = ContinuousClock.now
        let (status, answer) = client.call(method, target, body)
        let took = ContinuousClock.now - begun
        guard (200..<500).contains(status) else { throw finding("answered \(status): \(answer.text)") }
        guard took < callLimit else { throw finding("took \(took)") }
        return answer
    }

    func verify() throws(Finding) {
        let difference: String?
        do {
            difference = try client.verify().difference
        } catch {
            throw finding("verify: \(error)")
        }
        if let difference { throw finding("verify: \(difference)") }
    }

    private func finding(_ message: String) -> Finding {
        Finding(message, input: definition + "\n" + log.joined(separator: "\n"))
    }
}
