import Foundation
import HTTPServer
import Synchronization
import Testing

private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/// What many, slow or greedy clients cost.
struct ResourceTests {
    @Test("a reader that takes a byte now and then is closed as one that takes nothing")
    func drippingReader() throws {
        var limits = HTTPLimits()
        limits.writeStallSeconds = 0.3
        let size = 30_000_000
        let handler = TestHandler { _, responder in
            responder.send(HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: size)))
        }
        try withServer(handler, limits: limits) { server in
            let client = try TestClient(port: server.port, receiveBuffer: 4_096)
            client.send(request)
            try handler.waitForArrival()
            var taken = 0
            while server.statistics.connectionsOpen > 0 {
                taken += try client.takeSome(atMost: 512) ?? 0
                // Nothing is waited for but the time: the socket has more to read.
                _ = poll(nil, 0, 5)
                try #require(taken < size, "it was never closed")
            }
        }
    }

    @Test("a slow but steady reader gets everything")
    func steadyReader() throws {
        var limits = HTTPLimits()
        limits.writeStallSeconds = 1
        let size = 3_000_000
        let handler = TestHandler { _, responder in
            responder.send(HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: size)))
        }
        try withServer(handler, limits: limits) { server in
            let client = try TestClient(port: server.port, receiveBuffer: 16_384)
            client.send(request)
            #expect(try client.answer()?.body.count == size)
        }
    }

    @Test("one address has no more connections than it may, and gets them back")
    func addressLimit() throws {
        var limits = HTTPLimits()
        limits.connectionsPerAddress = 2
        try withServer(TestHandler(), limits: limits, reactors: 2) { server in
            let first = try TestClient(port: server.port)
            let second = try TestClient(port: server.port)
            for client in [first, second] {
                client.send(request)
                #expect(try client.answer()?.status == 200)
            }
            let third = try TestClient(port: server.port)
            let refusal = try third.answer()
            #expect(refusal?.status == 503)
            #expect(refusal?["Retry-After"] != nil)
            #expect(try third.answer() == nil)
            first.disconnect()
            while server.statistics.connectionsOpen > 1 { sched_yield() }
            let fourth = try TestClient(port: server.port)
            fourth.send(request)
            #expect(try fourth.answer()?.status == 200)
            #expect(server.statistics.connectionsRefused == 1)
        }
    }

    @Test("the last request that a connection may have closes it")
    func requestLimit() throws {
        var limits = HTTPLimits()
        limits.requestsPerConnection = 2
        try withServer(TestHandler(), limits: limits) { server in
            let client = try TestClient(port: server.port)
            client.send(request + request + request)
            #expect(try client.answer()?["Connection"] == nil)
            #expect(try client.answer()?["Connection"] == "close")
            #expect(try client.answer() == nil)
        }
    }

    @Test("the server listens on IPv6, and says so of its peers")
    func sixthVersion() throws {
        let handler = TestHandler()
        do {
            try withServer(handler, address: "::1") { server in
                let client = try TestClient(port: server.port, address: "::1")
                client.send(request)
                #expect(try client.answer()?.status == 200)
                #expect(handler.all.first?.remoteAddress == "::1")
            }
        } catch HTTPServerError.cannotBind {
            print("this machine has no IPv6 loopback")
        }
    }
}

/// What the server tells of its answers.
struct ExchangeTests {
    private final class Told: Sendable {
        private let exchanges = Mutex<[HTTPExchange]>([])
        func add(_ exchange: HTTPExchange) { exchanges.withLock { $0.append(exchange) } }
        var all: [HTTPExchange] { exchanges.withLock { $0 } }
    }

    @Test("every answer is told, without the query, and refusals too")
    func exchanges() throws {
        let told = Told()
        let handler = TestHandler { _, responder in
            responder.send(
                HTTPResponse(status: 201, fields: [("X-Request-Id", "r7")], body: [1, 2, 3]))
        }
        try withServer(handler, onAnswer: told.add) { server in
            let client = try TestClient(port: server.port)
            client.send("POST /a/b?secret=1 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer()?.status == 201)
            client.send("broken\r\n\r\n")
            #expect(try client.answer()?.status == 400)
            let answered = try #require(told.all.first)
            #expect((answered.method, answered.path) == ("POST", "/a/b"))
            #expect((answered.status, answered.contentBytes) == (201, 3))
            #expect((answered.requestID, answered.remoteAddress) == ("r7", "127.0.0.1"))
            let refused = try #require(told.all.last)
            #expect((refused.method, refused.path, refused.status, refused.microseconds) == ("", "", 400, 0))
            #expect(told.all.count == 2)
            #expect(server.statistics.durations.counts.reduce(0, +) == 1)
        }
    }

    @Test("a long poll does not count among the durations")
    func longPolls() throws {
        let handler = TestHandler { _, responder in
            responder.park()
            responder.send(.noContent)
        }
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send(request)
            #expect(try client.answer()?.status == 204)
            #expect(server.statistics.durations.counts.reduce(0, +) == 0)
        }
    }

    @Test("a stop says how many requests it cut")
    func cutRequests() throws {
        let handler = TestHandler { _, _ in }
        let server = HTTPServer(options: HTTPServerOptions(), handler: handler)
        try server.start()
        let client = try TestClient(port: server.port)
        client.send(request)
        try handler.waitForArrival()
        let idle = try TestClient(port: server.port)
        #expect(server.stop(graceSeconds: 0.05) == 1)
        #expect(server.stop(graceSeconds: 0.05) == 1)
        try idle.waitForEnd()
    }
}
