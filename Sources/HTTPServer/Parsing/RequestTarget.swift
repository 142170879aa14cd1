/// A request target taken apart (RFC 9112 section 3.2): origin-form, absolute-form, or `*`.
struct RequestTarget: Sendable {
    var path: [String] = []
    var query: [(name: String, value: String)] = []
    var isAsteriskForm = false

    /// `bytes` hold no control, space, `#` or non-ASCII byte; the parser has refused those.
    init(_ bytes: UnsafeBufferPointer<UInt8>, isOptions: Bool) throws(HTTPFault) {
        if bytes.count == 1, bytes[0] == ASCII.asterisk {
            guard isOptions else { throw .malformed("the target * is for OPTIONS only") }
            isAsteriskForm = true
            return
        }
        var start = 0
        if bytes.isEmpty || bytes[0] != ASCII.slash { start = try Self.endOfAuthority(bytes) }
        var end = start
        while end < bytes.count, bytes[end] != ASCII.questionMark { end += 1 }
        path = try Self.segments(bytes, start, end)
        if end < bytes.count { query = try Self.parameters(bytes, end + 1) }
    }

    /// The authority of an absolute-form target must be valid and is not used: there is only one site here.
    private static func endOfAuthority(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPFault) -> Int {
        var start = 0
        if hasPrefix(bytes, "http://") {
            start = 7
        } else if hasPrefix(bytes, "https://") {
            start = 8
        } else {
            throw .malformed("the target is neither a path nor an http or https URI")
        }
        var end = start
        while end < bytes.count, bytes[end] != ASCII.slash, bytes[end] != ASCII.questionMark { end += 1 }
        guard HostValue.isValid(UnsafeBufferPointer(rebasing: bytes[start..<end])) else {
            throw .malformed("the authority of the target is not a host with an optional port")
        }
        return end
    }

    private static func hasPrefix(_ bytes: UnsafeBufferPointer<UInt8>, _ prefix: StaticString) -> Bool {
        guard bytes.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount
        where ASCII.lowercase(bytes[index]) != prefix.utf8Start[index] {
            return false
        }
        return true
    }

    private static func segments(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) throws(HTTPFault) -> [String] {
        // The first slash opens the path; `/` alone has no segment.
        guard end - start > 1 else { return [] }
        var segments: [String] = []
        var begin = start + 1
        var index = begin
        while true {
            if index == end || bytes[index] == ASCII.slash {
                segments.append(try decode(bytes, begin, index, plusIsSpace: false))
                begin = index + 1
                if index == end { return segments }
            }
            index += 1
        }
    }

    private static func parameters(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
    ) throws(HTTPFault) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        var begin = start
        while begin < bytes.count {
            var end = begin
            var equals = -1
            while end < bytes.count, bytes[end] != ASCII.ampersand {
                if bytes[end] == ASCII.equals, equals < 0 { equals = end }
                end += 1
            }
            if end > begin {
                let nameEnd = equals < 0 ? end : equals
                let name = try decode(bytes, begin, nameEnd, plusIsSpace: true)
                let value = equals < 0 ? "" : try decode(bytes, equals + 1, end, plusIsSpace: true)
                parameters.append((name, value))
            }
            begin = end + 1
        }
        return parameters
    }

    /// Percent-decoding (RFC 3986 section 2.1). A broken escape, an escaped NUL and invalid UTF-8 are faults: a guess
    /// would be another resource than the sender named.
    private static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, plusIsSpace: Bool
    ) throws(HTTPFault) -> String {
        var index = start
        while index < end, bytes[index] != ASCII.percent, !(plusIsSpace && bytes[index] == ASCII.plus) { index += 1 }
        if index == end { return String(decoding: bytes[start..<end], as: UTF8.self) }
        var decoded = Array(bytes[start..<index])
        decoded.reserveCapacity(end - start)
        while index < end {
            let byte = bytes[index]
            if byte == ASCII.percent {
                guard end - index > 2, let high = ASCII.hexValue(bytes[index + 1]),
                    let low = ASCII.hexValue(bytes[index + 2])
                else { throw .malformed("the target holds a broken percent escape") }
                guard high | low != 0 else { throw .malformed("the target holds an escaped NUL") }
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(plusIsSpace && byte == ASCII.plus ? ASCII.space : byte)
                index += 1
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw .malformed("the target's escapes are not UTF-8")
        }
        return text
    }
}
