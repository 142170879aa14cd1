/// Takes chunked coding apart (RFC 9112 section 7.1): sizes by hand, extensions checked against the grammar and
/// dropped, exactly CRLF after the data, trailers checked and dropped.
struct ChunkedDecoder: Sendable {
    enum Progress: Sendable {
        case needMore
        case done
        case fault(HTTPFault)
    }

    private enum Place: Sendable {
        case size
        /// White space after the size or an extension: only a semicolon may follow.
        case beforeSemicolon
        case extensionStart
        case extensionName
        /// White space after the name: a semicolon or an equals sign may follow.
        case afterName
        case valueStart
        case tokenValue
        case quotedValue
        case quotedPair
        case valueEnd
        case sizeLineEnd
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailers
    }

    /// Longest size line, extensions included.
    static let sizeLineBytes = 4_096
    /// Leading zeros are allowed up to this many digits.
    static let sizeDigits = 16
    /// Framing around the data may take this much, or four times the data: many tiny chunks cost more than they carry.
    static let framingBytes = 65_536

    private var place = Place.size
    private var size = 0
    private var digits = 0
    private var lineLength = 0
    private var framing = 0
    private var remaining = 0
    private var trailers = FieldSection(keepsFields: false)

    /// Reads `bytes[position...]`, appends data to `body` and moves `position` behind what was read.
    mutating func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ body: inout [UInt8],
        _ limits: borrowing ParserLimits
    ) -> Progress {
        while position < bytes.count {
            switch place {
            case .data:
                let taken = min(remaining, bytes.count - position)
                body.append(contentsOf: bytes[position..<position + taken])
                position += taken
                remaining -= taken
                if remaining == 0 { place = .dataCarriageReturn }
            case .trailers:
                switch trailers.scan(bytes, &position, limits) {
                case .needMore: return .needMore
                case .done: return .done
                case .fault(let fault): return .fault(fault)
                }
            default:
                framing += 1
                if framing > Self.framingBytes, framing > 4 * body.count {
                    return .fault(.malformed("the chunks carry too little data for their framing"))
                }
                if let fault = readFraming(bytes[position], body.count, limits) { return .fault(fault) }
                position += 1
            }
        }
        return .needMore
    }

    private mutating func readFraming(
        _ byte: UInt8, _ received: Int, _ limits: borrowing ParserLimits
    ) -> HTTPFault? {
        switch place {
        case .dataCarriageReturn:
            guard byte == ASCII.carriageReturn else { return .malformed("chunk data is not followed by CRLF") }
            place = .dataLineFeed
            return nil
        case .dataLineFeed:
            guard byte == ASCII.lineFeed else { return .malformed("chunk data is not followed by CRLF") }
            place = .size
            (size, digits, lineLength) = (0, 0, 0)
            return nil
        case .sizeLineEnd:
            guard byte == ASCII.lineFeed else { return .malformed("a chunk size line holds a CR without LF") }
            guard size <= limits.bodyBytes - received else {
                return HTTPFault(.contentTooLarge, "the content is too large")
            }
            remaining = size
            place = size == 0 ? .trailers : .data
            return nil
        case .size:
            return readSize(byte)
        default:
            lineLength += 1
            guard lineLength <= Self.sizeLineBytes else { return .malformed("a chunk extension is too long") }
            return readExtension(byte)
        }
    }

    private mutating func readSize(_ byte: UInt8) -> HTTPFault? {
        if let digit = ASCII.hexValue(byte) {
            digits += 1
            guard digits <= Self.sizeDigits, size < Int.max >> 4 else {
                return HTTPFault(.contentTooLarge, "a chunk size is too large")
            }
            size = size << 4 | Int(digit)
            return nil
        }
        guard digits > 0 else { return .malformed("a chunk size is missing") }
        return endOfItem(byte, "a chunk size holds a byte that is no hexadecimal digit")
    }

    /// chunk-ext with the white space of its grammar (RFC 9112 section 7.1.1).
    private mutating func readExtension(_ byte: UInt8) -> HTTPFault? {
        switch place {
        case .beforeSemicolon:
            if ASCII.isBlank(byte) { return nil }
            guard byte == ASCII.semicolon else { return Self.badExtension }
            place = .extensionStart
        case .extensionStart:
            if ASCII.isBlank(byte) { return nil }
            guard ASCII.isToken(byte) else { return Self.badExtension }
            place = .extensionName
        case .extensionName:
            if ASCII.isToken(byte) { return nil }
            if byte == ASCII.equals {
                place = .valueStart
            } else if ASCII.isBlank(byte) {
                place = .afterName
            } else {
                return endOfItem(byte, Self.badExtension.detail)
            }
        case .afterName:
            if ASCII.isBlank(byte) { return nil }
            guard byte == ASCII.equals || byte == ASCII.semicolon else { return Self.badExtension }
            place = byte == ASCII.equals ? .valueStart : .extensionStart
        case .valueStart:
            if ASCII.isBlank(byte) { return nil }
            guard byte == ASCII.quote || ASCII.isToken(byte) else { return Self.badExtension }
            place = byte == ASCII.quote ? .quotedValue : .tokenValue
        case .tokenValue:
            if ASCII.isToken(byte) { return nil }
            return endOfItem(byte, Self.badExtension.detail)
        case .quotedValue:
            guard ASCII.isFieldContent(byte) else { return Self.badExtension }
            if byte == ASCII.quote { place = .valueEnd }
            if byte == ASCII.backslash { place = .quotedPair }
        case .quotedPair:
            guard ASCII.isFieldContent(byte) else { return Self.badExtension }
            place = .quotedValue
        default:
            return endOfItem(byte, Self.badExtension.detail)
        }
        return nil
    }

    /// What may follow a size or a complete extension: the line's end or another extension.
    private mutating func endOfItem(_ byte: UInt8, _ detail: String) -> HTTPFault? {
        switch byte {
        case ASCII.carriageReturn: place = .sizeLineEnd
        case ASCII.semicolon: place = .extensionStart
        case ASCII.space, ASCII.tab: place = .beforeSemicolon
        default: return .malformed(detail)
        }
        return nil
    }

    private static let badExtension = HTTPFault.malformed("a chunk extension does not follow its grammar")
}
