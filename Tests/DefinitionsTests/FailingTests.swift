import Chrono
import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("What cannot be decided becomes an incident")
struct FailingTests {
    private static let simple = definition(
        """
        "data": {"n": "${event.data.n}"}, "initial": "A",
        "states": {
          "A": {"on": {"Go": {"when": "10 / event.data.n > 1", "to": "B", "set": {"go": "${event.data.n}"}},
                       "Next": {"to": "B", "correlate": {"t": "${event.data.t}"}}}},
          "B": {"final": true}}
        """)

    @Test("a failing expression replaces the whole step, and a retry decides it again")
    func failing() throws {
        let dialogue = try Dialogue(json: Self.simple)
        dialogue.post("Start", ["k": "k1", "n": 1])
        dialogue.post("Go", ["n": 0])
        #expect(dialogue.last.map(\.type) == ["IncidentRaised"])
        let incident = try #require(dialogue.state.incidents.inOrder.first)
        #expect(incident.kind == .expressionFailed)
        #expect(incident.pointer == "/states/A/on/Go/when")
        #expect(incident.inputVersion == 4)
        try dialogue.retry(incident)
        #expect(dialogue.last.map(\.type) == ["IncidentResolved", "IncidentRaised"])
        #expect(dialogue.state.incidents.inOrder.first?.inputVersion == 4)
        dialogue.post("Go", ["n": 2])
        #expect(dialogue.state.status == .completed)
    }

    @Test("a machine that has moved on is not offered a retried input")
    func moved() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "initial": "A",
                "states": {
                  "A": {"on": {"Go": {"when": "event.data.n", "to": "B"}, "Next": {"to": "C"}}},
                  "B": {"final": true},
                  "C": {"on": {"Go": {"to": "B"}}}}
                """))
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("Go", ["n": "no bool"])
        let incident = try #require(dialogue.state.incidents.inOrder.first)
        dialogue.post("Next")
        try dialogue.retry(incident)
        #expect(dialogue.at("main") == "C")
        #expect(dialogue.state.incidents.isEmpty)
    }

    @Test("a start that fails keeps the process, and what comes later waits for the retry")
    func start() throws {
        let dialogue = try Dialogue(json: Self.simple)
        dialogue.post("Start", ["k": "k1"])
        #expect(dialogue.types == ["ProcessStarted", "Start", "IncidentRaised"])
        let incident = try #require(dialogue.state.incidents.inOrder.first)
        #expect(incident.pointer == "/data/n")
        dialogue.post("Go", ["n": 1])
        #expect(dialogue.last == [])
        #expect(dialogue.state.waitingInputs == [4])
        #expect(dialogue.state.status == .running)
    }

    @Test("a correlation of another process is an incident, a missing one is no key")
    func correlations() throws {
        let dialogue = try Dialogue(json: Self.simple)
        dialogue.post("Start", ["k": "k1", "n": 1])
        dialogue.taken = [Correlation(name: "t", value: "7")]
        dialogue.post("Next", ["t": 7])
        #expect(dialogue.last.map(\.type) == ["IncidentRaised"])
        #expect(dialogue.state.incidents.inOrder.first?.kind == .correlationTaken)
        dialogue.taken = []
        dialogue.post("Next", ["t": nil])
        #expect(dialogue.state.status == .completed)
        #expect(dialogue.state.correlations.isEmpty)
    }

    @Test("rounds are limited: a hundred pass, more are an incident", arguments: [98, 99, 120])
    func rounds(raised: Int) throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "data": {"n": 0}, "initial": "A",
                "states": {
                  "A": {"on": {"Go": {"set": {"left": "${event.data.n}"}, "raise": {"type": "Tick"}},
                               "Tick": {"when": "data.left > 0", "set": {"left": "${data.left - 1}", "n": "${data.n + 1}"},
                                        "raise": {"type": "Tick"}}}},
                  "B": {"final": true}}
                """))
        dialogue.post("Start", ["k": "k1"])
        let count = JSONValue.number(JSONNumber(Int64(raised)))
        dialogue.post("Go", ["n": count])
        // One round for the input, one for each raised event, the last of which nobody takes.
        if raised <= 98 {
            #expect(dialogue.data["n"] == count)
            #expect(dialogue.state.incidents.isEmpty)
        } else {
            #expect(dialogue.last.map(\.type) == ["IncidentRaised"])
            #expect(dialogue.state.incidents.inOrder.first?.kind == .tooManyRounds)
            #expect(dialogue.data == ["n": 0])
        }
    }

    @Test("data beyond its limit is an incident and changes nothing")
    func tooLarge() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "initial": "A",
                "states": {"A": {"on": {"Go": {"set": {"a": "${event.data.text}"}}, "Next": {"set": {"b": "${event.data.text}"}}}}}
                """))
        dialogue.post("Start", ["k": "k1"])
        let text = JSONValue.string(String(repeating: "x", count: 600_000))
        dialogue.post("Go", ["text": text])
        #expect(dialogue.last.map(\.type) == ["TransitionPlanned"])
        dialogue.post("Next", ["text": text])
        #expect(dialogue.last.map(\.type) == ["IncidentRaised"])
        #expect(dialogue.state.incidents.inOrder.first?.kind == .limitExceeded)
        dialogue.post("Go", ["text": ""])
        dialogue.post("Next", ["text": text])
        #expect(dialogue.last.map(\.type) == ["TransitionPlanned"])
    }

    @Test("expressions that cost too much are an incident")
    func tooDear() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "initial": "A",
                "states": {"A": {"on": {"Go": {
                  "when": "event.data.l.all(a, event.data.l.all(b, event.data.l.all(c, a + b + c >= 0)))", "complete": {}}}}}
                """))
        dialogue.post("Start", ["k": "k1"])
        let list = (0..<200).map { JSONValue.number(JSONNumber(Int64($0))) }
        dialogue.post("Go", ["l": .array(list)])
        #expect(dialogue.last.map(\.type) == ["IncidentRaised"])
        #expect(dialogue.state.status == .running)
    }

    @Test("an outcome that fails to be decided is recorded, and its task is over")
    func outcome() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "initial": "A",
                "states": {
                  "A": {"task": {"type": "t"},
                        "on": {"completed": {"to": "B", "set": {"x": "${task.result.x}"}}, "failed": {"fail": "no"}}},
                  "B": {"final": true, "result": "${data.x}"}}
                """))
        dialogue.post("Start", ["k": "k1"])
        try dialogue.complete("t", [:])
        #expect(dialogue.last.map(\.type) == ["TaskCompleted", "IncidentRaised"])
        #expect(dialogue.openTasks == [])
        #expect(dialogue.at("main") == "A")
        #expect(dialogue.state.incidents.inOrder.first?.pointer == "/states/A/on/completed/set/x")
    }
}
