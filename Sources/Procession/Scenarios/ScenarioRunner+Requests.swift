import JSON

/// Steps that are requests of their own, and steps that hold others.
extension ScenarioRunner {
    func request(_ request: JSONValue) throws {
        let method = request["method"]?.stringValue ?? "GET"
        let path = try filledText(request["path"]?.stringValue ?? "/")
        var headers: [(name: String, value: String)] = []
        for member in request["headers"]?.objectValue ?? JSONObject() {
            headers.append((member.name, try filledText(member.value.stringValue ?? "")))
        }
        let body = try request["body"].map { try self.body($0) }
        let (status, answer) = try client.call(method, path, body, headers: headers)
        if let expected = request["expect_status"] {
            guard (expected.arrayValue ?? [expected]).contains(where: { $0.int64Value == Int64(status) }) else {
                throw StepFault(message: "answered \(status) \(answer.text), expected the status \(expected.text)")
            }
        }
        // A status that is expected may be any.
        if request["expect_status"] == nil || request["expect_problem"] != nil {
            try checkStatus(request["expect_problem"], status, answer)
        }
        try check(request["expect"], answer)
    }

    /// Everything in its order, which is one of those that might be. All steps are taken even if one fails: together,
    /// none would know of the others.
    mutating func parallel(_ step: Scenario.Step) throws {
        var faults: [String] = []
        for inner in step.lists.joined() {
            if let message = try failure(of: inner) { faults.append("\(inner.kind.rawValue): \(message)") }
        }
        guard faults.isEmpty else { throw StepFault(message: faults.joined(separator: "; ")) }
    }

    /// The first list whose steps all go as expected is enough.
    mutating func oneOf(_ step: Scenario.Step) throws {
        var faults: [String] = []
        for list in step.lists {
            guard let fault = try firstFailure(of: list) else { return }
            faults.append(fault)
        }
        throw StepFault(message: "none of \(faults.count) went as expected: " + faults.joined(separator: "; "))
    }

    private mutating func firstFailure(of steps: [Scenario.Step]) throws -> String? {
        for step in steps {
            if let message = try failure(of: step) { return "\(step.kind.rawValue): \(message)" }
        }
        return nil
    }
}
