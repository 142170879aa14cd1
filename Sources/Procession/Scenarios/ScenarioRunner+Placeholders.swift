import HTTPServer
import JSON

/// What only the service knows and a scenario names: the ids of processes, tasks and incidents.
extension ScenarioRunner {
    private enum Placeholder: String {
        case process = "process_id"
        case task = "task_id"
        case lease = "lease_token"
        case incident = "incident_id"
        case unmatched = "unmatched_id"
    }

    /// What is sent: with placeholders filled in and times written out.
    func body(_ value: JSONValue) throws -> JSONValue { expectation.resolve(try filled(value)) }

    /// The value with the placeholders in its texts filled in; a text that is one as a whole becomes what it stands
    /// for, which may be a number.
    func filled(_ value: JSONValue) throws -> JSONValue {
        switch value {
        case .string(let text): return isSimulation ? value : try filled(text)
        case .array(let items): return .array(try items.map { try filled($0) })
        case .object(let object):
            return .object(JSONObject(uniqueMembers: try object.map { ($0.name, try filled($0.value)) }))
        case .null, .bool, .number: return value
        }
    }

    func filledText(_ text: String) throws -> String {
        let value = try filled(text)
        return value.stringValue ?? value.text
    }

    private func filled(_ text: String) throws -> JSONValue {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.firstIndex(of: "}"), let value = try known(inside[..<close]) else {
                result += "{"
                rest = inside
                continue
            }
            rest = inside[inside.index(after: close)...]
            if open == text.startIndex, rest.isEmpty { return value }
            result += value.stringValue ?? value.text
        }
        return .string(result + rest)
    }

    /// Nil for braces that hold no placeholder.
    private func known(_ text: Substring) throws -> JSONValue? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let placeholder = Placeholder(rawValue: first) else { return nil }
        let name = parts.count > 1 ? parts[1] : nil
        switch placeholder {
        case .process: return .string(try processID(named: name))
        case .incident: return .string(try incidentID(of: try processID(named: name), like: nil))
        case .task: return .string(claims[try claimIndex(name ?? "")].id)
        case .lease: return .string(claims[try claimIndex(name ?? "")].token)
        case .unmatched: return try unmatchedID(name ?? "")
        }
    }

    // MARK: Looking up

    /// The newest process that the step's key and definition name; the only one where it names none.
    func processID(_ step: Scenario.Step) throws -> String {
        if let of = step.fields["of"]?.stringValue {
            guard let id = processes[of] else { throw StepFault(message: "no post named '\(of)' met a process") }
            return id
        }
        let inner = step.kind == .expectProcess ? step.value : .null
        return try processID(
            key: (step.fields["key"] ?? inner["key"])?.stringValue,
            definition: (step.fields["definition"] ?? inner["definition"])?.stringValue)
    }

    /// The process of a post's `as`, or else of a key.
    private func processID(named name: String?) throws -> String {
        if let name, let id = processes[name] { return id }
        return try processID(key: name, definition: nil)
    }

    private func processID(key: String?, definition: String?) throws -> String {
        var target = "/processes?limit=1"
        if let key { target += "&key=\(PercentEncoding.encode(key))" }
        if let definition { target += "&definition=\(PercentEncoding.encode(definition))" }
        let list = try client.call("GET", target, nil).body["processes"]
        guard let id = list?[0]?["process_id"]?.stringValue else {
            throw StepFault(message: "there is no such process")
        }
        return id
    }

    /// The first open incident that looks as wanted.
    func incidentID(of process: String, like wanted: JSONValue?) throws -> String {
        let incidents = try client.call("GET", "/processes/\(process)", nil).body["incidents"]?.arrayValue ?? []
        let wanted = try wanted.map { try filled($0) }
        let fitting = incidents.first { incident in wanted.map { expectation.difference($0, incident) == nil } ?? true }
        guard let id = fitting?["incident_id"]?.stringValue else {
            throw StepFault(message: "the process has no \(wanted == nil ? "" : "such ")open incident")
        }
        return id
    }

    private func unmatchedID(_ event: String) throws -> JSONValue {
        var target = "/events/unmatched?limit=1000"
        while true {
            let page = try client.call("GET", target, nil).body
            let events = page["events"]?.arrayValue ?? []
            if let found = events.first(where: { $0["event_id"]?.stringValue == event }) {
                return found["unmatched_id"] ?? .null
            }
            guard !events.isEmpty, let next = page["next"], !next.isNull else {
                throw StepFault(message: "the event '\(event)' is not among those without a process")
            }
            target = "/events/unmatched?limit=1000&after=\(next.stringValue ?? next.text)"
        }
    }
}
