import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

/// Reads events as they are posted: plain JSON, and CloudEvents 1.0 in structured mode.
struct EventReader {
    let tenant: String
    /// The id of an event that names none.
    let makeID: () -> String

    private static let plainMembers: Set<String> = [
        "type", "data", "id", "source", "time", "correlation_id", "causation_id", "traceparent",
    ]

    func plain(_ view: JSONView, at pointer: String = "") throws(HTTPProblem) -> IncomingEvent {
        guard view.kind == .object else {
            throw HTTPProblem(RequestFault(.pointer(pointer), "an event has to be a JSON object"))
        }
        let body = BodyReader(view, at: pointer)
        try body.allow(Self.plainMembers)
        guard let type = try body.identifier("type") else { throw body.fault("type", "'type' is required, a string") }
        if let time = try body.optionalString("time"), Instant(rfc3339: time) == nil {
            throw body.fault("time", "'time' has to be an RFC 3339 time")
        }
        return IncomingEvent(
            tenant: tenant,
            event: Event(
                id: EventID(try body.identifier("id", limit: 1024) ?? makeID()), type: type,
                source: try body.identifier("source", limit: 1024) ?? "", time: try body.optionalString("time"),
                data: view["data"] ?? .null, correlationID: try body.identifier("correlation_id", limit: 1024),
                causationID: try body.identifier("causation_id", limit: 1024),
                traceparent: try body.optionalString("traceparent").flatMap { Self.isTraceparent($0) ? $0 : nil }))
    }

    private static let cloudEventMembers: Set<String> = [
        "specversion", "id", "source", "type", "time", "data", "data_base64", "correlationid", "causationid",
        "traceparent",
    ]

    /// One event in the JSON format of CloudEvents 1.0.
    func cloudEvent(_ view: JSONView, at pointer: String = "") throws(HTTPProblem) -> IncomingEvent {
        guard view.kind == .object else {
            throw HTTPProblem(RequestFault(.pointer(pointer), "an event has to be a JSON object"))
        }
        let body = BodyReader(view, at: pointer)
        guard try body.string("specversion") == "1.0" else {
            throw body.fault("specversion", "'specversion' has to be 1.0")
        }
        guard let id = try body.identifier("id", limit: 1024) else { throw body.fault("id", "'id' is required") }
        guard let type = try body.identifier("type") else { throw body.fault("type", "'type' is required") }
        guard let source = try body.identifier("source", limit: 1024) else {
            throw body.fault("source", "'source' is required")
        }
        if let time = try body.optionalString("time"), Instant(rfc3339: time) == nil {
            throw body.fault("time", "'time' has to be an RFC 3339 time")
        }
        if body.optional("data") != nil, body.optional("data_base64") != nil {
            throw body.fault("data_base64", "'data' and 'data_base64' exclude each other")
        }
        let data: JSONView
        if let encoded = try body.optionalString("data_base64") {
            guard Base64.isValid(encoded) else { throw body.fault("data_base64", "'data_base64' is not base64") }
            data = JSONView(.object(["data_base64": .string(encoded)]))
        } else {
            data = view["data"] ?? .null
        }
        return IncomingEvent(
            tenant: tenant,
            event: Event(
                id: EventID(id), type: type, source: source, time: try body.optionalString("time"), data: data,
                correlationID: try body.identifier("correlationid", limit: 1024),
                causationID: try body.identifier("causationid", limit: 1024),
                traceparent: try body.optionalString("traceparent").flatMap { Self.isTraceparent($0) ? $0 : nil },
                extensions: try extensions(of: body)))
    }

    /// Attributes that have no field of their own here are kept as they are.
    private func extensions(of body: BodyReader) throws(HTTPProblem) -> JSONView? {
        var kept = JSONObject()
        for (name, value) in body.view.members where !Self.cloudEventMembers.contains(name) && !value.isNull {
            guard !name.isEmpty, name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
            else {
                throw body.fault(name, "an attribute name has only a-z and 0-9")
            }
            switch value.kind {
            case .string:
                guard let text = value.stringValue, !text.isEmpty || !Self.namedOptional.contains(name) else {
                    throw body.fault(name, "'\(name)' must not be empty")
                }
                if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
                    throw body.fault(name, "'\(name)' has control characters")
                }
            case .bool: break
            case .number:
                guard value.int64Value.map({ Int32(exactly: $0) != nil }) == true else {
                    throw body.fault(name, "'\(name)' has to be a 32 bit integer")
                }
            case .null, .array, .object: throw body.fault(name, "'\(name)' has to be a string, integer or boolean")
            }
            if Self.namedOptional.contains(name), value.kind != .string {
                throw body.fault(name, "'\(name)' has to be a string")
            }
            kept[name] = value.value
        }
        return kept.isEmpty ? nil : JSONView(.object(kept))
    }

    private static let namedOptional: Set<String> = ["subject", "datacontenttype", "dataschema"]

    /// Version 00 of W3C Trace Context; anything else is dropped, never refused.
    static func isTraceparent(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 55, parts.count == 4, parts[0].utf8.count == 2, parts[1].utf8.count == 32,
            parts[2].utf8.count == 16, parts[3].utf8.count == 2, parts[0] != "ff"
        else { return false }
        let isHex = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == 0x2D }
        return isHex && parts[1].contains { $0 != "0" } && parts[2].contains { $0 != "0" }
    }
}

/// RFC 4648 section 4, with padding.
enum Base64 {
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count % 4 == 0 else { return false }
        let padding = bytes.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        return bytes.dropLast(padding).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}
