/// One header of a request, name and value as they are sent.
public struct HeaderField: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Why an endpoint may not ask for this header; nil if it may.
    ///
    /// libcurl sends what it is given: a line break inside a value would be a header of its own, or a second request.
    public var fault: String? {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else { return "is not a header name" }
        guard value.utf8.allSatisfy(Self.isValueByte) else {
            return "has a control character in its value"
        }
        let lower = name.lowercased()
        if Self.ours.contains(lower) || lower.hasPrefix("webhook-") { return "is set by the service" }
        return nil
    }

    /// Whether it stays one line of one request.
    var isSendable: Bool {
        !name.isEmpty && name.utf8.allSatisfy(Self.isTokenByte) && value.utf8.allSatisfy(Self.isValueByte)
    }

    /// Those that frame the message, name the receiver or rule the connection, and those of the service.
    private static let ours: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "te", "trailer", "upgrade", "expect", "http2-settings", "user-agent",
    ]

    /// RFC 9110 section 5.5.
    private static func isValueByte(_ byte: UInt8) -> Bool {
        byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
    }

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
