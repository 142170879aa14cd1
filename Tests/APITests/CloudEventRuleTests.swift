import HTTPServer
import JSON
import Testing

/// Rules of CloudEvents 1.0 and of its HTTP binding that the public cases do not try.
@Suite("CloudEvent rules")
struct CloudEventRuleTests {
    private static let binary: [(String, String)] = [
        ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"),
    ]
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func kept(_ desk: Desk) -> [JSONValue] {
        desk.send("GET", "/events/unmatched").json["events"]?.arrayValue ?? []
    }

    private func structured(_ members: String, type: String = "application/cloudevents+json") throws -> JSONValue? {
        let desk = try Desk()
        let body = #"{"specversion":"1.0","id":"1","source":"/s","type":"t"\#(members.isEmpty ? "" : ",")\#(members)}"#
        let (response, _) = desk.call("POST", "/events", body, type: type)
        return response.status == 200 ? kept(desk).first : nil
    }

    @Test("the content type alone decides on the mode: in structured mode the fields do not count")
    func mode() throws {
        let desk = try Desk()
        let body = #"{"specversion":"1.0","id":"inside","source":"/s","type":"t","data":1}"#
        let (response, json) = desk.send(
            "POST", "/events", Array(body.utf8),
            [("Content-Type", "Application/CloudEvents+JSON; charset=UTF-8")] + Self.binary)
        #expect(response.status == 200 && json["event_id"] == "inside")
    }

    @Test("a body that is no event is refused, with what is missing where some of it is there")
    func noEvent() throws {
        let desk = try Desk()
        #expect(desk.send("POST", "/events", [0x7B, 0x7D], [("Content-Type", "text/plain")]).response.status == 415)
        for (missing, _) in Self.binary {
            let fields = Self.binary.filter { $0.0 != missing }
            let (response, json) = desk.send("POST", "/events", [], fields)
            #expect(response.status == 400)
            #expect(json["errors"]?[0]?["header"]?.stringValue == missing)
        }
        #expect(kept(desk).isEmpty)
    }

    @Test("other methods are refused with those that are offered", arguments: ["PUT", "DELETE", "PATCH"])
    func methods(_ method: String) throws {
        let (response, _) = try Desk().send(method, "/events", [], Self.binary)
        #expect(response.status == 405)
        #expect(response["Allow"]?.contains("POST") == true)
    }

    @Test("a null payload is a payload, a null attribute is none")
    func nulls() throws {
        let event = try #require(try structured(#""data":null,"subject":null,"time":null,"myext":null"#))
        #expect(event["data"]?.isNull == true)
        #expect(event["time"] == nil && event["extensions"] == nil)
    }

    @Test("a string of JSON data stays a string, and the digits of numbers stay")
    func payload() throws {
        #expect(try structured(#""data":"{\"a\":1}""#)?["data"] == #"{"a":1}"#)
        #expect(try structured(#""data":[1.50,1e400]"#)?["data"]?.text == "[1.50,1e400]")
    }

    @Test("time is kept as it was written")
    func time() throws {
        #expect(
            try structured(#""time":"2026-01-31T13:00:00.123456789+01:00""#)?["time"]
                == "2026-01-31T13:00:00.123456789+01:00")
    }

    @Test("extensions that have a meaning here have it; the others are carried as they came")
    func extensions() throws {
        let event = try #require(
            try structured(
                """
                "correlationid":"order-1","causationid":"cause-1","traceparent":"\(Self.trace)",\
                "tracestate":"a=1,b=2","partitionkey":"p1","sequence":"0007","expirytime":"2030-01-01T00:00:00Z",\
                "recordedtime":"2026-01-01T00:00:00Z","dataref":"https://example.com/1","authtype":"user","count":7,\
                "flag":true,"averylongattributenameofmorethantwenty":"x"
                """))
        #expect(event["correlation_id"] == "order-1" && event["causation_id"] == "cause-1")
        #expect(event["traceparent"]?.stringValue == Self.trace)
        let carried = event["extensions"]
        #expect(carried?["tracestate"] == "a=1,b=2")
        #expect(carried?["partitionkey"] == "p1" && carried?["sequence"] == "0007")
        #expect(carried?["expirytime"] == "2030-01-01T00:00:00Z" && carried?["dataref"] == "https://example.com/1")
        #expect(carried?["count"] == 7 && carried?["flag"] == true && carried?["authtype"] == "user")
        #expect(carried?["averylongattributenameofmorethantwenty"] == "x")
        #expect(carried?["correlationid"] == nil && carried?["traceparent"] == nil)
    }

    @Test(
        "a tracestate that cannot stand in a header is dropped, never refused",
        arguments: [#""a=ü""#, #""a=1 ""#, #""""#, "17", "\"\(String(repeating: "a", count: 513))\""])
    func tracestateForm(_ tracestate: String) throws {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let event = try #require(
            try structured(#""traceparent":"\#(parent)","tracestate":\#(tracestate),"k":"v""#))
        #expect(event["traceparent"] != nil && event["extensions"]?["tracestate"] == nil)
        #expect(event["extensions"]?["k"] == "v")
    }

    @Test(
        "an invalid traceparent is dropped with its tracestate, never refused",
        arguments: ["", "00-0-0-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x"])
    func trace(_ traceparent: String) throws {
        let event = try #require(try structured(#""traceparent":"\#(traceparent)","tracestate":"a=1","k":"v""#))
        #expect(event["traceparent"] == nil)
        #expect(event["extensions"]?["tracestate"] == nil && event["extensions"]?["k"] == "v")
    }

    @Test(
        "what no attribute may be is refused",
        arguments: [
            #""partitionkey":"""#, #""partitionkey":7"#, #""sequence":"""#, #""subject":"""#, #""Subject":"x""#,
            #""my_ext":"x""#, #""n":1.0"#, #""n":1e2"#, #""n":2147483648"#, #""n":{}"#, #""n":[]"#,
            #""k":"\u0007""#, #""k":"\u0085""#, #""k":"\uFFFF""#, #""datacontenttype":"json""#,
            #""dataschema":"relative""#, #""data":1,"data_base64":"AA==""#, #""data_base64":"AA""#, #""data_base64":7"#,
        ])
    func refused(_ members: String) throws {
        #expect(try structured(members) == nil)
    }

    @Test("an event twice in a batch is one event: the second is answered as the first, with duplicate true")
    func twiceInBatch() throws {
        let desk = try Desk()
        let event = #"{"specversion":"1.0","id":"1","source":"/s","type":"ParcelSent","data":{"key":"k1"}}"#
        let other = #"{"specversion":"1.0","id":"1","source":"/s","type":"ParcelSent","data":{"key":"k2"}}"#
        let (response, json) = desk.call(
            "POST", "/events", "[\(event),\(event),\(other)]", type: "application/cloudevents-batch+json")
        #expect(response.status == 200)
        #expect(json["results"]?[0]?["duplicate"] == false && json["results"]?[1]?["duplicate"] == true)
        #expect(json["results"]?[1]?["processes"] == json["results"]?[0]?["processes"])
        // Each event has its own decision: what is refused does not touch the others.
        #expect(json["results"]?[2]?["code"] == "event_id_reused")
        #expect(desk.call("GET", "/processes").json["processes"]?.arrayValue?.count == 1)
        #expect(desk.call("POST", "/events", "[]", type: "application/cloudevents-batch+json").json["results"] == [])
    }

    @Test("events of 64 KiB are taken in every mode")
    func size() throws {
        let text = String(repeating: "x", count: 65_000)
        #expect(try structured(#""data":"\#(text)""#)?["data"]?.stringValue == text)
        let desk = try Desk()
        let (response, _) = desk.send(
            "POST", "/events", Array(text.utf8), Self.binary + [("Content-Type", "text/plain")])
        #expect(response.status == 200)
    }
}
