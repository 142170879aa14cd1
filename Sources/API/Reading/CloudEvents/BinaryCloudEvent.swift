import Engine
import EventSourcing
import HTTPServer
import JSON

extension EventReader {
    private static let required = ["ce-specversion", "ce-id", "ce-source", "ce-type"]

    /// Whether a request carries an event in binary mode: one of the required attributes is in its own field.
    static func isBinary(_ fields: HTTPFields) -> Bool {
        required.contains { fields.contains($0) }
    }

    /// One event in binary mode (HTTP binding 1.0 section 3.1): attributes in `ce-` fields, the data as content.
    func binaryCloudEvent(_ request: HTTPRequest) throws(HTTPProblem) -> IncomingEvent {
        var attributes = CloudEventAttributes()
        var seen: Set<String> = []
        for (field, value) in request.headers.all {
            let field = field.lowercased()
            guard field.hasPrefix("ce-") else { continue }
            let name = String(field.dropFirst(3))
            let place = RequestFault.Place.header(field)
            guard seen.insert(name).inserted else {
                throw CloudEventAttributes.fault(place, "'\(field)' may be given once")
            }
            if name == "datacontenttype" {
                throw CloudEventAttributes.fault(place, "the content type of the data belongs into Content-Type")
            }
            if name == "data" || name == "data_base64" {
                throw CloudEventAttributes.fault(place, "the data belongs into the body")
            }
            guard let text = AttributeEncoding.decode(value) else {
                throw CloudEventAttributes.fault(place, "'\(field)' is not percent-encoded UTF-8")
            }
            try attributes.take(name, .string(text), at: place)
        }
        let contentType = request.headers["content-type"]
        if let contentType {
            try attributes.take("datacontenttype", .string(contentType), at: .header("content-type"))
        }
        let data = try data(request.body, contentType: contentType)
        return IncomingEvent(
            tenant: tenant, event: try attributes.event(data: data) { .header("ce-\($0)") })
    }

    /// JSON is read, UTF-8 becomes a string, and what is neither is kept in base64.
    private func data(_ bytes: [UInt8], contentType: String?) throws(HTTPProblem) -> JSONView {
        if bytes.isEmpty { return .null }
        if let contentType, MediaType(contentType).isJSON { return try BodyReader.parse(bytes) }
        if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
        return JSONView(["data_base64": .string(Base64.encode(bytes))])
    }
}

/// How attribute values are written in fields (HTTP binding 1.0 section 3.1.3.2).
enum AttributeEncoding {
    /// Takes the quotes off double-quoted parts, then decodes percent signs once; nil where either is malformed or the
    /// result is not UTF-8.
    static func decode(_ value: String) -> String? {
        guard let plain = unquoted(Array(value.utf8)) else { return nil }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(plain.count)
        var index = 0
        while index < plain.count {
            if plain[index] != UInt8(ascii: "%") {
                decoded.append(plain[index])
                index += 1
                continue
            }
            guard index + 2 < plain.count, let high = hexDigit(plain[index + 1]), let low = hexDigit(plain[index + 2])
            else { return nil }
            decoded.append(high << 4 | low)
            index += 3
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func unquoted(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.contains(UInt8(ascii: "\"")) else { return bytes }
        var plain: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in bytes {
            switch byte {
            case _ where isEscaped:
                plain.append(byte)
                isEscaped = false
            case UInt8(ascii: "\\") where isQuoted: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            default: plain.append(byte)
            }
        }
        return isQuoted ? nil : plain
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
