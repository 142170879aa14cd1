import API
import Engine
import HTTPServer
import JSON
import Testing

@Suite("API")
struct RefusalTests {
    struct Bad: Sendable, CustomStringConvertible {
        let method: String
        let path: String
        var body = ""
        var type = "application/json"
        var query: [(name: String, value: String)] = []
        var fields: [(String, String)] = []
        let status: Int
        let code: String
        var place: String?

        var description: String { "\(method) \(path) \(query) \(body.prefix(60)) → \(status) \(code)" }
    }

    static let bad: [Bad] = [
        Bad(method: "GET", path: "/nothing", status: 404, code: "not_found"),
        Bad(method: "GET", path: "//livez", status: 404, code: "not_found"),
        Bad(method: "DELETE", path: "/events", status: 405, code: "method_not_allowed"),
        Bad(
            method: "POST", path: "/events", body: "{}", type: "text/plain", status: 415, code: "unsupported_media_type"
        ),
        Bad(method: "POST", path: "/events", body: "{\"type\":", status: 400, code: "invalid_json", place: ""),
        Bad(method: "POST", path: "/events", body: "[]", status: 400, code: "invalid_request", place: ""),
        Bad(method: "POST", path: "/events", body: "{}", status: 400, code: "invalid_request", place: "/type"),
        Bad(
            method: "POST", path: "/events", body: #"{"type":1}"#, status: 400, code: "invalid_request", place: "/type"),
        Bad(
            method: "POST", path: "/events", body: #"{"type":"A","x/y":1}"#, status: 400, code: "invalid_request",
            place: "/x~1y"),
        Bad(
            method: "POST", path: "/events", body: #"{"type":"A","time":"noon"}"#, status: 400, code: "invalid_request",
            place: "/time"),
        Bad(method: "POST", path: "/events", body: #"{"type":"A","type":"B"}"#, status: 400, code: "invalid_json"),
        Bad(method: "POST", path: "/events", body: #"{"type":"TaskFailed"}"#, status: 422, code: "event_type_reserved"),
        Bad(method: "POST", path: "/events", body: #"{"type":"a:b"}"#, status: 422, code: "event_type_reserved"),
        Bad(
            method: "POST", path: "/events", body: #"{"type":"A","source":"procession/x"}"#, status: 422,
            code: "source_reserved"),
        Bad(
            method: "POST", path: "/events", body: #"{"type":"ParcelSent","data":{}}"#, status: 422, code: "key_failed"),
        Bad(
            method: "POST", path: "/events", body: #"{"type":"ParcelLost","data":{"key":"k9"}}"#, status: 404,
            code: "process_missing"),
        Bad(
            method: "POST", path: "/events", body: #"{"specversion":"1.0","id":"","source":"s","type":"t"}"#,
            type: "application/cloudevents+json", status: 400, code: "invalid_request", place: "/id"),
        Bad(
            method: "POST", path: "/processes/none/migrate", body: #"{"to_version":2}"#, status: 404,
            code: "process_not_found"),
        Bad(
            method: "POST", path: "/processes/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/migrate", body: "{}", status: 400,
            code: "invalid_request", place: "/to_version"),
        Bad(
            method: "POST", path: "/processes/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/migrate",
            body: #"{"to_version":2,"state_map":{"A":{"B":1}}}"#, status: 400, code: "invalid_request",
            place: "/state_map/A/B"),
        Bad(
            method: "POST", path: "/processes/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/migrate",
            body: #"{"to_version":2,"from_version":1}"#, status: 400, code: "invalid_request", place: "/from_version"),
        Bad(
            method: "POST", path: "/definitions/parcel/migrate", body: #"{"to_version":0}"#, status: 400,
            code: "invalid_request", place: "/to_version"),
        Bad(
            method: "POST", path: "/definitions/parcel/migrate", body: #"{"to_version":2,"status":["Lost"]}"#,
            status: 400, code: "invalid_request", place: "/status"),
        Bad(
            method: "POST", path: "/definitions/parcel/migrate", body: #"{"to_version":2,"limit":201}"#, status: 400,
            code: "invalid_request", place: "/limit"),
        Bad(
            method: "POST", path: "/definitions/parcel/migrate", body: #"{"to_version":2,"cursor":"x"}"#, status: 400,
            code: "invalid_request", place: "/cursor"),
        Bad(
            method: "POST", path: "/definitions/parcel/migrate", body: #"{"to_version":2}"#, status: 404,
            code: "definition_not_found"),
        Bad(method: "DELETE", path: "/definitions/parcel/versions/1", status: 409, code: "definition_is_code"),
        Bad(method: "DELETE", path: "/definitions/parcel/versions/9", status: 404, code: "definition_not_found"),
        Bad(method: "DELETE", path: "/definitions/parcel/versions/x", status: 404, code: "definition_not_found"),
        Bad(
            method: "POST", path: "/definitions/parcel/simulate", body: "{}", status: 400, code: "invalid_request",
            place: "/scenario"),
        Bad(
            method: "POST", path: "/definitions/parcel/simulate", body: #"{"scenario":{},"version":1,"definition":{}}"#,
            status: 400, code: "invalid_request", place: "/version"),
        Bad(
            method: "POST", path: "/definitions/parcel/simulate", body: #"{"scenario":{},"definition":{}}"#,
            status: 422, code: "definition_invalid", place: "/definition/states"),
        Bad(
            method: "POST", path: "/definitions/parcel/simulate", body: #"{"scenario":{}}"#, status: 404,
            code: "definition_not_found"),
        Bad(method: "GET", path: "/tasks", status: 400, code: "invalid_request", place: "type"),
        Bad(
            method: "GET", path: "/tasks", query: [("type", "a"), ("limit", "101")], status: 400,
            code: "invalid_request",
            place: "limit"),
        Bad(
            method: "GET", path: "/tasks", query: [("type", "a"), ("lease", "13h"), ("wat", "1")], status: 400,
            code: "unknown_parameter", place: "wat"),
        Bad(method: "GET", path: "/tasks/not-a-uuid", status: 404, code: "task_not_found"),
        Bad(
            method: "POST", path: "/tasks/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/outcome",
            body: #"{"lease_token":"1-x","outcome":"completed","result":{}}"#, status: 404, code: "task_not_found"),
        Bad(
            method: "POST", path: "/tasks/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/outcome",
            body: #"{"lease_token":"1-x","outcome":"done"}"#, status: 400, code: "invalid_request", place: "/outcome"),
        Bad(
            method: "POST", path: "/tasks/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/outcome",
            body: #"{"lease_token":"1-x","outcome":"completed","code":"c"}"#, status: 400, code: "invalid_request",
            place: "/code"),
        Bad(method: "POST", path: "/tasks/outcomes", body: #"{"outcomes":[]}"#, status: 400, code: "invalid_request"),
        Bad(method: "GET", path: "/processes/x", status: 404, code: "process_not_found"),
        Bad(
            method: "GET", path: "/processes", query: [("status", "Sleeping")], status: 400, code: "invalid_request",
            place: "status"),
        Bad(
            method: "GET", path: "/processes", query: [("cursor", "zzz")], status: 400, code: "invalid_request",
            place: "cursor"),
        Bad(
            method: "POST", path: "/processes/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/cancel", body: #"{"mode":"soft"}"#,
            status: 400, code: "invalid_request", place: "/mode"),
        Bad(
            method: "POST", path: "/processes/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/suspend", status: 404,
            code: "process_not_found"),
        Bad(
            method: "PUT", path: "/definitions/d", body: "{}", status: 422, code: "definition_invalid", place: "/states"
        ),
        Bad(
            method: "PUT", path: "/definitions/d", body: #"{"name":"e"}"#, status: 400, code: "invalid_request",
            place: "/name"),
        Bad(method: "GET", path: "/definitions/d", status: 404, code: "definition_not_found"),
        Bad(method: "POST", path: "/clock/advance", body: #"{"by":"soon"}"#, status: 400, code: "invalid_request"),
        Bad(
            method: "GET", path: "/livez", fields: [("Origin", "https://elsewhere.example")], status: 403,
            code: "cross_origin"),
        Bad(
            method: "GET", path: "/livez", fields: [("Sec-Fetch-Site", "cross-site")], status: 403, code: "cross_origin"
        ),
        Bad(method: "POST", path: "/events/unmatched/7/redeliver", status: 404, code: "unmatched_not_found"),
    ]

    @Test(
        "a problem names its request, so that it is found in the log",
        arguments: [("r-1.a_b:c~", "r-1.a_b:c~"), (#"a"b\c%/é"#, nil), (#"a"b\%/"#, "a%22b%5C%25%2F")])
    func namesTheRequest(given: String, written: String?) throws {
        let (response, json) = try Desk().call("GET", "/nowhere", fields: [("X-Request-Id", given)])
        let id = try #require(response["X-Request-Id"])
        #expect(json["instance"]?.stringValue == "urn:procession:request:\(written ?? id)")
        #expect((id == given) == (written != nil))
        let fine = try Desk().call("GET", "/processes")
        #expect(fine.response["X-Request-Id"] != nil && fine.json["instance"] == nil)
    }

    @Test("bad input is refused with its status, its code and its place", arguments: bad)
    func refuses(_ bad: Bad) throws {
        let desk = try Desk()
        let (response, json) = desk.call(
            bad.method, bad.path, bad.body, type: bad.type, fields: bad.fields, query: bad.query)
        #expect(response.status == bad.status)
        #expect(json["code"]?.stringValue == bad.code)
        #expect(json["status"]?.int64Value == Int64(bad.status))
        #expect(json["type"]?.stringValue == "urn:procession:problem:\(bad.code)")
        #expect(response["content-type"] == "application/problem+json")
        if let place = bad.place {
            let error = json["errors"]?[0]
            #expect((error?["pointer"] ?? error?["parameter"])?.stringValue == place)
        }
    }

    @Test("the problem of an event without a key says which definition misses what")
    func namesTheKey() throws {
        let json = try Desk().call("POST", "/events", #"{"type":"ParcelSent","data":{}}"#).json
        #expect(
            json["detail"]?.stringValue
                == "no definition could read a key from ParcelSent: parcel: 'key' is missing")
    }

    @Test("an event becomes a task, its outcome ends the process, and repeats change nothing")
    func wholeCycle() throws {
        let desk = try Desk()
        let event = #"{"id":"e1","type":"ParcelSent","data":{"key":"k1"}}"#
        let posted = desk.call("POST", "/events", event).json
        #expect(posted["processes"]?[0]?["started"]?.boolValue == true)
        let repeated = desk.call("POST", "/events", #"{"data":{"key":"k1"},"id":"e1","type":"ParcelSent"}"#).json
        #expect(repeated["duplicate"]?.boolValue == true)
        #expect(repeated["processes"] == posted["processes"])
        let other = desk.call("POST", "/events", #"{"id":"e1","type":"ParcelSent","data":{"key":"k2"}}"#)
        #expect(other.json["code"]?.stringValue == "event_id_reused")

        let task = try #require(desk.call("GET", "/tasks", query: [("type", "carry")]).json["tasks"]?[0])
        let id = try #require(task["task_id"]?.stringValue)
        let token = try #require(task["lease"]?["token"]?.stringValue)
        let outcome = #"{"lease_token":"\#(token)","outcome":"completed","result":{"km":1.50}}"#
        let first = desk.call("POST", "/tasks/\(id)/outcome", outcome)
        #expect(first.response.status == 200)
        #expect(first.json["process"]?["status"]?.stringValue == "Completed")
        let again = desk.call("POST", "/tasks/\(id)/outcome", outcome)
        #expect(again.response.status == 200)
        #expect(again.json["duplicate"]?.boolValue == true)
        #expect(again.json["process"] == first.json["process"])
        let different = #"{"lease_token":"\#(token)","outcome":"completed","result":{"km":1.5}}"#
        #expect(desk.call("POST", "/tasks/\(id)/outcome", different).json["code"]?.stringValue == "process_ended")
        let late = desk.call("POST", "/events", #"{"id":"e2","type":"ParcelLost","data":{"key":"k1"}}"#).json
        #expect(late["processes"]?[0]?["ignored"]?.stringValue == "ended")
        let shown = desk.call("GET", "/tasks/\(id)").json
        #expect(shown["status"]?.stringValue == "completed")
        #expect(shown["attempts"]?[0]?["outcome"]?.stringValue == "completed")
    }

    @Test("an idempotency key is the same quoted and unquoted, and stands for the id of an event without one")
    func idempotencyKey() throws {
        let desk = try Desk()
        let event = #"{"type":"ParcelSent","data":{"key":"k1"}}"#
        let first = desk.call("POST", "/events", event, fields: [("Idempotency-Key", "abc")]).json
        #expect(first["event_id"]?.stringValue == "abc")
        let again = desk.call("POST", "/events", event, fields: [("Idempotency-Key", "\"abc\"")]).json
        #expect(again["duplicate"]?.boolValue == true)
        #expect(again["processes"] == first["processes"])
        let named = desk.call("POST", "/events", #"{"id":"abc","type":"ParcelSent","data":{"key":"k1"}}"#)
        #expect(named.json["duplicate"]?.boolValue == true)

        let id = try #require(first["processes"]?[0]?["process_id"]?.stringValue)
        let call = { (action: String, key: String) in
            desk.call("POST", "/processes/\(id)/\(action)", fields: [("Idempotency-Key", key)]).json
        }
        #expect(call("suspend", "s")["suspended"]?.boolValue == true)
        #expect(call("resume", "r")["suspended"]?.boolValue == false)
        #expect(call("suspend", "\"s\"")["suspended"]?.boolValue == false)
        #expect(call("suspend", "t")["suspended"]?.boolValue == true)
    }

    @Test("a waiting claim is answered as soon as there is a task")
    func longPoll() throws {
        let desk = try Desk()
        let answers = Mailbox<HTTPResponse>(limit: 1)
        desk.api.handle(
            HTTPRequest(
                method: "GET", path: ["tasks"], query: [("type", "carry"), ("wait", "60s")],
                headers: HTTPFields([("Host", "localhost")]), body: []),
            HTTPResponder { _ = answers.put($0) })
        _ = desk.call("POST", "/events", #"{"type":"ParcelSent","data":{"key":"k1"}}"#)
        var taken: [HTTPResponse] = []
        _ = answers.takeAll(into: &taken, until: nil)
        let body = try JSONValue(parsing: taken[0].body)
        #expect(body["tasks"]?.arrayValue?.count == 1)
    }

    @Test("OPTIONS lists what is allowed, HEAD claims nothing")
    func optionsAndHead() throws {
        let desk = try Desk()
        #expect(desk.call("OPTIONS", "/events").response.status == 204)
        #expect(desk.call("OPTIONS", "/events").response["allow"]?.contains("POST") == true)
        _ = desk.call("POST", "/events", #"{"type":"ParcelSent","data":{"key":"k1"}}"#)
        #expect(desk.call("HEAD", "/tasks", query: [("type", "carry")]).response.status == 200)
        let claimed = desk.call("GET", "/tasks", query: [("type", "carry")]).json
        #expect(claimed["tasks"]?.arrayValue?.count == 1)
    }
}
