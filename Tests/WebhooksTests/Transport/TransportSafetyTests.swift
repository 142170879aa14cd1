import Chrono
import Synchronization
import Testing

@testable import Webhooks

@Suite("Transport: addresses and limits")
struct TransportSafetyTests {
    /// A request that outlasts every test, also on a machine with much else to do.
    private static func patient(_ url: String) -> TransportRequest {
        TransportRequest(url: url, fields: [], body: [], timeout: .hours(1))
    }

    @Test(
        "an address that is refused is not connected to, however it is written",
        arguments: [
            "http://127.0.0.1:PORT/", "http://2130706433:PORT/", "http://localhost:PORT/",
            "http://[::ffff:127.0.0.1]:PORT/",
            "http://0.0.0.0:PORT/", "http://127.1:PORT/",
        ])
    func refused(url: String) async throws {
        let server = ScriptedServer { _ in ScriptedServer.answer("200 OK") }
        let fixture = TransportFixture(policy: AddressPolicy())
        let failure = await fixture.send(url.replacing("PORT", with: String(server.port))).failure
        #expect(failure?.kind == .refusedAddress)
        #expect(failure?.message.contains("loopback") == true || failure?.message.contains("this network") == true)
        #expect(server.connectionCount == 0)
        fixture.transport.stop(grace: .zero)
        server.stop()
    }

    @Test("an IPv4-mapped address is judged as the IPv4 address that it reaches")
    func mapped() async throws {
        let server = ScriptedServer { _ in ScriptedServer.answer("200 OK") }
        let fixture = TransportFixture(policy: AddressPolicy(allowed: [try AddressRange("127.0.0.0/8")]))
        #expect(await fixture.send("http://[::ffff:127.0.0.1]:\(server.port)/").answer?.status == 200)
        fixture.transport.stop(grace: .zero)
        server.stop()
    }

    @Test("a kept connection is no way around: the listener of the service is refused each time")
    func ownListener() async throws {
        let server = ScriptedServer { _ in ScriptedServer.answer("200 OK") }
        let listener = AddressPolicy.Listener(address: try #require(IPAddress("127.0.0.1")), port: server.port)
        let fixture = TransportFixture(policy: AddressPolicy(allowsLoopback: true, listener: listener))
        for _ in 0..<2 { #expect(await fixture.send(server.url).failure?.kind == .refusedAddress) }
        #expect(server.connectionCount == 0)
        fixture.transport.stop(grace: .zero)
        server.stop()
    }

    @Test("a transport whose libcurl has no wake-up works and ends all the same", .timeLimit(.minutes(1)))
    func withoutWakeUp() throws {
        var options = TransportOptions(policy: AddressPolicy(allowsLoopback: true))
        options.usesWakeUp = false
        let transport = WebhookTransport(options)
        #expect(transport.start())
        transport.stop(grace: .seconds(1))
        #expect(transport.submit(Self.patient("http://127.0.0.1:1/")) { _ in } == .stopped)
    }

    @Test("a connection that was kept is not used any more once its address is not allowed")
    func keptConnection() async throws {
        let server = ScriptedServer { _ in ScriptedServer.answer("200 OK") }
        let isOpen = Atomic(true)
        let fixture = TransportFixture(policy: AddressPolicy(allowsLoopback: isOpen.load(ordering: .relaxed)))
        #expect(await fixture.sendInTurn(server.url, count: 2).compactMap(\.answer).count == 2)
        #expect(server.connectionCount == 1)
        isOpen.store(false, ordering: .relaxed)
        for _ in 0..<2 {
            let failure = await fixture.send(server.url).failure
            #expect(failure?.kind == .refusedAddress)
            #expect(failure?.message.contains("loopback") == true)
        }
        #expect(server.requests.count == 2)
        isOpen.store(true, ordering: .relaxed)
        #expect(await fixture.send(server.url).answer?.status == 200)
        fixture.transport.stop(grace: .zero)
        server.stop()
    }

    @Test("requests that hang do not delay the others")
    func hanging() async throws {
        let server = ScriptedServer { $0.line.contains("/hang") ? .hang : ScriptedServer.answer("200 OK") }
        let fixture = TransportFixture()
        let log = ResultLog()
        for number in 0..<20 {
            let request = Self.patient("\(server.url)/hang/\(number)")
            #expect(fixture.transport.submit(request) { log.add("hang", $0) } == .accepted)
        }
        for _ in 0..<80 { #expect(await fixture.send("\(server.url)/ok").answer?.status == 200) }
        #expect(log.all.isEmpty)
        fixture.transport.stop(grace: .zero)
        #expect(log.all.count == 20)
        server.stop()
    }

    @Test("more requests than allowed are not taken, and taken again when one is over")
    func full() async throws {
        let server = ScriptedServer { $0.line.contains("/hang") ? .hang : ScriptedServer.answer("200 OK") }
        let fixture = TransportFixture(requestLimit: 2)
        let log = ResultLog()
        let hanging = Self.patient("\(server.url)/hang")
        #expect(fixture.transport.submit(hanging) { log.add("hang", $0) } == .accepted)
        #expect(await fixture.send(server.url).answer?.status == 200)
        while fixture.transport.submit(hanging, reply: { log.add("hang", $0) }) == .full { await Task.yield() }
        #expect(fixture.transport.submit(hanging) { log.add("none", $0) } == .full)
        fixture.transport.stop(grace: .zero)
        #expect(log.all.map(\.name) == ["hang", "hang"])
        server.stop()
    }

    @Test("stopping waits for what is under way, and takes nothing more")
    func gracefulStop() async throws {
        // The answer is held back until the stop has begun.
        let isStopping = Mutex(false)
        let server = ScriptedServer { _ in
            while !isStopping.withLock({ $0 }) {}
            return ScriptedServer.answer("200 OK")
        }
        let fixture = TransportFixture()
        let log = ResultLog()
        let request = Self.patient(server.url)
        #expect(fixture.transport.submit(request) { log.add("one", $0) } == .accepted)
        while server.requests.isEmpty { await Task.yield() }
        isStopping.withLock { $0 = true }
        fixture.transport.stop(grace: .minutes(10))
        #expect(log.all.map(\.result.answer?.status) == [200])
        #expect(fixture.transport.submit(request) { log.add("two", $0) } == .stopped)
        #expect(log.all.count == 1)
        server.stop()
    }

    @Test("when the grace is over, what is under way fails as stopped")
    func abortingStop() async throws {
        let server = ScriptedServer { _ in .hang }
        let fixture = TransportFixture()
        let log = ResultLog()
        for _ in 0..<3 {
            let request = Self.patient(server.url)
            #expect(fixture.transport.submit(request) { log.add("", $0) } == .accepted)
        }
        fixture.transport.stop(grace: .milliseconds(50))
        #expect(log.all.map(\.result.failure?.kind) == [.stopped, .stopped, .stopped])
        server.stop()
    }

    @Test("a transport that was never started takes nothing and stops at once")
    func neverStarted() {
        let transport = WebhookTransport(TransportOptions(policy: AddressPolicy()))
        let request = Self.patient("http://127.0.0.1/")
        #expect(transport.submit(request) { _ in } == .stopped)
        transport.stop(grace: .zero)
    }
}

@Suite("Header fields")
struct HeaderFieldTests {
    @Test("a field is one line", arguments: [("Authorization", "Bearer x"), ("x", ""), ("X-Text", "é")])
    func sendable(name: String, value: String) {
        #expect(HeaderField(name, value).isSendable)
    }

    @Test(
        "what is more than a line is not sent",
        arguments: [
            ("X\r\nY", "z"), ("X", "a\r\nY: z"), ("X", "a\u{0}"), ("X Y", "z"), ("X:", "z"), ("", "z"), ("é", "z"),
            ("X", "\u{7F}"),
        ])
    func notSendable(name: String, value: String) {
        #expect(!HeaderField(name, value).isSendable)
    }
}
