/// One request that was answered or refused, as a log wants to know it.
public struct HTTPExchange: Sendable {
    /// Empty where the request could not be read so far.
    public var method: String
    /// The target as sent, without its query, which may hold secrets; empty where it could not be read so far.
    public var path: String
    public var status: Int
    /// The content of the answer before any transfer coding; of a stream, its first piece.
    public var contentBytes: Int
    /// From the whole request to its answer; 0 for what never was a whole request.
    public var microseconds: Int64
    /// The answer's `X-Request-Id`.
    public var requestID: String
    public var remoteAddress: String

    public init(
        method: String, path: String, status: Int, contentBytes: Int, microseconds: Int64, requestID: String,
        remoteAddress: String
    ) {
        self.method = method
        self.path = path
        self.status = status
        self.contentBytes = contentBytes
        self.microseconds = microseconds
        self.requestID = requestID
        self.remoteAddress = remoteAddress
    }
}
