/// The sizes the parser enforces; see `HTTPLimits`.
struct ParserLimits: Sendable {
    var bodyBytes: Int
    var fieldBytes: Int
    var fieldCount: Int
    var targetBytes: Int

    init(_ limits: HTTPLimits) {
        bodyBytes = limits.bodyBytes
        fieldBytes = limits.fieldBytes
        fieldCount = limits.fieldCount
        targetBytes = limits.targetBytes
    }
}

/// Reads HTTP/1 requests from bytes that arrive in any portions; knows no sockets and no time.
///
/// The head is judged where it lies, in the caller's buffer, and given out as one copy when it is complete; the body
/// is taken out as it arrives. Bytes are judged from left to right and the first fault ends the reading, so the
/// verdict is the same however the input is split.
struct RequestParser: Sendable {
    enum Event: Sendable {
        /// Everything given was read, or is the beginning of a head and must be given again with what follows.
        case needMore
        /// A head that announces a body; `head` and `framing` are set. Go on with `advance`.
        case head
        /// A complete request; take it with `takeRequest`.
        case request
        /// Nothing after this can be read.
        case fault(HTTPFault)
    }

    private enum Place: Sendable {
        case start
        case startLineFeed
        case method
        case target
        case version
        case versionLineFeed
        case fields
        case fixedBody
        case chunkedBody
    }

    /// A method longer than this is none that anyone knows.
    static let methodBytes = 64
    static let emptyLines = 2

    private let limits: ParserLimits
    private var place = Place.start
    /// Bytes of an unfinished head read so far, counted from the first byte of its method.
    private var scanned = 0
    private var skippedLines = 0
    private var methodEnd = 0
    private var targetEnd = 0
    private var version = HTTPVersion.http1_1
    private var target: RequestTarget?
    private var method = ""
    private var fields = FieldSection(keepsFields: true)
    private var chunks = ChunkedDecoder()
    private var remaining = 0
    private var body: [UInt8] = []

    private(set) var framing = MessageFraming()
    private(set) var head: HTTPRequestHead?

    init(_ limits: ParserLimits) {
        self.limits = limits
    }

    /// Nothing of a request has arrived; empty lines before it do not count.
    var isIdle: Bool { place == .start || place == .startLineFeed }

    /// A head is complete and its body is not.
    var isInBody: Bool { place == .fixedBody || place == .chunkedBody }

    /// What it keeps of a request that is not complete.
    var heldBytes: Int { body.capacity }

    /// The rest of the body will not be read.
    mutating func forgetBody() { body = [] }

    /// Reads from `input[consumed...]` and moves `consumed` behind the bytes that are not needed any more.
    mutating func advance(_ input: UnsafeBufferPointer<UInt8>, _ consumed: inout Int) -> Event {
        if isInBody { return readBody(input, &consumed) }
        if isIdle, let fault = skipEmptyLines(input, &consumed) { return .fault(fault) }
        guard !isIdle else { return .needMore }
        let message = UnsafeBufferPointer(rebasing: input[consumed...])
        var index = scanned
        if place != .fields, let fault = readRequestLine(message, &index) { return .fault(fault) }
        guard place == .fields else {
            scanned = index
            return .needMore
        }
        let progress = fields.scan(message, &index, limits)
        scanned = index
        switch progress {
        case .needMore: return .needMore
        case .fault(let fault): return .fault(fault)
        case .done:
            consumed += index
            return finishHead(UnsafeBufferPointer(rebasing: message[..<index]))
        }
    }

    /// The request just completed; the parser is then ready for the next one.
    mutating func takeRequest() -> HTTPRequest? {
        guard let head else { return nil }
        self.head = nil
        let content = body
        body = []
        return HTTPRequest(head: head, body: content)
    }

    // MARK: The request line

    /// Old clients send a CRLF after a body (RFC 9112 section 2.2).
    private mutating func skipEmptyLines(
        _ input: UnsafeBufferPointer<UInt8>, _ consumed: inout Int
    ) -> HTTPFault? {
        while consumed < input.count {
            let byte = input[consumed]
            if place == .startLineFeed {
                guard byte == ASCII.lineFeed else { return .malformed("a CR without LF before the request") }
                place = .start
            } else if byte == ASCII.carriageReturn {
                guard skippedLines < Self.emptyLines else { return .malformed("too many empty lines") }
                skippedLines += 1
                place = .startLineFeed
            } else {
                place = .method
                return nil
            }
            consumed += 1
        }
        return nil
    }

    /// method SP target SP version CRLF with single spaces (RFC 9112 section 3).
    private mutating func readRequestLine(
        _ message: UnsafeBufferPointer<UInt8>, _ index: inout Int
    ) -> HTTPFault? {
        if place == .method {
            while index < message.count, ASCII.isToken(message[index]) {
                guard index < Self.methodBytes else { return .malformed("the method is too long") }
                index += 1
            }
            guard index < message.count else { return nil }
            guard message[index] == ASCII.space, index > 0 else {
                return .malformed("the request line does not begin with a method and one space")
            }
            methodEnd = index
            index += 1
            place = .target
        }
        if place == .target {
            let start = methodEnd + 1
            let bound = min(message.count, start + limits.targetBytes)
            while index < bound, Self.isTargetByte(message[index]) { index += 1 }
            guard index < message.count else { return nil }
            if index == start + limits.targetBytes, message[index] != ASCII.space {
                return HTTPFault(.targetTooLong, "the request target is too long")
            }
            guard message[index] == ASCII.space, index > start else {
                return .malformed("the request target is missing or holds a byte that is not allowed there")
            }
            targetEnd = index
            index += 1
            place = .version
        }
        return readVersion(message, &index)
    }

    private mutating func readVersion(_ message: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> HTTPFault? {
        let start = targetEnd + 1
        if place == .version {
            while index < message.count, message[index] != ASCII.carriageReturn {
                let byte = message[index]
                guard index < start + 8, byte > ASCII.space, byte < 0x7F else {
                    return .malformed("the request line does not end with an HTTP version and CRLF")
                }
                index += 1
            }
            guard index < message.count else { return nil }
            index += 1
            place = .versionLineFeed
        }
        guard index < message.count else { return nil }
        guard message[index] == ASCII.lineFeed else { return .malformed("the request line holds a CR without LF") }
        let name = UnsafeBufferPointer(rebasing: message[start..<index - 1])
        index += 1
        return judgeRequestLine(message, name)
    }

    private mutating func judgeRequestLine(
        _ message: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>
    ) -> HTTPFault? {
        guard Self.isVersion(name) else { return .malformed("the HTTP version is malformed") }
        guard name[5] == 0x31 else { return HTTPFault(.versionNotSupported, "only HTTP/1.0 and HTTP/1.1 are spoken") }
        version = name[7] == 0x30 ? .http1_0 : .http1_1
        method = String(decoding: message[..<methodEnd], as: UTF8.self)
        // The target of CONNECT has a form of its own; an origin server has no use for it.
        if method == "CONNECT" { return HTTPFault(.methodNotAllowed, "CONNECT is not supported") }
        do throws(HTTPFault) {
            target = try RequestTarget(
                UnsafeBufferPointer(rebasing: message[(methodEnd + 1)..<targetEnd]), isOptions: method == "OPTIONS")
        } catch {
            return error
        }
        place = .fields
        return nil
    }

    /// `HTTP/` in capitals, digit, dot, digit.
    private static func isVersion(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count == 8 else { return false }
        return name[0] == 0x48 && name[1] == 0x54 && name[2] == 0x54 && name[3] == 0x50 && name[4] == ASCII.slash
            && ASCII.isDigit(name[5]) && name[6] == 0x2E && ASCII.isDigit(name[7])
    }

    @inline(__always)
    private static func isTargetByte(_ byte: UInt8) -> Bool {
        byte > ASCII.space && byte < 0x7F && byte != ASCII.numberSign
    }

    // MARK: The head is complete

    private mutating func finishHead(_ message: UnsafeBufferPointer<UInt8>) -> Event {
        let entries = fields.takeEntries()
        do throws(HTTPFault) {
            framing = try MessageFraming(message, entries, version, bodyLimit: limits.bodyBytes)
        } catch {
            return .fault(error)
        }
        // TRACE would send back what it got, credentials included.
        if method == "TRACE" { return .fault(HTTPFault(.methodNotAllowed, "TRACE is not supported")) }
        var length: Int?
        switch framing.body {
        case .none: length = 0
        case .length(let announced): length = announced
        case .chunked: break
        }
        let target = self.target
        self.target = nil
        head = HTTPRequestHead(
            method: method,
            path: target?.path ?? [],
            rawTarget: String(decoding: message[(methodEnd + 1)..<targetEnd], as: UTF8.self),
            query: target?.query ?? [],
            headers: HTTPFields(storage: Array(message), entries: entries),
            version: version,
            isAsteriskForm: target?.isAsteriskForm ?? false,
            contentLength: length)
        scanned = 0
        skippedLines = 0
        switch framing.body {
        case .none:
            place = .start
            return .request
        case .length(let announced):
            remaining = announced
            place = .fixedBody
            return .head
        case .chunked:
            chunks = ChunkedDecoder()
            place = .chunkedBody
            return .head
        }
    }

    // MARK: The body

    private mutating func readBody(_ input: UnsafeBufferPointer<UInt8>, _ consumed: inout Int) -> Event {
        if place == .chunkedBody {
            switch chunks.decode(input, &consumed, &body, limits) {
            case .needMore: return .needMore
            case .fault(let fault): return .fault(fault)
            case .done:
                place = .start
                return .request
            }
        }
        // The body grows with what arrives: an announced size is never allocated in advance.
        let taken = min(remaining, input.count - consumed)
        body.append(contentsOf: input[consumed..<consumed + taken])
        consumed += taken
        remaining -= taken
        guard remaining == 0 else { return .needMore }
        place = .start
        return .request
    }
}
