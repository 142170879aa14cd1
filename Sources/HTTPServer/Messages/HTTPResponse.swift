/// An answer as the handler gives it.
///
/// The server adds `Date`, `Content-Length`, `Connection` and, for streams, `Transfer-Encoding` itself and leaves out
/// such fields given here. The body of an answer to HEAD is counted and not sent, that of a 204 or 304 is dropped.
/// CR, LF and other control bytes in names and values are sent as spaces, so that no value can end its line.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var fields: [(String, String)]
    public var body: [UInt8]
    /// Closes the connection after this answer.
    public var closesConnection: Bool

    public init(
        status: Int, fields: [(String, String)] = [], body: [UInt8] = [], closesConnection: Bool = false
    ) {
        self.status = status
        self.fields = fields
        self.body = body
        self.closesConnection = closesConnection
    }

    public init(status: Int, contentType: String, body: [UInt8]) {
        self.init(status: status, fields: [("Content-Type", contentType)], body: body)
    }

    public init(status: Int, contentType: String, text: String) {
        self.init(status: status, contentType: contentType, body: Array(text.utf8))
    }

    /// 204 without content.
    public static var noContent: HTTPResponse { HTTPResponse(status: 204) }

    /// 200 with a JSON body.
    public static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: body)
    }

    /// The first value of that field, names without regard to case.
    public subscript(name: String) -> String? {
        for (candidate, value) in fields where ASCII.equalIgnoringCase(candidate, name) { return value }
        return nil
    }
}
