import Chrono
import Engine
import EventSourcing
import Glibc
import HTTPServer
import JSON
import ProcessManagement
import Testing

@testable import API

/// Server-sent events over real connections.
@Suite("Server-sent events")
struct EventStreamTests {
    private static let accept = "Accept: text/event-stream"

    @Test("the global order is followed as events with their positions, types and records")
    func followsAll() throws {
        let desk = try Desk()
        desk.startProcess("k1")
        try desk.listening { server in
            let wire = try Wire(port: server.port)
            try wire.get("/events", [Self.accept])
            try wire.receive(until: "event: TransitionPlanned\n")
            #expect(wire.received.contains("Content-Type: text/event-stream\r\n"))
            #expect(wire.received.contains("Cache-Control: no-store\r\n"))
            #expect(wire.received.contains("X-Request-Id: "))
            #expect(wire.received.contains("id: 1\nevent: ProcessStarted\ndata: {\"position\":1,"))
            let position = desk.call("GET", "/events").json["next"]?.int64Value ?? 0
            // What comes later comes, too.
            desk.startProcess("k2")
            try wire.receive(until: "id: \(position + 1)\nevent: ProcessStarted\n")
            #expect(!wire.hasEnded)
        }
    }

    @Test("a stream of one process has versions as ids, and goes on after Last-Event-ID")
    func followsProcess() throws {
        let desk = try Desk()
        let id = desk.startProcess("k1")
        let version = try #require(desk.call("GET", "/processes/\(id)").json["version"]?.int64Value)
        try desk.listening { server in
            let wire = try Wire(port: server.port)
            try wire.get("/processes/\(id)/events?from=1", [Self.accept, "Last-Event-ID: \(version - 1)"])
            try wire.receive(until: "id: \(version)\n")
            #expect(!wire.received.contains("id: \(version - 1)\n"))
            _ = desk.call("POST", "/processes/\(id)/suspend")
            try wire.receive(until: "id: \(version + 1)\nevent: ProcessSuspended\n")
        }
    }

    @Test("only the types asked for are in the stream")
    func filters() throws {
        let desk = try Desk()
        try desk.listening { server in
            let wire = try Wire(port: server.port)
            try wire.get("/events?type=ProcessSuspended", [Self.accept])
            let id = desk.startProcess("k1")
            _ = desk.call("POST", "/processes/\(id)/suspend")
            try wire.receive(until: "event: ProcessSuspended\n")
            #expect(!wire.received.contains("event: ProcessStarted"))
        }
    }

    @Test("what can be refused is refused before the stream begins")
    func refuses() throws {
        let desk = try Desk(maxFollowers: 1)
        try desk.listening { server in
            func answer(_ target: String, _ fields: [String] = []) throws -> String {
                let wire = try Wire(port: server.port)
                try wire.get(target, [Self.accept, "Connection: close"] + fields)
                try wire.receiveToEnd()
                return wire.received
            }
            let missing = try answer("/processes/3a24a3ee-d33d-4266-93ab-7d8e256a6d44/events")
            #expect(missing.hasPrefix("HTTP/1.1 404 ") && missing.contains("process_not_found"))
            let bad = try answer("/events", ["Last-Event-ID: seven"])
            #expect(bad.hasPrefix("HTTP/1.1 400 ") && bad.contains(#""header":"last-event-id""#))
            let follower = try Wire(port: server.port)
            try follower.get("/events", [Self.accept])
            try follower.receive(until: "\r\n\r\n")
            while desk.api.feeds.count == 0 { sched_yield() }
            let full = try answer("/events")
            #expect(full.hasPrefix("HTTP/1.1 503 ") && full.contains("Retry-After: 1\r\n"))
        }
    }

    @Test("a stream ends in order when the service stops")
    func endsAtStop() throws {
        let desk = try Desk()
        var open: Wire?
        try desk.listening { server in
            let wire = try Wire(port: server.port)
            try wire.get("/events", [Self.accept])
            try wire.receive(until: "\r\n\r\n")
            while desk.api.feeds.count == 0 { sched_yield() }
            open = wire
        }
        let wire = try #require(open)
        try wire.receiveToEnd()
        // The last chunk of a chunked body.
        #expect(wire.received.hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test("a reader that is gone follows no more")
    func gone() throws {
        let desk = try Desk()
        try desk.listening { server in
            do {
                let wire = try Wire(port: server.port)
                try wire.get("/events", [Self.accept])
                try wire.receive(until: "\r\n\r\n")
                while desk.api.feeds.count == 0 { sched_yield() }
            }
            while desk.api.feeds.count > 0 { sched_yield() }
        }
    }

    @Test("a long history arrives whole, however small the bound of unsent bytes is")
    func catchesUp() throws {
        let desk = try Desk()
        for number in 1...100 { desk.startProcess("k\(number)") }
        let last = try #require(desk.call("GET", "/events", query: [("after", "0"), ("limit", "1000")]).json["next"])
        var limits = HTTPLimits()
        limits.streamBytes = 2_000
        try desk.listening(limits: limits) { server in
            let wire = try Wire(port: server.port, receiveBuffer: 4_096)
            try wire.get("/events?limit=7", [Self.accept])
            try wire.receive(until: "id: \(last.int64Value ?? 0)\n")
            let ids = wire.received.matches(of: /id: (\d+)\nevent/).compactMap { Int64($0.1) }
            #expect(ids == Array(1...(last.int64Value ?? 0)))
        }
    }

    @Test("those who follow while others write miss nothing, get nothing twice, and all of it in order")
    func followsWriters() throws {
        let desk = try Desk()
        try desk.listening { server in
            let wires = try (0..<4).map { _ in try Wire(port: server.port) }
            for wire in wires { try wire.get("/events?limit=3", [Self.accept]) }
            nonisolated(unsafe) let shared = desk  // only the API is used, which any thread may call
            let writers = (0..<4).map { writer in
                OSThread(name: "writer") { for number in 0..<25 { shared.startProcess("\(writer)-\(number)") } }
            }
            for writer in writers { writer.join() }
            let last = desk.call("GET", "/events", query: [("limit", "1000")]).json["next"]?.int64Value ?? 0
            #expect(last >= 300)
            for wire in wires {
                try wire.receive(until: "id: \(last)\n")
                let ids = wire.received.matches(of: /id: (\d+)\nevent/).compactMap { Int64($0.1) }
                #expect(ids == Array(1...last))
            }
        }
    }

    @Test("a reader that takes nothing is closed, and holds no more than the bound until then")
    func slowReader() throws {
        let desk = try Desk()
        for number in 1...30 { desk.startProcess("k\(number)", padding: String(repeating: "x", count: 200_000)) }
        var limits = HTTPLimits()
        limits.streamBytes = 10_000
        limits.writeStallSeconds = 0.2
        try desk.listening(limits: limits) { server in
            let wire = try Wire(port: server.port, receiveBuffer: 4_096)
            try wire.get("/events", [Self.accept])
            try wire.receive(until: "\r\n\r\n")
            while server.statistics.connectionsOpen > 0 { sched_yield() }
            while desk.api.feeds.count > 0 { sched_yield() }
        }
    }

    @Test("a connection with nothing to tell shows that it lives")
    func keepsAlive() throws {
        let (stream, wire, server) = try Self.openStream()
        defer { server.stop(graceSeconds: 0) }
        let feed = Feed(.position) { _, place throws(HTTPProblem) in Feed.Page(events: [], next: place) }
        let follower = EventStreamFollower(stream, feed, from: 0)
        #expect(follower.timeIsUp(at: 5) == 15_000_005)
        #expect(try wire.receive(until: "\r\n:\n\n\r\n"))
        follower.end()
        try wire.receive(until: "0\r\n\r\n")
        #expect(follower.timeIsUp(at: 6) == nil)
    }

    @Test("an event's lines end where they have to, whatever its data looks like")
    func lines() throws {
        let data = try JSONDocument.parse(Array("{\r\n  \"a\": 1\n}".utf8)).root
        let record = RecordedEvent(
            position: 7, stream: StreamID.task(UniqueID(high: 1, low: 2)), version: 2,
            event: Event(id: EventID("e"), type: "a\nb", source: "", data: data), recordedAt: Instant(milliseconds: 0))
        let text = String(decoding: ServerSentEvent.bytes(Feed.Item(record: record), id: 7), as: UTF8.self)
        #expect(text.hasPrefix("id: 7\nevent: a b\ndata: {"))
        #expect(text.hasSuffix("}\n\n"))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2)
        #expect(lines.dropFirst(2).allSatisfy { $0.hasPrefix("data: ") } && !text.contains("\r"))
        let joined = lines.dropFirst(2).map { $0.dropFirst(6) }.joined(separator: "\n")
        #expect(try JSONValue(parsing: joined)["data"]?["a"] == 1)
    }

    @Test(
        "Accept chooses between a page and a stream",
        arguments: [
            ("text/event-stream", true), ("*/*", false), ("application/json", false), ("text/*", false),
            ("application/json, text/event-stream", true), ("application/json, Text/Event-Stream;q=0.5", false),
            ("text/event-stream;q=0", false), ("application/json;q=0.1, text/event-stream ; q=0.2", true),
        ])
    func accepts(_ value: String, _ isStream: Bool) {
        let request = HTTPRequest(
            method: "GET", path: ["events"], query: [], headers: HTTPFields([("Accept", value)]), body: [])
        let call = APICall(request: request, responder: HTTPResponder { _ in }, requestID: "1")
        #expect(call.prefersEventStream == isStream)
    }

    /// A stream whose other end is in the test's hand.
    private static func openStream() throws -> (HTTPStream, Wire, HTTPServer) {
        let handler = StreamingHandler()
        let server = HTTPServer(options: HTTPServerOptions(), handler: handler)
        try server.start()
        let wire = try Wire(port: server.port)
        try wire.get("/")
        var taken: [HTTPStream] = []
        _ = handler.streams.takeAll(into: &taken, until: nil)
        return (taken[0], wire, server)
    }
}

private final class StreamingHandler: HTTPHandler {
    let streams = Mailbox<HTTPStream>(limit: 1)

    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        if let stream = responder.startStream(HTTPResponse(status: 200)) { _ = streams.put(stream) }
    }
}
