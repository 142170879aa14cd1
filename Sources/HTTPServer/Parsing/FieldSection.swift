/// Reads field lines byte by byte up to and with the empty line: the fields of a head, or trailers.
///
/// Every verdict depends only on the bytes before it, never on where the input was split.
struct FieldSection: Sendable {
    enum Progress: Sendable {
        case needMore
        case done
        case fault(HTTPFault)
    }

    private enum Place: Sendable {
        case lineStart
        case name
        case valueStart
        case value
        case lineEnd
        case sectionEnd
    }

    private var place = Place.lineStart
    private var current = HTTPFields.Entry()
    private(set) var lineCount = 0
    /// Bytes of the section read so far, line ends included, the empty line not.
    private var length = 0
    /// Filled only where the section keeps its fields; offsets from the base given to `scan`.
    private(set) var entries: [HTTPFields.Entry] = []
    private let keepsFields: Bool

    init(keepsFields: Bool) {
        self.keepsFields = keepsFields
    }

    /// Forgets the section read, so that the next one starts.
    mutating func takeEntries() -> [HTTPFields.Entry] {
        let taken = entries
        entries = []
        entries.reserveCapacity(8)
        place = .lineStart
        lineCount = 0
        length = 0
        return taken
    }

    /// Reads `bytes[position...]` and moves `position` behind what was read.
    mutating func scan(
        _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ limits: borrowing ParserLimits
    ) -> Progress {
        var index = position
        let count = bytes.count
        // The first byte beyond the limit; what stands before it is judged first.
        let start = index
        let allowance = limits.fieldBytes - length
        let bound = min(count, start + allowance)
        defer {
            length += index - start
            position = index
        }
        var place = self.place
        defer { self.place = place }

        while index < bound {
            switch place {
            case .lineStart:
                let byte = bytes[index]
                if byte == ASCII.carriageReturn {
                    place = .sectionEnd
                    index += 1
                    continue
                }
                // obs-fold, or white space after the request line (RFC 9112 sections 5.2 and 2.2).
                if ASCII.isBlank(byte) { return .fault(.malformed("a field line begins with white space")) }
                if lineCount == limits.fieldCount { return .fault(HTTPFault(.fieldsTooLarge, "too many fields")) }
                lineCount += 1
                guard ASCII.isToken(byte) else { return .fault(Self.badName(byte)) }
                current.nameStart = UInt32(index)
                place = .name

            case .name:
                var byte: UInt8 = 0
                while index < bound {
                    byte = bytes[index]
                    guard ASCII.isToken(byte) else { break }
                    index += 1
                }
                guard index < bound else { continue }
                // White space before the colon is a request smuggling vector (RFC 9112 section 5.1).
                guard byte == ASCII.colon else { return .fault(Self.badName(byte)) }
                current.nameEnd = UInt32(index)
                index += 1
                place = .valueStart

            case .valueStart:
                if ASCII.isBlank(bytes[index]) {
                    index += 1
                } else {
                    current.valueStart = UInt32(index)
                    current.valueEnd = UInt32(index)
                    place = .value
                }

            case .value:
                var byte: UInt8 = 0
                while index < bound {
                    byte = bytes[index]
                    guard ASCII.isFieldContent(byte) else { break }
                    index += 1
                }
                guard index < bound else { continue }
                guard byte == ASCII.carriageReturn else {
                    return .fault(
                        .malformed(
                            byte == ASCII.lineFeed
                                ? "a field line ends with LF alone" : "a field value holds a control byte"))
                }
                if keepsFields {
                    var end = index
                    while end > Int(current.valueStart), ASCII.isBlank(bytes[end - 1]) { end -= 1 }
                    current.valueEnd = UInt32(end)
                    entries.append(current)
                }
                index += 1
                place = .lineEnd

            case .lineEnd:
                guard bytes[index] == ASCII.lineFeed else {
                    return .fault(.malformed("a field line holds a CR without LF"))
                }
                index += 1
                place = .lineStart

            case .sectionEnd:
                guard bytes[index] == ASCII.lineFeed else {
                    return .fault(.malformed("the empty line after the fields holds a CR without LF"))
                }
                index += 1
                return .done
            }
        }
        return beyondTheLimit(bytes, &index, &place)
    }

    /// What may follow the last byte the limit allows: the empty line, which is not counted.
    private func beyondTheLimit(
        _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ place: inout Place
    ) -> Progress {
        if index < bytes.count, place == .lineStart, bytes[index] == ASCII.carriageReturn {
            place = .sectionEnd
            index += 1
        }
        guard index < bytes.count else { return .needMore }
        guard place == .sectionEnd else { return .fault(HTTPFault(.fieldsTooLarge, "the fields are too long")) }
        guard bytes[index] == ASCII.lineFeed else {
            return .fault(.malformed("the empty line after the fields holds a CR without LF"))
        }
        index += 1
        return .done
    }

    private static func badName(_ byte: UInt8) -> HTTPFault {
        switch byte {
        case ASCII.colon: .malformed("a field has no name")
        case ASCII.lineFeed: .malformed("a line ends with LF alone")
        case ASCII.carriageReturn: .malformed("a field line has no colon")
        case ASCII.space, ASCII.tab: .malformed("white space stands in or after a field name")
        default: .malformed("a field name holds a byte that is not allowed there")
        }
    }
}
