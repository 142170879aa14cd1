import CEL
import JSON
import Testing

@Suite("Digits of numbers") struct DigitTests {
    private static let source =
        #"{"n":18446744073709551616,"m":18446744073709551617,"p":2.50,"l":[1.10,20],"o":{"x":3.0}}"#

    private func text(_ source: String, digits: CELDigits = .all) throws -> String {
        let program = try CELProgram(source, in: CELEnvironment(variables: [CELVariable("data")]))
        var cost = CELCost()
        let values = CELValues([try data(Self.source)])
        return try program.evaluate(values, cost: &cost, digits: digits).json().text
    }

    @Test(
        "survive every form that only moves them",
        arguments: [
            ("[] + [data.n]", "[18446744073709551616]"), ("data.l + [data.p]", "[1.10,20,2.50]"),
            ("cel.bind(x, data.p, [x])", "[2.50]"), ("cel.bind(x, data.p, {'a': x})", #"{"a":2.50}"#),
            ("data.l.map(x, x)", "[1.10,20]"), ("data.l.filter(x, x > 0)", "[1.10,20]"),
            ("data.l.transformList(i, x, x)", "[1.10,20]"), ("data.o.transformMap(k, v, v)", #"{"x":3.0}"#),
            ("data.o.transformMap(k, v, data.p)", #"{"x":2.50}"#),
            ("data.o.transformMapEntry(k, v, {'y': v})", #"{"y":3.0}"#),
            ("data.?p.optMap(x, [x])", "[2.50]"), ("data.l.first()", "1.10"), ("[data.p].last().value()", "2.50"),
            ("optional.unwrap([data.?p])", "[2.50]"), ("[data.p][0]", "2.50"), ("{'a': data.p}.a", "2.50"),
            ("[[data.p]].map(x, x[0])", "[2.50]"), ("string(data.n)", "\"18446744073709551616\""),
            ("string(data.p)", "\"2.50\""), ("data.l.map(x, string(x))", "[\"1.10\",\"20\"]"),
            ("[true ? data.p : 0] + []", "[2.50]"), ("cel.bind(x, true ? data.p : 1, string(x))", "\"2.50\""),
        ])
    func moved(expression: String, expected: String) throws {
        #expect(try text(expression) == expected, "\(expression)")
    }

    @Test(
        "are computed with as the nearest double",
        arguments: [
            ("[data.p][0] + 1.0", "3.5"), ("cel.bind(x, data.p, x * 2.0)", "5.0"), ("-data.l.first().value()", "-1.1"),
            ("math.greatest(data.l.first().value(), 1)", "1.10"), ("cel.bind(x, data.p, int(x))", "2"),
            ("cel.bind(x, data.p, type(x) == double)", "true"), ("data.l.exists(x, x == 1.1)", "true"),
            ("cel.bind(i, data.o.x, ['a', 'b', 'c', 'd'][i])", "\"d\""),
        ])
    func computed(expression: String, expected: String) throws {
        #expect(try text(expression) == expected, "\(expression)")
    }

    @Test(
        "of integers of any length are compared one by one",
        arguments: [
            ("data.n == data.m", "false"), ("data.n < data.m", "true"), ("data.n == data.n", "true"),
            ("data.n in [data.m]", "false"), ("data.n == 18446744073709551615u", "false"),
            ("data.n > 9223372036854775807", "true"), ("[data.n] == [data.m]", "false"),
        ])
    func compared(expression: String, expected: String) throws {
        #expect(try text(expression) == expected, "\(expression)")
    }

    @Test(
        "are lost where they once were, so that old records are decided as they were",
        arguments: [
            ("[] + [data.n]", "[1.8446744073709552e+19]"), ("cel.bind(x, data.p, [x])", "[2.5]"),
            ("string(data.p)", "\"2.5\""), ("data.n == data.m", "true"), ("data.p", "2.50"), ("[data.p]", "[2.50]"),
            ("data.l.map(x, x)", "[1.1,20]"), ("data.l.first()", "1.1"),
        ])
    func formerly(expression: String, expected: String) throws {
        #expect(try text(expression, digits: .ofResults) == expected, "\(expression)")
    }
}
