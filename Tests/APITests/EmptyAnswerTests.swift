import Glibc
import HTTPServer
import JSON
import Testing

@testable import API

/// What everything that waits is answered when nothing came: the same members as with something, and an empty list.
@Suite("Empty answers")
struct EmptyAnswerTests {
    /// The members of each answer, its list first. A new route that waits has to be named here.
    private static let members = [
        "/events": ["events", "next"],
        "/tasks": ["tasks"],
        "/tasks/{task_id}/events": ["events", "next"],
        "/processes": ["processes", "next"],
        "/processes/{process_id}/events": ["events", "next"],
        "/subscriptions/{name}/events": ["events", "next", "token", "expires_at"],
    ]

    private struct Wait {
        let pattern: String
        let path: String
        var query: [(name: String, value: String)]
    }

    /// One wait for each route that has the parameter, behind everything that has happened.
    private func waits(_ desk: Desk) throws -> [Wait] {
        let process = desk.startProcess("k1")
        let claimed = desk.call("GET", "/tasks", query: [("type", "carry")]).json
        let task = try #require(claimed["tasks"]?[0]?["task_id"]?.stringValue)
        _ = desk.call("PUT", "/subscriptions/s", #"{"from":"now"}"#)
        return ProcessionAPI.routes.filter { $0.parameters.contains("wait") }.map { route in
            let path = route.pattern.replacing("{task_id}", with: task).replacing("{process_id}", with: process)
                .replacing("{name}", with: "s")
            var query = [(name: "wait", value: "60s")]
            if route.parameters.contains("after") { query.append(("after", "1000")) }
            if route.parameters.contains("from") { query.append(("from", "1000")) }
            if route.pattern == "/tasks" { query.append(("type", "never-planned")) }
            return Wait(pattern: route.pattern, path: path, query: query)
        }
    }

    private func check(_ answer: (response: HTTPResponse, json: JSONValue), _ wait: Wait, _ ending: String) throws {
        let expected = try #require(Self.members[wait.pattern], "\(wait.pattern) is not among those that wait")
        #expect(answer.response.status == 200, "\(wait.pattern) \(ending)")
        #expect(answer.json.objectValue?.map(\.name) == expected, "\(wait.pattern) \(ending)")
        #expect(answer.json[expected[0]]?.arrayValue?.isEmpty == true, "\(wait.pattern) \(ending)")
    }

    @Test("an answer without anything has its list and its other members, whether it waited or not")
    func timesOut() throws {
        let desk = try Desk()
        let waits = try waits(desk)
        #expect(waits.count == Self.members.count)
        for wait in waits {
            for length in ["0", "20ms"] {
                var query = wait.query
                query[0].value = length
                try check(desk.call("GET", wait.path, query: query), wait, "after \(length)")
            }
        }
    }

    @Test("and so it has when the service stops while it waits, and afterwards")
    func stops() throws {
        let desk = try Desk()
        let waits = try waits(desk)
        // A claim waits in the engine; what ends its wait at a stop is its connection, see StoppingTests.
        let following = waits.filter { $0.pattern != "/tasks" }
        let pending = following.map { desk.begin("GET", $0.path, query: $0.query) }
        while desk.api.feeds.count < following.count { sched_yield() }
        desk.api.startDraining()
        for (wait, answer) in zip(following, pending) { try check(answer.wait(), wait, "at the stop") }
        for wait in following { try check(desk.call("GET", wait.path, query: wait.query), wait, "after the stop") }
    }
}
