import Chrono

/// One request to be sent, with all that bounds it.
struct TransportRequest: Sendable {
    /// What is done with the receiver's answer.
    enum AnswerRule: Sendable, Equatable {
        /// Its status is what counts: the first bytes are kept to be shown, and whoever sends more than `reading` is
        /// cut off and still has answered.
        case keepingFirst(_ bytes: Int, reading: Int)
        /// Its body is read: one that is longer fails.
        case whole(limit: Int)

        static let ofCommand = AnswerRule.keepingFirst(4096, reading: 65_536)
        static let ofTask = AnswerRule.whole(limit: 1_048_576)

        var kept: Int {
            switch self {
            case .keepingFirst(let bytes, _): bytes
            case .whole(let limit): limit
            }
        }

        var read: Int {
            switch self {
            case .keepingFirst(_, let bytes): bytes
            case .whole(let limit): limit
            }
        }
    }

    static let defaultTimeout = TimeSpan.seconds(20)

    /// As `WebhookURL` has let it pass.
    var url: String
    /// Beside those of the transport: content-type, content-length, user-agent, host, accept.
    var fields: [HeaderField]
    var body: [UInt8]
    /// From the name to the last byte of the answer.
    var timeout = defaultTimeout
    var connectTimeout = TimeSpan.seconds(5)
    var answer = AnswerRule.ofCommand
}

extension TransportRequest {
    /// What it takes in memory: its content, as it was and as it is sent.
    var byteCount: Int { 16_384 + 2 * body.count }
}

/// How a request went.
enum TransportResult: Sendable, Equatable {
    case answered(ReceiverAnswer)
    case failed(TransportFailure)
}

/// What the receiver answered, whatever its status.
struct ReceiverAnswer: Sendable, Equatable {
    var status: Int
    /// As it was sent, if it was.
    var retryAfter: String?
    /// As far as the request's rule keeps it.
    var body: [UInt8]
    /// There was more than is kept.
    var isCut: Bool
    var duration: TimeSpan
}

/// Why there is no answer.
struct TransportFailure: Error, Sendable, Equatable {
    /// The raw values are recorded and shown.
    enum Kind: String, Sendable, CaseIterable {
        case invalidRequest = "invalid_request"
        case refusedAddress = "refused_address"
        case resolve
        case connect
        case tls
        case timeout
        /// The connection broke before the answer was complete.
        case reset
        case answerTooLarge = "answer_too_large"
        /// What came was not HTTP.
        case notHTTP = "not_http"
        /// The service stopped first. Whether the receiver has seen the request is not known.
        case stopped
        case other
    }

    var kind: Kind
    /// For people; without anything secret.
    var message: String
    var duration: TimeSpan
}
