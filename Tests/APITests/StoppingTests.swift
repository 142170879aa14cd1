import Engine
import Glibc
import HTTPServer
import JSON
import Testing

@testable import API

/// Requests that are held back when the service is told to stop, over real connections.
@Suite("Stopping")
struct StoppingTests {
    @Test(
        "a waiting claim and a waiting reader are answered, empty and at once, when the service stops",
        arguments: 1...5)
    func answersWaiting(_ round: Int) throws {
        let desk = try Desk()
        var wires: [Wire] = []
        let begun = SystemClock.monotonicMicroseconds()
        try desk.listening { server in
            for target in ["/tasks?type=carry&wait=60s", "/events?after=0&wait=60s"] {
                wires.append(try Wire(port: server.port))
                try wires[wires.count - 1].get(target)
            }
            while desk.api.feeds.count == 0 || desk.engine.currentStatus.waitingClaims == 0 { sched_yield() }
        }
        for (wire, body) in zip(wires, [#"{"tasks":[]}"#, #"{"events":[],"next":0}"#]) {
            try wire.receiveToEnd()
            #expect(wire.received.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(wire.received.hasSuffix(body))
        }
        // Neither the grace time nor the waits, 60 s each, have passed.
        #expect(SystemClock.monotonicMicroseconds() - begun < 50_000_000)
    }

    @Test("a service that stops hands out no more tasks")
    func handsOutNothing() throws {
        let desk = try Desk()
        desk.startProcess("k1")
        desk.api.startDraining()
        let claimed = desk.call("GET", "/tasks", query: [("type", "carry")])
        #expect(claimed.response.status == 200)
        #expect(claimed.json["tasks"]?.arrayValue?.isEmpty == true)
        #expect(desk.call("GET", "/readyz").json["code"] == "shutting_down")
        #expect(desk.call("GET", "/livez").response.status == 200)
    }

    @Test("requests are counted by the class of their status")
    func counts() throws {
        let desk = try Desk()
        try desk.listening { server in
            let wire = try Wire(port: server.port)
            for _ in 0..<2 { try wire.get("/livez") }
            try wire.get("/nothing", ["Connection: close"])
            try wire.receiveToEnd()
            let broken = try Wire(port: server.port)
            try broken.get("/with space")
            try broken.receiveToEnd()
            let text = String(decoding: desk.call("GET", "/metrics").response.body, as: UTF8.self)
            #expect(text.contains("procession_http_requests_total{code=\"2xx\"} 2\n"))
            #expect(text.contains("procession_http_requests_total{code=\"4xx\"} 2\n"))
            #expect(text.contains("procession_http_faults_total 1\n"))
        }
    }
}
