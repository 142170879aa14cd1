import Chrono
import Definitions
import JSON
import ProcessManagement
import Testing

@Suite("Reading a definition")
struct DecodingTests {
    /// A definition around some states; `S` is the initial one.
    static func around(_ states: String, events: String = "", more: String = "") -> String {
        """
        {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}\(events)},
         "initial": "S", "states": {\(states)}\(more)}
        """
    }

    static func faults(_ text: String) -> [DefinitionFault] {
        do {
            _ = try Definition.load(Array(text.utf8))
            return []
        } catch {
            return error.faults
        }
    }

    static func warnings(_ text: String) throws -> [DefinitionFault] {
        try Definition.load(Array(text.utf8)).warnings
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let text: String
        let pointer: String
        let message: String
        var hint: String?
        var column: Int?
        var testDescription: String { "\(pointer): \(message)" }

        init(_ text: String, _ pointer: String, _ message: String, hint: String? = nil, column: Int? = nil) {
            self.text = text
            self.pointer = pointer
            self.message = message
            self.hint = hint
            self.column = column
        }
    }

    static let bad: [Bad] = [
        Bad("[]", "", "a definition has to be an object"),
        Bad("{", "", "line 1:"),
        Bad(#"{"name": "d", "name": "e"}"#, "", "occurs twice"),
        Bad(#"{"events": {}, "initial": "S", "states": {"S": {}}}"#, "", "needs 'name'"),
        Bad(#"{"name": "1x", "events": {}, "initial": "S", "states": {"S": {}}}"#, "/name", "is no name"),
        Bad(#"{"name": "task", "events": {}, "initial": "S", "states": {"S": {}}}"#, "/name", "reserved"),
        Bad(#"{"name": "d", "events": {}}"#, "", "needs 'initial' and 'states', or 'machines'"),
        Bad(#"{"name": "d", "events": {}, "machines": {}}"#, "/machines", "at least one machine"),
        Bad(
            #"{"name": "d", "events": {}, "initial": "S", "machines": {"m": {"initial": "S", "states": {"S": {}}}}}"#,
            "/initial", "cannot stand beside"),
        Bad(around(#""S": {}"#, more: #", "restrat": true"#), "/restrat", "no field", hint: "did you mean 'restart'?"),
        Bad(around(#""S": {}"#, more: #", "restart": 1"#), "/restart", "true or false"),
        Bad(around(#""S": {}"#, more: #", "data": [1]"#), "/data", "has to be an object"),
        Bad(
            around(#""S": {}"#, more: #", "on_cancel": {"mode": "soft"}"#), "/on_cancel/mode", "'hard' or 'cooperative'"
        ),
        Bad(around(#""T": {}"#), "/initial", "there is no state 'S'"),
        Bad(
            around(#""S": {"on": {"Start": {"to": "Dnoe"}}}, "Done": {"final": true}"#), "/states/S/on/Start/to",
            "there is no state 'Dnoe'", hint: "did you mean 'Done'?"),
        Bad(
            around(#""S": {"on": {"Strat": {"to": "S"}}}"#), "/states/S/on/Strat", "is no event of this definition",
            hint: "did you mean 'Start'?"),
        Bad(around(#""S": {"on": {"finished:x": {"to": "S"}}}"#), "/states/S/on/finished:x", "no outcome"),
        Bad(around(#""total": {}, "S": {}"#), "/states/total", "'counts' has it"),
        Bad(around(#""S": {"on": {"Start": {"when": "event.data.x ==", "to": "S"}}}"#), "/states/S/on/Start/when", ""),
        Bad(
            around(#""S": {"on": {"Start": {"when": "evnt.id == 'x'"}}}"#), "/states/S/on/Start/when", "evnt", column: 1
        ),
        Bad(around(#""S": {"on": {"Start": {"when": "1 + 1"}}}"#), "/states/S/on/Start/when", "has to give a bool"),
        Bad(around(#""S": {"on": {"Start": {"when": "process.nam == 'x'"}}}"#), "/states/S/on/Start/when", "nam"),
        Bad(around(#""S": {"on": {"Start": {"when": "counts.main.Gone > 1"}}}"#), "/states/S/on/Start/when", "Gone"),
        Bad(
            around(#""S": {"always": [{"when": "now > timestamp('2020-01-01T00:00:00Z')", "to": "S"}]}"#),
            "/states/S/always/0/when", "now"),
        Bad(
            around(#""S": {"on": {"Start": {"set": {"a": "x ${nope} y"}}}}"#), "/states/S/on/Start/set/a", "nope",
            column: 5),
        Bad(
            around(#""S": {"on": {"Start": {"set": {"a": "${data.x"}}}}"#), "/states/S/on/Start/set/a", "not closed",
            column: 1),
        Bad(around(#""S": {"on": {"Start": {"set": 5}}}"#), "/states/S/on/Start/set", "has to be an object"),
        Bad(around(#""S": {"on": {"Start": {"compensate": true}}}"#), "/states/S/on/Start/compensate", "goes with"),
        Bad(
            around(#""S": {"on": {"Start": {"complete": {}, "compensate": true}}}"#), "/states/S/on/Start/compensate",
            "goes with"),
        Bad(around(#""S": {"on": {"Start": {"complete": {}, "fail": "x"}}}"#), "/states/S/on/Start", "at most one of"),
        Bad(
            around(#""S": {"on": {"Start": {"fail": "x", "raise": {"type": "R"}}}}"#), "/states/S/on/Start/raise",
            "ends the process"),
        Bad(
            around(#""S": {"on": {"Start": {"publish": [{"type": "a:b"}]}}}"#), "/states/S/on/Start/publish/0/type",
            "reserved"),
        Bad(
            around(#""S": {"on": {"Start": {"publish": {"data": 1}}}}"#), "/states/S/on/Start/publish", "needs 'type'"),
        Bad(
            around(#""S": {"on": {"Start": {"publish": {"type": "R", "to": 1}}}}"#),
            "/states/S/on/Start/publish/to", "no field 'to'"),
        Bad(around(#""S": {"task": {"process": "other"}}"#), "/states/S/task", "needs 'key'"),
        Bad(
            around(#""S": {"task": {"process": "a b", "key": "'k'"}}"#), "/states/S/task/process",
            "no name of a definition"),
        Bad(
            around(#""S": {"task": {"process": "task", "key": "'k'"}}"#), "/states/S/task/process",
            "no name of a definition"),
        Bad(
            around(#""S": {"task": {"process": "other", "key": "1.5"}}"#), "/states/S/task/key",
            "has to be a string or an integer"),
        Bad(
            around(#""S": {"task": {"process": "other", "key": "'k'", "retry": {}}}"#), "/states/S/task/retry",
            "no field 'retry'"),
        Bad(
            around(#""S": {"task": {"process": "other", "key": "'k'", "type": "t"}}"#), "/states/S/task/type",
            "no field 'type'"),
        Bad(
            around(#""S": {"task": {"process": "other", "key": "'k'", "timeouts": {"claim": "1s"}}}"#),
            "/states/S/task/timeouts/claim", "no field 'claim'"),
        Bad(
            around(#""S": {"task": {"type": "t", "undo": {"process": "other", "key": "'k'", "input": {}}}}"#),
            "/states/S/task/undo/input", "no field 'input'"),
        Bad(
            around(#""S": {"task": {"type": "process:other"}}"#), "/states/S/task/type", "those of child processes"),
        Bad(
            around(#""S": {"final": true}"#, events: #", "ChildRequested": {"key": "'k'"}"#), "/events/ChildRequested",
            "reserved"),
        Bad(around(#""S": {"task": {"input": {}}}"#), "/states/S/task", "needs 'type'"),
        Bad(around(#""S": {"task": {"type": "t", "mode": "fast"}}"#), "/states/S/task/mode", "'async' or 'sync'"),
        Bad(
            around(#""S": {"task": {"type": "t", "mode": "sync", "retry": {}}}"#), "/states/S/task/retry",
            "computed at once"),
        Bad(
            around(#""S": {"task": {"type": "t", "mode": "sync", "timeouts": {}}}"#), "/states/S/task/timeouts",
            "computed at once"),
        Bad(around(#""S": {"task": {"type": "t", "result": {}}}"#), "/states/S/task/result", "only a sync task"),
        Bad(around(#""S": {"task": {"type": "t", "priority": 10}}"#), "/states/S/task/priority", "from 0 to 9"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"delay": "1 s"}}}"#), "/states/S/task/retry/delay",
            "duration"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"max_attemps": 2}}}"#), "/states/S/task/retry/max_attemps",
            "no field", hint: "did you mean 'max_attempts'?"),
        Bad(
            around(#""S": {"task": {"type": "t", "timeouts": {"total": "0s"}}}"#), "/states/S/task/timeouts/total",
            "longer than nothing"),
        Bad(
            around(#""S": {"task": {"type": "t", "undo": {"type": "u", "mode": "sync"}}}"#), "/states/S/task/undo/mode",
            "no field"),
        Bad(around(#""S": {"after": [{"to": "S"}]}"#), "/states/S/after/0", "needs 'delay' or 'at'"),
        Bad(around(#""S": {"after": [{"delay": "1s", "at": "now"}]}"#), "/states/S/after/0", "not both"),
        Bad(around(#""S": {"after": [{"delay": "${1}"}]}"#), "/states/S/after/0/delay", "has to give a duration"),
        Bad(around(#""S": {"after": [{"at": "true"}]}"#), "/states/S/after/0/at", "has to give a timestamp"),
        Bad(around(#""S": {"final": true, "on": {"Start": {"to": "S"}}}"#), "/states/S/on", "final state"),
        Bad(around(#""S": {"result": {}}"#), "/states/S/result", "only a final state"),
        Bad(
            around(#""S": {"always": [{"to": "T"}]}, "T": {"always": [{"to": "S"}]}"#), "/states/S/always/0",
            "S → T → S"),
        Bad(
            around(#""S": {"task": {"type": "t", "mode": "sync"}, "on": {"completed": {"to": "S"}}}"#),
            "/states/S/on/completed", "loop without a wait"),
        Bad(
            around(#""S": {"on": {"Start": {"to": "T", "task": {"type": "x"}}}}, "T": {"task": {"type": "y"}}"#),
            "/states/S/on/Start/task", "has one already"),
        Bad(
            around(#""S": {"on": {"Start": {"raise": {"type": "R"}}, "R": {"to": "S"}}, "defer": ["R"]}"#),
            "/states/S/defer/0", "never deferred"),
        Bad(around(#""S": {}"#, events: #", "completed": {"key": "'k'"}"#), "/events/completed", "reserved"),
        Bad(around(#""S": {}"#, events: #", "a:b": {"key": "'k'"}"#), "/events/a:b", "reserved"),
        Bad(around(#""S": {}"#, events: #", "TaskFailed": {"key": "'k'"}"#), "/events/TaskFailed", "reserved"),
        Bad(around(#""S": {}"#, events: #", "a/b": {}"#), "/events/a~1b", "needs 'key'"),
        Bad(around(#""S": {}"#, events: #", "E": {"key": "[1]"}"#), "/events/E/key", "string or an integer"),
        Bad(around(#""S": {}"#, events: #", "E": {"key": "data.x"}"#), "/events/E/key", "data"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "route": "start", "by": "x"}"#), "/events/E/by",
            "process key"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "route": "start", "when_missing": "ignore"}"#),
            "/events/E/when_missing", "never missing"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "route": "start", "when_missing": {"hold": "1h"}}"#),
            "/events/E/when_missing", "with 'restart'"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "when_missing": {"hold": "soon"}}"#),
            "/events/E/when_missing/hold", "duration"),
        Bad(
            #"{"name": "d", "events": {}, "machines": {"m": {"spawn": {"on": "X", "for_each": "[1]"}, "initial": "S", "states": {"S": {}}}}}"#,
            "/machines/m/spawn/on", "is no event"),
        Bad(around(#""S": {"always": {"when": " true", "to": "S"}}"#), "/states/S/always", "S → S"),
        Bad(
            around(
                #""S": {"always": {"when": "true", "to": "T"}}, "T": {"task": {"type": "t", "mode": "sync"}, "on": {"completed": {"to": "S"}}}"#
            ), "/states/S/always", "S → T → S"),
        // What a part has to be.
        Bad(#"{"name": "d", "initial": "S", "states": {"S": {}}}"#, "", "needs 'events'"),
        Bad(#"{"name": "d", "events": [], "initial": "S", "states": {"S": {}}}"#, "/events", "has to be an object"),
        Bad(#"{"name": 5, "events": {}, "initial": "S", "states": {"S": {}}}"#, "/name", "has to be a string"),
        Bad(around(#""S": {}"#, more: #", "description": 5"#), "/description", "has to be a string"),
        Bad(around(#""S": {}"#, more: #", "data": "${event.id}""#), "/data", "has to be an object", column: 3),
        Bad(around(#""S": {}"#, more: #", "data": "x ${event.id}""#), "/data", "has to be an object"),
        Bad(around(#""S": {}"#, more: #", "data": {"a": "${data.b}"}"#), "/data/a", "unknown variable", column: 3),
        Bad(around(#""S": {}"#, more: #", "on_cancel": {"deadline": 5}"#), "/on_cancel/deadline", "duration"),
        Bad(around(#""S": {}"#, more: #", "on_cancel": {"compensate": 5}"#), "/on_cancel/compensate", "true or false"),
        Bad(around(#""S": {}"#, more: #", "on_cancel": {"modus": 5}"#), "/on_cancel/modus", "no field"),
        Bad(#"{"name": "d", "events": {}, "initial": "S", "states": []}"#, "/states", "at least one state"),
        Bad(#"{"name": "d", "events": {}, "initial": "S", "states": {}}"#, "/states", "at least one state"),
        Bad(#"{"name": "d", "events": {}, "initial": "S"}"#, "", "needs 'states'"),
        Bad(#"{"name": "d", "events": {}, "states": {"S": {}}}"#, "", "needs 'initial'"),
        Bad(
            around(#""S": {}, "1st": {}"#), "/states/1st", "is no name",
            hint: "a letter, then letters, digits, '_' and '-', at most 64"),
        Bad(around(#""S": 5"#), "/states/S", "has to be an object"),
        Bad(around(#""S": {"onn": {}}"#), "/states/S/onn", "no field", hint: "did you mean 'on'?"),
        Bad(around(#""S": {"on": []}"#), "/states/S/on", "has to be an object"),
        Bad(around(#""S": {"on": {"Start": 5}}"#), "/states/S/on/Start", "a list or an object"),
        Bad(around(#""S": {"on": {"Start": [5]}}"#), "/states/S/on/Start/0", "has to be an object"),
        Bad(
            around(#""S": {"on": {"Start": [{"to": "S"}, {"two": "S"}]}}"#), "/states/S/on/Start/1/two", "no field",
            hint: "did you mean 'to'?"),
        Bad(around(#""S": {"on": {"Start": {"to": 5}}}"#), "/states/S/on/Start/to", "has to be a string"),
        Bad(around(#""S": {"on": {"Start": {"name": 5}}}"#), "/states/S/on/Start/name", "has to be a string"),
        Bad(around(#""S": {"on": {"Start": {"when": true}}}"#), "/states/S/on/Start/when", "has to be a string"),
        Bad(around(#""S": {"on": {"Start": {"cancel": 5}}}"#), "/states/S/on/Start/cancel", "has to be a string"),
        Bad(
            around(#""S": {"on": {"Start": {"fail": "x", "compensate": 1}}}"#), "/states/S/on/Start/compensate",
            "true or false"),
        Bad(
            around(#""S": {"on": {"Start": {"correlate": 5}}}"#), "/states/S/on/Start/correlate", "has to be an object"),
        Bad(
            around(#""S": {"on": {"Start": {"correlate": {"a b": "x"}}}}"#), "/states/S/on/Start/correlate/a b",
            "is no name"),
        Bad(
            around(#""S": {"on": {"Start": {"correlate": {"a": [1]}}}}"#), "/states/S/on/Start/correlate/a",
            "string or an integer"),
        Bad(
            around(#""S": {"on": {"Start": {"correlate": {"a": true}}}}"#), "/states/S/on/Start/correlate/a",
            "string or an integer"),
        Bad(
            around(#""S": {"on": {"Start": {"correlate": {"a": "${1 > 2}"}}}}"#), "/states/S/on/Start/correlate/a",
            "string or an integer", column: 3),
        Bad(around(#""S": {"on": {"Start": {"commands": 5}}}"#), "/states/S/on/Start/commands", "a list or an object"),
        Bad(around(#""S": {"on": {"Start": {"commands": [{}]}}}"#), "/states/S/on/Start/commands/0", "needs 'command'"),
        Bad(
            around(#""S": {"on": {"Start": {"commands": [{"command": "a b"}]}}}"#),
            "/states/S/on/Start/commands/0/command", "visible characters"),
        Bad(
            around(#""S": {"on": {"Start": {"commands": {"command": "a", "paylod": 1}}}}"#),
            "/states/S/on/Start/commands/paylod", "no field", hint: "did you mean 'payload'?"),
        Bad(around(#""S": {"on": {"Start": {"raise": {"data": {}}}}}"#), "/states/S/on/Start/raise", "needs 'type'"),
        Bad(
            around(#""S": {"on": {"Start": {"raise": {"type": "failed"}}}}"#), "/states/S/on/Start/raise/type",
            "reserved"),
        Bad(
            around(#""S": {"on": {"Start": {"raise": {"type": "a b"}}}}"#), "/states/S/on/Start/raise/type",
            "visible characters"),
        Bad(around(#""S": {"on": {"completed:": {"to": "S"}}}"#), "/states/S/on/completed:", "visible characters"),
        Bad(around(#""S": {"defer": "Start"}"#), "/states/S/defer", "a list of event types"),
        Bad(around(#""S": {"defer": [5]}"#), "/states/S/defer/0", "has to be a string"),
        Bad(around(#""S": {"defer": ["Strat"]}"#), "/states/S/defer/0", "is no event", hint: "did you mean 'Start'?"),
        Bad(around(#""S": {"final": "yes"}"#), "/states/S/final", "true or false"),
        Bad(around(#""S": {"final": true, "task": {"type": "t"}}"#), "/states/S/task", "final state"),
        Bad(around(#""S": {"final": true, "after": [{"delay": "1s"}]}"#), "/states/S/after", "final state"),
        Bad(around(#""S": {"final": true, "always": []}"#), "/states/S/always", "final state"),
        Bad(around(#""S": {"final": true, "defer": []}"#), "/states/S/defer", "final state"),
        Bad(around(#""S": {"after": 5}"#), "/states/S/after", "a list or an object"),
        Bad(around(#""S": {"after": [5]}"#), "/states/S/after/0", "has to be an object"),
        Bad(around(#""S": {"after": [{"delay": 5}]}"#), "/states/S/after/0/delay", "has to be a duration"),
        Bad(
            around(#""S": {"after": [{"delay": "1d"}]}"#), "/states/S/after/0/delay", "has to be a duration",
            hint: "durations are written 250ms, 30s, 1h30m, 72h"),
        Bad(around(#""S": {"after": [{"at": 5}]}"#), "/states/S/after/0/at", "has to be a string"),
        Bad(around(#""S": {"after": [{"delay": "1s", "evry": 5}]}"#), "/states/S/after/0/evry", "no field"),
        Bad(around(#""S": {"always": {"when": "1"}}"#), "/states/S/always/when", "has to give a bool", column: 1),
        Bad(around(#""S": {"task": 5}"#), "/states/S/task", "has to be an object"),
        Bad(around(#""S": {"task": {"type": "a b"}}"#), "/states/S/task/type", "visible characters"),
        Bad(around(#""S": {"task": {"type": "t", "priority": 1.5}}"#), "/states/S/task/priority", "from 0 to 9"),
        Bad(around(#""S": {"task": {"type": "t", "retry": 5}}"#), "/states/S/task/retry", "has to be an object"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"max_attempts": 0}}}"#), "/states/S/task/retry/max_attempts",
            "from 1"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"factor": 0.5}}}"#), "/states/S/task/retry/factor", "from 1"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"jitter": 1.5}}}"#), "/states/S/task/retry/jitter", "from 0"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"max_delay": -1}}}"#), "/states/S/task/retry/max_delay",
            "duration"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"never": "x"}}}"#), "/states/S/task/retry/never",
            "list of failure codes"),
        Bad(
            around(#""S": {"task": {"type": "t", "retry": {"never": [1]}}}"#), "/states/S/task/retry/never/0",
            "has to be a string"),
        Bad(
            around(#""S": {"task": {"type": "t", "timeouts": {"clam": "1s"}}}"#), "/states/S/task/timeouts/clam",
            "no field", hint: "did you mean 'claim'?"),
        Bad(around(#""S": {"task": {"type": "t", "undo": {}}}"#), "/states/S/task/undo", "needs 'type'"),
        Bad(
            around(#""S": {"task": {"type": "t", "undo": {"type": "u", "undo": {}}}}"#), "/states/S/task/undo/undo",
            "no field"),
        Bad(
            around(#""S": {"task": {"type": "t", "undo": {"type": "u", "when_unknown": 1}}}"#),
            "/states/S/task/undo/when_unknown", "true or false"),
        Bad(around(#""S": {}"#, events: #", "E": 5"#), "/events/E", "has to be an object"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "keys": 1}"#), "/events/E/keys", "no field",
            hint: "did you mean 'key'?"),
        Bad(around(#""S": {}"#, events: #", "E": {"key": 5}"#), "/events/E/key", "has to be a string"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "route": "strat"}"#), "/events/E/route",
            "'start' or 'continue'", hint: "did you mean 'start'?"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "by": "a b"}"#), "/events/E/by",
            "no name of a correlation"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "when_missing": "drop"}"#), "/events/E/when_missing",
            "'ignore', 'reject' or"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "when_missing": {}}"#), "/events/E/when_missing",
            "needs 'hold'"),
        Bad(
            around(#""S": {}"#, events: #", "E": {"key": "'k'", "when_missing": {"held": "1s", "hold": "1s"}}"#),
            "/events/E/when_missing/held", "no field", hint: "did you mean 'hold'?"),
        Bad(
            around(
                #""S": {}"#, events: #", "E": {"key": "'k'", "route": "start", "when_missing": "reject"}"#,
                more: #", "restart": true"#), "/events/E/when_missing", "with 'restart' it may be held"),
        Bad(around(#""S": {}"#, events: #", "a b": {"key": "'k'"}"#), "/events/a b", "visible characters"),
        Bad(machine(#""spawn": 5"#), "/machines/m/spawn", "has to be an object"),
        Bad(machine(#""spawn": {"on": "Start"}"#), "/machines/m/spawn", "needs 'for_each'"),
        Bad(machine(#""spawn": {"for_each": "[1]"}"#), "/machines/m/spawn", "needs 'on'"),
        Bad(
            machine(#""spawn": {"on": "Start", "for_each": "[1]", "ids": "item"}"#), "/machines/m/spawn/ids",
            "no field", hint: "did you mean 'id'?"),
        Bad(
            machine(#""spawn": {"on": "Start", "for_each": "event.id"}"#), "/machines/m/spawn/for_each",
            "has to give a list", column: 1),
        Bad(
            machine(#""spawn": {"on": "Start", "for_each": "counts.m"}"#), "/machines/m/spawn/for_each",
            "unknown variable 'counts'"),
        Bad(
            machine(#""spawn": {"on": "Start", "for_each": "[1]", "id": "[item]"}"#), "/machines/m/spawn/id",
            "string or an integer", column: 1),
        Bad(machine(#""spwan": {}"#), "/machines/m/spwan", "no field", hint: "did you mean 'spawn'?"),
        Bad(#"{"name": "d", "events": {}, "machines": {"m": 5}}"#, "/machines/m", "has to be an object"),
        Bad(
            #"{"name": "d", "events": {}, "machines": {"1": {"initial": "S", "states": {"S": {}}}}}"#, "/machines/1",
            "is no name"),
        Bad(#"{"name": "d", "events": {}, "machines": {"m": {"initial": "S"}}}"#, "/machines/m", "needs 'states'"),
        Bad(
            #"{"name": "d", "events": {}, "machines": {"m": {"initial": "S", "states": {"Open": {}}}}}"#,
            "/machines/m/initial", "there is no state 'S'", hint: "there are Open"),
        Bad(
            #"{"name": "d", "events": {}, "states": {"S": {}}, "machines": {"m": {"initial": "S", "states": {"S": {}}}}}"#,
            "/states", "cannot stand beside"),
    ]

    /// A definition with one machine `m` that has something more.
    private static func machine(_ more: String) -> String {
        """
        {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}},
         "machines": {"m": {"initial": "S", "states": {"S": {"final": true}}, \(more)}}}
        """
    }

    @Test("a fault is named with its place", arguments: bad)
    func fault(_ bad: Bad) throws {
        let faults = Self.faults(bad.text)
        let found = try #require(
            faults.first { $0.pointer == bad.pointer && $0.message.contains(bad.message) }, "got \(faults)")
        if let hint = bad.hint { #expect(found.hint == hint) }
        if let column = bad.column { #expect(found.column == column) }
    }

    @Test("all faults come at once")
    func together() {
        let faults = Self.faults(
            Self.around(
                #""S": {"task": {"typ": "t"}, "on": {"Start": {"to": "X", "when": "foo"}, "Nope": {}}, "colour": 1}"#))
        #expect(
            Set(faults.map(\.pointer)) == [
                "/states/S/task/typ", "/states/S/task", "/states/S/on/Start/to", "/states/S/on/Start/when",
                "/states/S/on/Nope", "/states/S/colour",
            ])
    }

    static let smelly: [Bad] = [
        Bad(
            around(#""S": {"task": {"type": "t"}, "on": {"completed": {"to": "E"}}}, "E": {"final": true}"#),
            "/states/S/task", "'failed'"),
        Bad(
            around(#""S": {"on": {"Start": {"task": {"type": "t"}, "to": "E"}}}, "E": {"final": true}"#),
            "/states/S/on/Start/task", "'completed:t'"),
        Bad(
            around(#""S": {"on": {"completed": {"to": "E"}}}, "E": {"final": true}"#), "/states/S/on/completed",
            "no task"),
        Bad(
            around(#""S": {"on": {"Start": {"to": "E"}}}, "E": {"final": true}, "X": {"final": true}"#),
            "/states/X", "nothing leads to"),
        Bad(around(#""S": {"on": {"Start": {"set": {"a": 1}}}}"#), "/states/S", "nothing leaves"),
        Bad(around(#""S": {"final": true}"#, events: #", "E": {"key": "'k'"}"#), "/events/E", "no state takes"),
        Bad(
            #"{"name": "d", "events": {"E": {"key": "'k'"}}, "initial": "S", "states": {"S": {"on": {"E": {"to": "F"}}}, "F": {"final": true}}}"#,
            "/events",
            "no event starts"),
        Bad(
            #"""
            {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}}, "machines": {"m": {
              "spawn": {"on": "Start", "for_each": "event.data.items"}, "initial": "S",
              "states": {"S": {"always": [{"when": "counts.m.S > 2", "to": "E"}]}, "E": {"final": true}}}}}
            """#, "/machines/m/states/S/always/0", "makes all machines"),
        Bad(
            #"""
            {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}}, "machines": {"m": {
              "spawn": {"on": "Start", "for_each": "event.data.items"}, "initial": "S",
              "states": {"S": {"always": {"when": "machines.all(m, m.state == 'S')", "to": "E"}}, "E": {"final": true}}}}}
            """#, "/machines/m/states/S/always", "makes all machines"),
        Bad(
            around(#""S": {"task": {"type": "t"}, "on": {"failed": {"to": "E"}}}, "E": {"final": true}"#),
            "/states/S/task", "'completed'"),
        Bad(
            around(#""S": {"on": {"Start": {"task": {"type": "t"}, "to": "E"}}}, "E": {"final": true}"#),
            "/states/S/on/Start/task", "'failed:t'"),
        Bad(
            around(
                #""S": {"task": {"type": "t"}, "on": {"completed": {"to": "E"}, "failed": {"to": "E"}, "completed:t": {"to": "E"}}}, "E": {"final": true}"#
            ), "/states/S/on/completed:t", "plans a side task 't'", hint: "the state's own task answers to 'completed'"),
        Bad(
            around(
                #""S": {"on": {"Start": {"task": {"type": "pack"}}, "completed:pakc": {"to": "E"}}}, "E": {"final": true}"#
            ), "/states/S/on/completed:pakc", "plans a side task 'pakc'", hint: "did you mean 'pack'?"),
        Bad(
            around(#""S": {"on": {"Start": [{"to": "E"}, {"when": "true", "fail": "x"}]}}, "E": {"final": true}"#),
            "/states/S/on/Start/1", "never taken: a transition before it always holds",
            hint: "the first transition that holds is taken; put the one without a condition last"),
        Bad(
            around(#""S": {"always": [{"to": "E"}, {"when": "true", "to": "S"}]}, "E": {"final": true}"#),
            "/states/S/always/1", "never taken"),
        Bad(
            around(#""S": {"on": {"Start": {"to": "E", "raise": [{"type": "Done"}]}}}, "E": {"final": true}"#),
            "/states/S/on/Start/raise/0", "takes the raised event 'Done'"),
        Bad(
            around(#""S": {"after": {"delay": "1s", "to": "S"}}, "T": {"on": {"Start": {"to": "T"}}}"#), "/states/T",
            "nothing leads to"),
    ]

    @Test("what is as it should be smells of nothing", arguments: tidy)
    func smellsOfNothing(_ text: String) throws {
        #expect(try Self.warnings(text) == [])
    }

    static let tidy: [String] = [
        around(#""S": {"final": true}"#),
        around(#""S": {"on": {"Start": [{"when": "event.id == 'x'", "to": "E"}, {"to": "E"}]}}, "E": {"final": true}"#),
        around(
            #""S": {"on": {"Start": {"task": {"type": "t", "mode": "sync"}}, "completed:t": {"complete": {}}}}"#),
        around(
            #""S": {"task": {"type": "t", "mode": "sync"}, "on": {"completed": {"to": "E"}}}, "E": {"final": true}"#),
        around(#""S": {"on": {"Start": {"raise": {"type": "R"}}, "R": {"to": "E"}}}, "E": {"final": true}"#),
    ]

    @Test("a smell is a warning", arguments: smelly)
    func smell(_ smelly: Bad) throws {
        let warnings = try Self.warnings(smelly.text)
        #expect(
            warnings.contains {
                $0.pointer == smelly.pointer && $0.message.contains(smelly.message)
                    && (smelly.hint == nil || $0.hint == smelly.hint)
            }, "got \(warnings)")
    }

    @Test("the whole language is read")
    func whole() throws {
        let definition = try Definition.load(Array(Samples.text("whole-language").utf8)).definition
        #expect(definition.onCancel == CancelDefaults(mode: .cooperative, compensate: true, deadline: .hours(1)))
        #expect(definition.restart)
        #expect(definition.machines.map(\.name) == ["main", "item"])
        let task = try #require(definition.machine(named: "main")?.state(named: "Open")?.task)
        #expect(task.policy.priority == 9)
        #expect(task.policy.timeouts.total == .hours(2))
        #expect(task.undo?.rule == .whenUnknown)
        #expect(definition.events.map(\.type) == ["Opened", "Changed", "Closed"])
        #expect(definition.events[0].route.whenMissing == .hold(.minutes(5)))
    }

    @Test(
        "defaults are written in, and reading the result changes nothing",
        arguments: [
            "approval", "order-fulfilment", "rebase-failure", "whole-language",
        ])
    func canonical(name: String) throws {
        let definition = try Definition.load(Array(Samples.text(name).utf8)).definition
        let again = try Definition.decode(definition.canonical, version: 2).definition
        #expect(again.canonical == definition.canonical)
        #expect(again.isSame(as: definition))
        #expect(definition.canonical["restart"] != nil)
    }

    @Test("a stored task has its defaults beside what it says")
    func defaults() throws {
        let canonical = try Samples.definition("order-fulfilment").canonical
        #expect(
            canonical["states"]?["Shipping"]?["task"] == [
                "type": "book-courier", "input": ["order_id": "${data.order_id}"], "mode": "async", "priority": 5,
                "retry": [
                    "max_attempts": 3, "delay": "1s", "factor": 2, "max_delay": "1m", "jitter": 0, "never": [],
                ],
            ])
        #expect(canonical["states"]?["Charging"]?["task"]?["undo"]?["when_unknown"] == false)
        #expect(canonical["events"]?["OrderCancelled"]?["when_missing"] == "ignore")
        #expect(canonical["events"]?["OrderPlaced"]?["when_missing"] == nil)
    }

    @Test("the order of members and written defaults make no other definition; other content does")
    func equality() throws {
        func read(_ text: String) throws -> Definition { try Definition.load(Array(text.utf8)).definition }
        let first = try read(
            #"{"name": "d", "events": {"E": {"key": "event.data.k", "route": "start"}}, "initial": "S", "states": {"S": {}}}"#
        )
        let second = try read(
            #"{"states": {"S": {"final": false}}, "initial": "S", "restart": false, "events": {"E": {"route": "start", "key": "event.data.k"}}, "name": "d"}"#
        )
        let third = try read(
            #"{"name": "d", "events": {"E": {"key": "event.data.id", "route": "start"}}, "initial": "S", "states": {"S": {}}}"#
        )
        #expect(first.isSame(as: second))
        #expect(!first.isSame(as: third))
    }

    @Test("256 KiB are a definition, one byte more is none")
    func size() {
        let text = Self.around(#""S": {}"#)
        let room = Definition.maximumBytes - text.utf8.count
        #expect(Self.faults(text + String(repeating: " ", count: room)) == [])
        #expect(Self.faults(text + String(repeating: " ", count: room + 1)).count == 1)
    }

    @Test("4 KiB are an expression, one byte more is none")
    func expressionSize() {
        func text(_ count: Int) -> String {
            Self.around(
                #""S": {"on": {"Start": {"when": "true\#(String(repeating: " ", count: count - 4))", "to": "S"}}}"#)
        }
        #expect(Self.faults(text(4096)) == [])
        #expect(Self.faults(text(4097)).map(\.pointer) == ["/states/S/on/Start/when"])
    }
}
