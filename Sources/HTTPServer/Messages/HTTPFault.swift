/// Why the server itself refuses a request. The handler gives it its form, the server closes the connection after it.
public struct HTTPFault: Error, Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// 400: the bytes are not a request this server reads.
        case malformedRequest
        /// 405: TRACE and CONNECT, on every path.
        case methodNotAllowed
        /// 408: the head or the body did not arrive in time.
        case requestTimeout
        /// 413
        case contentTooLarge
        /// 414
        case targetTooLong
        /// 417: an expectation other than `100-continue`.
        case expectationFailed
        /// 431: the fields are too many or too long.
        case fieldsTooLarge
        /// 501: a transfer coding other than `chunked`.
        case unknownTransferCoding
        /// 503: no room for another connection.
        case tooManyConnections
        /// 503: no memory for the request or its answer.
        case overloaded
        /// 505: not HTTP/1.
        case versionNotSupported
    }

    public var kind: Kind
    /// What is wrong, as one sentence for people; never repeats bytes of the request.
    public var detail: String

    public init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    public var status: Int {
        switch kind {
        case .malformedRequest: 400
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .contentTooLarge: 413
        case .targetTooLong: 414
        case .expectationFailed: 417
        case .fieldsTooLarge: 431
        case .unknownTransferCoding: 501
        case .tooManyConnections, .overloaded: 503
        case .versionNotSupported: 505
        }
    }

    static func malformed(_ detail: String) -> HTTPFault { HTTPFault(.malformedRequest, detail) }
}
