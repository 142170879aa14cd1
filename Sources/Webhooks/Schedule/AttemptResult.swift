import Chrono

/// What an attempt to deliver means, whatever was sent.
enum AttemptResult: Sendable, Equatable {
    /// 200 to 299.
    case success
    /// 410: whoever answers there wants nothing more.
    case gone
    case failure(Failure)

    struct Failure: Sendable, Equatable {
        var code: FailureCode
        /// What the receiver asked for with `Retry-After`.
        var retryAfter: TimeSpan?

        init(code: FailureCode, retryAfter: TimeSpan? = nil) {
            self.code = code
            self.retryAfter = retryAfter
        }
    }
}

/// Why an attempt failed, as it is recorded and shown.
enum FailureCode: Sendable, Equatable, Hashable {
    /// Any status but 200 to 299 and 410. Redirects are not followed, so 3xx is one of them.
    case status(Int)
    case transport(TransportFailure.Kind)
    /// A task endpoint answered 200 without an outcome.
    case badResponse

    /// `http_503`, `timeout`, `bad_response`.
    var text: String {
        switch self {
        case .status(let status): "http_\(status)"
        case .transport(let kind): kind.rawValue
        case .badResponse: "bad_response"
        }
    }

    /// The receiver is there and has too much to do, or what stands before it has.
    var asksToSlowDown: Bool {
        switch self {
        case .status(let status): status == 429 || status == 502 || status == 504
        case .transport(let kind): kind == .timeout
        case .badResponse: false
        }
    }

    /// The status speaks of the server as a whole, and its `Retry-After` too: other requests would fare no better.
    var isOfServer: Bool {
        switch self {
        case .status(let status): status == 429 || (502...504).contains(status)
        case .transport, .badResponse: false
        }
    }

    /// At once again would make it worse.
    var needsRest: Bool {
        self == .status(429) || self == .transport(.timeout)
    }
}
