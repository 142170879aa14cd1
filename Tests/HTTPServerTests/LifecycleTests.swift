import Foundation
import HTTPServer
import Testing

private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

struct LifecycleTests {
    @Test(
        "a request that takes too long to arrive is answered 408",
        arguments: ["G", "GET / HTTP/1.1\r\nHost", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na"])
    func slowRequests(text: String) throws {
        var limits = HTTPLimits()
        limits.headSeconds = 0.1
        limits.bodySeconds = 0.1
        try withServer(TestHandler(), limits: limits) { server in
            let client = try TestClient(port: server.port)
            client.send(text)
            #expect(try client.answer()?.status == 408)
            #expect(try client.answer() == nil)
        }
    }

    @Test("a sender of one byte now and then does not stretch the time for the head")
    func dripping() throws {
        var limits = HTTPLimits()
        limits.headSeconds = 0.3
        try withServer(TestHandler(), limits: limits) { server in
            let client = try TestClient(port: server.port)
            client.send("GET / HTTP/1.1\r\nX: ")
            while !client.waitForInput(milliseconds: 5) { client.send("a") }
            #expect(try client.answer()?.status == 408)
        }
    }

    @Test("an idle connection is closed without a word, also after an answer")
    func idle() throws {
        var limits = HTTPLimits()
        limits.idleSeconds = 0.1
        try withServer(TestHandler(), limits: limits) { server in
            let fresh = try TestClient(port: server.port)
            #expect(try fresh.answer() == nil)
            let used = try TestClient(port: server.port)
            used.send(request)
            #expect(try used.answer()?.status == 200)
            #expect(try used.answer() == nil)
            #expect(server.statistics.faults == 0)
        }
    }

    @Test("a peer that stops reading its answer is closed")
    func writeStall() throws {
        var limits = HTTPLimits()
        limits.writeStallSeconds = 0.1
        limits.idleSeconds = 0.5
        let size = 30_000_000
        let handler = TestHandler { _, responder in
            responder.send(HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: size)))
        }
        try withServer(handler, limits: limits) { server in
            let client = try TestClient(port: server.port, receiveBuffer: 4_096)
            client.send(request)
            try handler.waitForArrival()
            // The idle connection lives longer than a stalled one may.
            let later = try TestClient(port: server.port)
            #expect(try later.answer() == nil)
            try client.waitForEnd()
            #expect(client.received.count < size)
        }
    }

    @Test("a request in the handler has no deadline")
    func slowHandler() throws {
        var limits = HTTPLimits()
        limits.idleSeconds = 0.05
        limits.headSeconds = 0.05
        limits.bodySeconds = 0.05
        let shelf = Shelf()
        let handler = TestHandler { _, responder in shelf.put(responder) }
        try withServer(handler, limits: limits) { server in
            let waiting = try TestClient(port: server.port)
            waiting.send(request)
            try handler.waitForArrival()
            // Two idle connections, one after the other, outlive every deadline the first could have.
            for _ in 0..<2 { #expect(try TestClient(port: server.port).answer() == nil) }
            shelf.take()?.send(.noContent)
            #expect(try waiting.answer()?.status == 204)
        }
    }

    @Test("a half-closed peer gets the answers to its complete requests")
    func halfClose() throws {
        let handler = TestHandler { request, responder in
            Thread.detachNewThread { TestHandler.echo(request, responder) }
        }
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send(request + request + "GET /unfinished")
            client.closeWriting()
            #expect(try client.answer()?.status == 200)
            #expect(try client.answer()?.status == 200)
            #expect(try client.answer() == nil)
            #expect(!client.wasReset)
            #expect(handler.all.count == 2)
        }
    }

    enum Departure: CaseIterable {
        case halfClose
        case close
        case reset
    }

    @Test("a long poll learns that its peer is gone", arguments: Departure.allCases, [false, true])
    func gone(departure: Departure, parksLate: Bool) throws {
        let shelf = Shelf()
        let gone = Signal()
        let handler = TestHandler { _, responder in
            responder.onGone { gone.fire() }
            if !parksLate { responder.park() }
            shelf.put(responder)
        }
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send(request)
            try handler.waitForArrival()
            let responder = try #require(shelf.take())
            #expect(!responder.isGone)
            switch departure {
            case .halfClose: client.closeWriting()
            case .close: client.disconnect()
            case .reset: client.reset()
            }
            if parksLate { responder.park() }
            try gone.wait()
            #expect(responder.isGone)
            responder.send(.noContent)
            let late = Signal()
            responder.onGone { late.fire() }
            try late.wait()
            #expect(gone.timesFired == 1)
        }
    }

    @Test("a responder without a server gives its first answer to the closure")
    func closureResponder() throws {
        let answers = Signal()
        let responder = HTTPResponder { _ in answers.fire() }
        responder.park()
        responder.send(.noContent)
        responder.send(.noContent)
        responder.send { .noContent }
        #expect(answers.timesFired == 1)
        #expect(!responder.isGone)
    }

    @Test("an answered request is not reported as gone")
    func answeredBeforeGone() throws {
        let gone = Signal()
        let handler = TestHandler { _, responder in
            responder.onGone { gone.fire() }
            responder.park()
            responder.send(.noContent)
        }
        try withServer(handler) { server in
            let client = try TestClient(port: server.port)
            client.send(request)
            #expect(try client.answer()?.status == 204)
            client.reset()
            let other = try TestClient(port: server.port)
            other.send(request)
            #expect(try other.answer()?.status == 204)
        }
        #expect(gone.timesFired == 0)
    }

    @Test("stopping answers what runs, empties long polls, closes the rest and frees the port")
    func stopping() throws {
        let shelf = Shelf()
        let handler = TestHandler { request, responder in
            switch request.rawTarget {
            case "/poll": responder.park { responder.send(HTTPResponse(status: 200, body: Array("[]".utf8))) }
            case "/slow": shelf.put(responder)
            default: responder.send(.noContent)
            }
        }
        let server = HTTPServer(options: HTTPServerOptions(reactors: 2), handler: handler)
        try server.start()
        let port = server.port
        let idle = try TestClient(port: port)
        idle.send(request)
        #expect(try idle.answer()?.status == 204)
        let polls = try (0..<3).map { _ in try TestClient(port: port) }
        for poll in polls { poll.send("GET /poll HTTP/1.1\r\nHost: a\r\n\r\n") }
        let slow = try TestClient(port: port)
        slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<5 { try handler.waitForArrival() }
        let stopped = Signal()
        Thread.detachNewThread {
            server.stop(graceSeconds: 20)
            stopped.fire()
        }
        for poll in polls {
            let answer = try #require(try poll.answer())
            #expect(answer.text == "[]")
            #expect(answer["Connection"] == "close")
            #expect(try poll.answer() == nil)
            poll.disconnect()
        }
        #expect(try idle.answer() == nil)
        #expect(stopped.timesFired == 0)
        shelf.take()?.send(HTTPResponse(status: 202))
        #expect(try slow.answer()?.status == 202)
        slow.disconnect()
        try stopped.wait()
        #expect(server.statistics.connectionsOpen == 0)
        #expect(throws: POSIXError.self) { try TestClient(port: port) }
        server.stop(graceSeconds: 0)
    }

    @Test("after the grace time open requests are cut")
    func graceIsOver() throws {
        let gone = Signal()
        let handler = TestHandler { _, responder in responder.onGone { gone.fire() } }
        let server = HTTPServer(options: HTTPServerOptions(), handler: handler)
        try server.start()
        let client = try TestClient(port: server.port)
        client.send(request)
        try handler.waitForArrival()
        server.stop(graceSeconds: 0.05)
        #expect(gone.timesFired == 1)
        #expect(try client.answer() == nil)
    }

    @Test("over the limit of connections a peer is told so, and room is used again")
    func connectionLimit() throws {
        var limits = HTTPLimits()
        limits.connections = 2
        try withServer(TestHandler(), limits: limits) { server in
            let first = try TestClient(port: server.port)
            let second = try TestClient(port: server.port)
            for client in [first, second] {
                client.send(request)
                #expect(try client.answer()?.status == 200)
            }
            let third = try TestClient(port: server.port)
            third.send(request)
            let answer = try #require(try third.answer())
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "1")
            #expect(try third.answer() == nil)
            #expect(server.statistics.connectionsRefused == 1)
            first.closeWriting()
            #expect(try first.answer() == nil)
            let fourth = try TestClient(port: server.port)
            fourth.send(request)
            #expect(try fourth.answer()?.status == 200)
        }
    }

    @Test("many idle connections do not disturb a busy one")
    func manyConnections() throws {
        try withServer(TestHandler(), reactors: 2) { server in
            let idle = try (0..<300).map { _ in try TestClient(port: server.port) }
            let busy = try TestClient(port: server.port)
            for _ in 0..<100 {
                busy.send(request)
                #expect(try busy.answer()?.status == 200)
            }
            #expect(server.statistics.connectionsOpen == 301)
            for client in idle {
                client.send(request)
                #expect(try client.answer()?.status == 200)
            }
        }
    }

    @Test("a server that cannot listen says why")
    func startErrors() throws {
        try withServer(TestHandler()) { server in
            let second = HTTPServer(options: HTTPServerOptions(port: server.port), handler: TestHandler())
            #expect(throws: HTTPServerError.cannotBind(address: "127.0.0.1", port: server.port, errno: EADDRINUSE)) {
                try second.start()
            }
            #expect(throws: HTTPServerError.alreadyStarted) { try server.start() }
        }
        let unknown = HTTPServer(options: HTTPServerOptions(address: "example"), handler: TestHandler())
        #expect(throws: HTTPServerError.invalidAddress("example:0")) { try unknown.start() }
    }
}
