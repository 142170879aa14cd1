/// The essence of a Content-Type, in lower case, without parameters.
struct MediaType {
    let essence: String

    init(_ text: String) {
        let head = text.prefix { $0 != ";" }
        essence = head.lowercased().split(whereSeparator: { $0 == " " || $0 == "\t" }).joined()
    }

    /// `*/json` or `*/*+json` (CloudEvents JSON format 1.0 section 3.1).
    var isJSON: Bool { essence.hasSuffix("/json") || essence.hasSuffix("+json") }

    /// Whether the text is a type and a subtype, each a token (RFC 2045 section 5.1), with or without parameters.
    static func isWellFormed(_ text: String) -> Bool {
        let parts = text.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        var subtype = parts[1]
        while subtype.last == " " || subtype.last == "\t" { subtype.removeLast() }
        return isToken(parts[0]) && isToken(subtype)
    }

    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !Array("()<>@,;:\\\"/[]?=".utf8).contains($0) }
    }
}
