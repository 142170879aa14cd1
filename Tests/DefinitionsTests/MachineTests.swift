import Chrono
import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// A definition whose only start event is `Start`, with the key in `k`; `Go`, `Next` and `More` go on.
func definition(_ rest: String, events: String = "") -> String {
    """
    {"name": "t",
     "events": {"Start": {"key": "event.data.k", "route": "start"}, "Go": {"key": "event.data.k"},
                "Next": {"key": "event.data.k"}, "More": {"key": "event.data.k"}\(events)},
     \(rest)}
    """
}

@Suite("Machines, joins, deferral, raised events, sync tasks")
struct MachineTests {
    private static let packing = definition(
        """
        "data": {"packed": 0},
        "machines": {
          "invoice": {"initial": "Waiting", "states": {
            "Waiting": {"always": [{"when": "counts.item.total > 0 && counts.item.Packed >= 2", "to": "Sent"}]},
            "Sent": {"final": true, "result": {"packed": "${counts.item.Packed}"}}}},
          "item": {"spawn": {"on": "More", "for_each": "event.data.items", "id": "item.sku"}, "initial": "Packing",
            "states": {
              "Packing": {"task": {"type": "pack", "input": {"sku": "${machine.item.sku}", "of": "${counts.item.total}"}},
                "on": {"completed": {"to": "Packed"}, "failed": {"to": "Packed"}}},
              "Packed": {"final": true}}}}
        """)

    @Test("a machine is spawned for each item, an id that exists is not spawned again")
    func spawn() throws {
        let dialogue = try Dialogue(json: Self.packing)
        dialogue.post("Start", ["k": "k1"])
        #expect(dialogue.state.machines.inOrder.map(\.id) == ["invoice"])
        dialogue.post("More", ["items": [["sku": "a"], ["sku": 7], ["sku": "a"]]])
        #expect(dialogue.state.machines.inOrder.map(\.id) == ["invoice", "item/a", "item/7"])
        let inputs: [JSONValue] = [["sku": "a", "of": 1], ["sku": 7, "of": 2]]
        #expect(dialogue.state.tasks.inOrder.map(\.input) == inputs.map { JSONView($0) })
        dialogue.post("More", ["items": [["sku": 7], ["sku": "b"]]])
        #expect(dialogue.planned.map(\.machineID) == ["item/b"])
        #expect(dialogue.planned.first?.fromState == nil)
    }

    @Test("a join is taken when enough machines have come")
    func join() throws {
        let dialogue = try Dialogue(json: Self.packing)
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("More", ["items": [["sku": "a"], ["sku": "b"], ["sku": "c"]]])
        try dialogue.complete(machine: "item/a")
        #expect(dialogue.at("invoice") == "Waiting")
        try dialogue.complete(machine: "item/b")
        #expect(dialogue.at("invoice") == "Sent")
        #expect(dialogue.planned.map(\.transition) == ["completed", "always"])
        #expect(dialogue.state.status == .running)
        try dialogue.complete(machine: "item/c")
        #expect(dialogue.state.status == .completed)
        // What it was when the invoice was sent.
        #expect(dialogue.state.result == JSONView(["invoice": ["packed": 2]]))
    }

    @Test("what is no list, and what is no id, is an incident and spawns nothing", arguments: ["no list", "no id"])
    func badItems(what: String) throws {
        let dialogue = try Dialogue(json: Self.packing)
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("More", what == "no list" ? ["items": "abc"] : ["items": [["sku": "good"], ["sku": "a/b"]]])
        #expect(dialogue.last.map(\.type) == ["IncidentRaised"])
        #expect(dialogue.state.machines.count == 1)
        let incident = try #require(dialogue.state.incidents.inOrder.first)
        #expect(incident.kind == .expressionFailed)
        #expect(incident.pointer == (what == "no list" ? "/machines/item/spawn/for_each" : "/machines/item/spawn/id"))
        #expect(incident.inputVersion == dialogue.state.version - 1)
    }

    @Test("no items at all complete a process that has no other machine")
    func nothingToSpawn() throws {
        let dialogue = try Dialogue(sample: "rebase-failure", key: "rb")
        dialogue.post("RebaseFailed", ["rebase_id": "rb", "instance_ids": []])
        #expect(dialogue.state.status == .completed)
        #expect(dialogue.types == ["ProcessStarted", "RebaseFailed", "ProcessCompleted"])
    }

    @Test("always transitions go on until none applies, each first one that holds")
    func always() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "data": {"n": 1}, "initial": "A",
                "states": {
                  "A": {"on": {"Go": {"set": {"n": "${event.data.n}"}}},
                        "always": [{"when": "data.n > 10", "to": "C"}, {"when": "data.n > 5", "to": "B"}]},
                  "B": {"always": [{"name": "on", "when": "data.n > 7", "to": "C", "set": {"b": "${data.n + 1}"}}],
                        "on": {"Next": {"set": {"n": 8}}}},
                  "C": {"final": true, "result": {"n": "${data.n}", "b": "${has(data.b) ? data.b : null}"}}}
                """))
        dialogue.post("Start", ["k": "k1"])
        #expect(dialogue.at("main") == "A")
        dialogue.post("Go", ["n": 5])
        #expect(dialogue.at("main") == "A")
        dialogue.post("Go", ["n": 6])
        #expect(dialogue.at("main") == "B")
        dialogue.post("Next")
        #expect(dialogue.planned.map(\.transition) == ["Next", "on"])
        #expect(dialogue.state.result == JSONView(["n": 8, "b": 9]))

        let other = try Dialogue(json: dialogue.manager.definition.canonicalText)
        other.post("Start", ["k": "k1"])
        other.post("Go", ["n": 11])
        #expect(other.state.result == JSONView(["n": 11, "b": nil]))
    }

    @Test("a failing always counts as false and raises one incident for each stay in the state")
    func failingAlways() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "data": {"n": 1}, "initial": "A",
                "states": {
                  "A": {"on": {"Go": {"set": {"n": "${event.data.n}"}}, "Next": {"to": "A"}},
                        "always": [{"when": "10 / data.n == 5", "to": "B"}]},
                  "B": {"final": true}}
                """))
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("Go", ["n": 0])
        #expect(dialogue.last.map(\.type) == ["TransitionPlanned", "IncidentRaised"])
        #expect(dialogue.data == ["n": 0])
        #expect(dialogue.state.incidents.inOrder.first?.pointer == "/states/A/always/0/when")
        dialogue.post("Go", ["n": false])
        #expect(dialogue.last.map(\.type) == ["TransitionPlanned"])
        dialogue.post("Next")
        #expect(dialogue.last.map(\.type) == ["TransitionPlanned", "IncidentRaised"])
        #expect(dialogue.state.incidents.count == 1)
        dialogue.post("Go", ["n": 2])
        #expect(dialogue.state.status == .completed)
    }

    private static let deferring = definition(
        """
        "initial": "A",
        "states": {
          "A": {"defer": ["Next", "More"], "on": {"Go": {"to": "B"}}},
          "B": {"on": {"Next": {"to": "C", "set": {"next": "${event.data.n}"}}}, "defer": ["More"]},
          "C": {"on": {"More": {"when": "event.data.n > 1", "set": {"more": "${event.data.n}"}}, "Go": {"to": "D"}}},
          "D": {"final": true, "result": "${data}"}}
        """)

    @Test("what was recorded by the first rules is decided by them for ever: offers, results, ids")
    func firstRules() throws {
        let waiting = try Dialogue(json: Self.deferring)
        waiting.rules = .first
        waiting.post("Start", ["k": "k1"])
        waiting.post("More", ["n": 1])
        waiting.post("Next", ["n": 2])
        waiting.post("Go")
        let results = waiting.last.compactMap {
            if case .deferredEventOffered(let fact) = $0 { fact.result } else { nil }
        }
        #expect(results == [.deferred, .taken, .dropped])
        let joined = try Dialogue(json: Self.packing)
        joined.rules = .first
        joined.post("Start", ["k": "k1"])
        joined.post("More", ["items": [["sku": "u\u{308}"], ["sku": "\u{FC}"], ["sku": "b"], ["sku": "c"]]])
        #expect(joined.state.machines.inOrder.map(\.id) == ["invoice", "item/u\u{308}", "item/b", "item/c"])
        for id in ["item/u\u{308}", "item/b", "item/c"] { try joined.complete(machine: id) }
        #expect(joined.state.result == JSONView(["invoice": ["packed": 3]]))
    }

    @Test("ids of machines are told apart by their bytes")
    func exactIDs() throws {
        let dialogue = try Dialogue(json: Self.packing)
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("More", ["items": [["sku": "u\u{308}"], ["sku": "\u{FC}"]]])
        #expect(dialogue.state.machines.count == 3)
        #expect(dialogue.state.tasks.count == 2)
    }

    @Test("deferred events are offered again after each state change, oldest first")
    func deferral() throws {
        let dialogue = try Dialogue(json: Self.deferring)
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("More", ["n": 1])
        #expect(dialogue.last.map(\.type) == ["EventDeferred"])
        dialogue.post("Next", ["n": 2])
        dialogue.post("More", ["n": 3])
        let versions = dialogue.state.deferredVersions
        #expect(versions.count == 3)
        dialogue.post("Go")
        let offered = dialogue.last.compactMap { fact -> String? in
            switch fact {
            case .deferredEventOffered(let fact): "\(versions.firstIndex(of: fact.eventVersion) ?? -1) \(fact.result)"
            case .transitionPlanned(let fact): fact.toState
            default: nil
            }
        }
        // In B the first goes on waiting, which is no record; the second is taken and enters C, where all that is left is offered.
        #expect(offered == ["B", "1 taken", "C", "0 dropped", "2 taken", "C"])
        #expect(dialogue.data == ["next": 2, "more": 3])
        #expect(dialogue.state.deferredCount == 0)
        dialogue.post("Go")
        #expect(dialogue.state.result == JSONView(["next": 2, "more": 3]))
    }

    @Test("raised events are handled in the same step, first in first out, after always")
    func raising() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "data": {"log": []},
                "machines": {
                  "a": {"initial": "A", "states": {
                    "A": {"on": {
                      "Go": {"raise": [{"type": "First", "data": {"n": "${event.data.n}"}}, {"type": "Second"}],
                             "set": {"log": "${data.log + ['go']}"}},
                      "First": {"set": {"log": "${data.log + ['first ' + string(event.data.n) + event.source]}"},
                                "raise": {"type": "Third"}},
                      "Second": {"set": {"log": "${data.log + ['second']}"}},
                      "Third": {"to": "B", "set": {"log": "${data.log + ['third']}"}}}},
                    "B": {"final": true}}},
                  "b": {"initial": "A", "states": {
                    "A": {"on": {"First": {"to": "B", "set": {"log": "${data.log + ['b']}"}}}}, "B": {"final": true}}}}
                """))
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("Go", ["n": 4])
        #expect(dialogue.data == ["log": ["go", "first 4procession", "b", "second", "third"]])
        #expect(dialogue.state.status == .completed)
        #expect(!dialogue.types.contains("First"))
    }

    @Test("a sync task is computed at once, and undone like any other")
    func sync() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "initial": "A",
                "states": {
                  "A": {"task": {"type": "sum", "mode": "sync", "input": {"a": 2}, "result": {"s": "${machine.state + '!'}"},
                                 "undo": {"type": "unsum", "input": {"s": "${task.result.s}"}}},
                        "on": {"completed": {"to": "B", "set": {"s": "${task.result.s}"}}}},
                  "B": {"on": {"Go": {"fail": "no more", "compensate": true}}}}
                """))
        dialogue.post("Start", ["k": "k1"])
        #expect(
            dialogue.types == ["ProcessStarted", "Start", "TransitionPlanned", "TaskCompleted", "TransitionPlanned"])
        #expect(dialogue.data == ["s": "A!"])
        dialogue.post("Go")
        #expect(try dialogue.task("unsum").input == JSONView(["s": "A!"]))
        try dialogue.complete("unsum")
        #expect(dialogue.state.status == .failed)
    }

    @Test("two side tasks of one type run at once and answer one by one")
    func sideTasks() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "data": {"n": 0}, "initial": "A",
                "states": {
                  "A": {"on": {"Go": {"task": {"type": "ping"}}, "Next": {"to": "B"},
                               "completed:ping": {"set": {"n": "${data.n + 1}"}}, "failed:ping": {"set": {"n": -1}}}},
                  "B": {"on": {"completed:ping": {"to": "C"}}},
                  "C": {"final": true}}
                """))
        dialogue.post("Start", ["k": "k1"])
        for _ in 1...3 { dialogue.post("Go") }
        #expect(dialogue.openTasks == ["ping", "ping", "ping"])
        try dialogue.complete("ping")
        #expect(dialogue.data == ["n": 1])
        dialogue.post("Next")
        #expect(dialogue.openTasks == ["ping", "ping"])
        // The state in which it was planned is left: nobody waits for this failure.
        try dialogue.fail("ping")
        #expect(dialogue.last.map(\.type) == ["TaskFailed"])
        try dialogue.complete("ping")
        #expect(dialogue.state.status == .completed)
    }

    @Test("timers take computed delays and times, also such as have passed")
    func timers() throws {
        let dialogue = try Dialogue(
            json: definition(
                """
                "data": {"wait": "${event.data.wait}", "due": "${event.data.due}"}, "initial": "A",
                "states": {
                  "A": {"after": [{"delay": "${data.wait}", "set": {"one": true}},
                                  {"delay": "${duration('2h')}", "when": "data.missing", "set": {"two": true}},
                                  {"at": "data.due", "to": "B"}]},
                  "B": {"after": {"at": "now - duration('1s')", "to": "C"}},
                  "C": {"final": true}}
                """))
        dialogue.post("Start", ["k": "k1", "wait": "90m", "due": "2023-11-15T22:13:20Z"])
        let start = dialogue.now
        let expected: [Instant] = [start + .minutes(90), start + .hours(2), start + .hours(24)]
        #expect(dialogue.state.timers.inOrder.map(\.dueAt) == expected)
        dialogue.advance(.hours(2))
        #expect(dialogue.data["one"] == true)
        // A condition that fails is an incident of the timer's step.
        #expect(dialogue.state.incidents.inOrder.map(\.pointer) == ["/states/A/after/1/when"])
        dialogue.advance(.hours(22))
        #expect(dialogue.state.status == .completed)
    }
}

extension Definition {
    /// The stored form as text.
    var canonicalText: String { String(decoding: canonical.bytes, as: UTF8.self) }
}
