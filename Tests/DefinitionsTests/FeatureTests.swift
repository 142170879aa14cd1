import Chrono
import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("What a definition's manager decides")
struct FeatureTests {
    static func single(_ states: String, events: [String] = [], more: String = "") throws -> Dialogue {
        try Dialogue(
            json: """
                {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}\
                \(events.map { ", \"\($0)\": {\"key\": \"event.data.id\"}" }.joined())},
                 "initial": "S", "states": {\(states)}\(more)}
                """)
    }

    static func several(_ machines: String, events: [String] = []) throws -> Dialogue {
        try Dialogue(
            json: """
                {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}\
                \(events.map { ", \"\($0)\": {\"key\": \"event.data.id\"}" }.joined())},
                 "machines": {\(machines)}}
                """)
    }

    // MARK: Transitions

    @Test("every template of a transition sees the data before its own set, the entered state sees it after")
    func order() throws {
        let talk = try Self.single(
            #"""
            "S": {"on": {"Go": {"set": {"a": "${data.a + 1}", "b": "${data.a}"}, "to": "T",
              "commands": {"command": "c", "payload": {"a": "${data.a}", "state": "${machine.state}"}}}}},
            "T": {"task": {"type": "t", "input": {"a": "${data.a}", "sum": "${data.a + data.b}", "state": "${machine.state}",
              "there": "${counts.main.T}", "listed": "${machines[0].state}"}}, "on": {"completed": {"to": "E"}, "failed": {"to": "E"}}},
            "E": {"final": true}
            """#, events: ["Go"], more: #", "data": {"a": 1}"#)
        talk.post("Start")
        talk.post("Go")
        #expect(talk.data == ["a": 2, "b": 1])
        #expect(talk.commands.first?.payload == JSONView(["a": 1, "state": "S"]))
        #expect(
            try talk.task("t").input == JSONView(["a": 2, "sum": 3, "state": "T", "there": 1, "listed": "T"]))
    }

    @Test("set replaces whole members and keeps the others")
    func set() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"set": {"a": "${event.data.a}"}}, "Take": {"set": "${event.data}"}}}"#,
            events: ["Go", "Take"], more: #", "data": {"a": {"x": 1, "y": 2}, "b": true}"#)
        talk.post("Start")
        talk.post("Go", ["a": ["x": 3]])
        #expect(talk.data == ["a": ["x": 3], "b": true])
        talk.post("Take", ["b": false, "c": "new"])
        #expect(talk.data == ["a": ["x": 3], "b": false, "c": "new"])
        talk.post("Take", "text")
        #expect(talk.state.incidents.inOrder.map(\.pointer) == ["/states/S/on/Take/set"])
        #expect(talk.data["c"] == "new")
    }

    @Test("a value taken whole keeps every digit")
    func digits() throws {
        let talk = try Self.single(
            #""S": {"task": {"type": "t", "input": {"whole": "${event.data.amount}", "text": "${event.data.amount} EUR"}}, "on": {"completed": {}, "failed": {}}}"#,
            more: #", "data": {"amount": "${event.data.amount}", "all": "${event.data}"}"#)
        let data = try JSONValue(parsing: #"{"id":"k","amount":12345678901234567890.10}"#)
        talk.post("Start", data)
        #expect(
            try talk.task("t").input.text == #"{"whole":12345678901234567890.10,"text":"12345678901234567890.10 EUR"}"#)
        #expect(talk.data["amount"]?.text == "12345678901234567890.10")
        #expect(talk.data["all"] == data)
    }

    @Test("to the same state leaves and enters it, without to nothing is left")
    func reenter() throws {
        let talk = try Self.single(
            #""S": {"task": {"type": "t"}, "after": [{"delay": "1h", "to": "S"}], "on": {"Again": {"to": "S"}, "Stay": {"set": {"a": 1}}, "completed": {}, "failed": {}}}"#,
            events: ["Again", "Stay"])
        talk.post("Start")
        let first = try talk.task("t").id
        let timer = talk.state.timers.inOrder[0].id
        talk.post("Stay")
        #expect(try talk.task("t").id == first)
        #expect(talk.planned.first?.fromState == "S")
        #expect(talk.planned.first?.toState == "S")
        talk.post("Again")
        #expect(talk.last.map(\.type) == ["TaskCancelled", "TransitionPlanned", "TimerScheduled"])
        #expect(try talk.task("t").id != first)
        #expect(talk.state.timers[timer] == nil)
    }

    @Test("the first transition whose condition holds is taken")
    func first() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": [{"name": "large", "when": "event.data.n > 10", "to": "A"}, {"when": "event.data.n > 5", "to": "B"}, {"to": "C"}]}}, "A": {"final": true}, "B": {"final": true}, "C": {"final": true}"#,
            events: ["Go"])
        talk.post("Start")
        talk.post("Go", ["n": 7])
        #expect(talk.at("main") == "B")
        #expect(talk.planned.map(\.transition) == ["Go"])
        #expect(talk.state.status == .completed)
        #expect(talk.state.result == nil)
    }

    @Test("complete, cancel and fail end the process after everything else of the transition")
    func ends() throws {
        let states =
            #""S": {"on": {"Done": {"complete": {"n": "${event.data.n}"}, "set": {"n": 1}, "commands": {"command": "c"}}, "Stop": {"cancel": "by ${event.data.by}"}, "Break": {"fail": "${event.data.n}"}}}"#
        let done = try Self.single(states, events: ["Done", "Stop", "Break"])
        done.post("Start")
        done.post("Done", ["n": 5])
        #expect(done.last.map(\.type) == ["TransitionPlanned", "CommandIssued", "ProcessCompleted"])
        #expect(done.state.result == JSONView(["n": 5]))
        #expect(done.data == ["n": 1])
        let stopped = try Self.single(states, events: ["Done", "Stop", "Break"])
        stopped.post("Start")
        stopped.post("Stop", ["by": "ann"])
        #expect(stopped.state.status == .cancelled)
        #expect(stopped.state.reason == "by ann")
        let broken = try Self.single(states, events: ["Done", "Stop", "Break"])
        broken.post("Start")
        broken.post("Break", ["n": 7])
        #expect(broken.state.status == .failed)
        #expect(broken.state.reason == "7")
    }

    @Test("a correlation is a string or an integer; null is no key; anything else is an incident")
    func correlate() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"correlate": {"k": "${event.data.k}", "fixed": "f"}, "set": {"n": "${event.data.n}"}}}}"#,
            events: ["Go"])
        talk.post("Start")
        talk.post("Go", ["k": "a", "n": 1])
        talk.post("Go", ["k": 17, "n": 2])
        talk.post("Go", ["k": nil, "n": 3])
        let gained =
            ["k": "a", "fixed": "f"].map { Correlation(name: $0.key, value: $0.value) } + [
                Correlation(name: "k", value: "17")
            ]
        #expect(Set(talk.state.correlations.inOrder) == Set(gained))
        #expect(talk.data["n"] == 3)
        talk.post("Go", ["k": [1], "n": 4])
        #expect(talk.data["n"] == 3)
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.expressionFailed])
    }

    @Test("a correlation that is taken makes the step an incident, and its retry decides it again")
    func taken() throws {
        let talk = try Self.single(
            #""S": {"task": {"type": "t"}, "on": {"completed": {"correlate": {"k": "${task.result.k}"}, "to": "E"}, "failed": {}}}, "E": {"final": true}"#
        )
        talk.post("Start")
        talk.taken = [Correlation(name: "k", value: "a")]
        try talk.complete("t", ["k": "a"])
        #expect(talk.last.map(\.type) == ["TaskCompleted", "IncidentRaised"])
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.correlationTaken])
        #expect(talk.at("main") == "S")
    }

    // MARK: Tasks

    @Test("side tasks answer to completed:type, may run twice at once, and outlive the state")
    func sideTasks() throws {
        let talk = try Self.single(
            #"""
            "S": {"on": {"Ask": {"task": {"type": "side", "input": {"n": "${event.data.n}"}}}, "Go": {"to": "T"},
              "completed:side": {"set": {"here": "${task.input.n}"}}, "failed:side": {}}},
            "T": {"on": {"completed:side": {"set": {"there": "${task.input.n}"}}, "Go": {"to": "E"}}}, "E": {"final": true}
            """#, events: ["Ask", "Go"])
        talk.post("Start")
        talk.post("Ask", ["n": 1])
        talk.post("Ask", ["n": 2])
        talk.post("Ask", ["n": 3])
        #expect(talk.openTasks == ["side", "side", "side"])
        try talk.complete("side")
        #expect(talk.data == ["here": 1])
        talk.post("Go")
        #expect(talk.openTasks == ["side", "side"])
        try talk.complete("side")
        #expect(talk.data == ["here": 1, "there": 2])
        // Nobody takes it, and the state that planned it was left.
        try talk.fail("side")
        #expect(talk.state.incidents.isEmpty)
    }

    @Test("an untaken failure is an incident, an untaken completion is not")
    func untaken() throws {
        let talk = try Self.single(#""S": {"task": {"type": "t"}, "on": {"Go": {"to": "S"}}}"#, events: ["Go"])
        talk.post("Start")
        try talk.complete("t")
        #expect(talk.last.map(\.type) == ["TaskCompleted"])
        talk.post("Go")
        try talk.fail("t", code: "x")
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.taskFailed])
        talk.post("Go")
        #expect(talk.state.incidents.isEmpty)
        try talk.cancelTask("t")
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.taskFailed])
    }

    @Test("the outcome of a task has all its members")
    func taskMembers() throws {
        let talk = try Self.single(
            #""S": {"task": {"type": "t", "input": {"n": 1}}, "on": {"failed": {"set": {"all": "${[task.type, task.input.n, task.result, task.code, task.reason, task.attempts, event]}"}}, "completed": {}}}"#
        )
        talk.post("Start")
        try talk.fail("t", code: "c", reason: "r")
        #expect(talk.data["all"] == ["t", 1, nil, "c", "r", 1, nil])
    }

    @Test("a sync task is done in the same step")
    func sync() throws {
        let talk = try Self.single(
            #"""
            "S": {"task": {"type": "add", "mode": "sync", "input": {"a": 1}, "result": {"sum": "${data.a + data.b}"}},
              "on": {"completed": {"to": "T", "set": {"sum": "${task.result.sum}"}}}},
            "T": {"task": {"type": "t", "input": "${data.sum}"}, "on": {"completed": {"to": "E"}, "failed": {"fail": "x"}}}, "E": {"final": true}
            """#, more: #", "data": {"a": 2, "b": 3}"#)
        talk.post("Start")
        #expect(talk.types == ["ProcessStarted", "Start", "TransitionPlanned", "TaskCompleted", "TransitionPlanned"])
        #expect(try talk.task("t").input == JSONView(5))
        #expect(talk.openTasks == ["t"])
    }

    @Test("a sync task is undone, too")
    func syncUndo() throws {
        let talk = try Self.single(
            #""S": {"task": {"type": "a", "mode": "sync", "result": {"n": 7}, "undo": {"type": "u", "input": "${task.result.n}"}}, "on": {"completed": {"to": "T"}}}, "T": {"on": {"Go": {"fail": "x", "compensate": true}}}"#,
            events: ["Go"])
        talk.post("Start")
        talk.post("Go")
        #expect(try talk.task("u").input == JSONView(7))
    }

    @Test("a failing sync task is an incident of the step")
    func syncFails() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"to": "T"}}}, "T": {"task": {"type": "a", "mode": "sync", "result": "${data.nothing}"}, "on": {"completed": {"to": "E"}}}, "E": {"final": true}"#,
            events: ["Go"])
        talk.post("Start")
        talk.post("Go")
        #expect(talk.at("main") == "S")
        #expect(talk.state.incidents.inOrder.map(\.pointer) == ["/states/T/task/result"])
    }

    @Test("what was done is undone in reverse order of completion over all machines")
    func compensation() throws {
        let one =
            #"{"initial": "S", "states": {"S": {"task": {"type": "NAME", "undo": {"type": "undo-NAME", "input": {"r": "${task.result}", "m": "${machine.id}"}}}, "on": {"completed": {"to": "T"}, "failed": {"fail": "x"}}}, "T": {"on": {"Stop": {"cancel": "stop", "compensate": true}}}}}"#
        let talk = try Self.several(
            ["a", "b", "c"].map { "\"\($0)\": " + one.replacing("NAME", with: $0) }.joined(separator: ", "),
            events: ["Stop"])
        talk.post("Start")
        for type in ["b", "c", "a"] { try talk.complete(type, .string("r-\(type)")) }
        talk.post("Stop")
        for type in ["a", "c", "b"] {
            #expect(talk.openTasks == ["undo-\(type)"])
            #expect(try talk.task("undo-\(type)").input == JSONView(["r": .string("r-\(type)"), "m": .string(type)]))
            try talk.complete("undo-\(type)")
        }
        #expect(talk.state.status == .cancelled)
    }

    @Test("with when_unknown a task is undone also if nobody knows its end")
    func whenUnknown() throws {
        let talk = try Self.single(
            #""S": {"task": {"type": "t", "undo": {"type": "u", "input": {"r": "${task.result}"}, "when_unknown": true}}, "on": {"Stop": {"cancel": "x", "compensate": true}, "completed": {}, "failed": {}}}"#,
            events: ["Stop"])
        talk.post("Start")
        talk.held = [try talk.task("t").id]
        talk.post("Stop")
        #expect(try talk.task("u").input == JSONView(["r": nil]))
    }

    // MARK: Timers

    @Test("timers: a computed delay, a time from the data, a condition that no longer holds")
    func timers() throws {
        let talk = try Self.single(
            #"""
            "S": {"after": [{"delay": "${duration(data.wait)}", "set": {"waited": true}}, {"delay": "${data.wait}", "set": {"text": true}},
              {"at": "data.due", "set": {"due": true}}, {"name": "never", "delay": "1m", "when": "false", "fail": "x"}]}
            """#, more: #", "data": {"wait": "90s", "due": "${string(now + duration('2h'))}"}"#)
        talk.post("Start")
        let start = talk.now
        #expect(
            talk.state.timers.inOrder.map(\.dueAt) == [
                start + .seconds(90), start + .seconds(90), start + .hours(2), start + .minutes(1),
            ])
        talk.advance(.minutes(1))
        #expect(talk.last.map(\.type) == ["TimerFired"])
        talk.advance(.hours(2))
        #expect(talk.data["waited"] == true)
        #expect(talk.data["text"] == true)
        #expect(talk.data["due"] == true)
        #expect(talk.state.timers.isEmpty)
    }

    @Test("a delay that is none is an incident of the step")
    func badDelay() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"to": "T"}}}, "T": {"after": [{"delay": "${event.data.wait}", "to": "S"}]}"#,
            events: ["Go"])
        talk.post("Start")
        talk.post("Go", ["wait": "soon"])
        #expect(talk.at("main") == "S")
        #expect(talk.state.incidents.inOrder.map(\.pointer) == ["/states/T/after/0/delay"])
    }

    // MARK: Spawning

    private static let items =
        #""item": {"spawn": {"on": "Start", "for_each": "event.data.items", "id": "item.sku"}, "initial": "W", "states": {"W": {"on": {"Pack": {"when": "event.data.sku == machine.item.sku", "to": "P"}}}, "P": {"final": true, "result": "${machine.item.sku}"}}}"#

    private static func skus(_ skus: String...) -> JSONValue {
        ["items": .array(skus.map { ["sku": .string($0)] })]
    }

    @Test("machines are spawned once per id, also over several events")
    func spawn() throws {
        let talk = try Self.several(Self.items, events: ["Pack"])
        talk.post("Start", Self.skus("a", "b", "a"))
        #expect(talk.state.machines.inOrder.map(\.id) == ["item/a", "item/b"])
        talk.post("Start", Self.skus("b", "c"))
        #expect(talk.state.machines.inOrder.map(\.id) == ["item/a", "item/b", "item/c"])
        talk.post("Pack", ["sku": "b"])
        #expect(talk.planned.map(\.machineID) == ["item/b"])
        talk.post("Pack", ["sku": "a"])
        talk.post("Pack", ["sku": "c"])
        #expect(talk.state.status == .completed)
        #expect(talk.state.result == JSONView(["item/a": "a", "item/b": "b", "item/c": "c"]))
    }

    @Test("no machine at all completes the process")
    func noMachines() throws {
        let talk = try Self.several(Self.items, events: ["Pack"])
        talk.post("Start", Self.skus())
        #expect(talk.state.status == .completed)
    }

    @Test(
        "a list that is none and an id that is none are incidents of the start",
        arguments: [
            [:], ["items": 5], ["items": [["sku": true]]], ["items": [["sku": "a/b"]]], ["items": [["sku": ""]]],
            ["items": [["sku": .string(String(repeating: "x", count: 201))]]], ["items": [[:]]],
        ] as [JSONValue])
    func badSpawn(data: JSONValue) throws {
        let talk = try Self.several(Self.items, events: ["Pack"])
        talk.post("Start", data)
        #expect(talk.types == ["ProcessStarted", "Start", "IncidentRaised"])
        #expect(talk.state.awaitsStart)
    }

    @Test("static machines come before spawned ones, and see the same event")
    func staticFirst() throws {
        let talk = try Self.several(
            Self.items
                + #", "main": {"initial": "S", "states": {"S": {"on": {"Start": {"set": {"n": "${counts.item.total}"}}}}}}"#,
            events: ["Pack"])
        talk.post("Start", Self.skus("a", "b"))
        #expect(talk.planned.map(\.machineID) == ["main", "item/a", "item/b", "main"])
        #expect(talk.data["n"] == 2)
    }

    // MARK: Always

    private static let join =
        #""main": {"initial": "S", "states": {"S": {"always": [{"when": "counts.item.P >= 2", "to": "T"}]}, "T": {"final": true}}}"#

    @Test("a join goes on when enough machines are there")
    func joins() throws {
        let talk = try Self.several(Self.join + ", " + Self.items, events: ["Pack"])
        talk.post("Start", Self.skus("a", "b", "c"))
        talk.post("Pack", ["sku": "a"])
        #expect(talk.at("main") == "S")
        talk.post("Pack", ["sku": "b"])
        #expect(talk.planned.map(\.machineID) == ["item/b", "main"])
        #expect(talk.planned.last?.transition == "always")
        #expect(talk.at("main") == "T")
    }

    @Test("an always that stays is taken again only when something it reads has changed")
    func alwaysOnce() throws {
        let talk = try Self.single(
            #""S": {"always": [{"when": "data.a > 0", "commands": {"command": "c", "payload": "${data.a}"}}], "on": {"Other": {"set": {"b": "${event.data.n}"}}, "Same": {"set": {"a": "${event.data.n}"}}}}"#,
            events: ["Other", "Same"], more: #", "data": {"a": 1}"#)
        talk.post("Start")
        #expect(talk.commands.count == 1)
        talk.post("Other", ["n": 5])
        #expect(talk.commands.count == 0)
        talk.post("Same", ["n": 1])
        #expect(talk.commands.count == 0)
        talk.post("Same", ["n": 2])
        #expect(talk.commands.map(\.payload) == [JSONView(2)])
    }

    @Test("two always of one state are both taken, one a pass")
    func twoAlways() throws {
        let talk = try Self.single(
            #""S": {"always": [{"when": "data.a", "set": {"x": 1}}, {"when": "data.a", "set": {"y": 2}}], "on": {"Go": {"set": {"a": true}}}}"#,
            events: ["Go"], more: #", "data": {"a": false}"#)
        talk.post("Start")
        talk.post("Go")
        #expect(talk.data == ["a": true, "x": 1, "y": 2])
    }

    @Test("always of spawned machines: own entry, and data that they read")
    func spawnedAlways() throws {
        let talk = try Self.several(
            #"""
            "main": {"initial": "S", "states": {"S": {"on": {"Open": {"set": {"open": true}}}}}},
            "item": {"spawn": {"on": "Start", "for_each": "event.data.items"}, "initial": "W", "states": {
              "W": {"always": [{"when": "machine.item == 'vip' || data.open", "to": "P"}]}, "P": {"final": true}}}
            """#, events: ["Open"])
        // `data.open` is not there yet: an error, unless the other side decides.
        talk.post("Start", ["items": ["a", "vip", "b"]])
        #expect(talk.at("item/vip") == "P")
        #expect(talk.at("item/a") == "W")
        #expect(talk.state.incidents.inOrder.map(\.machineID) == ["item/a", "item/b"])
        talk.post("Open")
        #expect(talk.at("item/a") == "P")
        #expect(talk.at("item/b") == "P")
        #expect(talk.state.incidents.isEmpty)
    }

    @Test("a failing always counts as false: one incident for each stay, and the step stands")
    func failingAlways() throws {
        let talk = try Self.single(
            #""S": {"always": [{"when": "data.a.x > 1", "to": "E"}], "on": {"Go": {"set": {"a": "${event.data.n}"}}, "Again": {"to": "S"}}}, "E": {"final": true}"#,
            events: ["Go", "Again"])
        talk.post("Start")
        #expect(talk.at("main") == "S")
        #expect(talk.last.map(\.type).suffix(2) == ["TransitionPlanned", "IncidentRaised"])
        talk.post("Go", ["n": 1])
        #expect(talk.last.map(\.type) == ["TransitionPlanned"])
        #expect(talk.data == ["a": 1])
        talk.post("Again")
        #expect(talk.last.map(\.type) == ["TransitionPlanned", "IncidentRaised"])
        #expect(talk.state.incidents.count == 1)
        talk.post("Go", ["n": ["x": 2]])
        #expect(talk.state.status == .completed)
    }

    @Test("an always that never rests runs into the limit of rounds, and nothing of the step stands")
    func rounds() throws {
        let talk = try Self.single(
            #""S": {"always": [{"when": "data.n > 0", "set": {"n": "${data.n + 1}"}}], "on": {"Go": {"set": {"n": 1}}}}"#,
            events: ["Go"], more: #", "data": {"n": 0}"#)
        talk.post("Start")
        talk.post("Go")
        #expect(talk.last.map(\.type) == ["IncidentRaised"])
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.tooManyRounds])
        #expect(talk.data == ["n": 0])
    }

    @Test("a hundred rounds are allowed")
    func exactlyHundred() throws {
        // The input, then 99 raised events.
        let talk = try Self.single(
            #""S": {"on": {"Go": {"raise": {"type": "R", "data": {"n": 1}}}, "R": {"when": "event.data.n < data.limit", "raise": {"type": "R", "data": {"n": "${event.data.n + 1}"}}}, "Limit": {"set": {"limit": "${event.data.n}"}}}}"#,
            events: ["Go", "Limit"])
        talk.post("Start")
        talk.post("Limit", ["n": 99])
        talk.post("Go")
        #expect(talk.state.incidents.isEmpty)
        talk.post("Limit", ["n": 100])
        talk.post("Go")
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.tooManyRounds])
    }

    // MARK: Raising

    @Test("raised events are handled first in, first out, in the same step, and not recorded")
    func raise() throws {
        let talk = try Self.single(
            #"""
            "S": {"on": {"Go": {"raise": [{"type": "A", "data": {"n": "${event.data.n}"}}, {"type": "B"}]},
              "A": {"set": {"a": "${event.data.n}", "from": "${event.source}", "log": "A"}, "raise": {"type": "C"}},
              "B": {"set": {"log": "${data.log}B"}}, "C": {"set": {"log": "${data.log}C"}, "to": "E"}}},
            "E": {"final": true}
            """#, events: ["Go"])
        talk.post("Start")
        talk.post("Go", ["n": 3])
        #expect(talk.data == ["a": 3, "from": "procession", "log": "ABC"])
        #expect(!talk.types.contains("A"))
        #expect(talk.state.status == .completed)
    }

    @Test("a raised event spawns machines")
    func raisedSpawn() throws {
        let talk = try Self.several(
            #"""
            "main": {"initial": "S", "states": {"S": {"on": {"Go": {"raise": {"type": "More", "data": {"ids": [1, 2]}}, "to": "E"}}}, "E": {"final": true}}},
            "x": {"spawn": {"on": "More", "for_each": "event.data.ids"}, "initial": "A", "states": {"A": {"on": {"Go": {"to": "B"}}}, "B": {"final": true}}}
            """#, events: ["Go"])
        talk.post("Start")
        talk.post("Go")
        #expect(talk.state.status == .running)
        #expect(talk.state.machines.inOrder.map(\.id) == ["main", "x/1", "x/2"])
        talk.post("Go")
        #expect(talk.state.status == .completed)
    }

    // MARK: Deferral

    private static let deferring =
        #"""
        "S": {"defer": ["E", "F"], "on": {"Go": {"to": "T"}}},
        "T": {"defer": ["F"], "on": {"E": {"when": "event.data.n > 1", "to": "U", "set": {"e": "${event.data.n}"}}}},
        "U": {"on": {"F": {"set": {"f": "${event.data.n}"}}, "Go": {"to": "Z"}}}, "Z": {"final": true}
        """#

    private func offers(_ talk: Dialogue) -> [String] {
        talk.last.compactMap {
            if case .deferredEventOffered(let fact) = $0 { "\(fact.eventVersion) \(fact.result.rawValue)" } else { nil }
        }
    }

    @Test("a deferred event is offered again after the next state change, oldest first")
    func deferral() throws {
        let talk = try Self.single(Self.deferring, events: ["Go", "E", "F"])
        talk.post("Start")  // 1, 2, 3
        talk.post("F", ["n": 9])  // 4, 5
        talk.post("E", ["n": 1])  // 6, 7
        talk.post("E", ["n": 2])  // 8, 9
        #expect(talk.last.map(\.type) == ["EventDeferred"])
        #expect(talk.state.deferredVersions == [4, 6, 8])
        talk.post("Go")
        #expect(offers(talk) == ["6 dropped", "8 taken", "4 taken"])
        #expect(
            talk.last.map(\.type) == [
                "TransitionPlanned", "DeferredEventOffered", "DeferredEventOffered", "TransitionPlanned",
                "DeferredEventOffered", "TransitionPlanned",
            ])
        #expect(talk.data == ["e": 2, "f": 9])
        #expect(talk.at("main") == "U")
        #expect(talk.state.deferredCount == 0)
    }

    @Test("an event that was put off in this very step is at hand")
    func deferredNow() throws {
        let talk = try Self.several(
            #"""
            "a": {"initial": "S", "states": {"S": {"defer": ["E"], "on": {"R": {"to": "T"}}}, "T": {"on": {"E": {"set": {"got": "${event.data.n}"}}}}}},
            "b": {"initial": "S", "states": {"S": {"on": {"E": {"raise": {"type": "R"}}}}}}
            """#, events: ["E"])
        talk.post("Start")
        talk.post("E", ["n": 4])
        #expect(talk.data == ["got": 4])
        #expect(talk.planned.map(\.transition) == ["E", "R", "E"])
    }

    @Test("more than a thousand deferred events are too many")
    func deferralLimit() throws {
        let machine = #"{"initial": "S", "states": {"S": {"defer": ["E"]}}}"#
        let machines = (0..<100).map { "\"m\($0)\": \(machine)" }.joined(separator: ", ")
        let talk = try Self.several(machines, events: ["E"])
        talk.post("Start")
        for _ in 0..<10 { talk.post("E") }
        #expect(talk.state.deferredCount == 1000)
        talk.post("E")
        #expect(talk.state.deferredCount == 1000)
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
    }

    // MARK: Incidents

    @Test("a failing expression is recorded with its place, and nothing else of the step")
    func failing() throws {
        let talk = try Self.several(
            #"""
            "a": {"initial": "S", "states": {"S": {"on": {"Go": {"set": {"a": true}}}}}},
            "b": {"initial": "S", "states": {"S": {"on": {"Go": {"when": "event.data.n > 1", "to": "T"}}}, "T": {"final": true}}}
            """#, events: ["Go"])
        talk.post("Start")
        talk.post("Go", ["m": 1])
        #expect(talk.last.map(\.type) == ["IncidentRaised"])
        let incident = talk.state.incidents.inOrder[0]
        #expect(incident.pointer == "/machines/b/states/S/on/Go/when")
        #expect(incident.inputVersion == 5)
        #expect(talk.data == [:])
    }

    @Test("a retry asks only machines that have not moved since")
    func retry() throws {
        let talk = try Self.several(
            #"""
            "a": {"initial": "S", "states": {"S": {"on": {"Go": {"set": {"a": "${event.data.x + data.base}"}}, "Move": {"to": "T"}}}, "T": {"on": {"Go": {"set": {"wrong": true}}, "Move": {}}}}},
            "b": {"initial": "S", "states": {"S": {"on": {"Go": {"set": {"b": true}}, "Base": {"set": {"base": 1}}}}}}
            """#, events: ["Go", "Move", "Base"])
        talk.post("Start")
        talk.post("Go", ["x": 1])
        let incident = try #require(talk.state.incidents.inOrder.first)
        talk.post("Move")
        talk.post("Base")
        try talk.retry(incident)
        #expect(talk.planned.map(\.machineID) == ["b"])
        #expect(talk.data == ["base": 1, "b": true])
        #expect(talk.state.incidents.isEmpty)
    }

    @Test("while the start waits for its retry, events queue up and are offered after it")
    func startRetry() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"set": {"n": "${event.data.n}"}}, "Late": {"to": "S"}}, "defer": ["Off"], "task": {"type": "t", "input": "${1 / (process.definition_version - 1)}"}}"#,
            events: ["Go", "Late", "Off"])
        talk.post("Start")
        #expect(talk.state.awaitsStart)
        talk.post("Go", ["n": 1])
        talk.post("Off")
        #expect(talk.state.waitingInputs == [4, 5])
        let incident = try #require(talk.state.incidents.inOrder.first)
        try talk.retry(incident)
        // Still version 1, so it fails again, and everything still waits.
        #expect(talk.state.awaitsStart)
        #expect(talk.state.waitingInputs == [4, 5])
        #expect(talk.state.machines.isEmpty)
    }

    @Test("a start that was corrected from outside takes those that waited, each under its own version")
    func startRetryWorks() throws {
        let talk = try Self.single(
            #""S": {"on": {"Start": {"correlate": {"k": "${event.data.k}"}}, "Go": {"set": {"n": "${event.data.n}"}}}, "defer": ["Off"]}"#,
            events: ["Go", "Off"])
        talk.taken = [Correlation(name: "k", value: "a")]
        talk.post("Start", ["k": "a"])
        #expect(talk.state.awaitsStart)
        talk.post("Go", ["n": 1])
        talk.post("Off")
        talk.taken = []
        try talk.retry(try #require(talk.state.incidents.inOrder.first))
        #expect(talk.state.incidents.isEmpty)
        #expect(talk.data == ["n": 1])
        #expect(talk.state.deferredVersions == [5])
        #expect(talk.state.waitingInputs == [])
    }

    @Test("output costs: a template that writes too much is an incident")
    func outputCost() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"set": {"a": "${event.data.list.map(x, event.data)}"}}}}"#, events: ["Go"])
        talk.post("Start")
        talk.post("Go", ["list": .array((0..<3000).map { .number(JSONNumber($0)) })])
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
        #expect(talk.data == [:])
    }

    @Test(
        "what is taken over as it lies there costs, too",
        arguments: [
            #"["${event.data}", "${event.data}", "${event.data}", "${event.data}"]"#,
            #""a ${event.data} ${event.data} ${event.data} ${event.data}""#,
        ])
    func takenOverCost(_ template: String) throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"commands": [{"command": "c", "payload": \#(template)}]}}}"#, events: ["Go"])
        talk.post("Start")
        talk.post("Go", .string(String(repeating: "x", count: 200_000)))
        #expect(talk.last.map(\.type) == ["TransitionPlanned", "CommandIssued"])
        talk.post("Go", .string(String(repeating: "x", count: 900_000)))
        #expect(talk.last.map(\.type) == ["IncidentRaised"])
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
    }

    @Test("a step raises a thousand events, not one more", arguments: [1000, 1001])
    func raiseLimit(_ count: Int) throws {
        let raised = Array(repeating: #"{"type": "R"}"#, count: count).joined(separator: ", ")
        let talk = try Self.single(#""S": {"on": {"Go": {"raise": [\#(raised)]}}}"#, events: ["Go"])
        talk.post("Start")
        talk.post("Go")
        // A thousand are allowed, and then are too many rounds.
        #expect(talk.state.incidents.inOrder.map(\.kind) == [count > 1000 ? .limitExceeded : .tooManyRounds])
    }

    @Test("the data of a process has at most 1 MiB")
    func dataLimit() throws {
        let talk = try Self.single(
            #""S": {"on": {"A": {"set": {"a": "${event.data}"}}, "B": {"set": {"b": "${event.data}"}}}}"#,
            events: ["A", "B"])
        let large = JSONValue.string(String(repeating: "x", count: 600_000))
        talk.post("Start")
        talk.post("A", large)
        talk.post("A", large)
        #expect(talk.state.incidents.isEmpty)
        talk.post("B", large)
        #expect(talk.state.incidents.inOrder.map(\.kind) == [.limitExceeded])
        #expect(talk.data["b"] == nil)
    }

    // MARK: Variables

    @Test("all members are there, null where there is no value")
    func members() throws {
        let talk = try Self.single(
            #""S": {"on": {"Go": {"set": {"event": "${[event.id, event.type, event.source, event.time, event.correlation_id]}", "process": "${[process.key, process.status, process.definition, process.definition_version]}", "machine": "${[machine.id, machine.name, machine.state, machine.item]}", "task": "${task}", "counts": "${counts}", "machines": "${machines}", "now": "${now}"}}}}, "T": {}"#,
            events: ["Go"])
        talk.post("Start")
        talk.post("Go")
        #expect(talk.data["event"] == ["e2", "Go", "", nil, nil])
        #expect(talk.data["process"] == ["k1", "Running", "d", 1])
        #expect(talk.data["machine"] == ["main", "main", "S", nil])
        #expect(talk.data["task"] == JSONValue.null)
        #expect(talk.data["counts"] == ["main": ["S": 1, "T": 0, "total": 1]])
        #expect(talk.data["machines"] == [["id": "main", "name": "main", "state": "S", "item": nil, "result": nil]])
        #expect(talk.data["now"] == .string(talk.now.rfc3339))
    }

    @Test(
        "a value inside a longer text",
        arguments: [
            ("x${'a'}y", "xay"), ("${1} ${2.5} ${true} ${null}", "1 2.5 true null"), ("$${1} $ ${'}'}", "${1} $ }"),
            ("${[1, 'a']} ${{'k': 1}}!", #"[1,"a"] {"k":1}!"#), ("${duration('90s')} ", "90s "),
            ("${timestamp('2026-01-02T03:04:05Z')}.", "2026-01-02T03:04:05.000Z."), ("${event.data} ", #"{"id":"k"} "#),
        ])
    func text(_ template: String, _ expected: String) throws {
        let talk = try Self.single(#""S": {}"#, more: #", "data": {"t": \#(JSONValue.string(template).text)}"#)
        talk.post("Start", ["id": "k"])
        #expect(talk.data["t"] == .string(expected))
    }

    @Test("an event for very many machines that do not care costs no walk")
    func manyMachines() throws {
        let talk = try Self.several(
            #"""
            "main": {"initial": "S", "states": {"S": {"on": {"Go": {"set": {"n": 1}}}}}},
            "x": {"spawn": {"on": "Start", "for_each": "event.data.ids"}, "initial": "A", "states": {"A": {"on": {"Wake": {"to": "B"}}}, "B": {"on": {"Go": {"to": "A"}}}}}
            """#, events: ["Go", "Wake"])
        talk.post("Start", ["ids": .array((0..<500).map { .number(JSONNumber($0)) })])
        #expect(talk.state.machines.count == 501)
        talk.post("Go")
        #expect(talk.planned.map(\.machineID) == ["main"])
        talk.post("Wake")
        #expect(talk.planned.count == 500)
        #expect(talk.planned.map(\.machineID).prefix(2) == ["x/0", "x/1"])
    }
}
