import Testing

@testable import Webhooks

@Suite("Address policy")
struct AddressPolicyTests {
    private static func policy(_ ranges: [String] = [], loopback: Bool = false) throws -> AddressPolicy {
        AddressPolicy(allowed: try ranges.map { try AddressRange($0) }, allowsLoopback: loopback)
    }

    private static func refusal(of address: String, by policy: AddressPolicy) throws -> AddressPolicy.Refusal? {
        policy.refusal(of: try #require(IPAddress(address)))
    }

    @Test(
        "public addresses are allowed",
        arguments: [
            "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
            "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255",
            "2001:4860:4860::8888", "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8",
        ])
    func publicAddresses(address: String) throws {
        #expect(try Self.refusal(of: address, by: Self.policy()) == nil)
    }

    @Test(
        "all that is not the public internet is refused, at both ends of each range",
        arguments: [
            "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
            "127.255.255.255", "169.254.0.0", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0",
            "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
            "198.51.100.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
            "::", "::1", "::2", "::7f00:1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "64:ff9b::808:808",
            "64:ff9b:1:ffff::", "100::", "100::ffff:ffff:ffff:ffff", "2001::1", "2001:1ff:ffff::", "2001:db8::1",
            "2002::", "3fff::", "3fff:fff::", "5f00::1", "fc00::", "fdff::1", "fe80::1", "febf::1", "fec0::1",
            "ff02::1",
        ])
    func specialAddresses(address: String) throws {
        #expect(try Self.refusal(of: address, by: Self.policy()) != nil)
    }

    @Test("an allowed range is allowed, also as IPv4-mapped, and nothing beside it")
    func allowed() throws {
        let policy = try Self.policy(["10.1.0.0/16", "fd12::/16"])
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::5"] {
            #expect(try Self.refusal(of: address, by: policy) == nil)
        }
        for address in ["10.2.0.1", "fd13::5", "127.0.0.1", "::a01:203"] {
            #expect(try Self.refusal(of: address, by: policy) != nil)
        }
    }

    static let metadata = [
        "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::a9fe:a9fe",
        "169.254.170.2", "fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe", "100.100.100.200", "168.63.129.16",
        "192.0.0.192",
    ]

    @Test("a cloud's metadata service stays refused with the widest allow list", arguments: metadata)
    func metadataStaysRefused(address: String) throws {
        #expect(try Self.refusal(of: address, by: Self.policy()) == .metadata)
        let wide = try Self.policy(["0.0.0.0/0", "::/0"], loopback: true)
        #expect(try Self.refusal(of: address, by: wide) == .metadata)
        let narrow = try Self.policy(["169.254.169.254/31", "fd00:ec2::254/127", "::ffff:a9fe:a9fe/127"])
        #expect(try Self.refusal(of: address, by: narrow) == .metadata)
    }

    @Test("an entry for that one address allows it", arguments: metadata)
    func metadataOnItsOwn(address: String) throws {
        #expect(try Self.refusal(of: address, by: Self.policy([address])) == nil)
    }

    @Test("loopback is allowed only where the policy says so, or by an entry")
    func loopback() throws {
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(try Self.refusal(of: address, by: Self.policy()) != nil)
            #expect(try Self.refusal(of: address, by: Self.policy(loopback: true)) == nil)
        }
        #expect(try Self.refusal(of: "127.0.0.1", by: Self.policy(["127.0.0.1"])) == nil)
        for address in ["0.0.0.0", "::", "::2", "10.0.0.1", "169.254.1.1"] {
            #expect(try Self.refusal(of: address, by: Self.policy(loopback: true)) != nil)
        }
    }

    @Test(
        "below 1024 only 80 and 443 are served, above it all",
        arguments: [
            (0, false), (22, false), (25, false), (80, true), (81, false), (443, true), (1023, false), (1024, true),
            (11211, true), (65535, true),
        ] as [(UInt16, Bool)])
    func ports(port: UInt16, isServed: Bool) throws {
        let address = try #require(IPAddress("8.8.8.8"))
        #expect((try Self.policy().refusal(of: address, port: port) == nil) == isServed)
    }

    @Test("the service does not deliver to itself")
    func ownListener() throws {
        func refusal(_ address: String, _ port: UInt16, listening on: String) throws -> AddressPolicy.Refusal? {
            let policy = AddressPolicy(
                allowed: [try AddressRange("10.0.0.0/8")], allowsLoopback: true,
                listener: .init(address: try #require(IPAddress(on)), port: 7070))
            return policy.refusal(of: try #require(IPAddress(address)), port: port)
        }
        #expect(try refusal("127.0.0.1", 7070, listening: "127.0.0.1") == .ownListener)
        #expect(try refusal("::ffff:127.0.0.1", 7070, listening: "127.0.0.1") == .ownListener)
        #expect(try refusal("127.0.0.1", 7070, listening: "0.0.0.0") == .ownListener)
        #expect(try refusal("::1", 7070, listening: "::") == .ownListener)
        #expect(try refusal("10.0.0.7", 7070, listening: "10.0.0.7") == .ownListener)
        #expect(try refusal("127.0.0.1", 7071, listening: "127.0.0.1") == nil)
        #expect(try refusal("10.0.0.8", 7070, listening: "10.0.0.7") == nil)
    }
}
