import CEL
import JSON
import Testing

@Suite struct FaultTests {
    static let variables: [(CELVariable, CELValue?)] = [
        (CELVariable("event", .record(Event.type)), .map(CELMap(Event(data: JSONView(["total": 1, "list": [1]]))))),
        (CELVariable("data"), CELValue(JSONView(["total": 5, "name": "x"]))),
        (CELVariable("now", .timestamp), CELTimestamp(seconds: 0).map { .timestamp($0) }),
        (CELVariable("item", .string), .string("i")),
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        var source: String
        var code: CELError.Code
        var line: Int
        var column: Int
        var hint: String?

        init(_ source: String, _ code: CELError.Code, _ column: Int, line: Int = 1, hint: String? = nil) {
            (self.source, self.code, self.line, self.column, self.hint) = (source, code, line, column, hint)
        }

        var testDescription: String { source }
    }

    @Test(
        "names the place and what was meant",
        arguments: [
            // Syntax.
            Case("", .syntax, 1), Case("1 +", .syntax, 4), Case("(1", .syntax, 3), Case("1 2", .syntax, 3),
            Case("a = 1", .syntax, 3, hint: "=="), Case("a & b", .syntax, 3, hint: "&&"), Case("'abc", .syntax, 1),
            Case("'a\nb'", .syntax, 1, hint: "three quotes"), Case("'\\q'", .syntax, 2), Case("'\\ud800'", .syntax, 2),
            Case("b'\\u0041'", .syntax, 3), Case("9223372036854775808", .syntax, 1, hint: ".0"),
            Case("18446744073709551616u", .syntax, 1), Case("0x", .syntax, 1), Case("1a", .syntax, 1),
            Case("while", .syntax, 1), Case("[1, 2", .syntax, 6), Case("{1 2}", .syntax, 4), Case("a.1", .syntax, 2),
            Case("has(1)", .syntax, 1), Case("[1].map(1, 2)", .syntax, 9), Case("true &&\n  ?", .syntax, 3, line: 2),
            Case("'ü' + §", .syntax, 7), Case("!", .syntax, 2), Case("a ? b", .syntax, 6),
            Case("a ? b ? 1 : 2 : 3", .syntax, 7),
            // Names.
            Case("dta.total", .unknownVariable, 1, hint: "'data'"),
            Case("1 == 1 &&\n evnt.id == ''", .unknownVariable, 2, line: 2, hint: "'event'"),
            Case("xyz", .unknownVariable, 1, hint: "event, data, now, item"),
            Case("event.corelation_id", .unknownField, 7, hint: "'correlation_id'"),
            Case("event['tyep']", .unknownField, 6, hint: "'type'"), Case("has(event.nope)", .unknownField, 11),
            Case("item.startWith('a')", .unknownFunction, 6, hint: "'startsWith'"),
            Case("sise(data)", .unknownFunction, 1, hint: "'size'"),
            Case("startsWith('a', 'b')", .unknownFunction, 1, hint: "method"),
            Case("math.flor(1.0)", .unknownFunction, 6, hint: "'math.floor'"),
            // Arity.
            Case("size()", .wrongArity, 1), Case("item.contains('a', 'b')", .wrongArity, 6),
            Case("data.map(x)", .wrongArity, 6), Case("cel.bind(x, 1)", .wrongArity, 5),
            Case("math.greatest()", .wrongArity, 6), Case("has(data.a, 1)", .wrongArity, 1),
            // Types.
            Case("item + 1", .typeFault, 6, hint: "string()"), Case("1 + 1.0", .typeFault, 3, hint: "double()"),
            Case("now > '2026-01-01T00:00:00Z'", .typeFault, 5, hint: "timestamp()"),
            Case("now + '1h'", .typeFault, 5, hint: "duration("), Case("item == 1", .typeFault, 6),
            Case("!item", .typeFault, 1), Case("-item", .typeFault, 1), Case("true && item", .typeFault, 9),
            Case("item ? 1 : 2", .typeFault, 6), Case("now.startsWith('a')", .typeFault, 5),
            Case("item.size", .typeFault, 6, hint: "size("), Case("1.foo", .typeFault, 3),
            Case("item[0]", .typeFault, 5),
            Case("[1]['a']", .typeFault, 4), Case("{1: 2}['a']", .typeFault, 7), Case("'a' in item", .typeFault, 5),
            Case("'a' in [1]", .typeFault, 5), Case("[1] < [2]", .typeFault, 5), Case("item.map(x, x)", .typeFault, 6),
            Case("[1].all(x, x)", .typeFault, 12), Case("size(1)", .typeFault, 1), Case("{1.5: 1}", .typeFault, 2),
            Case("math.abs('a')", .typeFault, 6), Case("[?1]", .typeFault, 3),
            Case("timestamp('yesterday')", .badConversion, 11, hint: "2026"),
            Case("duration('1 day')", .badConversion, 10), Case("item.matches('(')", .badPattern, 14),
            // While evaluating.
            Case("data.missing > 1", .noSuchKey, 6), Case("data['missing']", .noSuchKey, 5),
            Case("event.data.list[3]", .noSuchKey, 16), Case("data.total + data.name", .noSuchOverload, 12),
            Case("data.total + 1.5", .noSuchOverload, 12, hint: "double()"), Case("data.name.x", .noSuchOverload, 11),
            Case("1 +\n data.total / 0", .divisionByZero, 13, line: 2),
            Case("data.total * 9223372036854775807", .overflow, 12),
            Case("1 + data.total - data.name + 2", .noSuchOverload, 16), Case("int(data.name)", .badConversion, 1),
            Case("data.?x.value()", .noValue, 9, hint: "orValue"), Case("{'a': 1, item: 2, 'i': 3}", .duplicateKey, 1),
            Case("now.getHours('Nowhere/Land')", .unknownTimeZone, 5), Case("event.correlation_id.x", .typeFault, 22),
            Case("data.name ? 1 : 2", .noSuchOverload, 11), Case("data.total.all(x, true)", .noSuchOverload, 12),
        ])
    func places(expected: Case) throws {
        let found = try #require(fault(expected.source, FaultTests.variables))
        #expect(found.code == expected.code, "\(found)")
        #expect([found.line, found.column] == [expected.line, expected.column], "\(found)")
        if let hint = expected.hint { #expect(found.hint?.contains(hint) == true, "\(found)") }
    }

    @Test("null fits wherever a record may have nothing")
    func nullIsAllowed() {
        #expect(fault("event.correlation_id == null || event == null", FaultTests.variables) == nil)
    }
}
