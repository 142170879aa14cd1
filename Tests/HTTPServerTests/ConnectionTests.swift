import Foundation
import HTTPServer
import Testing

private func get(_ path: String, _ fields: String = "") -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }

private func post(_ path: String, _ body: String, _ fields: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}

struct ConnectionTests {
    @Test("a connection serves one request after the other")
    func keepAlive() throws {
        let handler = TestHandler()
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            for number in 1...5 {
                client.send(post("/r/\(number)", "b\(number)"))
                #expect(try client.answer()?.text == "POST /r/\(number) b\(number)")
            }
            #expect(handler.all.map(\.number) == [1, 2, 3, 4, 5])
            #expect(Set(handler.all.map(\.connectionID)).count == 1)
            #expect(handler.all.first?.remoteAddress == "127.0.0.1")
            #expect(server.statistics.requests == 5)
            #expect(server.statistics.answers == [0, 5, 0, 0, 0])
            #expect(server.statistics.connectionsAccepted == 1)
        }
    }

    @Test("pipelined requests are answered in order")
    func pipelining() throws {
        try withServer(TestHandler()) { server in
            let client = try TestClient(port: server.port)
            client.send((1...500).map { $0 % 2 == 0 ? get("/\($0)") : post("/\($0)", "x") }.joined())
            for number in 1...500 {
                let answer = try #require(try client.answer())
                #expect(answer.text.contains(" /\(number) "))
            }
        }
    }

    @Test("the next request of a connection waits for the answer to the one before")
    func oneAtATime() throws {
        let shelf = Shelf()
        let handler = TestHandler { _, responder in shelf.put(responder) }
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send(post("/1", "a") + post("/2", "b"))
            try handler.waitForArrival()
            // Another connection is served meanwhile: what arrives here has passed the reactor after the pair.
            let other = try TestClient(port: server.port)
            other.send(get("/other"))
            try handler.waitForArrival()
            #expect(handler.all.map(\.rawTarget) == ["/1", "/other"])
            shelf.take()?.send(HTTPResponse(status: 201))
            #expect(try client.answer()?.status == 201)
            try handler.waitForArrival()
            #expect(handler.all.map(\.rawTarget) == ["/1", "/other", "/2"])
            shelf.take()?.send(.noContent)
            #expect(try other.answer()?.status == 204)
            shelf.take()?.send(HTTPResponse(status: 202))
            #expect(try client.answer()?.status == 202)
        }
    }

    @Test("answers come from any thread, and only the first one counts")
    func otherThreads() throws {
        let handler = TestHandler { request, responder in
            Thread.detachNewThread {
                responder.send(HTTPResponse(status: 200, contentType: "text/plain", text: request.rawTarget))
                responder.send(HTTPResponse(status: 500))
            }
        }
        try withServer(handler, reactors: 2) { server in
            let clients = try (0..<20).map { _ in try TestClient(port: server.port) }
            for round in 0..<5 {
                for (index, client) in clients.enumerated() { client.send(get("/\(round)/\(index)")) }
                for (index, client) in clients.enumerated() {
                    #expect(try client.answer()?.text == "/\(round)/\(index)")
                }
            }
        }
    }

    @Test("answers that are gathered go out, made on the reactors' threads")
    func gatheredAnswers() throws {
        let shelf = Shelf()
        let handler = TestHandler { _, responder in shelf.put(responder) }
        try withServer(handler, reactors: 2) { server in
            let clients = try (0..<8).map { _ in try TestClient(port: server.port) }
            for client in clients { client.send(get("/")) }
            for _ in clients { try handler.waitForArrival() }
            server.gatheringAnswers {
                while let responder = shelf.take() {
                    responder.send { HTTPResponse(status: 200, contentType: "text/plain", text: "ok") }
                }
            }
            for client in clients { #expect(try client.answer()?.text == "ok") }
        }
    }

    @Test("the server adds Date and length, and HEAD gets no body")
    func fields() throws {
        try withServer(TestHandler()) { server in
            let client = try TestClient(port: server.port)
            client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"))
            let head = try #require(try client.answer(toHead: true))
            #expect(head["Content-Length"] == "8")
            let date = try #require(head["Date"])
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            formatter.timeZone = TimeZone(identifier: "UTC")
            let moment = try #require(formatter.date(from: date))
            #expect(abs(moment.timeIntervalSinceNow) < 30)
            #expect(try client.answer()?.text == "GET /b ")
        }
    }

    @Test("a 204 has neither length nor content, and no value ends its line")
    func safeFields() throws {
        let handler = TestHandler { request, responder in
            var response = HTTPResponse(status: request.method == "GET" ? 200 : 204, body: Array("body".utf8))
            response.fields = [("X", "a\r\nSet-Cookie: b"), ("Content-Length", "99"), ("Transfer-Encoding", "x")]
            responder.send(response)
        }
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"))
            let empty = try #require(try client.answer())
            #expect(empty.status == 204)
            #expect(empty["Content-Length"] == nil)
            #expect(empty["X"] == "a  Set-Cookie: b")
            let full = try #require(try client.answer())
            #expect(full.text == "body")
            #expect(full["Content-Length"] == "4")
            #expect(full["Transfer-Encoding"] == nil)
        }
    }

    @Test(
        "the connection ends where the request says so, and nothing after it is read",
        arguments: [
            "GET /1 HTTP/1.0\r\n\r\n",
            "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: x , Close\r\n\r\n",
        ])
    func closing(request: String) throws {
        let handler = TestHandler()
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send(request + get("/2"))
            let answer = try #require(try client.answer())
            #expect(answer.status == 200)
            #expect(answer["Connection"] == "close")
            #expect(try client.answer() == nil)
            #expect(!client.wasReset)
            #expect(handler.all.count == 1)
        }
    }

    @Test("a body is asked for with 100 and then read")
    func continuing() throws {
        try withServer(TestHandler()) { server in
            let client = try TestClient(port: server.port)
            client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n")
            #expect(try client.answer(interim: true)?.status == 100)
            client.send("hello" + get("/b"))
            #expect(try client.answer(interim: true)?.text == "POST /a hello")
            #expect(try client.answer(interim: true)?.text == "GET /b ")
        }
    }

    @Test(
        "a request is refused before its body is asked for",
        arguments: [("Content-Length: 1048577", 413), ("Content-Length: 5", 401), ("Transfer-Encoding: chunked", 401)])
    func refusedEarly(field: String, status: Int) throws {
        let handler = TestHandler(screen: { head in
            head.headers["Authorization"] == nil ? HTTPResponse(status: 401) : nil
        })
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.answer(interim: true)?.status == status)
            #expect(try client.answer(interim: true) == nil)
            #expect(handler.all.isEmpty)
            let admitted = try TestClient(port: server.port)
            admitted.send(post("/", "x", "Authorization: b\r\n") + get("/"))
            #expect(try admitted.answer()?.status == 200)
            #expect(try admitted.answer()?.status == 200)
        }
    }

    @Test("the error answer arrives although the peer still sends its body")
    func lingering() throws {
        try withServer(TestHandler()) { server in
            let client = try TestClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n")
            client.send([UInt8](repeating: 0x61, count: 8_000_000))
            #expect(try client.answer()?.status == 413)
            #expect(try client.answer() == nil)
            #expect(!client.wasReset)
            #expect(server.statistics.faults == 1)
            #expect(server.statistics.answers == [0, 0, 0, 1, 0])
        }
    }

    @Test("a large body arrives whole, with a length and in chunks")
    func largeBodies() throws {
        let handler = TestHandler { request, responder in responder.send(HTTPResponse(status: 200, body: request.body))
        }
        try withServer(handler) { server in
            let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let client = try TestClient(port: server.port)
            client.send(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
            #expect(try client.answer()?.body == body)
            var chunked = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            for start in stride(from: 0, to: body.count, by: 10_000) {
                chunked += Array("2710\r\n".utf8) + body[start..<start + 10_000] + [13, 10]
            }
            client.send(chunked + Array("0\r\n\r\n".utf8))
            #expect(try client.answer()?.body == body)
        }
    }

    @Test("a peer that does not read its answers gets no more of them, and all in the end")
    func backpressure() throws {
        var limits = HTTPLimits()
        limits.unsentBytes = 65_536
        let handler = TestHandler { request, responder in
            responder.send(HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: 100_000)))
        }
        try withServer(handler, limits: limits) { server in
            let client = try TestClient(port: server.port, receiveBuffer: 4_096)
            let requests = 300
            client.send(String(repeating: get("/"), count: requests))
            try handler.waitForArrival()
            let other = try TestClient(port: server.port)
            other.send(get("/"))
            #expect(try other.answer()?.body.count == 100_000)
            // 30 MB of answers fit neither in the limit nor in the sockets' buffers.
            #expect(handler.all.count < requests)
            for _ in 0..<requests { #expect(try client.answer()?.body.count == 100_000) }
        }
    }
}
