import Engine
import Glibc
import HTTPServer
import JSON
import Testing

@testable import API

/// Processes as they change.
@Suite("Changes of processes")
struct ProcessChangesTests {
    @Test("a list says from where to follow, and what changes then comes with the position to go on from")
    func longPoll() throws {
        let desk = try Desk()
        let id = desk.startProcess("k1")
        let list = desk.call("GET", "/processes").json
        let place = try #require(list["position"]?.int64Value)
        let waiting = desk.begin("GET", "/processes", query: [("after", "\(place)"), ("wait", "60s")])
        while desk.api.feeds.count == 0 { sched_yield() }
        _ = desk.call("POST", "/processes/\(id)/suspend")
        let change = waiting.wait().json
        #expect(change["processes"]?.arrayValue?.count == 1)
        #expect(change["processes"]?[0]?["process_id"]?.stringValue == id)
        #expect(change["processes"]?[0]?["suspended"] == true)
        #expect(change["processes"]?[0]?["change"]?["type"] == "ProcessSuspended")
        #expect(change["processes"]?[0]?["change"]?["position"] == change["next"])
        let next = try #require(change["next"]?.int64Value)
        let later = desk.call("GET", "/processes", query: [("after", "\(next)")]).json
        #expect(later["processes"]?.arrayValue?.isEmpty == true && later["next"]?.int64Value == next)
    }

    @Test("what waits in vain calls its list as it does when there is something, with a wait and without")
    func emptyLists() throws {
        let desk = try Desk()
        let id = desk.startProcess("k1")
        let place = "\(try #require(desk.call("GET", "/processes").json["position"]?.int64Value) + 100)"
        for (target, query, name) in [
            ("/processes", [("after", place)], "processes"), ("/events", [("after", place)], "events"),
            ("/processes/\(id)/events", [("from", "900")], "events"), ("/tasks", [("type", "nothing")], "tasks"),
        ] {
            for wait in ["0", "1s"] {
                let answer = desk.call("GET", target, query: query + [("wait", wait)])
                #expect(answer.response.status == 200, "\(target)")
                #expect(answer.json[name] == [], "\(target) with wait=\(wait): \(answer.json)")
            }
        }
    }

    @Test("each process comes once a page, as it is now, and only if it is what was asked for")
    func filters() throws {
        let desk = try Desk()
        let ids = (1...3).map { desk.startProcess("k\($0)") }
        _ = desk.call("POST", "/processes/\(ids[0])/suspend")
        _ = desk.call("POST", "/processes/\(ids[1])/cancel")
        func changed(_ query: [(name: String, value: String)]) -> [String?]? {
            desk.call("GET", "/processes", query: [("after", "0")] + query).json["processes"]?.arrayValue?
                .map { $0["key"]?.stringValue }
        }
        #expect(changed([]) == ["k3", "k1", "k2"])
        #expect(changed([("status", "Cancelled")]) == ["k2"])
        #expect(changed([("status", "Running"), ("suspended", "false")]) == ["k3"])
        #expect(changed([("key", "k1")]) == ["k1"])
        #expect(changed([("state", "Carrying"), ("definition", "parcel")])?.contains("k3") == true)
        #expect(changed([("definition", "other")]) == [])
    }

    @Test("a stream begins now, and goes on after Last-Event-ID")
    func stream() throws {
        let desk = try Desk()
        let id = desk.startProcess("k1")
        try desk.listening { server in
            let accept = "Accept: text/event-stream"
            let wire = try Wire(port: server.port)
            try wire.get("/processes", [accept])
            try wire.receive(until: "\r\n\r\n")
            while desk.api.feeds.count == 0 { sched_yield() }
            _ = desk.call("POST", "/processes/\(id)/suspend")
            try wire.receive(until: "event: ProcessSuspended\ndata: {\"process_id\":\"\(id)\"")
            try wire.receive(until: "}\n\n")
            #expect(!wire.received.contains("event: ProcessStarted"))
            let place = try #require(wire.received.firstMatch(of: /id: (\d+)\n/).flatMap { Int64($0.1) })
            _ = desk.call("POST", "/processes/\(id)/resume")
            let again = try Wire(port: server.port)
            try again.get("/processes", [accept, "Last-Event-ID: \(place)"])
            try again.receive(until: "event: ProcessResumed\n")
            #expect(!again.received.contains("event: ProcessSuspended"))
            let all = try Wire(port: server.port)
            try all.get("/processes?after=0", [accept])
            try all.receive(until: "event: ProcessResumed\n")
        }
    }

    @Test("a wait without a position, or a cursor with one, is refused")
    func refuses() throws {
        let desk = try Desk()
        let wait = desk.call("GET", "/processes", query: [("wait", "1s")])
        #expect(wait.response.status == 400 && wait.json["errors"]?[0]?["parameter"] == "wait")
        let cursor = desk.call("GET", "/processes", query: [("after", "0"), ("cursor", "c1")])
        #expect(cursor.response.status == 400 && cursor.json["errors"]?[0]?["parameter"] == "cursor")
    }
}
