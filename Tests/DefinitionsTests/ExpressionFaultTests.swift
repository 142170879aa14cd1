import Definitions
import JSON
import Testing

/// Expressions are checked where they stand, before the definition is stored.
@Suite("Faults of expressions")
struct ExpressionFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let source: String
        let column: Int
        let message: String
        let hint: String?

        init(_ source: String, _ column: Int, _ message: String, hint: String? = nil) {
            (self.source, self.column, self.message, self.hint) = (source, column, message, hint)
        }

        var testDescription: String { source }
    }

    static let conditions: [Case] = [
        // Variables.
        Case("evnt.id == 'x'", 1, "unknown variable 'evnt'", hint: "did you mean 'event'?"),
        Case("true && dat.x == 1", 9, "unknown variable 'dat'", hint: "did you mean 'data'?"),
        Case("proces.key == 'x'", 1, "unknown variable 'proces'", hint: "did you mean 'process'?"),
        Case("task.attempts > 1 || attempts > 2", 22, "unknown variable 'attempts'"),
        Case("item == 'x'", 1, "unknown variable 'item'"),
        Case("mth.abs(1) == 1", 1, "unknown variable 'mth'", hint: "did you mean 'math'?"),
        Case("machines.exists(m, n.state == 'S')", 20, "unknown variable 'n'"),
        // Members.
        Case("event.tpye == 'x'", 7, "event has no field 'tpye'", hint: "did you mean 'type'?"),
        Case("event['tpye'] == 'x'", 6, "event has no field 'tpye'", hint: "did you mean 'type'?"),
        Case("event.?tpye.hasValue()", 8, "event has no field 'tpye'", hint: "did you mean 'type'?"),
        Case("has(event.corellation_id)", 11, "no field 'corellation_id'", hint: "did you mean 'correlation_id'?"),
        Case("task.resutl.ok", 6, "task has no field 'resutl'", hint: "did you mean 'result'?"),
        Case("task.attempt > 1", 6, "task has no field 'attempt'", hint: "did you mean 'attempts'?"),
        Case("process.keys == 'x'", 9, "process has no field 'keys'", hint: "did you mean 'key'?"),
        Case("process.version == 1", 9, "process has no field 'version'"),
        Case("machine.status == 'S'", 9, "machine has no field 'status'", hint: "did you mean 'state'?"),
        Case("machines[0].nmae == 'x'", 13, "machine has no field 'nmae'", hint: "did you mean 'name'?"),
        Case("machines.all(m, m.sate == 'S')", 19, "machine has no field 'sate'", hint: "did you mean 'state'?"),
        Case("counts.line.Packed > 1", 8, "counts has no field 'line'", hint: "did you mean 'lines'?"),
        Case("counts.lines.Pakced > 1", 14, "counts.lines has no field 'Pakced'", hint: "did you mean 'Packed'?"),
        Case("counts['lines']['Pakced'] > 1", 16, "no field 'Pakced'", hint: "did you mean 'Packed'?"),
        Case("counts.main.Totl > 1", 13, "counts.main has no field 'Totl'", hint: "did you mean 'total'?"),
        Case("event.id.length > 1", 10, "string has no field 'length'"),
        Case(
            "event.id.size > 1", 10, "string has no field 'size'", hint: "a method is called with parentheses: size(…)"),
        // Functions.
        Case("sze(event.data) > 1", 1, "unknown function 'sze'", hint: "did you mean 'size'?"),
        Case("event.data.name.startWith('x')", 17, "unknown method 'startWith'", hint: "did you mean 'startsWith'?"),
        Case("contains('a', 'b')", 1, "unknown function 'contains'", hint: "contains() is a method: x.contains(…)"),
        Case("event.data.items.exist(i, i == 1)", 18, "unknown method 'exist'", hint: "did you mean 'exists'?"),
        Case("math.flor(1.5) > 1.0", 6, "unknown function 'math.flor'", hint: "did you mean 'math.floor'?"),
        Case("now() > now", 1, "unknown function 'now'"),
        // Arity.
        Case("size() > 1", 1, "size() takes 1 argument, not 0"),
        Case("size('a', 'b') > 1", 1, "size() takes 1 argument, not 2"),
        Case("event.id.contains('a', 'b')", 10, "contains() takes 1 argument, not 2"),
        Case("event.data.list.map(x) == []", 17, "map() takes 2 or 3 arguments, not 1"),
        Case("event.id.substring() == ''", 10, "substring() takes 1 or 2 arguments, not 0"),
        // Types.
        Case(
            "'a' + 1 == 'a1'", 5, "'+' cannot take string and int",
            hint: "text and other values do not mix: convert one with string()"),
        Case("!3", 1, "the operand of '!' is int, not bool"),
        Case("!event.id", 1, "the operand of '!' is string, not bool"),
        Case(
            "event.id < 3", 10, "'<' cannot take string and int",
            hint: "a number in a string is read with int() or double()"),
        Case("event.id == 3", 10, "'==' cannot take string and int"),
        Case("size(3) > 1", 1, "size() cannot take int"),
        Case(
            "task.attempts + 0.5 > 1.0", 15, "'+' cannot take int and double",
            hint: "numbers of different types do not mix: convert one with int() or double()"),
        Case(
            "event.time > '2026-01-01T00:00:00Z'", 12, "'>' cannot take timestamp and string",
            hint: "a time in a string is read with timestamp()"),
        Case(
            "now - event.time > '1h'", 18, "'>' cannot take duration and string",
            hint: "a length of time in a string is read with duration()"),
        Case(
            "now + 60 > event.time", 5, "'+' cannot take timestamp and int",
            hint: "a length of time is written as in duration('90m')"),
        Case(
            "'x' in event.id", 5, "'in' cannot take string and string",
            hint: "text is searched with contains(): x.contains(…)"),
        Case("event.id && true", 7, "an operand of '&&' is string, not bool"),
        Case("event.id ? true : false", 10, "the condition before '?' is string, not bool"),
        Case("-event.id == 'x'", 1, "'-' cannot negate string"),
        Case("event.id[0] == 'x'", 9, "string has no elements"),
        Case("task.attempts.startsWith('1')", 15, "int has no method startsWith(string)"),
        Case("event.id.all(c, c == 'x')", 10, "all() goes over a list or a map, not over string"),
        Case("machines.filter(m, m.state) == []", 22, "the condition of filter() is string, not bool"),
        Case("null + 1 == 1", 6, "'+' cannot take null and int"),
        Case("timestamp('tomorrow') < now", 11, "'tomorrow'"),
        Case("event.id.matches('(')", 18, ""),
        // What the whole gives.
        Case("event.id", 1, "a condition has to give a bool, and this gives string"),
        Case("1 + 1", 1, "a condition has to give a bool, and this gives int"),
        Case("machines", 1, "and this gives list"),
        Case("event.?id", 1, "and this gives optional"),
        Case("now - event.time", 1, "and this gives duration"),
        // Syntax.
        Case("event.id = 'x'", 10, "", hint: "comparison is written =="),
        Case("event.id ==", 12, "expected"),
        Case("event.id == 'x", 13, "closing quote"),
    ]

    static func definition(when: String) -> JSONValue {
        [
            "name": "d",
            "events": ["Start": ["key": "event.data.id", "route": "start"]],
            "machines": [
                "main": ["initial": "S", "states": ["S": ["on": ["Start": ["when": .string(when), "to": "S"]]]]],
                "lines": [
                    "spawn": ["on": "Start", "for_each": "event.data.lines"], "initial": "Open",
                    "states": ["Open": [:], "Packed": ["final": true]],
                ],
            ],
        ]
    }

    static func faults(_ document: JSONValue) -> [DefinitionFault] {
        do {
            _ = try Definition.decode(document, version: 1)
            return []
        } catch {
            return error.faults
        }
    }

    @Test("a condition is refused with its place", arguments: conditions)
    func conditionIsRefused(_ expected: Case) throws {
        let faults = Self.faults(Self.definition(when: expected.source))
        let fault = try #require(faults.first)
        #expect(faults.count == 1)
        #expect(fault.pointer == "/machines/main/states/S/on/Start/when")
        #expect(fault.message.contains(expected.message), "\(fault)")
        #expect(fault.column == expected.column, "\(fault)")
        if let hint = expected.hint { #expect(fault.hint == hint) }
    }

    @Test(
        "what may be right is not refused",
        arguments: [
            "event.data.anything.at.all == 3", "data.unknown", "event.data.x + 1 > data.y", "event == null",
            "event.correlation_id == null", "task.code in ['a', null]",
            "counts[event.data.machine][event.data.state] > 0",
            "has(event.data.x) && event.data.x", "event.data.x.y.z.startsWith('a')", "data.list.exists(x, x.ok)",
            "machine.item.weight > 3", "counts.lines.total == counts.lines.Packed + counts.lines.Open",
            "now - process.started_at > duration('1h')", "event.?correlation_id.orValue('') == ''", "1 < 1.5",
            "event.time.getHours('Europe/Berlin') < 8", "[1, 'a', null].exists(x, x == data.y)", "dyn(1) == 'a'",
        ])
    func conditionIsAccepted(_ source: String) {
        #expect(Self.faults(Self.definition(when: source)) == [])
    }

    @Test("a second line is named, and columns count from its beginning")
    func lines() throws {
        let fault = try #require(Self.faults(Self.definition(when: "event.id == 'x' &&\n  evnt.id == 'y'")).first)
        #expect(fault.message == "line 2: unknown variable 'evnt'")
        #expect(fault.column == 3)
    }

    @Test("a column counts characters, not bytes, also inside a longer text")
    func characters() throws {
        var document = Self.definition(when: "'äöü' == evnt.id")
        #expect(Self.faults(document).first?.column == 10)
        document = [
            "name": "d", "events": ["Start": ["key": "event.data.id", "route": "start"]], "initial": "S",
            "states": ["S": ["on": ["Start": ["to": "S", "set": ["a": ["b": "größer ${data.x} als ${dta.y}"]]]]]],
        ]
        let fault = try #require(Self.faults(document).first)
        #expect(fault.pointer == "/states/S/on/Start/set/a/b")
        #expect(fault.column == 24)
    }

    /// Which variables an expression may read depends on where it stands.
    static let scopes: [(pointer: String, document: JSONValue, variable: String)] = {
        func around(_ states: JSONValue, key: String = "event.data.id", data: JSONValue = [:]) -> JSONValue {
            [
                "name": "d", "events": ["Start": ["key": .string(key), "route": "start"]], "data": data,
                "initial": "S", "states": states,
            ]
        }
        func spawning(_ spawn: JSONValue) -> JSONValue {
            [
                "name": "d", "events": ["Start": ["key": "event.data.id", "route": "start"]],
                "machines": ["m": ["spawn": spawn, "initial": "S", "states": ["S": ["final": true]]]],
            ]
        }
        var cases: [(pointer: String, document: JSONValue, variable: String)] = []
        for variable in ["data.x", "process.id", "now", "task.id", "item", "counts.main.S", "machines", "machine.id"] {
            cases.append(("/events/Start/key", around(["S": [:]], key: "string(\(variable))"), variable))
        }
        for variable in ["data.x", "task.id", "item", "counts.main.S", "machines", "machine.id"] {
            cases.append(("/data/a", around(["S": [:]], data: ["a": .string("${\(variable)}")]), variable))
        }
        for variable in ["now", "task.id", "item", "counts.m.S", "machines", "machine.id"] {
            let list = "[\(variable)]"
            cases.append(
                ("/machines/m/spawn/for_each", spawning(["on": "Start", "for_each": .string(list)]), variable))
        }
        for variable in ["now", "task.id", "counts.m.S", "machines", "machine.id"] {
            let spawn: JSONValue = ["on": "Start", "for_each": "[1]", "id": .string("string(\(variable))")]
            cases.append(("/machines/m/spawn/id", spawning(spawn), variable))
        }
        for variable in ["event.id", "now", "task.id", "item"] {
            let states: JSONValue = ["S": ["always": ["when": .string("\(variable) == null"), "to": "S"]]]
            cases.append(("/states/S/always/when", around(states), variable))
        }
        for (pointer, transition) in [
            ("/states/S/on/Start/when", ["when": "item == 1"] as JSONValue),
            ("/states/S/on/Start/set/a", ["set": ["a": "${item}"]]),
            ("/states/S/on/Start/correlate/a", ["correlate": ["a": "${item}"]]),
            ("/states/S/on/Start/task/input/a", ["task": ["type": "t", "input": ["a": "${item}"]]]),
            ("/states/S/on/Start/commands/0/payload", ["commands": [["command": "c", "payload": "${item}"]]]),
            ("/states/S/on/Start/raise/data", ["raise": ["type": "R", "data": "${item}"]]),
            ("/states/S/on/Start/complete/0", ["complete": ["${item}"]]),
            ("/states/S/on/Start/fail", ["fail": "${item}"]), ("/states/S/on/Start/cancel", ["cancel": "${item}"]),
        ] {
            cases.append((pointer, around(["S": ["on": ["Start": transition]]]), "item"))
        }
        cases.append(("/states/S/after/0/at", around(["S": ["after": [["at": "item"]]]]), "item"))
        cases.append(("/states/S/after/0/delay", around(["S": ["after": [["delay": "${item}"]]]]), "item"))
        cases.append(("/states/S/result/a", around(["S": ["final": true, "result": ["a": "${item}"]]]), "item"))
        let task: JSONValue = [
            "type": "t", "mode": "sync", "result": "${item}", "undo": ["type": "u", "input": ["${item}"]],
        ]
        cases.append(("/states/S/task/result", around(["S": ["task": task]]), "item"))
        cases.append(("/states/S/task/undo/input/0", around(["S": ["task": task]]), "item"))
        return cases
    }()

    @Test("a variable that is not there where it is read is refused")
    func scopes() {
        for (pointer, document, variable) in Self.scopes {
            let faults = Self.faults(document)
            let name = variable.prefix { $0 != "." }
            #expect(
                faults.contains { $0.pointer == pointer && $0.message == "unknown variable '\(name)'" },
                "\(pointer) reads \(variable): \(faults)")
        }
        #expect(Self.scopes.count > 40)
    }
}
