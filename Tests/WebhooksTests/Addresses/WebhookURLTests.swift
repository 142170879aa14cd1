import JSON
import TestSupport
import Testing

@testable import Webhooks

@Suite("Webhook URLs")
struct WebhookURLTests {
    private static func fault(_ text: String, _ policy: AddressPolicy = AddressPolicy()) -> WebhookURL.Fault.Kind? {
        do throws(WebhookURL.Fault) {
            _ = try WebhookURL(text, policy: policy)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test(
        "host and port are those that are connected to",
        arguments: [
            ("https://example.com", "example.com", 443), ("http://example.com/a?b=c", "example.com", 80),
            ("HTTPS://EXAMPLE.com:8443/x", "example.com", 8443), ("http://8.8.8.8:8080", "8.8.8.8", 8080),
            ("http://[2001:4860:4860::8888]/", "2001:4860:4860::8888", 80), ("http://example.com./", "example.com", 80),
            ("http://134744072/", "8.8.8.8", 80), ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ] as [(String, String, UInt16)])
    func parts(text: String, host: String, port: UInt16) throws {
        let url = try WebhookURL(text, policy: AddressPolicy())
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.text == text)
    }

    @Test(
        "only http and https are served",
        arguments: [
            "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "dict://example.com:11211/",
            "javascript:alert(1)", "//example.com/", "example.com", "http:example.com", "http:/example.com", "",
        ])
    func schemes(text: String) {
        #expect(Self.fault(text) == .scheme)
    }

    @Test(
        "what no honest URL has is refused",
        arguments: [
            "http://exa mple.com/", "http://example.com/\u{9}", "http://example.com\r\nX: y/",
            "http://example.com/\u{0}",
            "http://example.com\\@10.0.0.1/", "http:///example.com/", "http://", "http://?x", "http://bücher.example/",
            "http://example.com/#x", "http://exa%6Dple.com%00/", "http://[fe80::1%25eth0]/", "http://[::1",
        ])
    func syntax(text: String) {
        #expect(Self.fault(text) == .syntax)
    }

    @Test(
        "user and password are refused",
        arguments: ["http://user@example.com/", "http://user:pw@example.com/", "http://example.com@127.0.0.1/"])
    func userInfo(text: String) {
        #expect(Self.fault(text) == .userInfo)
    }

    @Test(
        "ports that are not served are refused, for names as for addresses",
        arguments: [
            "http://example.com:22/", "http://example.com:1023/", "http://example.com:0/", "http://example.com:65536/",
            "http://8.8.8.8:25/",
        ])
    func ports(text: String) {
        #expect(Self.fault(text) == .port)
    }

    @Test(
        "loopback in all its spellings is refused, and allowed where the policy allows it",
        arguments: [
            "http://127.0.0.1:8080/", "http://2130706433:8080/", "http://0x7f000001:8080/", "http://0177.0.0.1:8080/",
            "http://127.1:8080/", "http://[::1]:8080/", "http://[::ffff:7f00:1]:8080/", "http://localhost:8080/",
            "http://LOCALHOST.:8080/", "http://a.localhost:8080/",
        ])
    func loopback(text: String) {
        #expect(Self.fault(text) == .address)
        #expect(Self.fault(text, AddressPolicy(allowsLoopback: true)) == nil)
    }

    @Test("a URL as long as allowed is read, one longer is not")
    func length() {
        let start = "http://example.com/"
        let path = String(repeating: "a", count: WebhookURL.lengthLimit - start.count)
        #expect(Self.fault(start + path) == nil)
        #expect(Self.fault(start + path + "a") == .syntax)
    }

    @Test("the public targets are judged as they ask")
    func targets() throws {
        guard let lines = ConformanceData.lines("webhooks/ssrf-targets.jsonl") else { return }
        let policy = AddressPolicy()
        for line in lines {
            let target = try JSONValue(parsing: line)
            let value = try #require(target["value"]?.stringValue)
            let isAllowed: Bool
            switch target["kind"]?.stringValue {
            case "address": isAllowed = policy.refusal(of: try #require(IPAddress(value))) == nil
            case "url": isAllowed = Self.fault(value, policy) == nil
            default:
                Issue.record("a kind of its own: \(line)")
                continue
            }
            #expect(isAllowed == (target["expect"]?.stringValue == "allow"), "\(value)")
        }
        print("webhooks/ssrf-targets.jsonl: \(lines.count) cases")
    }
}
