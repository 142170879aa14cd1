import Engine
import JSON
import Procession
import Testing

/// Every place of a definition where an expression can fail at run time, broken in turn: the step becomes an incident,
/// a retry raises it again, and once the value or the definition is mended a retry goes on as if it had never failed.
@Suite("Broken expressions")
struct BrokenExpressionTests {
    /// One place. Its expression fails while the value that it reads is no number.
    struct Place: Sendable, CustomTestStringConvertible {
        let name: String
        /// The members of the definition beside name and events; `BROKEN` stands for the expression.
        let body: String
        /// What the expression reads, where it can be read from.
        var reads = "event.data.value"
        /// Posted after the start; the start itself is what fails without one.
        var then: String?
        /// The type of a task whose outcome is what fails.
        var completing: String?
        /// What is at work once the retry has gone on, `Completed` for an ended process.
        let after: String
        /// The process data then, if it is of interest.
        var data: JSONValue?

        var testDescription: String { name }
    }

    private static let done = #""Done": {"final": true}"#
    private static let waiting =
        #""task": {"type": "after"}, "on": {"completed": {"to": "Done"}, "failed": {"to": "Done"}}"#

    static let places: [Place] = [
        Place(
            name: "start data",
            body:
                #""data": {"n": "${BROKEN}", "kept": "${event.data.id}"}, "initial": "A", "states": {"A": {"task": {"type": "after", "input": {"n": "${data.n}", "kept": "${data.kept}"}}, "on": {"completed": {"to": "Done"}, "failed": {"to": "Done"}}}, \#(done)}"#,
            after: "after", data: ["n": 7, "kept": "k"]),
        Place(
            name: "initial state",
            body:
                #""data": {"kept": "${event.data.id}"}, "initial": "A", "states": {"A": {"task": {"type": "after", "input": {"n": "${BROKEN}"}}, "on": {"completed": {"to": "Done"}, "failed": {"to": "Done"}}}, \#(done)}"#,
            after: "after", data: ["kept": "k"]),
        Place(
            name: "condition",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"when": "BROKEN == 7", "to": "B"}}}, "B": {\#(waiting)}, \#(done)}"#,
            then: "Said", after: "after"),
        Place(
            name: "set",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B", "set": {"n": "${BROKEN}"}}}}, "B": {\#(waiting)}, \#(done)}"#,
            then: "Said", after: "after", data: ["n": 7]),
        Place(
            name: "correlate",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B", "correlate": {"n": "${BROKEN}"}}}}, "B": {\#(waiting)}, \#(done)}"#,
            then: "Said", after: "after"),
        Place(
            name: "command payload",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B", "commands": {"command": "tell", "payload": {"n": "${BROKEN}"}}}}}, "B": {\#(waiting)}, \#(done)}"#,
            then: "Said", after: "after"),
        Place(
            name: "publish",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B", "publish": {"type": "Told", "data": {"n": "${BROKEN}"}}}}}, "B": {\#(waiting)}, \#(done)}"#,
            then: "Said", after: "after"),
        Place(
            name: "raise",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B", "raise": {"type": "Told", "data": {"n": "${BROKEN}"}}}}}, "B": {\#(waiting)}, \#(done)}"#,
            then: "Said", after: "after"),
        Place(
            name: "timer",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B"}}}, "B": {"task": {"type": "after"}, "after": {"delay": "${duration(string(BROKEN) + 'h')}", "to": "Done"}, "on": {"completed": {"to": "Done"}, "failed": {"to": "Done"}}}, \#(done)}"#,
            then: "Said", after: "after"),
        Place(
            name: "list of machines",
            body:
                #""machines": {"main": {"initial": "A", "states": {"A": {"on": {"Closed": {"to": "Done"}}}, \#(done)}}, "part": {"spawn": {"on": "Said", "for_each": "[BROKEN]", "id": "item"}, "initial": "B", "states": {"B": {\#(waiting)}, \#(done)}}}"#,
            then: "Said", after: "after"),
        Place(
            name: "id of a machine",
            body:
                #""machines": {"main": {"initial": "A", "states": {"A": {"on": {"Closed": {"to": "Done"}}}, \#(done)}}, "part": {"spawn": {"on": "Said", "for_each": "[event.data.value]", "id": "int(item)"}, "initial": "B", "states": {"B": {\#(waiting)}, \#(done)}}}"#,
            then: "Said", after: "after"),
        Place(
            name: "data of a child",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B"}}}, "B": {"task": {"process": "child", "key": "'c-' + process.key", "data": {"n": "${BROKEN}"}}, "on": {"completed": {"to": "Done"}, "failed": {"to": "Done"}, "cancelled": {"to": "Done"}}}, \#(done)}"#,
            then: "Said", after: "child-work"),
        Place(
            name: "key of a child",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "B"}}}, "B": {"task": {"process": "child", "key": "string(BROKEN)"}, "on": {"completed": {"to": "Done"}, "failed": {"to": "Done"}, "cancelled": {"to": "Done"}}}, \#(done)}"#,
            then: "Said", after: "child-work"),
        Place(
            name: "outcome",
            body:
                #""initial": "A", "states": {"A": {"task": {"type": "before"}, "on": {"completed": {"to": "B", "set": {"n": "${BROKEN}"}}, "failed": {"to": "Done"}}}, "B": {\#(waiting)}, \#(done)}"#,
            reads: "task.result.value", completing: "before", after: "after", data: ["n": 7]),
        Place(
            name: "result",
            body:
                #""initial": "A", "states": {"A": {"on": {"Said": {"to": "Done"}}}, "Done": {"final": true, "result": {"n": "${BROKEN}"}}}"#,
            then: "Said", after: "Completed"),
        Place(
            name: "always",
            body:
                #""data": {"value": "${event.data.value}"}, "initial": "A", "states": {"A": {"always": {"when": "BROKEN == 7", "to": "B"}, "on": {"Closed": {"to": "Done"}}}, "B": {\#(waiting)}, \#(done)}"#,
            reads: "data.value", after: "after", data: ["value": "7"]),
        Place(
            name: "undo",
            body:
                #""data": {"value": "${event.data.value}"}, "initial": "A", "states": {"A": {"task": {"type": "before", "undo": {"type": "after", "input": {"n": "${BROKEN}"}}}, "on": {"completed": {"fail": "no", "compensate": true}, "failed": {"to": "Done"}}}, \#(done)}"#,
            reads: "data.value", completing: "before", after: "after", data: ["value": "7"]),
    ]

    @Test("a retry raises the incident again, and goes on once the value is mended", arguments: places)
    func mendedByValue(_ place: Place) throws {
        try Samples.withFolder { folder in
            let desk = try Desk(place, folder)
            try desk.breakIt()
            let first = try desk.onlyIncident()
            #expect(first["kind"]?.stringValue == "expression_failed")
            #expect(first["pointer"]?.stringValue?.isEmpty == false)
            try desk.retry([:])
            let second = try desk.onlyIncident()
            #expect(second["incident_id"] != first["incident_id"])

            if place.reads.hasPrefix("data.") {
                try desk.retry(["set": ["value": "7"], "reason": "it is seven"])
            } else if place.reads.hasPrefix("task.") {
                try desk.retry(["input": ["value": "7"]])
            } else {
                try desk.retry(["input": ["id": "k", "value": "7"]])
            }
            try desk.checkAfter()
        }
    }

    @Test("a retry goes on once a mended version is there", arguments: places.filter { $0.name != "undo" })
    func mendedByVersion(_ place: Place) throws {
        try Samples.withFolder { folder in
            let desk = try Desk(place, folder)
            try desk.breakIt()
            try desk.deploy("7")
            try desk.migrate(to: 2)
            // A migration tries every `always` of the new version by itself.
            if place.name != "always" { try desk.retry([:]) }
            try desk.checkAfter(isMigrated: true)
        }
    }
}

/// A service with one definition that has one broken expression, and a process of it.
private final class Desk {
    let place: BrokenExpressionTests.Place
    let client: InProcessClient
    var process = ""

    init(_ place: BrokenExpressionTests.Place, _ folder: String) throws {
        self.place = place
        var configuration = ServiceConfiguration()
        configuration.store = .sqlite(path: "\(folder)/store.db")
        configuration.testClock = true
        client = try InProcessClient(configuration)
        let child =
            #"{"name": "child", "events": {}, "initial": "W", "states": {"W": {"task": {"type": "child-work"}, "on": {"completed": {"to": "D"}, "failed": {"to": "D"}}}, "D": {"final": true}}}"#
        #expect(client.call("PUT", "/definitions/child", try JSONValue(parsing: Array(child.utf8))).status == 201)
        try deploy("int(\(place.reads))")
    }

    func deploy(_ expression: String) throws {
        let events =
            #"{"Opened": {"key": "event.data.id", "route": "start"}, "Said": {"key": "event.data.id"}, "Closed": {"key": "event.data.id"}, "Told": {"key": "event.data.id"}}"#
        let text = #"{"name": "job", "events": \#(events), \#(place.body)}"#
        let replaced = text.split(separator: "BROKEN", omittingEmptySubsequences: false).joined(separator: expression)
        let mended =
            expression == "7" ? replaced.split(separator: "int(item)").joined(separator: "'seven'") : replaced
        let answer = client.call("PUT", "/definitions/job", try JSONValue(parsing: Array(mended.utf8)))
        #expect(answer.status == 201, "\(answer.body)")
    }

    func breakIt() throws {
        let value: JSONValue = ["id": "k", "value": "seven"]
        let opened = client.call("POST", "/events", ["id": "1", "type": "Opened", "data": value])
        process = try #require(opened.body["processes"]?[0]?["process_id"]?.stringValue)
        var answer = opened.body
        if let then = place.then {
            answer = client.call("POST", "/events", ["id": "2", "type": .string(then), "data": value]).body
        }
        if let type = place.completing {
            let task = try claim(type)
            _ = client.call(
                "POST", "/tasks/\(try #require(task["task_id"]?.stringValue))/outcome",
                [
                    "lease_token": task["lease"]?["token"] ?? .null, "outcome": "completed",
                    "result": ["value": "seven"],
                ])
        } else {
            // Whoever posted it hears of it at once, a repeat too.
            let told = answer["processes"]?[0]?["incident"]
            #expect(try told?["incident_id"] == onlyIncident()["incident_id"])
            let id: JSONValue = place.then == nil ? "1" : "2"
            let again = client.call(
                "POST", "/events", ["id": id, "type": .string(place.then ?? "Opened"), "data": value])
            #expect(again.body["duplicate"] == true && again.body["processes"]?[0]?["incident"] == told)
        }
    }

    func claim(_ type: String) throws -> JSONValue {
        let answer = client.call("GET", "/tasks?type=\(type)&worker=w", nil)
        return try #require(answer.body["tasks"]?[0], "there is no \(type) to claim: \(view())")
    }

    func view() -> JSONValue { client.call("GET", "/processes/\(process)", nil).body }

    func onlyIncident() throws -> JSONValue {
        let incidents = view()["incidents"]?.arrayValue ?? []
        #expect(incidents.count == 1)
        return try #require(incidents.first)
    }

    func retry(_ body: JSONValue) throws {
        let id = try #require(try onlyIncident()["incident_id"]?.stringValue)
        let answer = client.call("POST", "/processes/\(process)/incidents/\(id)/retry", body)
        #expect(answer.status == 200, "\(answer.body)")
    }

    func migrate(to version: Int64) throws {
        let answer = client.call(
            "POST", "/processes/\(process)/migrate", ["to_version": JSONValue(integerLiteral: version)])
        #expect(answer.status == 200, "\(answer.body)")
    }

    /// As if it had never failed, and the store agrees.
    func checkAfter(isMigrated: Bool = false) throws {
        #expect(view()["incidents"] == [])
        if let data = place.data, !isMigrated || place.name != "always" { #expect(view()["data"] == data) }
        if place.after == "Completed" {
            #expect(view()["status"] == "Completed")
            #expect(view()["result"] == ["n": 7])
        } else {
            #expect(try claim(place.after)["task_id"]?.stringValue != nil)
        }
        #expect(try client.restart())
        #expect(try client.verify().difference == nil)
    }
}
