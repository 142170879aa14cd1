/// How the body of a request is delimited (RFC 9112 section 6), and what the connection does after it.
struct MessageFraming: Sendable {
    enum Body: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    var body = Body.none
    var keepsAlive = false
    var expectsContinue = false

    init() {}

    /// Reads the fields that decide about framing, in one pass over all of them.
    init(
        _ bytes: UnsafeBufferPointer<UInt8>, _ entries: [HTTPFields.Entry], _ version: HTTPVersion, bodyLimit: Int
    ) throws(HTTPFault) {
        var hosts = 0
        var lengths = 0
        var codings = 0
        var length = HTTPFields.Entry()
        var coding = HTTPFields.Entry()
        keepsAlive = version == .http1_1
        for entry in entries {
            // The name's length tells almost all fields apart.
            switch entry.nameEnd - entry.nameStart {
            case 4 where Self.name(bytes, entry, is: "host"):
                hosts += 1
                guard hosts == 1 else { throw .malformed("more than one Host field") }
                guard HostValue.isValid(Self.value(bytes, entry)) else { throw .malformed("the Host field is invalid") }
            case 6 where Self.name(bytes, entry, is: "expect"):
                guard Self.equals(Self.value(bytes, entry), "100-continue") else {
                    throw HTTPFault(.expectationFailed, "the only expectation met is 100-continue")
                }
                // A 1.0 peer cannot receive a 100 (RFC 9110 section 10.1.1).
                expectsContinue = version == .http1_1
            case 10 where Self.name(bytes, entry, is: "connection"):
                if Self.listContains(Self.value(bytes, entry), "close") { keepsAlive = false }
            case 14 where Self.name(bytes, entry, is: "content-length"):
                lengths += 1
                length = entry
            case 17 where Self.name(bytes, entry, is: "transfer-encoding"):
                codings += 1
                coding = entry
            default:
                break
            }
        }
        guard hosts == 1 || version == .http1_0 else { throw .malformed("the Host field is missing") }
        if codings > 0 {
            // Both together, or a coding in 1.0, are how requests are smuggled (RFC 9112 sections 6.1 and 11.2).
            guard lengths == 0 else { throw .malformed("both Content-Length and Transfer-Encoding are given") }
            guard version == .http1_1 else { throw .malformed("Transfer-Encoding is given in HTTP/1.0") }
            guard codings == 1 else { throw .malformed("more than one Transfer-Encoding field") }
            try Self.checkCoding(Self.value(bytes, coding))
            body = .chunked
        } else if lengths > 0 {
            guard lengths == 1 else { throw .malformed("more than one Content-Length field") }
            let announced = try Self.decimal(Self.value(bytes, length))
            guard announced <= bodyLimit else { throw HTTPFault(.contentTooLarge, "the content is too large") }
            body = announced == 0 ? .none : .length(announced)
        }
        if body == .none { expectsContinue = false }
    }

    private static func value(
        _ bytes: UnsafeBufferPointer<UInt8>, _ entry: HTTPFields.Entry
    ) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(entry.valueStart)..<Int(entry.valueEnd)])
    }

    private static func name(
        _ bytes: UnsafeBufferPointer<UInt8>, _ entry: HTTPFields.Entry, is word: StaticString
    ) -> Bool {
        equals(UnsafeBufferPointer(rebasing: bytes[Int(entry.nameStart)..<Int(entry.nameEnd)]), word)
    }

    /// `word` in lower case.
    private static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count where ASCII.lowercase(bytes[index]) != word.utf8Start[index] { return false }
        return true
    }

    /// Digits only, by hand: library functions accept signs, blanks and underscores. Leading zeros are decimal.
    private static func decimal(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPFault) -> Int {
        guard !bytes.isEmpty else { throw .malformed("the Content-Length is empty") }
        var number = 0
        for byte in bytes {
            guard ASCII.isDigit(byte) else { throw .malformed("the Content-Length is not a decimal number") }
            let (product, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, exceeds) = product.addingReportingOverflow(Int(byte &- 0x30))
            guard !overflows, !exceeds else { throw .malformed("the Content-Length is too large to be a number") }
            number = sum
        }
        return number
    }

    /// Exactly `chunked` passes. Other well-formed codings are unknown (501); chunked applied twice, not last, or
    /// with parameters, and empty elements are malformed (RFC 9112 sections 6.1 and 7).
    private static func checkCoding(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPFault) {
        if equals(value, "chunked") { return }
        var chunked = 0
        var lastIsChunked = false
        var elements = value.split(separator: ASCII.comma, omittingEmptySubsequences: false)[...]
        while let element = elements.popFirst() {
            let name = trimmed(UnsafeBufferPointer(rebasing: element))
            guard !name.isEmpty, name.allSatisfy(ASCII.isToken) else {
                throw .malformed("the Transfer-Encoding is not a list of codings")
            }
            lastIsChunked = equals(name, "chunked")
            if lastIsChunked { chunked += 1 }
        }
        guard chunked == 0 || chunked == 1 && lastIsChunked else {
            throw .malformed("chunked is applied twice or not last")
        }
        throw HTTPFault(.unknownTransferCoding, "the only transfer coding read is chunked")
    }

    private static func listContains(_ value: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        if equals(value, word) { return true }
        guard value.contains(ASCII.comma) else { return false }
        return value.split(separator: ASCII.comma)
            .contains { equals(trimmed(UnsafeBufferPointer(rebasing: $0)), word) }
    }

    private static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var start = 0
        var end = bytes.count
        while start < end, ASCII.isBlank(bytes[start]) { start += 1 }
        while end > start, ASCII.isBlank(bytes[end - 1]) { end -= 1 }
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }
}
