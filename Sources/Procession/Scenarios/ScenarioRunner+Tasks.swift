import HTTPServer
import JSON

/// The steps of workers.
extension ScenarioRunner {
    struct Claim {
        var name: String?
        var type: String
        var id: String
        var token: String
        var isSettled = false
    }

    mutating func claim(_ step: Scenario.Step) throws {
        let type = step.value.stringValue ?? ""
        var target = "/tasks?type=\(PercentEncoding.encode(type))"
        for (field, name) in [("worker", "worker"), ("lease", "lease"), ("wait", "wait"), ("claim_id", "claim")] {
            if field == "wait", isSimulation { continue }
            if let text = step.fields[field]?.stringValue { target += "&\(name)=\(PercentEncoding.encode(text))" }
        }
        let limit = step.fields["limit"]?.int64Value
        if let limit { target += "&limit=\(limit)" }
        let (status, answer) = try client.call("GET", target, nil)
        try checkStatus(step.fields["expect_problem"], status, answer)
        guard status == 200 else { return try check(step.fields["expect"], answer) }
        let tasks = answer["tasks"]?.arrayValue ?? []
        if step.fields["expect_none"]?.boolValue == true {
            guard tasks.isEmpty else { throw StepFault(message: "there is a task: \(answer.text)") }
            return
        }
        guard tasks.count == Int(limit ?? 1) else {
            throw StepFault(message: "got \(tasks.count) tasks of type \(type), expected \(limit ?? 1)")
        }
        let name = step.fields["as"]?.stringValue
        for (index, task) in tasks.enumerated() {
            hold(task, as: tasks.count == 1 ? name : name.map { "\($0).\(index + 1)" })
        }
        let isList = (limit ?? 1) > 1 || step.fields["expect"]?.arrayValue != nil
        try check(step.fields["expect"], isList ? answer["tasks"] ?? .null : tasks.first ?? .null)
    }

    private mutating func hold(_ task: JSONValue, as name: String?) {
        let id = task["task_id"]?.stringValue ?? ""
        // A further attempt takes the place of the one before, whose lease is over.
        if name == nil { claims.removeAll { $0.name == nil && $0.id == id } }
        claims.append(
            Claim(
                name: name, type: task["task_type"]?.stringValue ?? "", id: id,
                token: task["lease"]?["token"]?.stringValue ?? ""))
    }

    /// The task that `of` means: a name, or else of a type the oldest one claimed without a name and not settled yet,
    /// else the last settled.
    func claimIndex(_ of: String) throws -> Int {
        if let named = claims.lastIndex(where: { $0.name == of }) { return named }
        if let open = claims.firstIndex(where: { $0.type == of && $0.name == nil && !$0.isSettled }) { return open }
        if let settled = claims.lastIndex(where: { $0.type == of && $0.isSettled }) { return settled }
        throw StepFault(message: "no task '\(of)' was claimed")
    }

    private func claimIndex(_ step: Scenario.Step) throws -> Int {
        guard let of = step.fields["of"]?.stringValue else { throw StepFault(message: "'of' names a claimed task") }
        return try claimIndex(of)
    }

    /// What was refused has settled nothing.
    mutating func settle(_ index: Int, after step: Scenario.Step) {
        if step.fields["expect_problem"] == nil { claims[index].isSettled = true }
    }

    mutating func outcome(_ step: Scenario.Step) throws {
        let index = try claimIndex(step)
        var members: JSONObject = ["lease_token": .string(claims[index].token), "outcome": step.value]
        for name in ["result", "code", "reason", "retryable", "retry_after"] {
            if let value = step.fields[name] { members[name] = try body(value) }
        }
        if step.value.stringValue == "failed", members["reason"] == nil { members["reason"] = "failed" }
        try call(step, "POST", "/tasks/\(claims[index].id)/outcome", .object(members))
        settle(index, after: step)
    }

    @discardableResult
    func leaseCall(_ step: Scenario.Step, _ action: String) throws -> Int {
        let index = try claimIndex(step)
        var members = try body(step.value).objectValue ?? JSONObject()
        members["lease_token"] = .string(claims[index].token)
        try call(step, "POST", "/tasks/\(claims[index].id)/\(action)", .object(members))
        return index
    }
}
