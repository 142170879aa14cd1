import Chrono
import Testing

@testable import Webhooks

@Suite("Transport")
struct WebhookTransportTests {
    private let fixture = TransportFixture()

    private func withServer<Value>(
        _ script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reaction,
        _ body: (ScriptedServer) async throws -> Value
    ) async rethrows -> Value {
        let server = ScriptedServer(script)
        defer {
            fixture.transport.stop(grace: .zero)
            server.stop()
        }
        return try await body(server)
    }

    @Test("a request arrives as it was given, and the answer comes back")
    func roundTrip() async throws {
        try await withServer { _ in
            ScriptedServer.answer("201 Created", "fine", fields: "Retry-After: 7\r\n")
        } _: {
            let request = TransportRequest(
                url: "\($0.url)/hooks?a=b", fields: [HeaderField("webhook-id", "x1"), HeaderField("X-Empty", "")],
                body: [0x7B, 0, 0xFF, 0x7D])
            let answer = try #require(await fixture.send(request).answer)
            #expect(answer.status == 201)
            #expect(answer.body == Array("fine".utf8))
            #expect(answer.retryAfter == "7")
            #expect(!answer.isCut)
            let received = try #require($0.requests.first)
            #expect(received.line == "POST /hooks?a=b HTTP/1.1")
            #expect(received.body == [0x7B, 0, 0xFF, 0x7D])
            #expect(received["content-type"] == ["application/json"])
            #expect(received["content-length"] == ["4"])
            #expect(received["webhook-id"] == ["x1"])
            #expect(received["x-empty"] == [""])
            #expect(received["user-agent"] == ["Procession"])
            for name in ["accept-encoding", "expect", "cookie", "authorization", "transfer-encoding"] {
                #expect(received[name] == [], "\(name)")
            }
        }
    }

    @Test("an empty body is sent as one")
    func emptyBody() async throws {
        try await withServer { _ in
            ScriptedServer.answer("200 OK")
        } _: {
            #expect(await fixture.send($0.url, body: "").answer?.status == 200)
            let received = try #require($0.requests.first)
            #expect(received["content-length"] == ["0"])
            #expect(received.body == [])
        }
    }

    @Test("a large body arrives whole")
    func largeBody() async {
        await withServer { _ in
            ScriptedServer.answer("204 No Content")
        } _: {
            let body = String(repeating: "0123456789abcdef", count: 200_000)
            #expect(await fixture.send($0.url, body: body).answer?.status == 204)
            #expect($0.requests.first?.body == Array(body.utf8))
        }
    }

    @Test("one request after the other shares a connection, and no cookie stays")
    func reuse() async {
        await withServer { _ in
            ScriptedServer.answer("200 OK", "x", fields: "Set-Cookie: a=b\r\n")
        } _: {
            let results = await fixture.sendInTurn($0.url, count: 5)
            #expect(results.allSatisfy { $0.answer?.status == 200 })
            #expect($0.connectionCount == 1)
            #expect($0.requests.count == 5)
            #expect($0.requests.allSatisfy { $0["cookie"] == [] })
        }
    }

    @Test("a redirect is an answer and is not followed", arguments: ["301 Moved", "302 Found", "307 Kept", "308 Kept"])
    func redirect(status: String) async {
        await withServer { request in
            request.line.contains("/first")
                ? ScriptedServer.answer(status, fields: "Location: /second\r\n") : ScriptedServer.answer("200 OK")
        } _: {
            #expect(await fixture.send("\($0.url)/first").answer?.status == Int(status.prefix(3)))
            #expect($0.requests.count == 1)
        }
    }

    @Test("of a command's answer the first bytes are kept, and who never ends is cut off and has answered")
    func cut() async throws {
        try await withServer { request in
            request.line.contains("/short")
                ? ScriptedServer.answer("200 OK", String(repeating: "a", count: 5000))
                : .flood(head: "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", bytes: 100_000_000)
        } _: {
            let short = try #require(await fixture.send("\($0.url)/short").answer)
            #expect(short.body == Array(repeating: UInt8(ascii: "a"), count: 4096))
            #expect(short.isCut)
            let endless = try #require(await fixture.send("\($0.url)/endless").answer)
            #expect(endless.status == 200)
            #expect(endless.body.count == 4096)
            #expect(endless.isCut)
            // What the sockets' buffers hold, not all of it.
            #expect($0.floodedBytes < 20_000_000)
        }
    }

    @Test("a task's answer that is too long is a failure, one as long as allowed is read")
    func tooLong() async {
        await withServer { request in
            let count = request.line.contains("/fits") ? 100_000 : 100_001
            return ScriptedServer.answer("200 OK", String(repeating: "a", count: count))
        } _: {
            let rule = TransportRequest.AnswerRule.whole(limit: 100_000)
            #expect(await fixture.send("\($0.url)/fits", answer: rule).answer?.body.count == 100_000)
            #expect(await fixture.send("\($0.url)/long", answer: rule).failure?.kind == .answerTooLarge)
        }
    }

    @Test("a head that never ends is a failure")
    func endlessHead() async {
        let field = "X-Filler: \(String(repeating: "a", count: 1000))\r\n"
        let fields = String(repeating: field, count: 80)
        await withServer { _ in
            ScriptedServer.answer("200 OK", fields: fields)
        } _: {
            #expect(await fixture.send($0.url).failure?.kind == .answerTooLarge)
        }
    }

    @Test("who does not answer in time is given up")
    func timeout() async throws {
        try await withServer { _ in
            .hang
        } _: {
            let failure = try #require(await fixture.send($0.url, timeout: .milliseconds(200)).failure)
            #expect(failure.kind == .timeout)
            #expect(failure.duration >= .milliseconds(199))
        }
    }

    @Test("a connection that breaks before the answer or in its middle is a failure")
    func reset() async {
        await withServer { request in
            if request.line.contains("/reset") { return .reset }
            if request.line.contains("/half") {
                return .sendAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            }
            return .sendAndClose("")
        } _: {
            for path in ["/reset", "/half", "/close"] {
                #expect(await fixture.send("\($0.url)\(path)").failure?.kind == .reset, "\(path)")
            }
        }
    }

    @Test("what is not HTTP is a failure")
    func notHTTP() async {
        await withServer { _ in
            .sendAndClose("220 mail.example.com ESMTP\r\n")
        } _: {
            #expect(await fixture.send($0.url).failure?.kind == .notHTTP)
        }
    }

    @Test("nobody there is a failure, and a name without addresses too")
    func nobody() async throws {
        let port = await withServer { _ in
            .hang
        } _: {
            $0.port
        }
        let fixture = TransportFixture()
        defer { fixture.transport.stop(grace: .zero) }
        #expect(await fixture.send("http://127.0.0.1:\(port)/").failure?.kind == .connect)
        let name = await fixture.send("http://nobody.invalid/").failure
        #expect([.resolve, .timeout].contains(name?.kind))
    }

    @Test(
        "other protocols are not spoken", arguments: ["file:///etc/hostname", "ftp://127.0.0.1/", "telnet://127.0.0.1"])
    func protocols(url: String) async {
        defer { fixture.transport.stop(grace: .zero) }
        #expect(await fixture.send(url).failure?.kind == .notHTTP)
    }

    @Test("a header that would be more than one line is not sent")
    func headerInjection() async {
        await withServer { _ in
            ScriptedServer.answer("200 OK")
        } _: {
            for field in [HeaderField("X", "a\r\nY: b"), HeaderField("X\r\nY", "b"), HeaderField("", "b")] {
                let request = TransportRequest(url: $0.url, fields: [field], body: [])
                #expect(await fixture.send(request).failure?.kind == .invalidRequest)
            }
            #expect($0.requests.count == 0)
        }
    }
}
