/// A UUID: 16 bytes, written in lower case, read in either case (RFC 9562 section 4).
///
/// Foundation's `UUID` prints upper case and is not available to the core.
public struct UniqueID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Bytes 0-7 in network order.
    public let high: UInt64
    /// Bytes 8-15 in network order.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The namespace of every name-based id here.
    public static let namespace = UniqueID(high: 0x3a24_a3ee_d33d_4266, low: 0x93ab_7d8e_256a_6d44)

    /// The version 5 UUID of `name` in `namespace`: the same name gives the same id, on every machine.
    public init(name: [UInt8], in namespace: UniqueID = .namespace) {
        let (high, low) = SHA1.digest(prefix: namespace, message: name)
        // RFC 9562 section 5.5: version 5 in bits 48-51, variant 0b10 in bits 64-65.
        self.high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_5000
        self.low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    public init(name: String, in namespace: UniqueID = .namespace) {
        self.init(name: Array(name.utf8), in: namespace)
    }

    /// Reads the 36 character form, in either case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var digits = 0
        var index = 0
        for byte in text.utf8 {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = Self.hexDigit(byte) else { return nil }
                if digits < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
                digits += 1
            }
            index += 1
            if index > 36 { return nil }
        }
        guard index == 36 else { return nil }
        self.init(high: high, low: low)
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = digit < 16 ? high : low
                let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit % 16))) & 0xF
                buffer[position] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                position += 1
            }
            return 36
        }
    }

    public static func < (left: UniqueID, right: UniqueID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    private static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
