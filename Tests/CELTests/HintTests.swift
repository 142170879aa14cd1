import CEL
import Testing

@Suite struct HintTests {
    private static let event = CELType.record(
        CELRecordType("event", ["type": .string, "time": .timestamp, "data": .dyn]))
    private static let environment = CELEnvironment(
        variables: [CELVariable("data"), CELVariable("event", event), CELVariable("count", .int)])

    @Test(
        "names what was probably meant",
        arguments: [
            ("dtaa", "did you mean 'data'?"),
            ("evnet.type", "did you mean 'event'?"),
            ("event.tpye", "did you mean 'type'?"),
            ("Data.total", "did you mean 'data'?"),
            ("sizee(data)", "did you mean 'size'?"),
            ("data.name.startWith('a')", "did you mean 'startsWith'?"),
            ("math.gratest(1, 2)", "did you mean 'math.greatest'?"),
            ("data.items.exist(x, x > 1)", "did you mean 'exists'?"),
        ])
    func didYouMean(source: String, hint: String) throws {
        #expect(error(of: source)?.hint == hint)
    }

    @Test(
        "explains the traps of the language",
        arguments: [
            ("count = 1", "comparison is written =="),
            ("true & false", "and is written &&"),
            ("true | false", "or is written ||"),
            ("count + 1.5", "numbers of different types do not mix: convert one with int() or double()"),
            ("'n' + count", "text and other values do not mix: convert one with string()"),
            ("event.time < '2026-11-23T09:00:00Z'", "a time in a string is read with timestamp()"),
            ("startsWith('a', 'b')", "startsWith() is a method: x.startsWith(…)"),
            ("count.int()", "int(x) is a function, not a method"),
            ("all(data, x, x)", "all() is a method of lists and maps"),
            ("event.type.size", "a method is called with parentheses: size(…)"),
            ("18446744073709551615", "write a suffix u for an unsigned one, or .0 for a double"),
            ("'a\\d'", "a backslash itself is written \\\\, or use r'…'"),
            ("event.zzzzzzzz", "it has data, time, type"),
            ("zzzzzzzz", "known here: data, event, count"),
            ("size", "'size' is a function"),
            ("duration('1 day')", "a duration is written 1h30m, 90s or 250ms"),
        ])
    func traps(source: String, hint: String) throws {
        #expect(error(of: source)?.hint == hint)
    }

    @Test("suggests nothing where nothing is near")
    func noChance() throws {
        #expect(error(of: "data.frobnicate(1)")?.hint == nil)
    }

    private func error(of source: String) -> CELError? {
        #expect(throws: CELError.self, "\(source)") { try CELProgram(source, in: Self.environment) }
    }
}
