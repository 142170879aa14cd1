/// Ranges that are not the public internet, and addresses that must not be reached by a wide entry.
///
/// The registries are IANA's for special purpose addresses of IPv4 and IPv6 (RFC 6890 and its updates).
enum SpecialRanges {
    /// What the address is, in words for a message; nil for a public one.
    static func name(of address: IPAddress) -> String? {
        ranges.first { $0.range.contains(address) }?.name
    }

    static func isLoopback(_ address: IPAddress) -> Bool {
        address.family == .v4 ? address.bits >> 24 == 127 : address.bits == 1
    }

    /// Also in the forms that a translator or a tunnel would lead there.
    static func isMetadata(_ address: IPAddress) -> Bool {
        metadata.contains(address) || address.embedded.map(metadata.contains) ?? false
    }

    static let ranges: [(range: AddressRange, name: String)] = [
        v4(0, 0, 0, 0, 8, "of this network (0.0.0.0/8)"),
        v4(10, 0, 0, 0, 8, "private (10.0.0.0/8)"),
        v4(100, 64, 0, 0, 10, "shared by a carrier (100.64.0.0/10)"),
        v4(127, 0, 0, 0, 8, "loopback (127.0.0.0/8)"),
        v4(169, 254, 0, 0, 16, "link-local (169.254.0.0/16)"),
        v4(172, 16, 0, 0, 12, "private (172.16.0.0/12)"),
        v4(192, 0, 0, 0, 24, "for protocols (192.0.0.0/24)"),
        v4(192, 0, 2, 0, 24, "for documentation (192.0.2.0/24)"),
        v4(192, 88, 99, 0, 24, "a 6to4 relay (192.88.99.0/24)"),
        v4(192, 168, 0, 0, 16, "private (192.168.0.0/16)"),
        v4(198, 18, 0, 0, 15, "for measurements (198.18.0.0/15)"),
        v4(198, 51, 100, 0, 24, "for documentation (198.51.100.0/24)"),
        v4(203, 0, 113, 0, 24, "for documentation (203.0.113.0/24)"),
        v4(224, 0, 0, 0, 4, "multicast (224.0.0.0/4)"),
        // Broadcast is its last address.
        v4(240, 0, 0, 0, 4, "reserved (240.0.0.0/4)"),
        // Unspecified, loopback and IPv4-compatible addresses.
        v6([], 96, "unspecified, loopback or IPv4-compatible (::/96)"),
        v6([0x64, 0xff9b], 96, "translated to IPv4 (64:ff9b::/96)"),
        v6([0x64, 0xff9b, 1], 48, "translated to IPv4 (64:ff9b:1::/48)"),
        v6([0x100], 64, "discarded (100::/64)"),
        // Teredo, benchmarking, ORCHID.
        v6([0x2001], 23, "for protocols (2001::/23)"),
        v6([0x2001, 0xdb8], 32, "for documentation (2001:db8::/32)"),
        v6([0x2002], 16, "6to4 (2002::/16)"),
        v6([0x3fff], 20, "for documentation (3fff::/20)"),
        v6([0x5f00], 16, "for segment routing (5f00::/16)"),
        v6([0xfc00], 7, "private (fc00::/7)"),
        v6([0xfe80], 10, "link-local (fe80::/10)"),
        v6([0xfec0], 10, "site-local (fec0::/10)"),
        v6([0xff00], 8, "multicast (ff00::/8)"),
    ]

    private static let metadata: Set<IPAddress> = [
        // Amazon, Google, Azure, OpenStack and most others.
        address(169, 254, 169, 254),
        // Credentials of tasks and pods at Amazon.
        address(169, 254, 170, 2), address(169, 254, 170, 23),
        // Scaleway, Tencent.
        address(169, 254, 42, 42), address(169, 254, 0, 23),
        // Alibaba, Oracle, the agent of Azure, which is in a public range.
        address(100, 100, 100, 200), address(192, 0, 0, 192), address(168, 63, 129, 16),
        // Amazon, Google, OpenStack.
        address([0xfd00, 0xec2], 0x254), address([0xfd00, 0xec2], 0x23), address([0xfd20, 0xce], 0x254),
        address([0xfe80], 0xa9fe_a9fe),
    ]

    private static func v4(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ length: Int, _ name: String
    ) -> (range: AddressRange, name: String) {
        (AddressRange(base: address(a, b, c, d), prefixLength: length), name)
    }

    private static func v6(_ groups: [UInt128], _ length: Int, _ name: String) -> (range: AddressRange, name: String) {
        (AddressRange(base: address(groups, 0), prefixLength: length), name)
    }

    private static func address(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> IPAddress {
        IPAddress(v4: a << 24 | b << 16 | c << 8 | d)
    }

    /// The first groups of 16 bits, zeros, and the last 64 bits.
    private static func address(_ groups: [UInt128], _ last: UInt128) -> IPAddress {
        var bits = last
        for (index, group) in groups.enumerated() { bits |= group << UInt128(112 - 16 * index) }
        return IPAddress(v6: bits)
    }
}
