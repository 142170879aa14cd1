import JSON

/// A test of processes, written as JSON: steps to take, and what has to come of them.
public struct Scenario: Sendable {
    public let name: String
    /// Names of definitions, or whole definitions.
    public let definitions: [JSONValue]
    public let steps: [Step]

    /// One step: what is called, with which value, and what stands beside it.
    public struct Step: Sendable {
        public let kind: Kind
        public let value: JSONValue
        public let fields: JSONObject

        public enum Kind: String, Sendable, CaseIterable {
            case post, claim, outcome, heartbeat, step, release, advance, cancel, suspend, resume, migrate, restart
            case retryIncident = "retry_incident"
            case resolveIncident = "resolve_incident"
            case expectTasks = "expect_tasks"
            case expectProcess = "expect_process"
            case expectStream = "expect_stream"
        }
    }

    /// A document that is not a scenario, and where it stops being one.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        public let pointer: String
        public let message: String
        public var description: String { "\(pointer): \(message)" }
    }

    public init(_ document: JSONValue) throws(Fault) {
        guard case .object(let object) = document else { throw Fault(pointer: "", message: "a scenario is an object") }
        let known: Set<String> = ["name", "note", "definition", "definitions", "steps"]
        for member in object where !known.contains(member.name) {
            throw Fault(pointer: "/\(member.name)", message: "there is no member '\(member.name)'")
        }
        guard let name = object["name"]?.stringValue else {
            throw Fault(pointer: "/name", message: "a name is required")
        }
        self.name = name
        if let single = object["definition"] {
            definitions = [single]
        } else if let list = object["definitions"]?.arrayValue {
            definitions = list
        } else {
            throw Fault(pointer: "/definition", message: "name a definition, or several as 'definitions'")
        }
        guard let list = object["steps"]?.arrayValue else {
            throw Fault(pointer: "/steps", message: "steps are required")
        }
        var steps: [Step] = []
        for (index, value) in list.enumerated() { steps.append(try Step(value, at: "/steps/\(index)")) }
        self.steps = steps
    }
}

extension Scenario.Step {
    private static let beside: Set<String> = [
        "as", "of", "worker", "expect", "expect_none", "expect_problem", "key", "definition", "note", "lease", "wait",
        "limit", "claim_id", "result", "code", "reason", "retryable", "retry_after", "only",
    ]

    fileprivate init(_ value: JSONValue, at pointer: String) throws(Scenario.Fault) {
        guard case .object(let object) = value else {
            throw Scenario.Fault(pointer: pointer, message: "a step is an object")
        }
        var kinds: [Kind] = []
        for member in object {
            if let kind = Kind(rawValue: member.name) {
                kinds.append(kind)
            } else if !Self.beside.contains(member.name) {
                throw Scenario.Fault(pointer: "\(pointer)/\(member.name)", message: "there is no step '\(member.name)'")
            }
        }
        guard let kind = kinds.first, kinds.count == 1 else {
            throw Scenario.Fault(pointer: pointer, message: "a step has exactly one step name")
        }
        self.kind = kind
        self.value = object[kind.rawValue] ?? .null
        fields = object
    }
}
