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
        self = NameBasedIDs(in: namespace).id(name)
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

    /// Reads the form in which ids are written here, 36 characters in lower case; nil for anything else.
    public init?(canonical text: String) {
        guard text.utf8.count == 36 else { return nil }
        var text = text
        guard let id = text.withUTF8(Self.readCanonical) else { return nil }
        self = id
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            write(to: buffer)
            return 36
        }
    }

    /// The 36 characters, without a string.
    public func withText<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { buffer in
            write(to: buffer)
            return body(UnsafeBufferPointer(buffer))
        }
    }

    public static func < (left: UniqueID, right: UniqueID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    private func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        let (second, third) = (Self.digits(UInt32(truncatingIfNeeded: high)), Self.digits(UInt32(low &>> 32)))
        bytes.storeBytes(of: Self.digits(UInt32(high &>> 32)).bigEndian, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: UInt32(second &>> 32).bigEndian, toByteOffset: 9, as: UInt32.self)
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: second).bigEndian, toByteOffset: 14, as: UInt32.self)
        bytes.storeBytes(of: UInt32(third &>> 32).bigEndian, toByteOffset: 19, as: UInt32.self)
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: third).bigEndian, toByteOffset: 24, as: UInt32.self)
        let fourth = Self.digits(UInt32(truncatingIfNeeded: low))
        bytes.storeBytes(of: fourth.bigEndian, toByteOffset: 28, as: UInt64.self)
        bytes[8] = UInt8(ascii: "-")
        bytes[13] = UInt8(ascii: "-")
        bytes[18] = UInt8(ascii: "-")
        bytes[23] = UInt8(ascii: "-")
    }

    private static func readCanonical(_ text: UnsafeBufferPointer<UInt8>) -> UniqueID? {
        guard text.count == 36, text[8] == UInt8(ascii: "-"), text[13] == UInt8(ascii: "-"),
            text[18] == UInt8(ascii: "-"), text[23] == UInt8(ascii: "-")
        else { return nil }
        let bytes = UnsafeRawBufferPointer(text)
        func four(_ offset: Int) -> UInt64 {
            UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        guard let first = value(of: four(0) &<< 32 | four(4)), let second = value(of: four(9) &<< 32 | four(14)),
            let third = value(of: four(19) &<< 32 | four(24)), let fourth = value(of: four(28) &<< 32 | four(32))
        else { return nil }
        return UniqueID(high: first &<< 32 | second, low: third &<< 32 | fourth)
    }

    /// Eight digits at once, one to a byte, the first in the highest byte.
    @inline(__always)
    private static func digits(_ value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles &<< 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles &<< 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
        return characters(nibbles)
    }

    /// '0' to '9', and what lies between '9' and 'a' more from 10 on.
    @inline(__always)
    private static func characters(_ nibbles: UInt64) -> UInt64 {
        let letters = ((nibbles &+ 0x0606_0606_0606_0606) &>> 4) & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }

    /// The number that eight lower case digits are, the first in the highest byte; nil for anything else.
    @inline(__always)
    private static func value(of text: UInt64) -> UInt64? {
        // Letters have the bit 0x40 and count from 1.
        let letters = (text & 0x4040_4040_4040_4040) &>> 6
        var value = (text & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9
        guard value & 0xF0F0_F0F0_F0F0_F0F0 == 0, characters(value) == text else { return nil }
        value = (value | value &>> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value &>> 8) & 0x0000_FFFF_0000_FFFF
        return (value | value &>> 16) & 0xFFFF_FFFF
    }

    @inline(__always)
    private static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
