import Engine
import HTTPServer
import JSON
import Testing

@testable import API

/// What repeats do, with and without a key.
@Suite("Idempotency")
struct IdempotencyTests {
    private static func key(_ key: String) -> [(String, String)] { [("Idempotency-Key", key)] }

    /// A desk with a process, its claimed task and a subscription with a batch under way.
    private struct Scene {
        let desk: Desk
        let process: String
        let task: String
        let token: String
        let batch: String

        init() throws {
            desk = try Desk()
            process = desk.startProcess("k1")
            let claimed = desk.call("GET", "/tasks", query: [("type", "carry")]).json["tasks"]?[0]
            task = claimed?["task_id"]?.stringValue ?? ""
            token = claimed?["lease"]?["token"]?.stringValue ?? ""
            _ = desk.call("PUT", "/subscriptions/s", "{}")
            batch = desk.call("GET", "/subscriptions/s/events").json["token"]?.stringValue ?? ""
        }

        var version: JSONValue? { desk.call("GET", "/processes/\(process)").json["version"] }
    }

    private typealias Call = (method: String, path: String, body: String, other: String)

    /// Every call that an Idempotency-Key names in the table of requests, with another body for it.
    private static func calls(_ scene: Scene) -> [Call] {
        let token = scene.token
        return [
            (
                "POST", "/tasks/\(scene.task)/heartbeat", #"{"lease_token":"\#(token)"}"#,
                #"{"lease_token":"\#(token)","extend":"5s"}"#
            ),
            (
                "POST", "/tasks/\(scene.task)/steps", #"{"lease_token":"\#(token)","name":"a","data":1}"#,
                #"{"lease_token":"\#(token)","name":"a","data":2}"#
            ),
            ("POST", "/tasks/\(scene.task)/release", #"{"lease_token":"\#(token)"}"#, #"{"lease_token":"x"}"#),
            (
                "POST", "/tasks/\(scene.task)/outcome",
                #"{"lease_token":"\#(token)","outcome":"completed","result":1}"#,
                #"{"lease_token":"\#(token)","outcome":"completed","result":2}"#
            ),
            (
                "POST", "/tasks/outcomes",
                #"{"outcomes":[{"task_id":"\#(scene.task)","lease_token":"\#(token)","outcome":"cancelled"}]}"#,
                #"{"outcomes":[{"task_id":"\#(scene.task)","lease_token":"x","outcome":"cancelled"}]}"#
            ),
            ("POST", "/processes/\(scene.process)/suspend", #"{"reason":"a"}"#, #"{"reason":"b"}"#),
            ("POST", "/processes/\(scene.process)/cancel", #"{"reason":"a"}"#, #"{"reason":"b"}"#),
            ("PUT", "/subscriptions/t", #"{"from":"now"}"#, #"{"from":"start"}"#),
            ("DELETE", "/subscriptions/s", "", "{}"),
            (
                "POST", "/subscriptions/s/ack", #"{"position":1,"token":"\#(scene.batch)"}"#,
                #"{"position":2,"token":"\#(scene.batch)"}"#
            ),
        ]
    }

    @Test("the same key and content is the same answer again, and nothing happens twice", arguments: 0..<10)
    func sameAgain(_ index: Int) throws {
        let scene = try Scene()
        let call = Self.calls(scene)[index]
        let first = scene.desk.call(call.method, call.path, call.body, fields: Self.key("\"k-1\""))
        #expect((200..<300).contains(first.response.status), "\(call.path): \(first.json.text)")
        let (version, events) = (scene.version, scene.desk.call("GET", "/events").json)
        let second = scene.desk.call(call.method, call.path, call.body, fields: Self.key("k-1"))
        #expect(second.response.status == first.response.status, "\(call.path)")
        #expect(second.json == first.json, "\(call.path)")
        #expect(scene.version == version && scene.desk.call("GET", "/events").json == events, "\(call.path)")
    }

    @Test("the same key with other content is refused, and changes nothing", arguments: 0..<10)
    func otherContent(_ index: Int) throws {
        let scene = try Scene()
        let call = Self.calls(scene)[index]
        _ = scene.desk.call(call.method, call.path, call.body, fields: Self.key("k-1"))
        let events = scene.desk.call("GET", "/events").json
        for (path, body) in [(call.path, call.other), ("/subscriptions/elsewhere", "{}")] {
            let method = path == call.path ? call.method : "PUT"
            let (response, json) = scene.desk.call(method, path, body, fields: Self.key("k-1"))
            #expect(response.status == 422 && json["code"] == "idempotency_key_reused", "\(path): \(json.text)")
        }
        #expect(scene.desk.call("GET", "/events").json == events)
        #expect(scene.desk.call("GET", "/subscriptions/elsewhere").response.status == 404)
    }

    @Test("a remembered answer says that it is one; the process after an operator's action is shown as it is now")
    func replayed() throws {
        let scene = try Scene()
        let ack = #"{"position":1,"token":"\#(scene.batch)"}"#
        for replayed in [nil, "true"] {
            let (response, _) = scene.desk.call("POST", "/subscriptions/s/ack", ack, fields: Self.key("a"))
            #expect(response["Idempotency-Replayed"] == replayed)
            #expect(response["X-Request-Id"] != nil && response["Content-Type"] == "application/json")
        }
        let path = "/processes/\(scene.process)"
        _ = scene.desk.call("POST", "\(path)/suspend", #"{"reason":"a"}"#, fields: Self.key("s"))
        _ = scene.desk.call("POST", "\(path)/resume", fields: Self.key("r"))
        let (response, json) = scene.desk.call("POST", "\(path)/suspend", #"{ "reason" : "a" }"#, fields: Self.key("s"))
        #expect(response.status == 200 && json["suspended"] == false, "white space is no other content")
    }

    @Test("a refusal is not remembered: the same key may be tried again, with the same content or another")
    func refusals() throws {
        let scene = try Scene()
        let path = "/tasks/\(scene.task)/release"
        for body in [#"{"lease_token":"x"}"#, #"{"lease_token":"y"}"#] {
            let (response, json) = scene.desk.call("POST", path, body, fields: Self.key("k"))
            #expect(response.status == 409 && json["code"] == "lease_lost")
        }
        let outcome = "/tasks/\(scene.task)/outcome"
        for token in ["x", "y"] {
            let body = #"{"lease_token":"\#(token)","outcome":"cancelled"}"#
            #expect(scene.desk.call("POST", outcome, body, fields: Self.key("o")).response.status == 409)
        }
        let released = scene.desk.call("POST", path, #"{"lease_token":"\#(scene.token)"}"#, fields: Self.key("k"))
        #expect((200..<300).contains(released.response.status))
    }

    @Test("definitions that are stored, moved to and deleted under a key are so once")
    func definitions() throws {
        let desk = try Desk(simulate: { _, _ in false })
        let calls: [Call] = [
            ("PUT", "/definitions/order", #"{"description":"a"}"#, #"{"description":"b"}"#),
            ("PUT", "/definitions/order", #"{"description":"c"}"#, #"{"description":"a"}"#),
            ("POST", "/definitions/order/migrate", #"{"to_version":2}"#, #"{"to_version":1}"#),
            ("DELETE", "/definitions/order/versions/1", "", "{}"),
        ]
        for (number, call) in calls.enumerated() {
            let key = Self.key("k\(number)")
            let first = desk.call(call.method, call.path, call.body, fields: key)
            #expect((200..<300).contains(first.response.status), "\(call.path): \(first.json.text)")
            let second = desk.call(call.method, call.path, call.body, fields: key)
            #expect(second.response["Idempotency-Replayed"] == "true", "\(call.path)")
            #expect(second.response.status == first.response.status && second.json == first.json, "\(call.path)")
            let other = desk.call(call.method, call.path, call.other, fields: key)
            #expect(other.json["code"] == "idempotency_key_reused", "\(call.path)")
        }
        #expect(desk.call("GET", "/definitions/order/versions").json["versions"]?.arrayValue?.count == 1)
    }

    @Test("a redelivery under a key is answered as the first time")
    func redelivery() throws {
        let desk = try Desk()
        _ = desk.call("POST", "/events", #"{"id":"e1","type":"Unknown","data":{"key":"k1"}}"#)
        let id = desk.call("GET", "/events/unmatched").json["events"]?[0]?["unmatched_id"]?.int64Value ?? 0
        let path = "/events/unmatched/\(id)/redeliver"
        // Still unmatched: a refusal, each time anew.
        for _ in 0..<2 {
            #expect(desk.call("POST", path, fields: Self.key("k")).json["code"] == "still_unmatched")
        }
    }

    @Test(
        "a key that is no key is refused by its name", arguments: ["", "\"\"", "ü", String(repeating: "k", count: 256)])
    func badKeys(_ key: String) throws {
        let scene = try Scene()
        let (response, json) = scene.desk.call(
            "POST", "/processes/\(scene.process)/suspend", fields: Self.key(key))
        #expect(response.status == 400 && json["errors"]?[0]?["header"] == "idempotency-key")
    }

    @Test("without a key, repeats that are recognised by what they say are answered without doing it twice")
    func withoutKey() throws {
        let scene = try Scene()
        let calls: [Call] = Self.calls(scene).filter { !$0.path.hasSuffix("/release") && $0.method != "DELETE" }
        for call in calls.filter({ !$0.path.contains("/outcome") }) {
            let first = scene.desk.call(call.method, call.path, call.body)
            let version = scene.version
            let second = scene.desk.call(call.method, call.path, call.body)
            #expect((200..<300).contains(first.response.status), "\(call.path)")
            #expect((200..<300).contains(second.response.status), "\(call.path): \(second.json.text)")
            #expect(scene.version == version, "\(call.path)")
        }
    }
}

/// Entity tags.
@Suite("Entity tags")
struct EntityTagTests {
    @Test("a definition is given with its tag, and is not sent again to who has it")
    func definitions() throws {
        let desk = try Desk(simulate: { _, _ in false })
        #expect(desk.call("PUT", "/definitions/order", #"{"name":"order"}"#).response.status == 201)
        let (response, _) = desk.call("GET", "/definitions/order")
        let tag = try #require(response["ETag"])
        #expect(tag.hasPrefix("\"1-") && response["Cache-Control"] == "no-cache")
        for given in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            let (same, _) = desk.call("GET", "/definitions/order", fields: [("If-None-Match", given)])
            #expect(same.status == 304 && same.body.isEmpty && same["ETag"] == tag, "\(given)")
        }
        #expect(desk.call("GET", "/definitions/order", fields: [("If-None-Match", "\"x\"")]).response.status == 200)
        #expect(desk.call("GET", "/definitions/order/versions/1").response["ETag"] == tag)
        #expect(desk.call("GET", "/definitions/order", fields: [("If-Match", "\"x\"")]).response.status == 412)
    }

    @Test("a definition is only replaced as the one that the caller has seen, or made only if there is none")
    func conditions() throws {
        let desk = try Desk(simulate: { _, _ in false })
        func put(_ body: String, _ fields: [(String, String)]) -> Int {
            desk.call("PUT", "/definitions/order", body, fields: fields).response.status
        }
        #expect(put(#"{"description":"a"}"#, [("If-Match", "*")]) == 412)
        #expect(put(#"{"description":"a"}"#, [("If-None-Match", "*")]) == 201)
        #expect(put(#"{"description":"b"}"#, [("If-None-Match", "*")]) == 412)
        let first = desk.call("GET", "/definitions/order").response["ETag"] ?? ""
        #expect(put(#"{"description":"b"}"#, [("If-Match", first)]) == 201)
        #expect(put(#"{"description":"c"}"#, [("If-Match", first)]) == 412)
        #expect(put(#"{"description":"b"}"#, [("If-Match", "W/\(first)")]) == 412)
        #expect(put("{}", [("If-Match", "x")]) == 400)
        #expect(desk.call("GET", "/definitions/order").json["version"] == 2)
        let list = desk.call("GET", "/definitions").json["definitions"]
        #expect(list?[0]?["version"] == 2 && list?[0]?["description"] == "b" && list?.arrayValue?.count == 1)
        let versions = desk.call("GET", "/definitions/order/versions").json["versions"]
        #expect(versions?.arrayValue?.map { $0["description"]?.stringValue } == ["a", "b"])
    }
}
