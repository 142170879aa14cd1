/// A range of addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or one address alone.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    public struct Fault: Error, Equatable, Sendable {
        public var message: String
    }

    let base: IPAddress
    let prefixLength: Int

    /// Reads a range. Bits behind the prefix have to be zero: `10.0.0.1/8` may be a slip for one address or for many.
    public init(_ text: String) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let base = IPAddress(String(first)) else {
            throw Fault(message: "'\(text)' is not an address range such as 10.0.0.0/8 or fd00::/8")
        }
        // A mapped range is read as the IPv4 range that it means, so its prefix shrinks by the 96 bits before it.
        let dropped = base.family == .v4 && first.utf8.contains(UInt8(ascii: ":")) ? 96 : 0
        var length = base.family.width
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard (1...3).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                let written = Int(parts[1]), (dropped...(base.family.width + dropped)).contains(written)
            else { throw Fault(message: "'\(text)' has no prefix length of \(dropped) to \(length + dropped)") }
            length = written - dropped
        }
        let range = AddressRange(base: base, prefixLength: length)
        guard base.bits & ~range.mask & Self.allBits(base.family) == 0 else {
            throw Fault(message: "'\(text)' has bits behind its prefix; for one address leave out the prefix")
        }
        self = range
    }

    /// For the lists in the code, which tests read through.
    init(base: IPAddress, prefixLength: Int) {
        self.base = base
        self.prefixLength = prefixLength
    }

    public var isSingleAddress: Bool { prefixLength == base.family.width }

    public func contains(_ address: IPAddress) -> Bool {
        address.family == base.family && (address.bits ^ base.bits) & mask == 0
    }

    public var description: String { "\(base)/\(prefixLength)" }

    private var mask: UInt128 {
        let all = Self.allBits(base.family)
        let rest = base.family.width - prefixLength
        return rest == 128 ? 0 : (all >> UInt128(rest)) << UInt128(rest)
    }

    private static func allBits(_ family: IPAddress.Family) -> UInt128 {
        family == .v4 ? 0xFFFF_FFFF : .max
    }
}
