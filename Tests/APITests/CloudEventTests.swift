import Foundation
import HTTPServer
import JSON
import TestSupport
import Testing

@Suite("CloudEvents")
struct CloudEventTests {
    @Test(
        "the public conformance cases are accepted and kept, or refused, as they say",
        arguments: ["structured", "batch", "binary"])
    func conforms(_ suite: String) throws {
        guard let lines = ConformanceData.lines("cloudevents/\(suite).jsonl") else { return }
        for line in lines {
            let example = try JSONValue(parsing: line)
            let name = example["name"]?.stringValue ?? ""
            let body = try #require(Data(base64Encoded: example["body"]?.stringValue ?? ""))
            let fields = (example["headers"]?.arrayValue ?? []).map {
                ($0[0]?.stringValue ?? "", $0[1]?.stringValue ?? "")
            }
            let desk = try Desk()
            let (response, json) = desk.send("POST", "/events", Array(body), fields)
            switch example["expect"]?.stringValue {
            case "accept":
                #expect(response.status == 200, "\(name): \(json.text)")
                if response.status == 200 { try checkStored(example, name, desk) }
            case "reject":
                let allowed = (example["statuses"]?.arrayValue ?? [400]).compactMap(\.int64Value)
                #expect(allowed.contains(Int64(response.status)), "\(name): \(response.status) \(json.text)")
                #expect(stored(desk).isEmpty, "\(name)")
            default: #expect([200, 400, 415].contains(response.status), "\(name)")
            }
        }
        print("CloudEvents \(suite): \(lines.count) cases")
    }

    /// Nobody listens to these types, so what was kept is listed as unmatched.
    private func stored(_ desk: Desk) -> [JSONValue] {
        desk.send("GET", "/events/unmatched").json["events"]?.arrayValue ?? []
    }

    private func checkStored(_ example: JSONValue, _ name: String, _ desk: Desk) throws {
        let kept = stored(desk)
        if let count = example["events"]?.arrayValue?.count ?? example["events"]?.int64Value.map(Int.init) {
            #expect(kept.count == count, "\(name)")
        }
        let ours = [
            "id": "event_id", "correlationid": "correlation_id", "causationid": "causation_id",
            "source": "source", "type": "type", "time": "time", "traceparent": "traceparent",
        ]
        for (attribute, value) in example["event"]?.objectValue ?? JSONObject() where attribute != "specversion" {
            let place = ours[attribute]
            let found = place.map { kept.first?[$0] } ?? kept.first?["extensions"]?[attribute]
            #expect(found == value, "\(name): \(attribute)")
        }
        if let data = example["data"] { #expect(kept.first?["data"] == data, "\(name)") }
    }

    private static let head: [(String, String)] = [
        ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"),
    ]

    @Test("data in binary mode is JSON, a string, or base64, by its content type and its bytes")
    func binaryData() throws {
        func kept(_ type: String?, _ body: [UInt8]) throws -> JSONValue? {
            let desk = try Desk()
            let fields = Self.head + (type.map { [("Content-Type", $0)] } ?? [])
            #expect(desk.send("POST", "/events", body, fields).response.status == 200)
            return stored(desk).first?["data"]
        }
        #expect(try kept("application/vnd.x+json; charset=utf-8", Array("[1.0]".utf8)) == JSONValue(parsing: "[1.0]"))
        #expect(try kept("text/plain", Array("{}".utf8)) == "{}")
        #expect(try kept(nil, Array("7".utf8)) == "7")
        #expect(try kept("image/png", [0xFF, 0xFE]) == ["data_base64": "//4="])
        #expect(try kept(nil, [0xFF]) == ["data_base64": "/w=="])
        #expect(try kept(nil, []) == .null)
    }

    @Test(
        "a bad attribute is named where it is",
        arguments: [
            ("ce-time", "noon"), ("ce-subject", ""), ("ce-dataschema", "/relative"), ("ce-datacontenttype", "a/b"),
            ("ce-id", "2"), ("ce-data", "x"), ("ce-Large_Name", "x"), ("Content-Type", "json"),
        ])
    func badAttribute(_ field: (String, String)) throws {
        let desk = try Desk()
        let (response, json) = desk.send("POST", "/events", [], Self.head + [field])
        #expect(response.status == 400)
        #expect(json["code"] == "invalid_request")
        #expect(json["errors"]?[0]?["header"]?.stringValue == field.0.lowercased())
    }

    @Test("a bad event of a batch is named by its index, and nothing of the batch is stored")
    func badBatch() throws {
        let desk = try Desk()
        let good = #"{"specversion":"1.0","id":"1","source":"/s","type":"t"}"#
        let bad = #"{"specversion":"1.0","id":"2","source":"/s","type":"t","time":"x"}"#
        let (response, json) = desk.call(
            "POST", "/events", "[\(good),\(bad)]", type: "application/cloudevents-batch+json")
        #expect(response.status == 400)
        #expect(json["errors"]?[0]?["pointer"] == "/1/time")
        #expect(stored(desk).isEmpty)
    }

    @Test("1,000 events are a batch, 1,001 are too many")
    func batchLimit() throws {
        let desk = try Desk()
        func batch(_ count: Int) -> String {
            let events = (0..<count).map { #"{"specversion":"1.0","id":"\#($0)","source":"/s","type":"t"}"# }
            return "[" + events.joined(separator: ",") + "]"
        }
        let type = "application/cloudevents-batch+json"
        let full = desk.call("POST", "/events", batch(1000), type: type)
        #expect(full.response.status == 200)
        #expect(full.json["results"]?.arrayValue?.count == 1000)
        let tooMany = desk.call("POST", "/events", batch(1001), type: type)
        #expect(tooMany.response.status == 413)
        #expect(tooMany.json["code"] == "payload_too_large")
    }

    @Test(
        "formats that are not read are refused by name",
        arguments: ["application/cloudevents+avro", "application/cloudevents-batch+xml", "application/cloudevents"])
    func otherFormats(_ type: String) throws {
        let desk = try Desk()
        let (response, json) = desk.send("POST", "/events", [], Self.head + [("Content-Type", type)])
        #expect(response.status == 415)
        #expect(json["detail"]?.stringValue?.contains(type) == true)
    }
}
