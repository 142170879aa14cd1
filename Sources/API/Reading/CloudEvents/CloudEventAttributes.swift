import Chrono
import EventSourcing
import JSON

/// The context attributes of one CloudEvent 1.0, checked one by one as they are read, whichever mode they came in.
struct CloudEventAttributes {
    private var hasVersion = false
    private var id: String?
    private var source: String?
    private var type: String?
    private var time: String?
    private var correlationID: String?
    private var causationID: String?
    private var traceparent: String?
    /// Attributes without a field of their own here, carried as they came.
    private var extensions = JSONObject()

    /// Takes an attribute in; the caller leaves out those that are null, which means absent.
    mutating func take(_ name: String, _ value: JSONValue, at place: RequestFault.Place) throws(HTTPProblem) {
        switch name {
        case "specversion":
            guard value.stringValue == "1.0" else { throw Self.fault(place, "'specversion' has to be 1.0") }
            hasVersion = true
        case "id": id = try Self.text(name, value, place, limit: 1024)
        case "source": source = try Self.text(name, value, place, limit: 1024)
        case "type": type = try Self.text(name, value, place, limit: 255)
        case "time":
            let text = try Self.text(name, value, place)
            guard Instant(rfc3339: text) != nil else { throw Self.fault(place, "'time' has to be an RFC 3339 time") }
            time = text
        case "correlationid": correlationID = try Self.text(name, value, place, limit: 1024)
        case "causationid": causationID = try Self.text(name, value, place, limit: 1024)
        case "traceparent":
            // W3C Trace Context section 3.2: an invalid one is dropped, never refused.
            traceparent = value.stringValue.flatMap(TraceContext.parent)
        default: try takeExtension(name, value, at: place)
        }
    }

    private mutating func takeExtension(
        _ name: String, _ value: JSONValue, at place: RequestFault.Place
    ) throws(HTTPProblem) {
        guard Self.isName(name) else { throw Self.fault(place, "an attribute name has only a-z and 0-9") }
        switch name {
        case "subject": _ = try Self.text(name, value, place)
        case "datacontenttype":
            guard MediaType.isWellFormed(try Self.text(name, value, place)) else {
                throw Self.fault(place, "'datacontenttype' has to be a media type such as application/json")
            }
        case "dataschema":
            guard Self.isAbsoluteURI(try Self.text(name, value, place)) else {
                throw Self.fault(place, "'dataschema' has to be an absolute URI")
            }
        // Documented extensions whose text has to say something.
        case "partitionkey", "sequence": _ = try Self.text(name, value, place)
        default: try Self.check(name, value, place)
        }
        extensions[name] = value
    }

    /// The event, once all attributes are taken. `place` says where an attribute would have been.
    func event(data: JSONView, place: (String) -> RequestFault.Place) throws(HTTPProblem) -> Event {
        guard hasVersion else { throw Self.fault(place("specversion"), "'specversion' is required") }
        guard let id else { throw Self.fault(place("id"), "'id' is required") }
        guard let source else { throw Self.fault(place("source"), "'source' is required") }
        guard let type else { throw Self.fault(place("type"), "'type' is required") }
        // W3C Trace Context section 3.3: without a valid traceparent there is no trace that it could belong to. It goes on
        // in a header of webhooks, so that one that does not fit there is as good as none, as in a header of ours.
        let isKept = traceparent != nil && extensions["tracestate"]?.stringValue.flatMap(TraceContext.state) != nil
        let extensions =
            isKept ? extensions : JSONObject(uniqueMembers: extensions.filter { $0.name != "tracestate" })
        return Event(
            id: EventID(id), type: type, source: source, time: time, data: data, correlationID: correlationID,
            causationID: causationID, traceparent: traceparent,
            extensions: extensions.isEmpty ? nil : JSONView(.object(extensions)))
    }
}

// MARK: The type system (CloudEvents 1.0 section 2)

extension CloudEventAttributes {
    static func fault(_ place: RequestFault.Place, _ message: String) -> HTTPProblem {
        HTTPProblem(RequestFault(place, message))
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }

    /// A String that has to say something.
    private static func text(
        _ name: String, _ value: JSONValue, _ place: RequestFault.Place, limit: Int = .max
    ) throws(HTTPProblem) -> String {
        guard let text = value.stringValue else { throw fault(place, "'\(name)' has to be a string") }
        guard !text.isEmpty else { throw fault(place, "'\(name)' must not be empty") }
        guard text.utf8.count <= limit else { throw fault(place, "'\(name)' has at most \(limit) bytes") }
        try checkCharacters(name, text, place)
        return text
    }

    /// String, Boolean or Integer of 32 bits: what JSON can say of the attribute types.
    private static func check(
        _ name: String, _ value: JSONValue, _ place: RequestFault.Place
    ) throws(HTTPProblem) {
        switch value {
        case .string(let text): try checkCharacters(name, text, place)
        case .bool: break
        case .number(let number):
            guard number.int64.map({ Int32(exactly: $0) != nil }) == true else {
                throw fault(place, "'\(name)' has to be an integer of 32 bits")
            }
        case .null, .array, .object: throw fault(place, "'\(name)' has to be a string, an integer or a boolean")
        }
    }

    private static func checkCharacters(
        _ name: String, _ text: String, _ place: RequestFault.Place
    ) throws(HTTPProblem) {
        let isAllowed = text.unicodeScalars.allSatisfy { scalar in
            let value = scalar.value
            let isControl = value < 0x20 || (0x7F...0x9F).contains(value)
            let isNoncharacter = (0xFDD0...0xFDEF).contains(value) || value & 0xFFFE == 0xFFFE
            return !isControl && !isNoncharacter
        }
        guard isAllowed else { throw fault(place, "'\(name)' has control characters or noncharacters") }
    }

    /// A scheme and something after it (RFC 3986 section 4.3), without characters that no URI has.
    private static func isAbsoluteURI(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), let first = text.utf8.first else { return false }
        let scheme = text.utf8[..<colon]
        let isScheme =
            isLetter(first)
            && scheme.allSatisfy {
                isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "+")
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
        let rest = text.utf8[text.utf8.index(after: colon)...]
        return isScheme && !rest.isEmpty && !rest.contains(UInt8(ascii: " "))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
