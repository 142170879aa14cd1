/// Base64 of RFC 4648 section 4, as signing secrets and signatures are written.
enum Base64 {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.underestimatedCount + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { text.append(letter(bits >> shift & 63)) }
                (bits, count) = (0, 0)
            }
        }
        if count == 1 {
            text += [letter(bits >> 2), letter(bits << 4 & 63), padding, padding]
        } else if count == 2 {
            text += [letter(bits >> 10), letter(bits >> 4 & 63), letter(bits << 2 & 63), padding]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes, or nil for other letters, a wrong length or padding in a wrong place. Padding may be missing; bits
    /// beyond the last byte are dropped.
    static func decode(_ text: Substring.UTF8View) -> [UInt8]? {
        let padded = text.reversed().prefix { $0 == padding }.count
        guard padded == 0 || (padded <= 2 && text.count % 4 == 0) else { return nil }
        let letters = text.dropLast(padded)
        guard letters.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(letters.count * 3 / 4)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for letter in letters {
            guard let value = value(letter) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }

    private static let padding = UInt8(ascii: "=")

    private static func letter(_ value: UInt32) -> UInt8 {
        switch UInt8(truncatingIfNeeded: value) {
        case let value where value < 26: value + UInt8(ascii: "A")
        case let value where value < 52: value - 26 + UInt8(ascii: "a")
        case let value where value < 62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ letter: UInt8) -> UInt32? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
