import JSON

/// A test of processes, written as JSON: steps to take, and what has to come of them.
public struct Scenario: Sendable {
    public let name: String
    /// Names of definitions, or whole definitions.
    public let definitions: [JSONValue]
    /// Repeated steps stand here as often as they are taken.
    public let steps: [Step]

    /// One step: what is called, with which value, and what stands beside it.
    public struct Step: Sendable {
        public let kind: Kind
        public let value: JSONValue
        public let fields: JSONObject
        /// The lists of steps inside a `one_of`; the one list of a `parallel`.
        public let lists: [[Step]]

        public enum Kind: String, Sendable, CaseIterable {
            case post, claim, outcome, heartbeat, step, release, advance, cancel, suspend, resume, migrate, restart
            case request, parallel
            case oneOf = "one_of"
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

    /// `stepLimit` counts the steps that are inside others, too, and repeated ones each time. With `isPlain`, no step
    /// may hold others, be repeated, or make a request of its own.
    public init(_ document: JSONValue, stepLimit: Int = 100_000, isPlain: Bool = false) throws(Fault) {
        guard case .object(let object) = document else { throw Fault(pointer: "", message: "a scenario is an object") }
        let known: Set<String> = ["name", "description", "assumes", "note", "definition", "definitions", "steps"]
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
        var reader = StepReader(limit: stepLimit, isPlain: isPlain)
        steps = try reader.steps(list, at: "/steps")
    }
}
