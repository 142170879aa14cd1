import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import Testing

@testable import API

@Suite("Webhooks over HTTP")
struct WebhookTests {
    private static let body = #"{"url":"https://example.org/h","commands":["notify"],"headers":{"X-Key":"hush"}}"#

    private func create(_ desk: Desk, _ body: String = WebhookTests.body, key: String = "k") -> JSONValue {
        desk.call("POST", "/webhooks", body, fields: [("Idempotency-Key", key)]).json
    }

    private func path(_ webhook: JSONValue) -> String { "/webhooks/\(webhook["id"]?.stringValue ?? "")" }

    /// A delivery by way of a process that issues `notify`.
    private func deliver(_ desk: Desk, _ key: String = "p1") {
        let data = #"{"key":"\#(key)","command":"notify"}"#
        _ = desk.call("POST", "/events", #"{"id":"\#(key)","type":"ParcelSent","data":\#(data)}"#)
    }

    private func report(_ desk: Desk, _ delivery: RowHandle, _ verdict: DeliveryReport.Verdict) {
        let attempt = DeliveryAttempt(
            startedAt: Instant(milliseconds: 1), duration: .milliseconds(31), status: 500, error: "bad_status",
            answer: Array("sorry \u{FFFD}".utf8) + [0xFF])
        let report = DeliveryReport(webhook: 1, delivery: delivery, attempt: attempt, verdict: verdict)
        guard case .done = desk.engine.ask(.reportDeliveries([report])) else {
            Issue.record("the report was not taken")
            return
        }
    }

    @Test("an endpoint is made with its defaults, and its secret is shown once")
    func creates() throws {
        let desk = try Desk()
        let (response, json) = desk.call("POST", "/webhooks", Self.body)
        #expect(response.status == 201)
        #expect(response["ETag"] == "\"1\"")
        #expect(response["Location"] == path(json))
        #expect(json["secret"]?.stringValue == "whsec_CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=")
        #expect(json["status"] == "active")
        #expect(json["max_in_flight"] == 10)
        #expect(json["timeout"] == "15s")
        #expect(json["ordered"] == false)
        #expect(json["task_types"]?.arrayValue?.isEmpty == true)
        #expect(json["header_names"]?[0] == "X-Key")
        let (shown, again) = desk.call("GET", path(json))
        #expect(shown["ETag"] == "\"1\"")
        #expect(again["secret"] == nil)
        #expect(!again.text.contains("hush"))
        let list = desk.call("GET", "/webhooks").json["webhooks"]
        #expect(list?.arrayValue?.count == 1)
        #expect(list?[0] == again)
        let stream = desk.call("GET", "/events", query: [("category", "webhook")]).json["events"]
        #expect(stream?[0]?["type"] == "WebhookRegistered")
        #expect(stream?[0]?["data"]?["url"] == "https://example.org/h")
        #expect(stream?.text.contains("hush") == false)
    }

    @Test("what the service sends on its own cannot be asked for", arguments: ["CancelTask", "webhook.test"])
    func reservedCommands(name: String) throws {
        let desk = try Desk()
        let body = #"{"url":"https://example.org/h","commands":["notify","\#(name)"]}"#
        let made = desk.call("POST", "/webhooks", Self.body).json["id"]?.stringValue ?? ""
        for (method, path) in [("POST", "/webhooks"), ("PATCH", "/webhooks/\(made)")] {
            let (response, json) = desk.call(method, path, body)
            #expect(response.status == 422)
            #expect(json["code"] == "command_reserved")
            #expect(json["errors"]?[0]?["pointer"] == "/commands/1")
        }
    }

    @Test("a repeat with the same key gives the same answer, another request with it is refused")
    func repeats() throws {
        let desk = try Desk()
        let first = create(desk)
        #expect(create(desk) == first)
        #expect(first["secret"] != nil)
        #expect(create(desk, #"{"url":"https://example.org/h","commands":["x"]}"#)["code"] == "idempotency_key_reused")
        #expect(path(create(desk, key: "other")) != path(first))
        _ = desk.call("POST", path(first) + "/rotate")
        #expect(create(desk)["secret"] == nil)
    }

    @Test(
        "what is not as documented is refused with its place",
        arguments: [
            (#"{"commands":["a"]}"#, "/url"), (#"{"url":"ftp://x","commands":["a"]}"#, "/url"),
            (#"{"url":"https://","commands":["a"]}"#, "/url"), (#"{"url":"https://x"}"#, "/commands"),
            (#"{"url":"https://x","commands":["a b"]}"#, "/commands/0"),
            (#"{"url":"https://x","commands":"a"}"#, "/commands"),
            (#"{"url":"https://x","commands":["a"],"max_in_flight":0}"#, "/max_in_flight"),
            (#"{"url":"https://x","commands":["a"],"max_in_flight":101}"#, "/max_in_flight"),
            (#"{"url":"https://x","commands":["a"],"rate_per_second":0.5}"#, "/rate_per_second"),
            (#"{"url":"https://x","commands":["a"],"timeout":"999ms"}"#, "/timeout"),
            (#"{"url":"https://x","commands":["a"],"timeout":"301s"}"#, "/timeout"),
            (#"{"url":"https://x","commands":["a"],"ordered":1}"#, "/ordered"),
            (#"{"url":"https://x","commands":["a"],"colour":1}"#, "/colour"),
            (#"{"url":"https://x","commands":["a"],"headers":["x"]}"#, "/headers"),
            (#"{"url":"https://x","commands":["a"],"headers":{"X":1}}"#, "/headers/X"),
            (#"{"url":"https://x","commands":["a"],"headers":{"X":"a\r\nY: b"}}"#, "/headers/X"),
            (#"{"url":"https://x","commands":["a"],"headers":{"X":"a\u007f"}}"#, "/headers/X"),
            (#"{"url":"https://x","commands":["a"],"headers":{"X":" a"}}"#, "/headers/X"),
            (#"{"url":"https://x","commands":["a"],"headers":{"X Y":"a"}}"#, "/headers/X Y"),
            (#"{"url":"https://x","commands":["a"],"headers":{"X\r\nY":"a"}}"#, "/headers/X\r\nY"),
            (#"{"url":"https://x","commands":["a"],"headers":{"":"a"}}"#, "/headers/"),
            (#"{"url":"https://x","commands":["a"],"headers":{"x":"a","X":"b"}}"#, "/headers/X"),
            (#"{"url":"https://x","commands":["a"],"headers":{"hOST":"a"}}"#, "/headers/hOST"),
            (#"{"url":"https://x","commands":["a"],"headers":{"Content-Length":"1"}}"#, "/headers/Content-Length"),
            (#"{"url":"https://x","commands":["a"],"headers":{"Webhook-Id":"1"}}"#, "/headers/Webhook-Id"),
            (
                #"{"url":"https://x","commands":["a"],"headers":{"transfer-encoding":"1"}}"#,
                "/headers/transfer-encoding"
            ),
        ])
    func refusals(_ body: String, _ pointer: String) throws {
        let desk = try Desk()
        let (response, json) = desk.call("POST", "/webhooks", body)
        #expect(response.status == 400)
        #expect(json["errors"]?[0]?["pointer"]?.stringValue == pointer)
        #expect(desk.call("GET", "/webhooks").json["webhooks"]?.arrayValue?.isEmpty == true)
    }

    @Test("a change replaces what is given, null takes away, and the version goes on")
    func changes() throws {
        let desk = try Desk()
        let body =
            #"{"url":"https://x","commands":["a"],"definitions":["d"],"rate_per_second":5,"description":"d","headers":{"A":"b"}}"#
        let webhook = create(desk, body)
        let (response, json) = desk.call(
            "PATCH", path(webhook), #"{"commands":["b","b"],"timeout":"2s"}"#, fields: [("If-Match", "\"1\"")])
        #expect(response.status == 200)
        #expect(response["ETag"] == "\"2\"")
        #expect(json["commands"]?.text == #"["b"]"#)
        #expect(json["timeout"] == "2s")
        #expect(json["rate_per_second"] == 5)
        #expect(json["header_names"]?[0] == "A")
        let bare = desk.call(
            "PATCH", path(webhook), #"{"definitions":null,"rate_per_second":null,"description":null,"headers":null}"#)
        for name in ["definitions", "rate_per_second", "description", "header_names"] {
            #expect(bare.json[name] == nil, "\(name)")
        }
        #expect(desk.call("PATCH", path(webhook), #"{"url":null}"#).json["code"] == "invalid_request")
        #expect(desk.call("PATCH", path(webhook), #"{"url":"gopher://x"}"#).response.status == 400)
    }

    @Test("If-Match holds a change to the version that was seen")
    func conditions() throws {
        let desk = try Desk()
        let webhook = create(desk)
        func patch(_ tag: String) -> Int {
            desk.call("PATCH", path(webhook), #"{"ordered":true}"#, fields: [("If-Match", tag)]).response.status
        }
        for tag in ["\"2\"", "W/\"1\"", "\"x\"", "\"01\""] { #expect(patch(tag) == 412, "\(tag)") }
        for tag in ["1", "\"1\", 2", "\""] { #expect(patch(tag) == 400, "\(tag)") }
        #expect(patch("*") == 200)
        let stale = desk.call("DELETE", path(webhook), fields: [("If-Match", "\"1\"")])
        #expect(stale.json["code"] == "precondition_failed")
        let gone = desk.call("DELETE", path(webhook), fields: [("If-Match", "\"2\"")])
        #expect(gone.json["deleted"] == true)
        #expect(desk.call("GET", path(webhook)).json["code"] == "webhook_not_found")
        #expect(desk.call("GET", "/webhooks/nonsense").json["code"] == "webhook_not_found")
    }

    @Test("paused, resumed, rotated")
    func operates() throws {
        let desk = try Desk()
        let webhook = create(desk)
        #expect(desk.call("POST", path(webhook) + "/pause").json["status"] == "paused")
        #expect(desk.call("POST", path(webhook) + "/test").json["code"] == "webhook_not_active")
        #expect(desk.call("POST", path(webhook) + "/resume").json["status"] == "active")
        let rotated = desk.call("POST", path(webhook) + "/rotate", #"{"grace":"1h"}"#).json
        #expect(rotated["secret"] != nil)
        #expect(rotated["previous_secret_expires_at"] == "2027-01-15T09:00:00.000Z")
        for grace in ["169h", "-1s", "x"] {
            #expect(desk.call("POST", path(webhook) + "/rotate", #"{"grace":"\#(grace)"}"#).response.status == 400)
        }
    }

    @Test("under an Idempotency-Key a rotation and a redelivery are done once")
    func namedRequests() throws {
        let desk = try Desk()
        let webhook = create(desk)
        func rotate(_ key: String) -> JSONValue {
            desk.call("POST", path(webhook) + "/rotate", "{}", fields: [("Idempotency-Key", key)]).json
        }
        let first = rotate("k1")
        #expect(first["secret"] != nil && first["version"] == 2)
        #expect(rotate("k1") == first)
        #expect(rotate("k2")["version"] == 3)
        deliver(desk, "p1")
        let list = desk.call("GET", path(webhook) + "/deliveries").json
        let delivery = try #require(list["deliveries"]?[0]?["id"]?.stringValue)
        report(desk, 1, .exhausted)
        for replayed in [nil, "true"] {
            let (response, json) = desk.call(
                "POST", "/deliveries/\(delivery)/redeliver", fields: [("Idempotency-Key", "k3")])
            #expect(response.status == 202 && json["id"] == .string(delivery))
            #expect(response["Idempotency-Replayed"] == replayed)
            // Sent, and failed again: a repeat must not send it once more.
            if replayed == nil { report(desk, 1, .exhausted) }
        }
        let shown = desk.call("GET", "/deliveries/\(delivery)").json
        #expect(shown["status"] == "exhausted")
    }

    @Test("a delivery is shown with its attempts, is listed by status in pages, and sent again")
    func deliveries() throws {
        let desk = try Desk()
        let webhook = create(desk)
        for key in ["p1", "p2", "p3"] { deliver(desk, key) }
        report(desk, 1, .retry(after: .seconds(5)))
        report(desk, 2, .exhausted)
        func list(_ query: [(name: String, value: String)] = []) -> JSONValue {
            desk.call("GET", path(webhook) + "/deliveries", query: query).json
        }
        let all = list()
        #expect(all["next"] == nil)
        #expect(
            all["deliveries"]?.arrayValue?.map { $0["status"]?.stringValue } == ["pending", "exhausted", "pending"])
        let page = list([("limit", "2")])
        let rest = list([("limit", "2"), ("cursor", page["next"]?.stringValue ?? "")])
        #expect(page["deliveries"]?[0] == all["deliveries"]?[0])
        #expect(rest["deliveries"]?.arrayValue?.count == 1)
        #expect(rest["deliveries"]?[0] == all["deliveries"]?[2])
        #expect(list([("status", "exhausted")])["deliveries"]?.arrayValue?.count == 1)
        #expect(list([("status", "lost")])["errors"]?[0]?["parameter"] == "status")
        #expect(list([("cursor", "x")])["errors"]?[0]?["parameter"] == "cursor")

        let id = all["deliveries"]?[1]?["id"]?.stringValue ?? ""
        let shown = desk.call("GET", "/deliveries/\(id)").json
        #expect(shown["type"] == "notify")
        #expect(shown["webhook_id"] == webhook["id"])
        #expect(shown["process_id"]?.stringValue?.count == 36)
        #expect(shown["attempt_count"] == 1)
        #expect(shown["ended_at"] == "2027-01-15T08:00:00.000Z")
        #expect(shown["attempts"]?[0]?["status"] == 500)
        #expect(shown["attempts"]?[0]?["duration_ms"] == 31)
        #expect(shown["attempts"]?[0]?["error"] == "bad_status")
        #expect(shown["attempts"]?[0]?["answer"]?.stringValue?.hasPrefix("sorry") == true)
        let again = desk.call("POST", "/deliveries/\(id)/redeliver")
        #expect(again.response.status == 202)
        #expect(again.json["id"]?.stringValue == id)
        #expect(again.json["status"] == "pending")
        #expect(desk.call("POST", "/deliveries/x/redeliver").json["code"] == "delivery_not_found")
        #expect(desk.call("GET", "/deliveries/\(UniqueID(name: "x"))").json["code"] == "delivery_not_found")
        report(desk, 2, .failed)
        let bulk = desk.call("POST", path(webhook) + "/redeliver", #"{"since":"2027-01-15T08:00:00Z"}"#)
        #expect(bulk.json["redelivered"] == 1)
        #expect(desk.call("POST", path(webhook) + "/redeliver", #"{"since":"today"}"#).response.status == 400)
    }

    @Test("a test makes a delivery of its own type")
    func test() throws {
        let desk = try Desk()
        let webhook = create(desk)
        let (response, json) = desk.call("POST", path(webhook) + "/test")
        #expect(response.status == 202)
        #expect(json["type"] == "webhook.test")
        #expect(json["process_id"] == nil)
    }

    @Test("the metrics count endpoints, deliveries and attempts")
    func metrics() throws {
        let desk = try Desk()
        _ = create(desk)
        for key in ["p1", "p2"] { deliver(desk, key) }
        report(desk, 1, .succeeded)
        report(desk, 2, .retry(after: .seconds(5)))
        let text = String(decoding: desk.call("GET", "/metrics").response.body, as: UTF8.self)
        for line in [
            "procession_deliveries_total 2", "procession_deliveries_ended_total{status=\"delivered\"} 1",
            "procession_deliveries_ended_total{status=\"failed\"} 0",
            "procession_delivery_attempts_total{result=\"succeeded\"} 1",
            "procession_delivery_attempts_total{result=\"failed\"} 1", "procession_deliveries_pending 1",
            "procession_webhooks{status=\"active\"} 1", "procession_webhooks{status=\"disabled\"} 0",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test("the engine says when there is something to send: not for other work, and not for reads")
    func hook() throws {
        let desk = try Desk()
        let calls = Mailbox<Int>(limit: 100)
        desk.engine.onDeliveries { _ in _ = calls.put(1) }
        _ = desk.startProcess("quiet")
        #expect(calls.count == 0)
        let webhook = create(desk)
        deliver(desk)
        _ = desk.call("GET", path(webhook))
        // The hook runs after the answers; one more round trip makes sure that it did.
        _ = desk.engine.ask(.clock)
        #expect(calls.count == 2)
    }
}
