/// The versions this server speaks; HTTP/1.2 to 1.9 are read as 1.1 (RFC 9110 section 2.5).
public enum HTTPVersion: Sendable, Equatable {
    case http1_0
    case http1_1
}

/// A request before its body was read.
public struct HTTPRequestHead: Sendable {
    /// As sent; methods are case-sensitive.
    public var method: String
    /// The segments of the path, split at `/` first and percent-decoded afterwards, so that `%2F` stays inside its
    /// segment. `/` has no segments; `/a/` ends with an empty one, `//a` begins with one.
    public var path: [String]
    /// The target as sent, in whichever form.
    public var rawTarget: String
    /// The parameters of the query in order, decoded, `+` as a space. A parameter without `=` has the empty value.
    public var query: [(name: String, value: String)]
    public var headers: HTTPFields
    public var version: HTTPVersion
    /// `OPTIONS *`: the request concerns the server as a whole; `path` is empty then.
    public var isAsteriskForm: Bool
    /// Bytes announced by Content-Length, 0 without a body, nil for a chunked one.
    public var contentLength: Int?
    /// The peer's address without its port, in numeric form.
    public var remoteAddress: String
    /// Unique within the process.
    public var connectionID: UInt64
    /// 1 for the first request of its connection.
    public var number: Int

    public init(
        method: String,
        path: [String],
        rawTarget: String? = nil,
        query: [(name: String, value: String)] = [],
        headers: HTTPFields = HTTPFields(),
        version: HTTPVersion = .http1_1,
        isAsteriskForm: Bool = false,
        contentLength: Int? = 0,
        remoteAddress: String = "",
        connectionID: UInt64 = 0,
        number: Int = 1
    ) {
        self.method = method
        self.path = path
        self.rawTarget = rawTarget ?? "/" + path.joined(separator: "/")
        self.query = query
        self.headers = headers
        self.version = version
        self.isAsteriskForm = isAsteriskForm
        self.contentLength = contentLength
        self.remoteAddress = remoteAddress
        self.connectionID = connectionID
        self.number = number
    }
}

/// A complete request.
public struct HTTPRequest: Sendable {
    public var head: HTTPRequestHead
    /// The content after chunked coding was removed; empty if there was none.
    public var body: [UInt8]

    public init(head: HTTPRequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    public init(
        method: String,
        path: [String],
        query: [(name: String, value: String)] = [],
        headers: HTTPFields = HTTPFields(),
        body: [UInt8] = []
    ) {
        head = HTTPRequestHead(
            method: method, path: path, query: query, headers: headers, contentLength: body.count)
        self.body = body
    }

    /// What it takes in memory: its content twice, as it is read by an index that is as large.
    var byteCount: Int { 1_024 + 2 * head.headers.byteCount + 2 * body.count }

    public var method: String { head.method }
    public var path: [String] { head.path }
    public var rawTarget: String { head.rawTarget }
    public var query: [(name: String, value: String)] { head.query }
    public var headers: HTTPFields { head.headers }
    public var version: HTTPVersion { head.version }
    public var isAsteriskForm: Bool { head.isAsteriskForm }
    public var remoteAddress: String { head.remoteAddress }
    public var connectionID: UInt64 { head.connectionID }
    public var number: Int { head.number }

    /// The first query parameter of that name.
    public func queryValue(_ name: String) -> String? {
        for parameter in head.query where parameter.name == name { return parameter.value }
        return nil
    }
}
