import JSON
import Testing

@Suite("Webhooks: tasks over the wire", .timeLimit(.minutes(3)))
struct PushedTaskTests {
    private func charge(_ desk: WebhookDesk, _ id: String) throws -> String {
        try desk.post("ParcelOpened", ["id": .string(id)])
        return try desk.post("ParcelCharged", ["id": .string(id), "amount": 40])
    }

    private static let charges: JSONValue = ["task_types": ["charge"]]

    @Test("a task is pushed as it would be claimed, and 200 with an outcome ends it")
    func completed() throws {
        let desk = try WebhookDesk()
        let webhook = try desk.register("/task", Self.charges)
        let process = try charge(desk, "p1")
        let seen = try desk.receiver.next()
        #expect(seen.verified == [true])
        #expect(seen.body["type"] == "charge")
        let task = try #require(seen.body["data"])
        #expect(task["input"] == ["id": "p1", "amount": 40])
        #expect(task["process_id"]?.stringValue == process)
        #expect(task["lease"]?["token"] != nil)
        let id = try #require(task["task_id"]?.stringValue)
        #expect(seen.id == "\(id)-1")
        let view = try desk.process(process) { $0["status"] == "Completed" }
        #expect(view["result"] == ["charged": ["charged": 40]])
        let attempt = try desk.call("GET", "/tasks/\(id)")["attempts"]?[0]
        #expect(attempt?["worker"]?.stringValue == "webhook:\(webhook)")
        #expect(attempt?["outcome"] == "completed")
    }

    @Test("many tasks go out, never more at once than the endpoint takes")
    func many() throws {
        let desk = try WebhookDesk()
        try desk.register("/task", ["task_types": ["charge"], "max_in_flight": 3])
        let processes = try (0..<40).map { try charge(desk, "p\($0)") }
        for process in processes { _ = try desk.process(process) { $0["status"] == "Completed" } }
    }

    @Test("202 accepts a task, and its outcome comes later with the lease token")
    func later() throws {
        let desk = try WebhookDesk()
        try desk.register("/task-later", Self.charges)
        let process = try charge(desk, "p1")
        let outcome = try desk.receiver.next("/task-later/outcome").body
        #expect(outcome["recorded"] == true)
        #expect(
            try desk.process(process) { $0["status"] == "Completed" }["result"] == ["charged": ["charged": "later"]])
    }

    @Test("a failed outcome counts as one, with its code")
    func declined() throws {
        let desk = try WebhookDesk()
        try desk.register("/task-declined", Self.charges)
        let process = try charge(desk, "p1")
        #expect(try desk.process(process) { $0["status"] == "Failed" }["reason"] == "declined")
    }

    @Test("200 without an outcome is a failed attempt, and the next one has an id of its own")
    func nonsense() throws {
        let desk = try WebhookDesk()
        try desk.register("/task-nonsense", Self.charges)
        let process = try charge(desk, "p1")
        let first = try desk.receiver.next()
        let second = try desk.receiver.next()
        let task = try #require(first.body["data"]?["task_id"]?.stringValue)
        #expect([first.id, second.id] == ["\(task)-1", "\(task)-2"])
        _ = try desk.process(process) { $0["status"] == "Completed" }
        let attempts = try desk.call("GET", "/tasks/\(task)")["attempts"]
        #expect(attempts?[0]?["code"] == "bad_response")
        #expect(attempts?[1]?["outcome"] == "completed")
    }

    @Test("an error of the endpoint is a failed attempt with its status as code")
    func broken() throws {
        let desk = try WebhookDesk()
        try desk.register("/broken", Self.charges)
        let process = try charge(desk, "p1")
        #expect(try desk.process(process) { $0["status"] == "Failed" }["reason"] == "http_500")
    }

    @Test("410 disables the endpoint and gives the task to somebody else")
    func gone() throws {
        let desk = try WebhookDesk()
        let webhook = try desk.register("/gone", Self.charges)
        let process = try charge(desk, "p1")
        _ = try desk.receiver.next("/gone")
        #expect(try desk.webhook(webhook) { $0["status"] != "active" }["disabled_reason"] == "gone")
        let tasks = try desk.call("GET", "/tasks?type=charge&wait=20s")["tasks"]
        #expect(tasks?[0]?["attempt"] == 1)
        #expect(tasks?[0]?["process_id"]?.stringValue == process)
    }

    @Test("a paused endpoint claims nothing, and what was waiting goes out when it resumes")
    func paused() throws {
        let desk = try WebhookDesk()
        let webhook = try desk.register("/task", Self.charges)
        try desk.call("POST", "/webhooks/\(webhook)/pause")
        let process = try charge(desk, "p1")
        #expect(try desk.call("GET", "/processes/\(process)")["status"] == "Running")
        try desk.call("POST", "/webhooks/\(webhook)/resume")
        _ = try desk.process(process) { $0["status"] == "Completed" }
    }
}
