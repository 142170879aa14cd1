import HTTPServer
import Synchronization
import Testing

/// Hands the stream of the only request to the test.
private final class StreamBox: Sendable {
    private let stream = Mutex<HTTPStream?>(nil)
    func put(_ value: HTTPStream?) { stream.withLock { $0 = value } }
    func get() throws -> HTTPStream { try #require(stream.withLock { $0 }) }
}

private let head = HTTPResponse(status: 200, fields: [("Content-Type", "text/event-stream")])

struct StreamTests {
    private func streaming(
        _ request: String, limits: HTTPLimits = HTTPLimits(), _ body: (HTTPStream, TestClient, Signal) throws -> Void
    ) throws {
        let box = StreamBox()
        let gone = Signal()
        let handler = TestHandler { request, responder in
            if request.rawTarget == "/other" { return responder.send(.noContent) }
            responder.onGone { gone.fire() }
            box.put(responder.startStream(head))
        }
        try withServer(handler, limits: limits) { server in
            let client = try TestClient(port: server.port, receiveBuffer: 4_096)
            client.send(request)
            try handler.waitForArrival()
            try body(try box.get(), client, gone)
        }
    }

    @Test("pieces arrive one by one, and the connection goes on after the stream")
    func pieces() throws {
        try streaming("GET / HTTP/1.1\r\nHost: a\r\n\r\n") { stream, client, _ in
            let answer = try #require(try client.takeHead())
            #expect(answer["Transfer-Encoding"] == "chunked")
            #expect(answer["Content-Length"] == nil)
            for piece in ["data: 1\n\n", "data: 2\n\n"] {
                #expect(stream.write(Array(piece.utf8)))
                #expect(try client.takeChunk() == Array(piece.utf8))
            }
            stream.close()
            #expect(try client.takeChunk().isEmpty)
            #expect(!stream.write([1]))
            client.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer()?.status == 204)
        }
    }

    @Test("a 1.0 peer gets the stream without chunks, ended by the connection")
    func oldPeer() throws {
        try streaming("GET / HTTP/1.0\r\n\r\n") { stream, client, _ in
            #expect(stream.write(Array("ab".utf8)))
            #expect(stream.write(Array("cd".utf8)))
            stream.close()
            let answer = try #require(try client.answer())
            #expect(answer["Transfer-Encoding"] == nil)
            #expect(answer.text == "abcd")
        }
    }

    @Test("a reader that is too slow is cut")
    func slowReader() throws {
        var limits = HTTPLimits()
        limits.streamBytes = 100_000
        try streaming("GET / HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits) { stream, client, gone in
            var written = 0
            while stream.write([UInt8](repeating: 0x61, count: 10_000)), written < 1_000_000_000 { written += 10_000 }
            #expect(written < 1_000_000_000)
            try gone.wait()
            #expect(stream.isGone)
            try client.waitForEnd()
        }
    }

    @Test("a reader that keeps up is never cut")
    func steadyReader() throws {
        var limits = HTTPLimits()
        limits.streamBytes = 100_000
        try streaming("GET / HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits) { stream, client, _ in
            _ = try client.takeHead()
            for _ in 0..<200 {
                #expect(stream.write([UInt8](repeating: 0x61, count: 10_000)))
                #expect(try client.takeChunk().count == 10_000)
            }
        }
    }

    @Test("a writer that asks for room first is never cut, however slow the reader is")
    func patientWriter() throws {
        var limits = HTTPLimits()
        limits.streamBytes = 100_000
        try streaming("GET / HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits) { stream, client, _ in
            let piece = [UInt8](repeating: 0x61, count: 10_000)
            var written = 0
            while stream.hasRoom(for: piece.count) {
                #expect(stream.write(piece))
                written += 1
            }
            let room = Signal()
            stream.whenRoom { room.fire() }
            _ = try client.takeHead()
            for _ in 0..<written { #expect(try client.takeChunk().count == piece.count) }
            try room.wait()
            #expect(stream.hasRoom(for: piece.count))
            // With room there already, it is told at once.
            let again = Signal()
            stream.whenRoom { again.fire() }
            try again.wait()
            #expect(stream.write(piece))
            #expect(try client.takeChunk().count == piece.count)
        }
    }

    @Test("one piece may be larger than the bound if nothing waits beside it")
    func largePiece() throws {
        var limits = HTTPLimits()
        limits.streamBytes = 1_000
        try streaming("GET / HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits) { stream, client, _ in
            _ = try client.takeHead()
            #expect(stream.hasRoom(for: 50_000))
            #expect(stream.write([UInt8](repeating: 0x61, count: 50_000)))
            #expect(try client.takeChunk().count == 50_000)
        }
    }

    @Test("a stream learns that its peer is gone")
    func gone() throws {
        try streaming("GET / HTTP/1.1\r\nHost: a\r\n\r\n") { stream, client, gone in
            _ = try client.takeHead()
            client.disconnect()
            try gone.wait()
            #expect(!stream.write([1]))
            stream.close()
        }
    }

    @Test("HEAD is answered with the head of the stream alone")
    func headRequest() throws {
        let handler = TestHandler { _, responder in #expect(responder.startStream(head) == nil) }
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer(toHead: true)?.status == 200)
            #expect(try client.answer(toHead: true)?.status == 200)
        }
    }
}
