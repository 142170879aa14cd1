import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

private struct Refusal: CustomTestStringConvertible, Sendable {
    var rule: String
    var status: Int
    var text: String
    var testDescription: String { "\(status) \(rule)" }

    init(_ status: Int, _ rule: String, _ text: String) {
        self.rule = rule
        self.status = status
        self.text = text
    }
}

private let refusals: [Refusal] = [
    Refusal(400, "LF alone before the request", "\nGET / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "CR alone before the request", "\rGET / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "space before the method", " GET / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "method that is no token", "G(T / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "method of 65 bytes", String(repeating: "A", count: 65) + " / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "two spaces before the target", "GET  / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "two spaces before the version", "GET /  HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "tab in the request line", "GET /\tHTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "space after the version", "GET / HTTP/1.1 \r\n\(host)\r\n"),
    Refusal(400, "LF alone after the version", "GET / HTTP/1.1\n\(host)\r\n"),
    Refusal(400, "CR alone after the version", "GET / HTTP/1.1\r\(host)\r\n"),
    Refusal(400, "no version", "GET /\r\n\r\n"),
    Refusal(400, "version in small letters", "GET / http/1.1\r\n\(host)\r\n"),
    Refusal(400, "version of two digits", "GET / HTTP/1.10\r\n\(host)\r\n"),
    Refusal(505, "HTTP/0.9", "GET / HTTP/0.9\r\n"),
    Refusal(505, "HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Refusal(505, "HTTP/3.1", "GET / HTTP/3.1\r\n"),
    Refusal(400, "fragment in the target", "GET /a#b HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "byte from 0x80 in the target", "GET /ä HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "DEL in the target", "GET /\u{7F} HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "relative target", "GET a/b HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "asterisk with GET", "GET * HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "broken escape in the path", "GET /%4 HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "escape without digits", "GET /%zz HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "escaped NUL", "GET /a%00b HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "escapes that are not UTF-8", "GET /%FF HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "broken escape in the query", "GET /?a=% HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "absolute-form of another scheme", "GET ftp://a/ HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "absolute-form with user information", "GET http://u@a/ HTTP/1.1\r\n\(host)\r\n"),
    Refusal(400, "absolute-form without a host", "GET http:///a HTTP/1.1\r\n\(host)\r\n"),
    Refusal(405, "CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    Refusal(405, "TRACE", "TRACE / HTTP/1.1\r\n\(host)\r\n"),
    Refusal(414, "target over the limit", "GET /" + String(repeating: "a", count: 8_192)),
    Refusal(400, "space before the first field", "GET / HTTP/1.1\r\n \(host)\r\n"),
    Refusal(400, "obs-fold", "GET / HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n"),
    Refusal(400, "obs-fold with a tab", "GET / HTTP/1.1\r\n\(host)X: a\r\n\tb\r\n\r\n"),
    Refusal(400, "field without a colon", "GET / HTTP/1.1\r\n\(host)X\r\n\r\n"),
    Refusal(400, "field without a name", "GET / HTTP/1.1\r\n\(host): a\r\n\r\n"),
    Refusal(400, "space before the colon", "GET / HTTP/1.1\r\n\(host)X : a\r\n\r\n"),
    Refusal(400, "byte from 0x80 in a name", "GET / HTTP/1.1\r\n\(host)Ä: a\r\n\r\n"),
    Refusal(400, "NUL in a value", "GET / HTTP/1.1\r\n\(host)X: a\0b\r\n\r\n"),
    Refusal(400, "escape byte in a value", "GET / HTTP/1.1\r\n\(host)X: a\u{1B}b\r\n\r\n"),
    Refusal(400, "DEL in a value", "GET / HTTP/1.1\r\n\(host)X: a\u{7F}b\r\n\r\n"),
    Refusal(400, "LF alone after a field", "GET / HTTP/1.1\r\n\(host)X: a\nY: b\r\n\r\n"),
    Refusal(400, "CR alone in a value", "GET / HTTP/1.1\r\n\(host)X: a\rb\r\n\r\n"),
    Refusal(400, "CR alone ends the head", "GET / HTTP/1.1\r\n\(host)\rabc"),
    Refusal(400, "no Host", "GET / HTTP/1.1\r\n\r\n"),
    Refusal(400, "empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    Refusal(400, "empty Host in 1.0", "GET / HTTP/1.0\r\nHost: \r\n\r\n"),
    Refusal(400, "two equal Hosts", "GET / HTTP/1.1\r\n\(host)\(host)\r\n"),
    Refusal(400, "Host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    Refusal(400, "Host list", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
    Refusal(400, "Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    Refusal(400, "Host with a port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    Refusal(400, "Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    Refusal(400, "no Host with absolute-form", "GET http://a/ HTTP/1.1\r\n\r\n"),
    Refusal(400, "empty Content-Length", "POST / HTTP/1.1\r\n\(host)Content-Length: \r\n\r\n"),
    Refusal(400, "signed Content-Length", "POST / HTTP/1.1\r\n\(host)Content-Length: +1\r\n\r\na"),
    Refusal(400, "hexadecimal Content-Length", "POST / HTTP/1.1\r\n\(host)Content-Length: 0x1\r\n\r\na"),
    Refusal(400, "Content-Length list", "POST / HTTP/1.1\r\n\(host)Content-Length: 1, 1\r\n\r\na"),
    Refusal(
        400, "repeated Content-Length", "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
    Refusal(
        400, "Content-Length beyond 64 bits", "POST / HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999\r\n\r\n"),
    Refusal(413, "Content-Length over the limit", "POST / HTTP/1.1\r\n\(host)Content-Length: 1048577\r\n\r\n"),
    Refusal(
        413, "too large, before a 100",
        "POST / HTTP/1.1\r\n\(host)Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n"),
    Refusal(417, "unknown expectation", "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nExpect: tea\r\n\r\n"),
    Refusal(
        400, "both length and coding",
        "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
    Refusal(400, "coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Refusal(
        400, "two coding fields",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
    Refusal(400, "chunked twice", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n"),
    Refusal(400, "chunked not last", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, gzip\r\n\r\n"),
    Refusal(400, "empty coding", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: \r\n\r\n"),
    Refusal(400, "comma before chunked", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: ,chunked\r\n\r\n"),
    Refusal(400, "parameter on chunked", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked;a=b\r\n\r\n"),
    Refusal(400, "quoted chunked", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: \"chunked\"\r\n\r\n"),
    Refusal(400, "no-break space after chunked", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\u{A0}\r\n\r\n"),
    Refusal(501, "unknown coding", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n"),
    Refusal(501, "coding before chunked", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n"),
]

private let chunkFaults: [Refusal] = [
    Refusal(400, "no size", "\r\na\r\n0\r\n\r\n"),
    Refusal(400, "hexadecimal prefix", "0x1\r\na\r\n0\r\n\r\n"),
    Refusal(400, "sign", "+1\r\na\r\n0\r\n\r\n"),
    Refusal(400, "underscore", "1_0\r\na\r\n0\r\n\r\n"),
    Refusal(400, "space before the size", " 1\r\na\r\n0\r\n\r\n"),
    Refusal(400, "space after the size", "1 \r\na\r\n0\r\n\r\n"),
    Refusal(400, "LF alone after the size", "1\na\r\n0\r\n\r\n"),
    Refusal(400, "CR and another byte after the size", "1\rXa\r\n0\r\n\r\n"),
    Refusal(400, "LF alone after the data", "1\r\na\n0\r\n\r\n"),
    Refusal(400, "more data than announced", "1\r\nab\r\n0\r\n\r\n"),
    Refusal(400, "less data than announced", "3\r\na\r\n0\r\n\r\n"),
    Refusal(400, "extension without a name", "1;\r\na\r\n0\r\n\r\n"),
    Refusal(400, "extension without a value", "1;a=\r\na\r\n0\r\n\r\n"),
    Refusal(400, "LF in an extension", "1;a\nb\r\na\r\n0\r\n\r\n"),
    Refusal(400, "CR in a quoted extension", "1;a=\"\r\n\"\r\na\r\n0\r\n\r\n"),
    Refusal(400, "extension of 5 KiB", "1;a=" + String(repeating: "b", count: 5_000) + "\r\na\r\n0\r\n\r\n"),
    Refusal(400, "trailer without a colon", "0\r\nX\r\n\r\n"),
    Refusal(400, "folded trailer", "0\r\nX: a\r\n b\r\n\r\n"),
    Refusal(400, "LF alone ends the trailers", "0\r\n\n"),
    Refusal(413, "size over the limit", "100001\r\n"),
    Refusal(413, "size beyond 64 bits", "ffffffffffffffff\r\n"),
    Refusal(
        413, "sizes over the limit together", "80000\r\n" + String(repeating: "a", count: 524_288) + "\r\n80001\r\n"),
    Refusal(400, "tiny chunks without end", String(repeating: "1\r\na\r\n", count: 20_000)),
    Refusal(431, "too many trailers", "0\r\n" + String(repeating: "X: a\r\n", count: 101) + "\r\n"),
]

struct RequestParserTests {
    @Test("a request that breaks a rule is refused with its status", arguments: refusals)
    private func refuses(refusal: Refusal) throws {
        let fault = try #require(ParserFeeder.fault(of: refusal.text))
        #expect(fault.status == refusal.status, "\(fault.detail)")
    }

    @Test("a chunked body that breaks a rule is refused with its status", arguments: chunkFaults)
    private func refusesChunks(refusal: Refusal) throws {
        let head = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
        let fault = try #require(ParserFeeder.fault(of: head + refusal.text))
        #expect(fault.status == refusal.status, "\(fault.detail)")
    }

    @Test(
        "a chunked body comes out without its framing",
        arguments: [
            "5\r\nhello\r\n0\r\n\r\n",
            "2\r\nhe\r\n003\r\nllo\r\n000\r\n\r\n",
            "5;a\r\nhello\r\n0;b=c\r\n\r\n",
            "5 ; a = \"b\\\";\" ; c\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\nX: a\r\nContent-Length: 99\r\n\r\n",
        ])
    func readsChunks(body: String) throws {
        let text = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: CHUNKED\r\n\r\n" + body
        let request = try #require(ParserFeeder.request(of: text))
        #expect(request.body == Array("hello".utf8))
        // Trailers are never merged into the fields.
        #expect(request.headers["X"] == nil)
        #expect(request.headers["Content-Length"] == nil)
    }

    @Test(
        "a target is split first and decoded afterwards",
        arguments: [
            ("/", [], []),
            ("/livez", ["livez"], []),
            ("//livez", ["", "livez"], []),
            ("/a/", ["a", ""], []),
            ("/a%2Fb/c%20d", ["a/b", "c d"], []),
            ("/a+b", ["a+b"], []),
            ("/%C3%A4", ["ä"], []),
            ("/a?x=1&y=a+b%26&x=2&z&&=v", ["a"], ["x=1", "y=a b&", "x=2", "z=", "=v"]),
            ("/a?b?c=d/e", ["a"], ["b?c=d/e"]),
            ("http://h:80/a/b?c=d", ["a", "b"], ["c=d"]),
            ("HTTPS://h?c=d", [], ["c=d"]),
            ("http://[::1]:80", [], []),
        ] as [(String, [String], [String])])
    func targets(target: String, path: [String], query: [String]) throws {
        let request = try #require(ParserFeeder.request(of: "GET \(target) HTTP/1.1\r\n\(host)\r\n"))
        #expect(request.path == path)
        #expect(request.query.map { "\($0.name)=\($0.value)" } == query)
        #expect(request.rawTarget == target)
        #expect(request.body.isEmpty)
    }

    @Test("fields are found without regard to case, trimmed, and none of their bytes is lost")
    func fields() throws {
        var bytes = Array("GET / HTTP/1.1\r\nhOST: a\r\nX:  a\t b \t\r\nx:\r\nU: ".utf8)
        bytes += Array("Zoë".utf8) + Array("\r\nL: Zo".utf8) + [0xEB] + Array("\r\n\r\n".utf8)
        var feeder = ParserFeeder()
        feeder.feed(bytes)
        let headers = try #require(feeder.requests.first).headers
        #expect(headers["host"] == "a")
        #expect(headers.values(for: "X") == ["a\t b", ""])
        #expect(headers["U"] == "Zoë")
        #expect(headers["L"] == "Zoë")
        #expect(headers["Y"] == nil)
        #expect(headers.contains("x"))
        #expect(headers.count == 5)
        #expect(headers.all.map(\.name) == ["hOST", "X", "x", "U", "L"])
    }

    @Test("a value equal to a limit passes and one more does not")
    func limits() {
        let longest = "/" + String(repeating: "a", count: 8_191)
        #expect(ParserFeeder.request(of: "GET \(longest) HTTP/1.1\r\n\(host)\r\n") != nil)
        #expect(ParserFeeder.fault(of: "GET \(longest)a HTTP/1.1\r\n\(host)\r\n")?.status == 414)

        let many = String(repeating: "X: a\r\n", count: 99)
        #expect(ParserFeeder.request(of: "GET / HTTP/1.1\r\n\(host)\(many)\r\n") != nil)
        #expect(ParserFeeder.fault(of: "GET / HTTP/1.1\r\n\(host)\(many)X: a\r\n\r\n")?.status == 431)

        let value = String(repeating: "a", count: 16_384 - host.utf8.count - 5)
        #expect(ParserFeeder.request(of: "GET / HTTP/1.1\r\n\(host)X: \(value)\r\n\r\n") != nil)
        #expect(ParserFeeder.fault(of: "GET / HTTP/1.1\r\n\(host)X: \(value)a\r\n\r\n")?.status == 431)

        let body = String(repeating: "a", count: 1_048_576)
        let head = "POST / HTTP/1.1\r\n\(host)"
        #expect(ParserFeeder.request(of: "\(head)Content-Length: 01048576\r\n\r\n\(body)")?.body.count == 1_048_576)
        let chunked = "\(head)Transfer-Encoding: chunked\r\n\r\n100000\r\n\(body)\r\n0\r\n\r\n"
        #expect(ParserFeeder.request(of: chunked)?.body.count == 1_048_576)
    }

    @Test(
        "what a rule allows is read",
        arguments: [
            "\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.2\r\n\(host)\r\n",
            "OPTIONS * HTTP/1.1\r\n\(host)\r\n",
            "get / HTTP/1.1\r\n\(host)\r\n",
            "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a%20b!$&'()*+;=:\r\n\r\n",
            "GET / HTTP/1.1\r\n\(host)Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
            "POST / HTTP/1.1\r\n\(host)\r\n",
            "POST / HTTP/1.1\r\n\(host)Content-Length: 0003\r\n\r\nabc",
            "POST / HTTP/1.1\r\n\(host)Content_Length: 9\r\nTransfer_Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\na",
        ])
    func reads(text: String) {
        #expect(ParserFeeder.request(of: text) != nil)
        #expect(ParserFeeder.fault(of: text) == nil)
    }

    @Test("an announced size is not allocated in advance")
    func announcedSize() {
        var limits = HTTPLimits()
        limits.bodyBytes = .max
        #expect(
            ParserFeeder.fault(
                of: "POST / HTTP/1.1\r\n\(host)Content-Length: 9223372036854775807\r\n\r\na", limits: limits)
                == nil)
    }
}
