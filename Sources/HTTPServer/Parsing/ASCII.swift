/// Byte classes of RFC 9110 and RFC 3986; octets are never read as decoded text (RFC 9112 section 2.2).
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let numberSign: UInt8 = 0x23
    static let percent: UInt8 = 0x25
    static let ampersand: UInt8 = 0x26
    static let asterisk: UInt8 = 0x2A
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let questionMark: UInt8 = 0x3F
    static let at: UInt8 = 0x40
    static let leftBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let rightBracket: UInt8 = 0x5D

    /// Two 64-bit words: bit n stands for byte n, bytes from 0x80 belong to no class.
    struct ByteSet: Sendable {
        let low: UInt64
        let high: UInt64

        init(_ bytes: String) {
            var low: UInt64 = 0
            var high: UInt64 = 0
            for byte in bytes.utf8 {
                if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
            }
            self.low = low
            self.high = high
        }

        init(low: UInt64, high: UInt64) {
            self.low = low
            self.high = high
        }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            if byte < 64 { return low &>> UInt64(byte) & 1 != 0 }
            return byte < 128 && high &>> UInt64(byte &- 64) & 1 != 0
        }
    }

    /// tchar, RFC 9110 section 5.6.2: ! # $ % & ' * + - . 0-9 and ^ _ ` | ~ A-Z a-z.
    static let tokenCharacters = ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)

    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        if byte < 64 { return UInt64(0x03FF_6CFA_0000_0000) &>> UInt64(byte) & 1 != 0 }
        return byte < 128 && UInt64(0x57FF_FFFF_C7FF_FFFE) &>> UInt64(byte &- 64) & 1 != 0
    }

    /// field-vchar, SP and HTAB (RFC 9110 section 5.5); bytes from 0x80 are allowed in values.
    @inline(__always)
    static func isFieldContent(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7F : byte == tab
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = byte | 0x20
        return letter &- 0x61 < 6 ? letter &- 0x61 &+ 10 : nil
    }

    static func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
        let first = left.utf8
        let second = right.utf8
        guard first.count == second.count else { return false }
        return zip(first, second).allSatisfy { lowercase($0) == lowercase($1) }
    }

    static func equalIgnoringCase(_ bytes: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        var position = 0
        for byte in bytes {
            guard lowercase(byte) == word.utf8Start[position] else { return false }
            position += 1
        }
        return true
    }
}
