import JSON
import Procession
import Testing

/// What the API shows of published events and child processes.
@Suite("Published events and children over the API")
struct FamilyTests {
    private static func scenario(_ name: String) throws -> Scenario {
        let sample = try #require(Samples.scenarios().first { $0.file == "\(name).json" })
        return try sample.decoded()
    }

    private static func onEachStore(_ name: String, _ body: (InProcessClient) throws -> Void) throws {
        let scenario = try scenario(name)
        try body(try InProcessClient(try Samples.configuration(for: scenario, store: .memory)))
        try Samples.withFolder { folder in
            let store = StoreLocation.sqlite(path: "\(folder)/store.db")
            try body(try InProcessClient(try Samples.configuration(for: scenario, store: store)))
        }
    }

    @Test("published events are in the global order, under the category and their stream")
    func feed() throws {
        try Self.onEachStore("publish-to-others") { client in
            let event: JSONValue = ["id": "1", "type": "OrderPlaced", "data": ["id": "o1", "items": ["a"]]]
            let posted = client.call("POST", "/events", event).body
            let publisher = try #require(posted["processes"]?[0]?["process_id"]?.stringValue)
            let events = client.call("GET", "/events?category=published", nil).body["events"]?.arrayValue ?? []
            #expect(events.map { $0["type"] } == ["ParcelReady", "OrderCounted"])
            #expect(events.map { $0["version"] } == [1, 2])
            #expect(events[0]["stream"] == ["category": "published", "id": .string(publisher)])
            #expect(events[0]["source"] == .string("procession/order/\(publisher)"))
            #expect(events[0]["causation_id"] == "1")
            let all = client.call("GET", "/events?type=ParcelReady", nil).body["events"]?.arrayValue ?? []
            #expect(all.map { $0["stream"]?["category"] } == ["published", "parcel"])
            #expect(all[0]["event_id"] == all[1]["event_id"])
            let unmatched = client.call("GET", "/events/unmatched", nil).body["events"]?.arrayValue ?? []
            #expect(unmatched.map { $0["type"] } == ["OrderCounted"])
            #expect(unmatched.map { $0["reason"] } == ["no_definition"])
        }
    }

    @Test("the task of a child process shows who does it, and no worker gets it")
    func task() throws {
        try Self.onEachStore("child-outcomes") { client in
            let event: JSONValue = ["id": "1", "type": "OrderPlaced", "data": ["id": "o1", "items": ["a"]]]
            let parent = try #require(
                client.call("POST", "/events", event).body["processes"]?[0]?["process_id"]?.stringValue)
            let shown = client.call("GET", "/processes/\(parent)", nil).body
            let id = try #require(shown["active_tasks"]?[0]?["task_id"]?.stringValue)
            let list = client.call("GET", "/processes?definition=pack-order", nil).body
            let child = try #require(list["processes"]?[0]?["process_id"]?.stringValue)
            #expect(
                client.call("GET", "/processes/\(child)", nil).body["parent"]
                    == ["process_id": .string(parent), "task_id": .string(id)])
            #expect(shown["parent"] == nil)
            let task = client.call("GET", "/tasks/\(id)", nil).body
            #expect(task["status"] == "leased")
            #expect(task["task_type"] == "process:pack-order")
            #expect(task["attempts"]?[0]?["worker"] == .string("procession/pack-order/\(child)"))
            #expect(!task.text.contains("token"))
            #expect(client.call("GET", "/tasks?type=process%3Apack-order", nil).body["tasks"] == [])
            let queues = client.call("GET", "/queues", nil).body["queues"]?.arrayValue ?? []
            #expect(queues.first { $0["task_type"] == "process:pack-order" }?["ready"] == 0)
            let start = client.call("GET", "/processes/\(child)/events?from=2&limit=1", nil).body["events"]?[0]
            #expect(start?["type"] == "ChildRequested")
            #expect(start?["event_id"] == .string(id))
            #expect(start?["source"] == "procession")
            #expect(start?["data"] == ["order": "o1", "items": ["a"]])
        }
    }
}
