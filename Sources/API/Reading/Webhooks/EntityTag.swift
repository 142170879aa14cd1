import HTTPServer

/// The version of what was read, as `ETag` and `If-Match` carry it (RFC 9110 sections 8.8.3 and 13.1.1).
enum EntityTag {
    static func text(_ version: Int64) -> String { "\"\(version)\"" }

    enum Condition: Equatable {
        /// Whatever it is, it has to be there.
        case any
        case version(Int64)
        /// A tag that we never gave.
        case none
    }

    /// What `If-Match` asks; nil without it.
    static func condition(_ request: HTTPRequest) throws(HTTPProblem) -> Condition? {
        guard let text = request.headers["if-match"] else { return nil }
        if text == "*" { return .any }
        guard text.utf8.count >= 2, text.hasSuffix("\""), !text.contains(","),
            text.hasPrefix("\"") || text.hasPrefix("W/")
        else {
            throw HTTPProblem(RequestFault(.header("if-match"), "'if-match' has to be one entity tag, such as \"3\""))
        }
        // A weak tag matches nothing here (section 8.8.3.2).
        guard text.hasPrefix("\""), let version = Int64(text.dropFirst().dropLast()), Self.text(version) == text else {
            return Condition.none
        }
        return .version(version)
    }
}
