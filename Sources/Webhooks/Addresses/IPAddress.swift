import Glibc

/// An address of version 4 or 6. An IPv4-mapped one (`::ffff:a.b.c.d`) is the IPv4 address that it reaches.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    enum Family: Sendable, Hashable {
        case v4
        case v6

        var width: Int { self == .v4 ? 32 : 128 }
    }

    let family: Family
    /// In the lowest 32 or in all bits.
    let bits: UInt128

    init(v4 bits: UInt32) {
        family = .v4
        self.bits = UInt128(bits)
    }

    init(v6 bits: UInt128) {
        let isMapped = bits >> 32 == 0xFFFF
        family = isMapped ? .v4 : .v6
        self.bits = isMapped ? bits & 0xFFFF_FFFF : bits
    }

    /// Reads the usual texts, `a.b.c.d` with four decimal parts, or IPv6; no zone, no brackets.
    public init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(v4: UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(v6: Self.bits(six))
        } else {
            return nil
        }
    }

    /// What a socket would be connected to; nil for anything but IPv4 and IPv6, or for a length that is too short.
    static func endpoint(_ address: UnsafePointer<sockaddr>, length: Int) -> (address: IPAddress, port: UInt16)? {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            let four = raw.loadUnaligned(as: sockaddr_in.self)
            return (IPAddress(v4: UInt32(bigEndian: four.sin_addr.s_addr)), UInt16(bigEndian: four.sin_port))
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            let six = raw.loadUnaligned(as: sockaddr_in6.self)
            return (IPAddress(v6: bits(six.sin6_addr)), UInt16(bigEndian: six.sin6_port))
        default: return nil
        }
    }

    /// The IPv4 address inside of an IPv6 address that translators and tunnels lead to: IPv4-compatible (RFC 4291),
    /// NAT64 (RFC 6052), 6to4 (RFC 3056).
    var embedded: IPAddress? {
        guard family == .v6 else { return nil }
        let high = bits >> 32
        if high == 0 || high == UInt128(0x64_ff9b) << 64 {
            return IPAddress(v4: UInt32(truncatingIfNeeded: bits))
        }
        return bits >> 112 == 0x2002 ? IPAddress(v4: UInt32(truncatingIfNeeded: bits >> 80)) : nil
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch family {
        case .v4:
            var four = in_addr(s_addr: UInt32(truncatingIfNeeded: bits).bigEndian)
            inet_ntop(AF_INET, &four, &text, socklen_t(text.count))
        case .v6:
            var six = in6_addr()
            withUnsafeMutableBytes(of: &six) { $0.storeBytes(of: bits.bigEndian, as: UInt128.self) }
            inet_ntop(AF_INET6, &six, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func bits(_ address: in6_addr) -> UInt128 {
        withUnsafeBytes(of: address) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) }
    }
}
