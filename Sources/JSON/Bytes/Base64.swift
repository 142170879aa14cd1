/// Base64 (RFC 4648): how bytes are written in JSON strings, and in tokens and signatures.
public enum Base64 {
    /// Whether `=` fills the last group.
    public enum Padding: Sendable {
        case required
        /// None of it or all of it.
        case optional
    }

    /// Section 4: the standard alphabet, with padding.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String { text(of: Array(bytes)) }

    private static func text(of bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                append(group, digits: 4, to: &text)
                (group, count) = (0, 0)
            }
        }
        if count > 0 {
            append(group << UInt32(8 * (3 - count)), digits: count + 1, to: &text)
            for _ in count..<3 { text.append(pad) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Section 4. Bits of the last digit that belong to no byte are dropped.
    ///
    /// - Returns: nil for other digits, a wrong length or padding in a wrong place.
    public static func decode(_ text: some BidirectionalCollection<UInt8>, padding: Padding = .required) -> [UInt8]? {
        let padded = text.reversed().prefix { $0 == pad }.count
        guard text.count % 4 == 0 ? padded <= 2 : padding == .optional && padded == 0 else { return nil }
        return bytes(of: text.dropLast(padded), standardValue)?.bytes
    }

    /// Section 5, the alphabet for URLs and file names, without padding: JOSE's form (RFC 7515 section 2).
    ///
    /// - Returns: nil for anything else, also where a bit that belongs to no byte is set, so that no two texts mean the
    ///   same bytes.
    public static func decodeURLSafe(_ text: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        guard let (bytes, rest) = bytes(of: text, urlSafeValue), rest == 0 else { return nil }
        return bytes
    }

    private static let pad = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func append(_ group: UInt32, digits: Int, to text: inout [UInt8]) {
        for digit in 0..<digits { text.append(alphabet[Int(group >> UInt32(18 - 6 * digit) & 63)]) }
    }

    /// The bytes, and the bits that are left.
    private static func bytes(
        of digits: some Collection<UInt8>, _ value: (UInt8) -> UInt32?
    ) -> (bytes: [UInt8], rest: UInt32)? {
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for digit in digits {
            guard let value = value(digit) else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
                group &= 1 << bits - 1
            }
        }
        return (bytes, group)
    }

    private static func standardValue(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: letterOrDigit(digit)
        }
    }

    private static func urlSafeValue(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: letterOrDigit(digit)
        }
    }

    private static func letterOrDigit(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        default: nil
        }
    }
}
