// Compiled together with the sources of HTTPServer's parser by scripts/fuzz; no target of the package.

/// libFuzzer's entry: reads the bytes as a connection's input and stops the program where a promise is broken.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestParser(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    let whole = Reading(of: bytes) { _ in bytes.count }
    // RFC 9112 knows no packets: how the bytes arrive must not matter.
    let single = Reading(of: bytes) { _ in 1 }
    guard single == whole else { preconditionFailure("another verdict byte by byte: \(whole) and \(single)") }
    var state = UInt64(truncatingIfNeeded: count) &+ bytes.reduce(7) { $0 &* 31 &+ UInt64($1) }
    let portions = Reading(of: bytes) { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % 9 + 1
    }
    guard portions == whole else { preconditionFailure("another verdict in portions: \(whole) and \(portions)") }
    for request in whole.requests { request.check() }
    return 0
}

/// Small limits, so that short inputs reach them.
private let limits: HTTPLimits = {
    var limits = HTTPLimits()
    limits.bodyBytes = 2_000
    limits.fieldBytes = 600
    limits.fieldCount = 12
    limits.targetBytes = 100
    return limits
}()

/// What came out of a parser.
private struct Reading: Equatable {
    var requests: [ReadRequest] = []
    var fault: HTTPFault?
    var isIdle = true
    var isInBody = false
    /// Bytes behind the last complete request that the parser has not let go of.
    var waiting = 0

    init(of bytes: [UInt8], portion: (Int) -> Int) {
        var parser = RequestParser(ParserLimits(limits))
        var input: [UInt8] = []
        var position = 0
        while position < bytes.count, fault == nil {
            let end = min(bytes.count, position + max(1, portion(position)))
            input += bytes[position..<end]
            position = end
            feed(&input, &parser)
        }
        isIdle = parser.isIdle
        isInBody = parser.isInBody
        // A fault ends the reading wherever the portion ended.
        waiting = fault == nil ? input.count : 0
    }

    private mutating func feed(_ input: inout [UInt8], _ parser: inout RequestParser) {
        var consumed = 0
        input.withUnsafeBufferPointer { buffer in
            while true {
                let before = consumed
                switch parser.advance(buffer, &consumed) {
                case .needMore: return
                case .head:
                    guard consumed > before else { preconditionFailure("a head of no bytes") }
                case .request:
                    guard let request = parser.takeRequest() else { preconditionFailure("no request to take") }
                    requests.append(ReadRequest(request, parser.framing))
                case .fault(let found):
                    fault = found
                    return
                }
            }
        }
        guard consumed <= input.count else { preconditionFailure("more consumed than given") }
        input.removeFirst(consumed)
    }
}

private struct ReadRequest: Equatable {
    var method: String
    var target: String
    var path: [String]
    var query: [String]
    var fields: [String]
    var body: [UInt8]
    var keepsAlive: Bool
    var isChunked: Bool
    var isOld: Bool

    init(_ request: HTTPRequest, _ framing: MessageFraming) {
        method = request.method
        target = request.rawTarget
        path = request.path
        query = request.query.flatMap { [$0.name, $0.value] }
        fields = request.headers.all.flatMap { [$0.name, $0.value] }
        body = request.body
        keepsAlive = framing.keepsAlive
        isChunked = framing.body == .chunked
        isOld = request.version == .http1_0
    }

    /// What the application may rely on for every request it is given.
    func check() {
        guard !method.isEmpty, method.utf8.allSatisfy(ASCII.isToken) else { preconditionFailure("method \(method)") }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), target.utf8.count <= limits.targetBytes else {
            preconditionFailure("target \(target)")
        }
        guard body.count <= limits.bodyBytes else { preconditionFailure("a body of \(body.count)") }
        guard fields.count / 2 <= limits.fieldCount else { preconditionFailure("\(fields.count / 2) fields") }
        var count: [String: Int] = [:]
        for index in stride(from: 0, to: fields.count, by: 2) {
            guard !fields[index].isEmpty, fields[index].utf8.allSatisfy(ASCII.isToken),
                fields[index + 1].utf8.allSatisfy(ASCII.isFieldContent)
            else { preconditionFailure("field \(fields[index]): \(fields[index + 1])") }
            count[fields[index].lowercased(), default: 0] += 1
        }
        let (hosts, lengths, codings) = (
            count["host"] ?? 0, count["content-length"] ?? 0, count["transfer-encoding"] ?? 0
        )
        guard isOld ? hosts <= 1 : hosts == 1 else { preconditionFailure("\(hosts) hosts") }
        guard lengths + codings <= 1, isChunked == (codings == 1), !isOld || !keepsAlive else {
            preconditionFailure("\(lengths) lengths and \(codings) codings")
        }
        checkRewritten(without: isChunked)
    }

    /// Written anew with a plain length, it must be the same request: nobody behind would read another one.
    private func checkRewritten(without chunked: Bool) {
        // A value that is not UTF-8 was read as Latin-1 and cannot be written back as it was.
        guard fields.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) else { return }
        var text = "\(method) \(target) HTTP/1.\(isOld ? 0 : 1)\r\n"
        for index in stride(from: 0, to: fields.count, by: 2) {
            let name = fields[index].lowercased()
            if name == "transfer-encoding" || name == "expect" { continue }
            text += "\(fields[index]): \(fields[index + 1])\r\n"
        }
        if chunked { text += "Content-Length: \(body.count)\r\n" }
        let bytes = Array((text + "\r\n").utf8) + body
        let again = Reading(of: bytes) { _ in bytes.count }
        if let fault = again.fault, fault.kind == .fieldsTooLarge { return }
        guard again.fault == nil, again.requests.count == 1, let other = again.requests.first,
            (other.method, other.target, other.path, other.query) == (method, target, path, query),
            (other.body, other.keepsAlive) == (body, keepsAlive)
        else { preconditionFailure("another request when written anew: \(self) and \(again)") }
    }
}
