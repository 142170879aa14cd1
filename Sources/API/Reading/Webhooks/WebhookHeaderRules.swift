/// What a header field of a request to an endpoint may be: nothing that could end its line, and none of those that the
/// service or HTTP itself sets.
enum WebhookHeaderRules {
    private static let reserved: Set<String> = [
        "host", "connection", "content-encoding", "content-length", "content-type", "date", "expect",
        "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "traceparent",
        "tracestate",
    ]
    private static let reservedPrefixes = ["webhook-", "proxy-"]

    /// Nil if there is nothing wrong with it.
    static func complaint(name: String, value: String?) -> String? {
        // RFC 9110 section 5.6.2: a token.
        guard (1...100).contains(name.utf8.count), name.utf8.allSatisfy(isTokenByte) else {
            return "'\(name)' is no name of a header field"
        }
        let lower = name.lowercased()
        if reserved.contains(lower) || reservedPrefixes.contains(where: lower.hasPrefix) {
            return "'\(name)' is set by the service"
        }
        guard let value, value.utf8.count <= 4096 else {
            return "the value of '\(name)' has to be a string of at most 4096 bytes"
        }
        // Section 5.5: no CR, LF, NUL; other control bytes are of no use, and the ends are not part of a value.
        guard value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }), value.first != " ",
            value.last != " ", value.first != "\t", value.last != "\t"
        else { return "the value of '\(name)' has control characters in it, or blanks around it" }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
        }
    }
}
