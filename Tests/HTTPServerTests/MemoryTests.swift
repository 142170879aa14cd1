import Glibc
import HTTPServer
import Testing

private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/// What connections hold in memory is bounded, and who holds most is cut first.
struct MemoryTests {
    /// More than the kernel takes of an answer to who does not read.
    private static let answerBytes = 8_000_000

    /// Four unread answers may lie there, two of one caller.
    private static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.answerMemory = HTTPMemoryLimit(all: 72_000_000)
        limits.lingerSeconds = 0.1
        return limits
    }

    /// `/large/<caller>` is answered with much, anything else with a few bytes.
    private static func handler() -> TestHandler {
        TestHandler { request, responder in
            if let caller = request.path.last, request.path.count > 1 { responder.charge(to: caller) }
            let isLarge = request.path.first == "large"
            responder.send(
                HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: isLarge ? answerBytes : 5)))
        }
    }

    private static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

    /// A client that asks and takes nothing.
    private static func deaf(_ server: HTTPServer, _ handler: TestHandler, _ path: String) throws -> TestClient {
        let client = try TestClient(port: server.port, receiveBuffer: 4_096)
        client.send(get(path))
        try handler.waitForArrival()
        return client
    }

    @Test("what lies unread for one caller stays within its share: such connections are cut or refused")
    func oneCaller() throws {
        let handler = Self.handler()
        try withServer(handler, limits: Self.limits) { server in
            var clients: [TestClient] = []
            for _ in 0..<12 {
                clients.append(try Self.deaf(server, handler, "/large/greedy"))
                #expect(server.statistics.answerBytes <= 36_000_000)
            }
            // Those that come all at once are refused, as what is on its way counts too.
            func ended() -> Int { server.statistics.memoryCuts + server.statistics.memoryRefusals }
            for _ in 0..<200 where ended() < 8 { _ = poll(nil, 0, 50) }
            #expect(ended() >= 8)
            #expect(clients.count == 12)
        }
    }

    @Test("others are answered while one caller takes nothing, and so is that caller on a connection that it reads")
    func others() throws {
        let handler = Self.handler()
        try withServer(handler, limits: Self.limits) { server in
            var clients: [TestClient] = []
            for _ in 0..<10 { clients.append(try Self.deaf(server, handler, "/large/greedy")) }
            for path in ["/large/modest", "/small/modest", "/small/greedy", "/large/greedy"] {
                let client = try TestClient(port: server.port)
                client.send(Self.get(path))
                let answer = try client.answer()
                #expect(answer?.status == 200, "\(path)")
                #expect(answer?.body.count == (path.hasPrefix("/large") ? Self.answerBytes : 5))
            }
        }
    }

    @Test("among many callers who take nothing, one who does is answered")
    func manyCallers() throws {
        let handler = Self.handler()
        try withServer(handler, limits: Self.limits) { server in
            var modest: [TestClient] = []
            for number in 0..<2 { modest.append(try Self.deaf(server, handler, "/large/m\(number)")) }
            var greedy: [TestClient] = []
            for _ in 0..<10 { greedy.append(try Self.deaf(server, handler, "/large/greedy")) }
            let late = try TestClient(port: server.port)
            late.send(Self.get("/large/late"))
            #expect(try late.answer()?.body.count == Self.answerBytes)
            #expect(modest.count + greedy.count == 12)
        }
    }

    @Test("an answer for which there is no memory is a 503 that says when to come again, and the connection stays")
    func refusal() throws {
        var limits = Self.limits
        limits.answerMemory = HTTPMemoryLimit(all: 12_000_000)
        let handler = Self.handler()
        try withServer(handler, limits: limits) { server in
            let client = try TestClient(port: server.port)
            client.send(Self.get("/large/greedy"))
            let refused = try client.answer()
            #expect(refused?.status == 503)
            #expect(refused?["Retry-After"] == "1")
            client.send(Self.get("/small/greedy"))
            #expect(try client.answer()?.status == 200)
            #expect(server.statistics.memoryRefusals == 1)
        }
    }

    @Test("requests that do not end are bounded together: the largest is refused, small ones are taken")
    func unfinishedRequests() throws {
        var limits = Self.limits
        limits.requestMemory = HTTPMemoryLimit(all: 4_000_000)
        try withServer(TestHandler(), limits: limits) { server in
            var clients: [TestClient] = []
            let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
            for _ in 0..<10 {
                let client = try TestClient(port: server.port)
                client.send(head + String(repeating: "x", count: 600_000))
                clients.append(client)
            }
            while server.statistics.memoryCuts < 8 { sched_yield() }
            #expect(server.statistics.requestBytes < 4_000_000)
            let refused = clients.filter { $0.waitForInput(milliseconds: 100) }
            #expect(refused.count >= 8)
            let answer = try refused.first?.answer()
            #expect(answer?.status == 503)
            #expect(answer?["Retry-After"] != nil)
            let small = try TestClient(port: server.port)
            small.send(request)
            #expect(try small.answer()?.status == 200)
        }
    }

    @Test("requests that wait for their answers count, and give their memory back with it")
    func waitingRequests() throws {
        var limits = Self.limits
        limits.requestMemory = HTTPMemoryLimit(all: 4_000_000)
        let shelf = Shelf()
        let handler = TestHandler { _, responder in shelf.put(responder) }
        try withServer(handler, limits: limits) { server in
            let body = String(repeating: "x", count: 200_000)
            let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + body
            var clients: [TestClient] = []
            for _ in 0..<2 {
                let client = try TestClient(port: server.port)
                client.send(post)
                try handler.waitForArrival()
                clients.append(client)
            }
            #expect(server.statistics.requestBytes > 800_000)
            // They may have half of the half of it.
            let late = try TestClient(port: server.port)
            late.send(post)
            #expect(try late.answer()?.status == 503)
            while let responder = shelf.take() { responder.send(.noContent) }
            for client in clients { #expect(try client.answer()?.status == 204) }
            handler.forget()
            while server.statistics.requestBytes > 0 { sched_yield() }
        }
    }
}
