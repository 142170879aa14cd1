/// Reading the inside of validated strings: bytes between the quotes, escapes perhaps among them.
enum JSONText {
    typealias Input = UnsafeBufferPointer<UInt8>

    /// The text of a string as a `String`.
    static func decode(_ input: Input, _ range: Range<Int>, escaped: Bool) -> String {
        guard escaped else { return String(decoding: Input(rebasing: input[range]), as: UTF8.self) }
        return String(unsafeUninitializedCapacity: range.count) { buffer in
            var bytes = JSONDecodedBytes(input, range)
            var count = 0
            while let byte = bytes.next() {
                buffer[count] = byte
                count += 1
            }
            return count
        }
    }

    /// Whether two strings have the same text, scalar by scalar; nothing is normalised.
    static func equal(
        _ left: Input, _ leftRange: Range<Int>, _ leftEscaped: Bool,
        _ right: Input, _ rightRange: Range<Int>, _ rightEscaped: Bool
    ) -> Bool {
        if !leftEscaped, !rightEscaped {
            return sameBytes(left, leftRange, right, rightRange)
        }
        var leftBytes = JSONDecodedBytes(left, leftRange)
        var rightBytes = JSONDecodedBytes(right, rightRange)
        while true {
            let byte = leftBytes.next()
            if byte != rightBytes.next() { return false }
            if byte == nil { return true }
        }
    }

    /// Whether text without any escape equals a string of a document.
    @inline(__always)
    static func equalPlain(_ text: Input, _ input: Input, _ range: Range<Int>, escaped: Bool) -> Bool {
        if !escaped { return sameBytes(text, 0..<text.count, input, range) }
        var decoded = JSONDecodedBytes(input, range)
        for byte in text where byte != decoded.next() { return false }
        return decoded.next() == nil
    }

    @inline(__always)
    static func sameBytes(_ left: Input, _ leftRange: Range<Int>, _ right: Input, _ rightRange: Range<Int>) -> Bool {
        guard leftRange.count == rightRange.count else { return false }
        var leftAt = leftRange.lowerBound
        var rightAt = rightRange.lowerBound
        while leftAt < leftRange.upperBound {
            if left[leftAt] != right[rightAt] { return false }
            leftAt += 1
            rightAt += 1
        }
        return true
    }
}

/// The UTF-8 bytes of a validated string with its escapes resolved, one at a time and without memory of its own.
struct JSONDecodedBytes {
    private let input: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int
    /// Bytes of an escaped scalar still to come, lowest first.
    private var pending: UInt32 = 0

    init(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.input = input
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func next() -> UInt8? {
        if pending != 0 {
            let byte = UInt8(truncatingIfNeeded: pending)
            pending >>= 8
            return byte
        }
        guard position < end else { return nil }
        let byte = input[position]
        guard byte == UInt8(ascii: "\\") else {
            position += 1
            return byte
        }
        let kind = input[position + 1]
        position += 2
        switch kind {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return scalar()
        default: return kind
        }
    }

    /// Encodes the scalar whose hexadecimal digits come next; its later bytes wait in `pending`, none of them zero.
    private mutating func scalar() -> UInt8 {
        var value = unit()
        if 0xD800...0xDBFF ~= value {
            position += 2
            value = 0x10000 + (value - 0xD800) << 10 + (unit() - 0xDC00)
        }
        switch value {
        case ..<0x80:
            return UInt8(truncatingIfNeeded: value)
        case ..<0x800:
            pending = 0x80 | value & 0x3F
            return UInt8(truncatingIfNeeded: 0xC0 | value >> 6)
        case ..<0x10000:
            pending = (0x80 | value >> 6 & 0x3F) | (0x80 | value & 0x3F) << 8
            return UInt8(truncatingIfNeeded: 0xE0 | value >> 12)
        default:
            pending =
                (0x80 | value >> 12 & 0x3F) | (0x80 | value >> 6 & 0x3F) << 8 | (0x80 | value & 0x3F) << 16
            return UInt8(truncatingIfNeeded: 0xF0 | value >> 18)
        }
    }

    private mutating func unit() -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            unit = unit << 4 | (JSONScanner.hexDigit(input[position]) ?? 0)
            position += 1
        }
        return unit
    }
}
