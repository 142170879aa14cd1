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
        var position = 0
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                buffer[position] = UInt8(ascii: "-")
                position &+= 1
            }
            let byte = UInt8(truncatingIfNeeded: (index < 8 ? high : low) &>> UInt64(56 &- 8 &* (index & 7)))
            buffer[position] = Self.digit(byte &>> 4)
            buffer[position &+ 1] = Self.digit(byte & 0xF)
            position &+= 2
        }
    }

    private static func readCanonical(_ text: UnsafeBufferPointer<UInt8>) -> UniqueID? {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for index in 0..<36 {
            let byte = text[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard byte < UInt8(ascii: "A") || byte > UInt8(ascii: "F"), let digit = hexDigit(byte) else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
            digits += 1
        }
        return UniqueID(high: words.0, low: words.1)
    }

    @inline(__always)
    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &- 10 &+ nibble
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
