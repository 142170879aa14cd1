import CCurl
import Chrono
import Engine
import Glibc

/// What answers hold together while they come in. Confined to the transport's thread.
final class AnswerMemory {
    private var held = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Whether there is room for so much more; it is held then.
    func takes(_ bytes: Int) -> Bool {
        guard held + bytes <= limit else { return false }
        held += bytes
        return true
    }

    func free(_ bytes: Int) { held -= bytes }
}

/// One request under way: the handle's callbacks write into it. Confined to the transport's thread.
final class Transfer {
    typealias Reply = @Sendable (TransportResult) -> Void

    let request: TransportRequest
    let reply: Reply
    private let policy: AddressPolicy
    private let startedAt = SystemClock.monotonicMicroseconds()
    private(set) var body: [UInt8] = []
    private var headBytes = 0
    private var bodyBytes = 0
    private var isOverLimit = false
    private let memory: AnswerMemory
    private var isOutOfMemory = false
    /// The last address that was not connected to, and why.
    private var refusal: String?
    private var hasTried = false
    /// The connection was there, and its address is not allowed.
    private var isRefused = false

    /// Of all interim and final answers together; far beyond what receivers send.
    private static let headLimit = 65_536

    init(_ request: TransportRequest, policy: AddressPolicy, memory: AnswerMemory, reply: @escaping Reply) {
        self.memory = memory
        self.request = request
        self.policy = policy
        self.reply = reply
    }

    /// False ends the transfer.
    func takeBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bodyBytes += bytes.count
        let kept = bytes.prefix(max(0, request.answer.kept - body.count))
        guard memory.takes(kept.count) else {
            isOutOfMemory = true
            return false
        }
        body.append(contentsOf: kept)
        isOverLimit = bodyBytes > request.answer.read
        return !isOverLimit
    }

    /// The answer is handed on.
    func freeMemory() { memory.free(body.count) }

    func takeHead(_ count: Int) -> Bool {
        headBytes += count
        return headBytes <= Self.headLimit
    }

    /// A socket for an address that may be connected to. Called for each address that is tried, at each attempt, so
    /// that a name cannot mean another address between a check and its use.
    func openSocket(_ address: inout curl_sockaddr) -> curl_socket_t {
        let length = Int(address.addrlen)
        let endpoint = withUnsafePointer(to: &address.addr) { IPAddress.endpoint($0, length: length) }
        guard let endpoint else {
            refusal = "an address that is neither IPv4 nor IPv6"
            return -1
        }
        if let reason = policy.refusal(of: endpoint.address, port: endpoint.port) {
            refusal = "\(endpoint.address) \(reason.message)"
            return -1
        }
        hasTried = true
        return socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
    }

    /// The judgement once more, right before the request goes out: a connection that was kept is older than what is
    /// allowed now. Refused, it is closed.
    func allowsRequest(to text: String, port: Int) -> Bool {
        guard let address = IPAddress(text), let port = UInt16(exactly: port) else {
            refusal = "an address that is neither IPv4 nor IPv6"
            isRefused = true
            return false
        }
        guard let reason = policy.refusal(of: address, port: port) else { return true }
        refusal = "\(address) \(reason.message)"
        isRefused = true
        return false
    }

    /// What came of it, once libcurl is done with the handle.
    func result(_ code: CURLcode, of handle: EasyHandle) -> TransportResult {
        let status = handle.status
        let isComplete = code == CURLE_OK
        var isCut = false
        if !isComplete, isOverLimit, status > 0 {
            guard case .keepingFirst = request.answer else {
                return failed(.answerTooLarge, "the answer is longer than \(request.answer.read) bytes")
            }
            isCut = true
        }
        guard isComplete || isCut else { return failed(code) }
        return .answered(
            ReceiverAnswer(
                status: status, retryAfter: handle.header("Retry-After"), body: body,
                isCut: isCut || bodyBytes > body.count, duration: duration))
    }

    func failed(_ kind: TransportFailure.Kind, _ message: String) -> TransportResult {
        .failed(TransportFailure(kind: kind, message: message, duration: duration))
    }

    private func failed(_ code: CURLcode) -> TransportResult {
        if isOutOfMemory { return failed(.other, "there was no memory for the answer; it is asked for again") }
        if headBytes > Self.headLimit { return failed(.answerTooLarge, "the head of the answer is too long") }
        if let refusal, isRefused || !hasTried { return failed(.refusedAddress, refusal) }
        let text = String(cString: curl_easy_strerror(code))
        return failed(TransportFailure.Kind(code), text)
    }

    private var duration: TimeSpan {
        .milliseconds((SystemClock.monotonicMicroseconds() - startedAt) / 1000)
    }
}

extension TransportFailure.Kind {
    fileprivate init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_URL_MALFORMAT: .invalidRequest
            case CURLE_COULDNT_RESOLVE_HOST: .resolve
            case CURLE_COULDNT_CONNECT: .connect
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
                .tls
            case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2_STREAM: .reset
            // An answer without a status line counts as HTTP/0.9, another protocol.
            case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2: .notHTTP
            default: .other
            }
    }
}
