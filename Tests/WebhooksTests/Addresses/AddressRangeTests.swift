import Testing

@testable import Webhooks

@Suite("Address ranges")
struct AddressRangeTests {
    @Test(
        "a range contains its first and last address and not their neighbours",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
            ("172.16.0.0/12", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
            ("192.168.7.3", "192.168.7.3", "192.168.7.3", "192.168.7.2", "192.168.7.4"),
            ("192.168.7.3/32", "192.168.7.3", "192.168.7.3", "192.168.7.2", "192.168.7.4"),
            ("fd00::/8", "fd00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::", "fe00::"),
            ("fe80::/10", "fe80::", "febf::1", "fe7f::", "fec0::"),
            ("2001:db8::1/128", "2001:db8::1", "2001:db8::1", "2001:db8::", "2001:db8::2"),
        ])
    func bounds(text: String, first: String, last: String, before: String, after: String) throws {
        let range = try AddressRange(text)
        #expect(range.contains(try #require(IPAddress(first))))
        #expect(range.contains(try #require(IPAddress(last))))
        #expect(!range.contains(try #require(IPAddress(before))))
        #expect(!range.contains(try #require(IPAddress(after))))
    }

    @Test("everything of one family is a range of length zero")
    func everything() throws {
        let four = try AddressRange("0.0.0.0/0")
        let six = try AddressRange("::/0")
        let addresses = try ["0.0.0.0", "255.255.255.255", "::1", "ffff::"].map { try #require(IPAddress($0)) }
        #expect(addresses.map(four.contains) == [true, true, false, false])
        #expect(addresses.map(six.contains) == [false, false, true, true])
    }

    @Test("a mapped range is the IPv4 range that it means")
    func mapped() throws {
        let range = try AddressRange("::ffff:10.0.0.0/104")
        #expect(range == (try AddressRange("10.0.0.0/8")))
        #expect(try AddressRange("::ffff:10.1.2.3").description == "10.1.2.3/32")
    }

    @Test(
        "anything else is refused with a message that shows it",
        arguments: [
            "", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.1/8",
            "010.0.0.0/8", "0x0a000000/8", "fd00::/129", "fd00::1/8", "[fd00::]/8", "fe80::1%eth0", "example.com",
            "10.0.0.0 /8", "10.0.0.0/0008", "::ffff:10.0.0.0/8", "fd00::/ 8",
        ])
    func refused(text: String) {
        #expect {
            try AddressRange(text)
        } throws: { error in
            (error as? AddressRange.Fault)?.message.contains("'\(text)'") == true
        }
    }

    @Test(
        "addresses are written in their usual form",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::FFFF:7F00:1", "127.0.0.1"), ("2001:0DB8::0001", "2001:db8::1"),
            ("::", "::"), ("0.0.0.0", "0.0.0.0"),
        ])
    func text(given: String, written: String) throws {
        #expect(try #require(IPAddress(given)).description == written)
    }

    @Test(
        "an IPv4 address inside of an IPv6 address is seen",
        arguments: [
            ("64:ff9b::a9fe:a9fe", "169.254.169.254"), ("2002:a9fe:a9fe::1", "169.254.169.254"),
            ("::a9fe:a9fe", "169.254.169.254"), ("2001:4860::8888", nil), ("64:ff9b:1::a9fe:a9fe", nil),
        ])
    func embedded(text: String, inside: String?) throws {
        #expect(try #require(IPAddress(text)).embedded?.description == inside)
    }
}
