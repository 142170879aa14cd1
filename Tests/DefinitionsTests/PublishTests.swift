import Chrono
import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Publishing, and children, in a definition")
struct PublishTests {
    @Test("publish takes one or a list; its templates see the data before the transition's own set")
    func publish() throws {
        let talk = try FeatureTests.single(
            #"""
            "S": {"on": {"Go": {"set": {"n": 2}, "to": "E",
              "publish": [{"type": "A", "data": {"n": "${data.n}", "by": "${event.type}"}}, {"type": "B"}]},
              "Say": {"publish": {"type": "C", "data": "${data.n}"}}}},
            "E": {"final": true}
            """#, events: ["Go", "Say"], more: #", "data": {"n": 1}"#)
        talk.post("Start")
        talk.post("Say")
        #expect(talk.published.map(\.type) == ["C"])
        #expect(talk.published.map(\.data) == [JSONView(1)])
        talk.post("Go")
        #expect(talk.published.map(\.type) == ["A", "B"])
        #expect(talk.published.map(\.data) == [JSONView(["n": 1, "by": "Go"]), JSONView([:])])
        #expect(talk.state.status == .completed)
    }

    @Test("a transition that ends the process may publish")
    func publishAtEnd() throws {
        let talk = try FeatureTests.single(
            #""S": {"on": {"Go": {"publish": {"type": "A"}, "complete": {}}}}"#, events: ["Go"])
        talk.post("Start")
        talk.post("Go")
        #expect(talk.published.map(\.type) == ["A"])
        #expect(talk.state.status == .completed)
    }

    @Test("raised and published events count together", arguments: [500, 501])
    func limit(_ count: Int) throws {
        let events = Array(repeating: #"{"type": "A"}"#, count: count).joined(separator: ",")
        let raised = Array(repeating: #"{"type": "R"}"#, count: 500).joined(separator: ",")
        let talk = try FeatureTests.single(
            #""S": {"on": {"Go": {"publish": [\#(events)]}, "R": {"when": "false"}, "Start": {"to": "T"}}}, "#
                + #""T": {"on": {"Go": {"publish": [\#(events)], "raise": [\#(raised)], "to": "E"}}}, "E": {"final": true}"#,
            events: ["Go"])
        talk.post("Start")
        talk.post("Go")
        let kind = talk.state.incidents.inOrder.first?.kind
        #expect(kind == (count > 500 ? .limitExceeded : .tooManyRounds))
        #expect(talk.published.isEmpty)
    }

    @Test("a task with 'process' plans a child; its key is an expression, its data a template of the entered state")
    func child() throws {
        let talk = try FeatureTests.single(
            #"""
            "S": {"on": {"Start": {"to": "T", "set": {"n": 7}}}},
            "T": {"task": {"process": "other", "key": "data.n * 2", "data": {"n": "${data.n}"}, "timeouts": {"total": "1h"},
              "undo": {"type": "undo-it"}},
              "on": {"completed": {"to": "E"}, "failed": {"fail": "${task.code}"}}},
            "E": {"final": true}
            """#)
        talk.post("Start")
        let planned = try #require(talk.planned.last?.task)
        #expect(planned.mode == .child)
        #expect(planned.type == "process:other")
        #expect(planned.child == ChildProcess(definition: "other", key: "14"))
        #expect(planned.input == JSONView(["n": 7]))
        #expect(planned.undo == .whenCompleted)
        let policy = talk.manager.policy(ofTaskAt: planned.pointer)
        #expect(policy?.retry.maxAttempts == 1)
        #expect(policy?.timeouts.total == .hours(1))
        try talk.complete("process:other")
        #expect(talk.state.status == .completed)
    }

    @Test("as a side task, its outcome answers to the task's type")
    func sideTask() throws {
        let talk = try FeatureTests.single(
            #"""
            "S": {"on": {"Start": {"task": {"process": "other", "key": "'k'"}}, "completed:process:other": {"to": "E"},
              "failed:process:other": {"to": "E"}}},
            "E": {"final": true}
            """#)
        talk.post("Start")
        #expect(talk.openTasks == ["process:other"])
        try talk.complete("process:other")
        #expect(talk.state.status == .completed)
    }

    @Test("an undo can be a child process, too")
    func undo() throws {
        let talk = try FeatureTests.single(
            #"""
            "S": {"task": {"type": "t", "undo": {"process": "undoing", "key": "task.result.number", "data": {"state": "${machine.state}"}}},
              "on": {"completed": {"to": "T"}, "failed": {"to": "T"}}},
            "T": {"on": {"Go": {"fail": "no", "compensate": true}}}
            """#, events: ["Go"])
        talk.post("Start")
        try talk.complete("t", ["number": 5])
        talk.post("Go")
        let planned = try #require(talk.planned.last)
        #expect(planned.undoes != nil)
        #expect(planned.task?.child == ChildProcess(definition: "undoing", key: "5"))
        #expect(planned.task?.input == JSONView(["state": "T"]))
        try talk.complete("process:undoing")
        #expect(talk.state.status == .failed)
    }

    @Test("a key that is no key is an incident with its place")
    func badKey() throws {
        let talk = try FeatureTests.single(
            #""S": {"on": {"Go": {"task": {"process": "other", "key": "event.data.key"}}}}"#, events: ["Go"])
        talk.post("Start")
        talk.post("Go", ["key": [1]])
        #expect(talk.state.incidents.inOrder.map(\.pointer) == ["/states/S/on/Go/task/key"])
    }

    @Test(
        "a definition that only parents start lists no event; ChildRequested spawns and triggers without being listed")
    func startedByParent() throws {
        let (definition, warnings) = try Definition.load(
            Array(
                #"""
                {"name": "d", "events": {}, "data": {"n": "${event.data.n}"}, "machines": {
                  "main": {"initial": "S", "states": {"S": {"on": {"ChildRequested": {"to": "T", "set": {"seen": "${event.data.n}"}}}},
                    "T": {"always": {"when": "counts.part.Done == 2", "to": "E"}}, "E": {"final": true}}},
                  "part": {"spawn": {"on": "ChildRequested", "for_each": "event.data.parts"}, "initial": "Done",
                    "states": {"Done": {"final": true}}}}}
                """#.utf8))
        #expect(warnings == [])
        let talk = Dialogue(definition)
        talk.post("ChildRequested", ["n": 1, "parts": ["a", "b"]])
        #expect(talk.data == ["n": 1, "seen": 1])
        #expect(talk.state.status == .completed)
    }

    @Test("defaults are written in")
    func canonical() throws {
        let (definition, _) = try Definition.load(
            Array(
                #"""
                {"name": "d", "events": {"Start": {"key": "'k'", "route": "start"}}, "initial": "S", "states": {
                  "S": {"task": {"process": "o", "key": "'k'"}, "on": {"completed": {"to": "E", "publish": {"type": "A"}},
                  "failed": {"to": "E"}}}, "E": {"final": true}}}
                """#.utf8))
        let state = definition.canonical["states"]?["S"]
        #expect(state?["task"] == ["process": "o", "key": "'k'", "data": [:]])
        #expect(state?["on"]?["completed"]?["publish"] == ["type": "A", "data": [:]])
    }
}
