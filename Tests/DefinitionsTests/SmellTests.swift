import Definitions
import Testing

/// What `validate` warns of beyond states and triggers: each smell, and what only looks like it.
@Suite("Smells of a definition")
struct SmellTests {
    struct Smell: Sendable, CustomTestStringConvertible {
        let text: String
        let pointer: String
        let message: String
        let hint: String
        var testDescription: String { "\(pointer): \(message)" }

        init(_ text: String, _ pointer: String, _ message: String, hint: String) {
            (self.text, self.pointer, self.message, self.hint) = (text, pointer, message, hint)
        }
    }

    private static func around(_ states: String, more: String = "") -> String {
        DecodingTests.around("\(states), \"E\": {\"final\": true}", more: more)
    }

    /// A definition whose `Start` does something more on the way to the end.
    private static func start(_ more: String, data: String = #""id": 1"#) -> String {
        around(#""S": {"on": {"Start": {"to": "E", \#(more)}}}"#, more: #", "data": {\#(data)}"#)
    }

    private static func text(_ text: String) -> String { start(#""set": {"a": {"b": ["\#(text)"]}}"#) }

    private static let textPlace = "/states/S/on/Start/set/a/b/0"

    static let smells: [Smell] = [
        // Data that nothing sets.
        Smell(
            start(#""set": {"a": "${data.totl}"}"#, data: #""total": 1"#), "/states/S/on/Start/set/a",
            "nothing sets the member 'totl'", hint: "did you mean 'total'?"),
        Smell(
            start(#""when": "data['paid'] > 1""#), "/states/S/on/Start/when", "nothing sets the member 'paid'",
            hint: "'set' of a transition"),
        Smell(
            around(#""S": {"on": {"Start": {"set": {"hours": 1}}}, "after": {"delay": "${data.hour}h", "to": "E"}}"#),
            "/states/S/after/delay", "nothing sets the member 'hour'", hint: "did you mean 'hours'?"),
        Smell(
            around(
                #""S": {"task": {"type": "t", "undo": {"type": "u", "input": {"x": "${data.x}"}}}, "on": {"completed": {"to": "E"}, "failed": {"to": "E"}}}"#
            ), "/states/S/task/undo/input/x", "nothing sets the member 'x'", hint: "'data' of the definition"),
        // Text that was meant as an expression.
        Smell(text("data.id"), textPlace, "looks like an expression", hint: "the value is written ${data.id}"),
        Smell(text("$data.id"), textPlace, "looks like an expression", hint: "the value is written ${data.id}"),
        Smell(text("{{data.id}}"), textPlace, "looks like an expression", hint: "${data.id}"),
        Smell(text("{{ event.data.id }}"), textPlace, "looks like an expression", hint: "${event.data.id}"),
        Smell(text("event.time"), textPlace, "looks like an expression", hint: "${event.time}"),
        Smell(text("task.result.code"), textPlace, "looks like an expression", hint: "${'task.result.code'}"),
        Smell(text("process.key"), textPlace, "looks like an expression", hint: "${process.key}"),
        Smell(text("$machine.item"), textPlace, "looks like an expression", hint: "${machine.item}"),
        Smell(
            start(#""set": {}"#, data: #""id": "event.data.id""#), "/data/id", "looks like an expression",
            hint: "${event.data.id}"),
        // A dot leads nowhere.
        Smell(
            start(#""set": {"address.city": "Berlin"}"#), "/states/S/on/Start/set/address.city",
            "the name 'address.city'", hint: "replaces whole members"),
        Smell(
            start(#""set": {"a.b": "${data.id}"}"#), "/states/S/on/Start/set/a.b", "the name 'a.b'",
            hint: "replaces whole members"),
        // Tasks that the end cancels.
        Smell(
            start(#""task": {"type": "t"}"#), "/states/S/on/Start/task", "the process completes in 'E', and",
            hint: "a state of its own"),
        Smell(
            around(#""S": {"on": {"Start": {"complete": {}, "task": {"type": "t"}}}}"#), "/states/S/on/Start/task",
            "the transition ends the process", hint: "a state of its own"),
        Smell(
            spawned(#""S": {"on": {"Start": {"to": "E", "task": {"type": "t"}}}}"#),
            "/machines/m/states/S/on/Start/task", "with the last of these machines", hint: "a state of its own"),
        // Timers of one name.
        Smell(
            around(
                #""S": {"after": [{"delay": "1s", "name": "late", "to": "E"}, {"delay": "2s", "to": "E"}, {"delay": "3s", "name": "late", "to": "E"}]}"#
            ), "/states/S/after/2/name", "another timer of this state has the name 'late'", hint: "by their names"),
        // Raised events that come too late.
        Smell(
            around(
                #""S": {"on": {"Start": {"to": "T", "raise": {"type": "R"}}}}, "T": {"always": {"complete": {}}, "on": {"R": {"to": "S"}}}"#
            ), "/states/T/always", "before the raised 'R' is taken", hint: "in the transition that takes 'R'"),
        Smell(
            around(
                #""S": {"on": {"Start": {"to": "T", "raise": {"type": "R"}}}}, "T": {"always": {"to": "U"}}, "U": {"always": {"to": "E"}, "on": {"R": {"to": "S"}}}"#
            ), "/states/U/always", "before the raised 'R' is taken", hint: "'always' comes before"),
        Smell(
            around(
                #""S": {"on": {"Start": {"set": {"n": 1}, "raise": {"type": "R"}}, "R": {"to": "E"}}, "always": {"when": "has(data.n)", "to": "E"}}"#
            ), "/states/S/always", "before the raised 'R' is taken", hint: "'always' comes before"),
        Smell(
            around(#""S": {"on": {"R": {"to": "S"}}, "always": {"to": "E", "raise": [{"type": "R"}]}}"#),
            "/states/S/always/raise/0", "no machine is left that could take 'R'", hint: "raise it before"),
    ]

    /// Comparisons of sums and products that may be of doubles, with what stands for them in the warning.
    static let inexact: [(when: String, operation: String)] = [
        ("data.paid + data.due == data.total", "=="), ("data.total <= data.paid * data.due", "<="),
        ("0.1 + 0.2 == 0.3", "=="), ("double(data.paid) - 1.5 >= 0.0", ">="), ("(data.paid + data.due) != 0.3", "!="),
    ]

    @Test("a comparison with a sum or a product of doubles is a warning that names decimals", arguments: inexact)
    func inexactComparison(_ comparison: (when: String, operation: String)) throws {
        let text = Self.start("\"when\": \"\(comparison.when)\"", data: #""paid": 1, "due": 1, "total": 1"#)
        let warnings = try DecodingTests.warnings(text).filter { $0.pointer == "/states/S/on/Start/when" }
        #expect(warnings.count == 1 && warnings.first?.message.hasPrefix("'\(comparison.operation)' compares") == true)
        #expect(warnings.first?.hint?.contains("decimal(") == true)
    }

    @Test(
        "sums of integers, decimals and times are compared without a warning",
        arguments: [
            "data.paid + 1 == data.total", "data.paid * data.due * 2 <= 6", "data.paid == data.total",
            "decimal(data.paid) + decimal(data.due) == decimal(data.total)", "now + duration('1h') <= now",
            "'a' + data.paid == data.total", "int(data.paid) + int(data.due) == data.total", "data.paid == 0.3",
        ])
    func exactComparison(_ when: String) throws {
        let text = Self.start("\"when\": \"\(when)\"", data: #""paid": 1, "due": 1, "total": 1"#)
        #expect(try DecodingTests.warnings(text).filter { $0.pointer == "/states/S/on/Start/when" } == [])
    }

    private static func spawned(_ states: String, more: String = "") -> String {
        """
        {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}}, "machines": {"m": {
          "spawn": {"on": "Start", "for_each": "event.data.items"}, "initial": "S",
          "states": {\(states), "E": {"final": true}}}\(more)}}
        """
    }

    @Test("a smell is a warning with its place and a hint", arguments: smells)
    func smell(_ smell: Smell) throws {
        let warnings = try DecodingTests.warnings(smell.text)
        let found = try #require(
            warnings.first { $0.pointer == smell.pointer && $0.message.contains(smell.message) }, "got \(warnings)")
        #expect(found.hint?.contains(smell.hint) == true, "got \(found.hint ?? "no hint")")
    }

    static let nearMisses: [String] = [
        // Set by the definition, by any transition of any machine, or by something that only a run can tell.
        start(#""set": {"a": "${data.id}"}"#),
        around(
            #""S": {"on": {"Start": {"to": "T", "set": {"n": "${event.data.n}"}}}}, "T": {"after": {"delay": "${data.n}h", "to": "E"}}"#
        ),
        around(
            #""S": {"on": {"Start": {"to": "E", "set": "${event.data}"}}, "always": {"when": "data.x == 1", "to": "E"}}"#
        ),
        around(
            #""S": {"on": {"Start": {"when": "data.x == 1", "to": "E"}}}"#, more: #", "data": "${event.data}""#),
        // The whole, and variables of macros that have the name.
        start(#""set": {"all": "${data}"}"#),
        start(#""set": {"names": "${event.data.lines.map(data, data.name)}"}"#),
        // Text that is text.
        text("data"), text("data.id is missing"), text("see data.id"), text("data..id"), text("data.1"),
        text("data.csv.gz "), text("process.json"), text("event.log"), text("mydata.id"), text("$${data.id}"),
        text("${data.id}"), text("${'data.id'}"), text("{data.id"), text("www.example.com"), text("$5.00"),
        text("{{}}"),
        // A name with a dot further down is nobody's mistake, nor one that is read as it is.
        start(#""set": {"prices": {"example.com": 1}}"#),
        around(
            #""S": {"on": {"Start": {"to": "T", "set": {"a.b": 1}}}}, "T": {"always": {"when": "data['a.b'] == 1", "to": "E"}, "after": {"delay": "1s", "to": "E"}}"#
        ),
        // Tasks that have time left, or are done at once.
        around(
            #""S": {"on": {"Start": {"to": "T", "task": {"type": "t"}}}}, "T": {"on": {"completed:t": {"to": "E"}, "failed:t": {"to": "E"}}}"#
        ),
        around(
            #""S": {"on": {"Start": {"to": "E", "task": {"type": "t", "mode": "sync"}}, "completed:t": {"to": "E"}}}"#),
        // Timers of different names, without one, or of different states.
        around(
            #""S": {"after": [{"delay": "1s", "name": "a", "to": "E"}, {"delay": "2s", "name": "b", "to": "T"}, {"delay": "3s", "to": "E"}, {"delay": "4s", "to": "E"}]}, "T": {"after": {"name": "a", "delay": "1s", "to": "E"}}"#
        ),
        // Nothing is raised on the way to the `always`, or nothing ends there.
        around(
            #""S": {"on": {"Start": {"to": "T", "raise": {"type": "R"}}}}, "T": {"on": {"R": {"to": "U"}}}, "U": {"always": {"to": "E"}}"#
        ),
        around(
            #""S": {"on": {"Start": {"raise": {"type": "R"}}, "R": {"to": "E"}}, "always": {"when": "counts.main.S > 1", "to": "E"}}"#
        ),
    ]

    @Test("what only looks like a smell is none", arguments: nearMisses)
    func nearMiss(_ text: String) throws {
        #expect(try DecodingTests.warnings(text) == [])
    }

    @Test("a side task is no smell where another machine may keep the process going")
    func otherMachine() throws {
        let other = #", "n": {"initial": "W", "states": {"W": {"on": {"completed:t": {"to": "W"}}}}}"#
        let warnings = try DecodingTests.warnings(
            Self.spawned(#""S": {"on": {"Start": {"to": "E", "task": {"type": "t"}}}}"#, more: other))
        #expect(!warnings.contains { $0.message.contains("cancels this task") })
    }

    @Test("a member that nothing sets is named at each of its places, once a place")
    func everyPlace() throws {
        let warnings = try DecodingTests.warnings(
            Self.start(#""when": "data.x > 1 || data.x < 0 || data.y", "set": {"b": "${data.x} ${data.x}"}"#))
        let places = warnings.map { "\($0.pointer) \($0.message.split(separator: "'")[1])" }
        #expect(
            places.sorted() == [
                "/states/S/on/Start/set/b x", "/states/S/on/Start/when x", "/states/S/on/Start/when y",
            ])
    }

    @Test("every one of a thousand states is looked at")
    func many() throws {
        let states = (0..<1000).map {
            #", "S\#($0)": {"on": {"Start": {"to": "E", "when": "data.m\#($0) == 1", "set": {"n\#($0)": "data.id"}}}}"#
        }
        let warnings = try DecodingTests.warnings(Self.around(#""S": {}"# + states.joined()))
        #expect(warnings.filter { $0.message.contains("nothing sets") }.count == 1000)
        #expect(warnings.filter { $0.message.contains("looks like") }.count == 1000)
    }
}
