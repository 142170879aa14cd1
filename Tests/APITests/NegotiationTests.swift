import Foundation
import HTTPServer
import JSON
import Testing

@testable import API

/// What the head of a request decides.
@Suite("Heads of requests")
struct NegotiationTests {
    @Test(
        "a caller that accepts nothing there is gets 406, and nothing is done",
        arguments: [
            ("POST", "/events", "text/html"), ("POST", "/events", "application/json;q=0"),
            ("GET", "/tasks", "application/xml, text/plain"), ("GET", "/livez", "application/json"),
            ("GET", "/events", "text/event-stream;q=0, text/plain"), ("GET", "/openapi.yaml", "application/json"),
            ("GET", "/definitions/parcel/diagram", "application/json"), ("GET", "/metrics", "image/*"),
            ("GET", "/readyz", "text/*;q=0"), ("GET", "/queues", "*/*;q=0"),
        ])
    func refused(method: String, path: String, accept: String) throws {
        let desk = try Desk()
        let body = #"{"id":"e1","type":"ParcelSent","data":{"key":"k"}}"#
        let (response, json) = desk.call(
            method, path, method == "POST" ? body : "", fields: [("Accept", accept)],
            query: path == "/tasks" ? [("type", "carry")] : [])
        #expect(response.status == 406)
        #expect(json["code"] == "not_acceptable")
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(desk.call("GET", "/processes").json["processes"]?.arrayValue?.count == 0)
    }

    @Test(
        "who accepts the answer among others gets it",
        arguments: [
            "*/*", "application/*", "text/html, application/json;q=0.1", "APPLICATION/JSON", "", ",",
            "application/json;charset=utf-8", "text/html,application/xhtml+xml,*/*;q=0.8",
        ])
    func accepted(accept: String) throws {
        #expect(try Desk().call("GET", "/queues", fields: [("Accept", accept)]).response.status == 200)
    }

    @Test("several Accept fields are one list, and the most specific range counts")
    func specificity() {
        let accept = Accept(
            HTTPFields([("Accept", "text/*;q=0.5, */*;q=0.1"), ("Accept", "text/plain;q=0.9, text/html;q=0")]))
        #expect(accept.quality(of: "text/plain") == 900)
        #expect(accept.quality(of: "text/html") == 0)
        #expect(accept.quality(of: "text/css") == 500)
        #expect(accept.quality(of: "image/png") == 100)
        #expect(accept.namedQuality(of: "image/png") == 0)
    }

    @Test("problems are sent whatever is accepted, as long as the answer itself would be")
    func problems() throws {
        let (response, _) = try Desk().call("GET", "/tasks", fields: [("Accept", "application/json")])
        #expect(response.status == 400)
        #expect(response["Content-Type"] == "application/problem+json")
    }

    @Test("content in a coding is refused, and the answer names what is read", arguments: ["gzip", "br, gzip", "GZIP"])
    func codings(coding: String) throws {
        let body = #"{"id":"e1","type":"ParcelSent","data":{"key":"k"}}"#
        let (response, json) = try Desk().call("POST", "/events", body, fields: [("Content-Encoding", coding)])
        #expect(response.status == 415)
        #expect(json["code"] == "unsupported_media_type")
        #expect(response["Accept-Encoding"] == "identity")
        #expect(
            try Desk().call("POST", "/events", body, fields: [("Content-Encoding", "identity")]).response.status == 200)
    }

    @Test(
        "Prefer says how long to wait, and the answer what was honoured",
        arguments: [
            ("wait=7", "wait=7"), ("respond-async, WAIT = \"3\"", "wait=3"), ("wait=900", "wait=60"),
            ("wait=99999999999999999999", "wait=60"), ("wait=5, wait=9", "wait=5"), ("wait=soon", nil), ("wait", nil),
            ("handling=lenient", nil), ("wait=-1", nil),
        ])
    func preferences(field: String, applied: String?) throws {
        let desk = try Desk()
        desk.startProcess("k1")
        let (response, json) = desk.call("GET", "/tasks", fields: [("Prefer", field)], query: [("type", "carry")])
        #expect(json["tasks"]?.arrayValue?.count == 1)
        #expect(response["Preference-Applied"] == applied)
        #expect(desk.call("GET", "/queues", fields: [("Prefer", field)]).response["Preference-Applied"] == nil)
    }

    @Test("of the query's wait and the preferred one the shorter counts")
    func shorterWait() throws {
        let desk = try Desk()
        for (query, field) in [("60s", "wait=0"), ("0", "wait=60")] {
            let (response, json) = desk.call(
                "GET", "/tasks", fields: [("Prefer", field)], query: [("type", "nothing"), ("wait", query)])
            #expect(response.status == 200)
            #expect(json["tasks"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test("there is no clock without a test clock")
    func noClock() throws {
        let desk = try Desk(testClock: false)
        for (method, path) in [("GET", "/clock"), ("POST", "/clock/advance")] {
            let (response, json) = desk.call(method, path, #"{"by":"1s"}"#)
            #expect(response.status == 404)
            #expect(json["code"] == "no_test_clock")
        }
        #expect(try Desk().call("GET", "/clock").response.status == 200)
    }

    @Test("a refusal by the server itself bears a request id, too")
    func requestIDs() throws {
        let response = try Desk().api.render(
            HTTPFault(.malformedRequest, "broken"), connectionID: 7, number: 2)
        #expect(response["X-Request-Id"] == "7-2")
    }

    @Test(
        "who asks before sending a body learns at once that it is not wanted",
        arguments: [
            ("POST", "/nowhere", "application/json", 404), ("PUT", "/events", "application/json", 405),
            ("POST", "/events", "text/plain", 415), ("POST", "/events", "application/cloudevents+xml", 415),
            ("PUT", "/definitions/a", "text/plain", 415), ("POST", "/events", "application/json", 0),
            ("PUT", "/definitions/a", "application/json", 0),
        ])
    func expectations(method: String, path: String, type: String, status: Int) throws {
        let head = HTTPRequestHead(
            method: method, path: path.split(separator: "/").map(String.init),
            headers: HTTPFields([("Host", "localhost"), ("Expect", "100-continue"), ("Content-Type", type)]),
            contentLength: 10)
        let answer = try Desk().api.screen(head)
        #expect(answer?.status ?? 0 == status)
        if status > 0 { #expect(answer?["X-Request-Id"] != nil) }
        var patient = head
        patient.headers = HTTPFields([("Host", "localhost"), ("Content-Type", type)])
        #expect(try Desk().api.screen(patient) == nil)
    }
}

@Suite("Trace context")
struct TraceContextTests {
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test(
        "an event takes the trace of its request, unless it brings one",
        arguments: [nil, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"])
    func carried(own: String?) throws {
        let desk = try Desk()
        let member = own.map { #","traceparent":"\#($0)""# } ?? ""
        _ = desk.call(
            "POST", "/events", #"{"id":"e1","type":"ParcelSent","data":{"key":"k"}\#(member)}"#,
            fields: [("traceparent", Self.trace)])
        let events = desk.call("GET", "/events").json["events"]?.arrayValue ?? []
        #expect(!events.isEmpty)
        for event in events { #expect(event["traceparent"]?.stringValue == own ?? Self.trace) }
        let task = desk.call("GET", "/tasks", query: [("type", "carry")]).json["tasks"]?[0]
        #expect(task?["traceparent"]?.stringValue == own ?? Self.trace)
    }

    @Test("an invalid or repeated field is as good as none")
    func repeated() throws {
        for values in [[Self.trace, Self.trace], ["wrong"]] {
            let desk = try Desk()
            let (response, _) = desk.call(
                "POST", "/events", #"{"id":"e1","type":"ParcelSent","data":{"key":"k"}}"#,
                fields: values.map { ("traceparent", $0) })
            #expect(response.status == 200)
            #expect(desk.call("GET", "/events").json["events"]?[0]?["traceparent"] == nil)
        }
    }

    @Test("what follows from an event bears its trace and state, or none, whatever came before")
    func oneTraceAnEvent() throws {
        let desk = try Desk()
        _ = desk.call(
            "POST", "/events", #"{"id":"e1","type":"ParcelSent","data":{"key":"k"}}"#,
            fields: [
                ("traceparent", "cc" + Self.trace.dropFirst(2) + "-more"), ("tracestate", "a=1"), ("tracestate", "b=2"),
            ])
        let task = desk.call("GET", "/tasks", query: [("type", "carry")]).json["tasks"]?[0]
        // The version that is known, and what is known of its flags.
        #expect(task?["traceparent"]?.stringValue == Self.trace)
        #expect(task?["tracestate"]?.stringValue == "a=1,b=2")
        let before = desk.call("GET", "/events").json["events"]?.arrayValue ?? []
        #expect(
            before.allSatisfy { $0["extensions"]?["tracestate"] == "a=1,b=2" || $0["stream"]?["category"] == "task" })
        _ = desk.call("POST", "/events", #"{"id":"e2","type":"ParcelSent","data":{"key":"k"}}"#)
        let all = desk.call("GET", "/events").json["events"]?.arrayValue ?? []
        #expect(all.count > before.count)
        for event in all.dropFirst(before.count) {
            #expect(event["traceparent"] == nil && event["extensions"] == nil, "\(event)")
        }
        // The outcome of the first task belongs to the event that planned it, whatever came since.
        let outcome = try JSONValue(
            parsing:
                #"{"lease_token":"\#(task?["lease"]?["token"]?.stringValue ?? "")","outcome":"completed","result":{}}"#)
        let path = "/tasks/\(task?["task_id"]?.stringValue ?? "")/outcome"
        #expect(desk.call("POST", path, outcome.text).response.status == 200)
        let ended = desk.call("GET", "/events").json["events"]?.arrayValue?.dropFirst(all.count) ?? []
        #expect(ended.contains { $0["type"] == "TaskCompleted" })
        for event in ended { #expect(event["traceparent"]?.stringValue == Self.trace, "\(event)") }
        // A state without a trace says nothing.
        _ = desk.call(
            "POST", "/events", #"{"id":"e3","type":"ParcelSent","data":{"key":"k3"}}"#, fields: [("tracestate", "a=1")])
        #expect(desk.call("GET", "/events").json["events"]?.arrayValue?.last?["extensions"] == nil)
    }

    /// What becomes of the valid one, and whether it stays valid.
    private static let variants: [(text: String, isValid: Bool)] = {
        let rest = String(trace.dropFirst(2))
        let zeros = String(repeating: "0", count: 32)
        var variants: [(text: String, isValid: Bool)] = [(trace, true), ("", false)]
        variants += ["01", "cc", "fe"].map { ($0 + rest, true) }
        variants += ["ff", "0g", "0A", "0"].map { ($0 + rest, false) }
        variants.append(("cc" + rest + "-more", true))
        variants.append(("cc" + rest + ".more", false))
        variants.append((trace + "-x", false))
        variants.append((trace.uppercased(), false))
        variants.append((String(trace.dropLast()), false))
        variants.append(("00-" + zeros + "-00f067aa0ba902b7-01", false))
        variants.append(("00-4bf92f3577b34da6a3ce929d0e0e4736-" + zeros.prefix(16) + "-01", false))
        variants.append((trace.replacingOccurrences(of: "b7-01", with: "b7_01"), false))
        variants.append((trace.replacingOccurrences(of: "4736", with: "473é"), false))
        return variants
    }()

    @Test("traceparent is read as W3C has it", arguments: variants)
    func validity(text: String, isValid: Bool) {
        #expect(TraceContext.isValid(text) == isValid, "\(text)")
    }
}

@Suite("Pages")
struct PageTests {
    @Test("large events make small pages, and reading on gives the rest")
    func largeEvents() throws {
        let desk = try Desk()
        let padding = String(repeating: "x", count: 300_000)
        for number in 1...40 { desk.startProcess("k\(number)", padding: padding) }
        var place = "0"
        var sizes: [Int] = []
        var sent = 0
        while true {
            let (response, json) = desk.call("GET", "/events", query: [("after", place), ("limit", "1000")])
            let events = json["events"]?.arrayValue ?? []
            if events.isEmpty { break }
            sizes.append(response.body.count)
            sent += events.count { $0["type"] == "ParcelSent" }
            place = "\(json["next"]?.int64Value ?? 0)"
        }
        #expect(sent == 40)
        #expect(sizes.count > 1)
        // What is read before the bound is noticed comes on top.
        #expect(sizes.allSatisfy { $0 < 4_194_304 + 32 * 310_000 })
    }
}

@Suite("Hostile bodies")
struct BodyBombTests {
    private static let bombs: [(name: String, text: String)] = [
        ("100,000 brackets", String(repeating: "[", count: 100_000)),
        ("50,000 objects", String(repeating: #"{"a":"#, count: 50_000)),
        ("closed brackets", String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)),
        (
            "65 levels of data",
            #"{"type":"a","data":"# + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}"
        ),
    ]

    @Test("JSON that is too deep is 400, whatever reads it", arguments: bombs.indices)
    func depth(index: Int) throws {
        let desk = try Desk()
        let bomb = Self.bombs[index]
        for (method, path, type) in [
            ("POST", "/events", "application/json"), ("POST", "/events", "application/cloudevents+json"),
            ("POST", "/events", "application/cloudevents-batch+json"), ("PUT", "/definitions/a", "application/json"),
            ("POST", "/tasks/outcomes", "application/json"), ("POST", "/clock/advance", "application/json"),
        ] {
            let (response, json) = desk.call(method, path, bomb.text, type: type)
            #expect(response.status == 400, "\(bomb.name) to \(path)")
            #expect(json["code"] == "invalid_json", "\(bomb.name) to \(path)")
        }
    }
}
