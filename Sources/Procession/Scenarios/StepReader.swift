import JSON

/// Reads the steps of a scenario and writes out those that are repeated.
struct StepReader {
    typealias Step = Scenario.Step
    typealias Fault = Scenario.Fault

    private static let beside: Set<String> = [
        "as", "of", "worker", "expect", "expect_none", "expect_problem", "key", "definition", "note", "lease", "wait",
        "limit", "claim_id", "result", "code", "reason", "retryable", "retry_after", "only", "incident",
    ]
    private static let inRequest: Set<String> = [
        "method", "path", "headers", "body", "expect_status", "expect", "expect_problem",
    ]

    private let limit: Int
    private let isPlain: Bool
    private var count = 0

    init(limit: Int, isPlain: Bool) {
        self.limit = limit
        self.isPlain = isPlain
    }

    mutating func steps(_ list: [JSONValue], at pointer: String) throws(Fault) -> [Step] {
        var steps: [Step] = []
        for (index, value) in list.enumerated() {
            let place = "\(pointer)/\(index)"
            guard case .object(let object) = value else {
                throw Fault(pointer: place, message: "a step is an object")
            }
            if object["repeat"] != nil {
                steps += try repeated(object, at: place)
            } else {
                steps.append(try step(object, at: place))
            }
        }
        return steps
    }

    /// `{"repeat": n, "step": s}`: the step n times, `{n}` in it being 1, 2 …
    private mutating func repeated(_ object: JSONObject, at pointer: String) throws(Fault) -> [Step] {
        try refuseInPlain("repeat", at: pointer)
        for member in object where !["repeat", "step", "note"].contains(member.name) {
            throw Fault(pointer: "\(pointer)/\(member.name)", message: "beside 'repeat' stands the step as 'step'")
        }
        guard let times = object["repeat"]?.int64Value, times > 0, times <= limit else {
            throw Fault(pointer: "\(pointer)/repeat", message: "a step is repeated 1 to \(limit) times")
        }
        guard let step = object["step"] else {
            throw Fault(pointer: "\(pointer)/step", message: "'step' is the step to repeat")
        }
        var steps: [Step] = []
        // The places of faults are those of lists; here it is a list of one.
        for number in 1...times { steps += try self.steps([Self.numbered(step, number)], at: "\(pointer)/step") }
        return steps
    }

    private static func numbered(_ value: JSONValue, _ number: Int64) -> JSONValue {
        switch value {
        case .string(let text): return .string(text.replacing("{n}", with: String(number)))
        case .array(let items): return .array(items.map { numbered($0, number) })
        case .object(let object):
            // Two names may become one; then the last counts.
            var changed = JSONObject()
            for member in object {
                changed[member.name.replacing("{n}", with: String(number))] = numbered(member.value, number)
            }
            return .object(changed)
        case .null, .bool, .number: return value
        }
    }

    private mutating func step(_ object: JSONObject, at pointer: String) throws(Fault) -> Step {
        count += 1
        guard count <= limit else { throw Fault(pointer: "/steps", message: "there are more than \(limit) steps") }
        var kinds: [Step.Kind] = []
        for member in object {
            if let kind = Step.Kind(rawValue: member.name) {
                kinds.append(kind)
            } else if !Self.beside.contains(member.name) {
                throw Fault(pointer: "\(pointer)/\(member.name)", message: "there is no step '\(member.name)'")
            }
        }
        guard let kind = kinds.first, kinds.count == 1, let value = object[kind.rawValue] else {
            throw Fault(pointer: pointer, message: "a step has exactly one step name")
        }
        var expected = [(object["expect"], "\(pointer)/expect"), (object["incident"], "\(pointer)/incident")]
        var lists: [[Step]] = []
        let place = "\(pointer)/\(kind.rawValue)"
        switch kind {
        case .request:
            try refuseInPlain(kind.rawValue, at: pointer)
            try checkRequest(value, at: place)
            expected.append((value["expect"], "\(place)/expect"))
        case .parallel:
            try refuseInPlain(kind.rawValue, at: pointer)
            lists = [try inner(value, at: place)]
        case .oneOf:
            try refuseInPlain(kind.rawValue, at: pointer)
            guard let choices = value.arrayValue, !choices.isEmpty else {
                throw Fault(pointer: place, message: "'one_of' is a list of lists of steps")
            }
            for (index, choice) in choices.enumerated() { lists.append(try inner(choice, at: "\(place)/\(index)")) }
        case .expectProcess: expected.append((value, place))
        default: break
        }
        for case (let value?, let pointer) in expected {
            if let fault = MatchingForm.fault(in: value, at: pointer) { throw fault }
        }
        return Step(kind: kind, value: value, fields: object, lists: lists)
    }

    private mutating func inner(_ value: JSONValue, at pointer: String) throws(Fault) -> [Step] {
        guard let list = value.arrayValue, !list.isEmpty else {
            throw Fault(pointer: pointer, message: "a list of steps is expected")
        }
        return try steps(list, at: pointer)
    }

    private func checkRequest(_ value: JSONValue, at pointer: String) throws(Fault) {
        for member in value.objectValue ?? JSONObject() where !Self.inRequest.contains(member.name) {
            throw Fault(pointer: "\(pointer)/\(member.name)", message: "a request has no '\(member.name)'")
        }
        guard let method = value["method"]?.stringValue, !method.isEmpty,
            let path = value["path"]?.stringValue, path.hasPrefix("/")
        else { throw Fault(pointer: pointer, message: "a request has a 'method', and a 'path' that begins with '/'") }
        let headers = value["headers"] ?? .null
        guard headers.isNull || headers.objectValue?.allSatisfy({ $0.value.stringValue != nil }) == true else {
            throw Fault(pointer: "\(pointer)/headers", message: "headers are texts by their names")
        }
    }

    private func refuseInPlain(_ name: String, at pointer: String) throws(Fault) {
        guard isPlain else { return }
        throw Fault(pointer: "\(pointer)/\(name)", message: "there is no step '\(name)' here")
    }
}
