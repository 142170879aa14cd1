import CEL
import JSON
import Testing

@Suite struct LanguageTests {
    static let data = #"""
        {"total": 140, "price": 1.10, "state": "open", "big": 12345678901234567890, "none": null,
         "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}], "é": 1, "deep": {"a": {"b": [10, 20]}}}
        """#

    @Test(
        "computes over JSON data",
        arguments: [
            ("data.total > 100 && data.state == 'open'", "true"),
            ("data.items.map(i, i.sku)", #"["a","b"]"#),
            ("data.items.filter(i, i.n > 1)[0].sku", #""b""#),
            ("data.items.exists_one(i, i.n == 2)", "true"),
            ("data.items.transformMap(i, v, v.n)", #"{"0":1,"1":2}"#),
            ("data.items.transformMapEntry(i, v, {v.sku: v.n})", #"{"a":1,"b":2}"#),
            ("data.deep.a.b[1] - data.deep['a'].b[0]", "10"),
            ("has(data.total) && !has(data.missing)", "true"),
            ("has(data.none) && data.none == null", "true"),
            ("data.?missing.orValue('x')", #""x""#),
            ("data.?deep.?a.?c.hasValue()", "false"),
            ("data.items.first().sku.orValue('')", #""a""#),
            ("data[?'total'].optMap(t, t * 2).value()", "280"),
            ("[1, ?data.?missing, ?data.?total]", "[1,140]"),
            ("{'a': 1, ?'b': data.?missing}", #"{"a":1}"#),
            ("cel.bind(t, data.total, t + t)", "280"),
            ("size(data) == 8 && size(data.items) == 2 && 'total' in data", "true"),
            ("1 in [1u, 2u] && !(3 in [1.0, 2.0])", "true"),
            ("data.?none.hasValue() ? 1 : 2", "1"),
            ("-data.total + 3 * (2 - 5) / 2 % 3", "-141"),
            ("1 - 2 - 3 == -4 && 12 / 2 / 3 == 2", "true"),
            ("true ? (false ? 1 : 2) : 3", "2"), ("false ? 1 : true ? 2 : 3", "2"),
            ("'a' + 'b' == \"ab\" // a comment\n", "true"),
            ("r'\\d' == '\\\\d' && '''a\nb'''.size() == 3", "true"),
            ("b'é'.size() == 2 && 'é'.size() == 1", "true"),
            ("dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 2.5 && 1u < 2", "true"),
            ("type(1) == int && type(type(1)) == type && type([]) == list", "true"),
            ("{1: 'a'}[1u] + {2u: 'b'}[2] + {3: 'c'}[3.0]", #""abc""#),
            ("{'a': [1, {'b': 2u}]} == {'a': [1.0, {'b': 2}]}", "true"),
            ("math.greatest(1, 2.5, 2u) == 2.5 && math.least([3, 1, 2]) == 1", "true"),
            ("'%s is %.2f or %d'.format(['x', 2.345, 7])", #""x is 2.35 or 7""#),
            ("'a,b,,c'.split(',').join('-')", #""a-b--c""#),
            ("'hällo'.substring(1, 3) + 'hällo'.charAt(4) + 'ab'.reverse()", #""äloba""#),
            ("string(1e21) + ' ' + string(100.0) + ' ' + string(123456789012.0)", #""1e+21 100 123456789012""#),
            ("base64.encode(b'hi') + string(base64.decode('aGk='))", #""aGk=hi""#),
            ("timestamp('2026-11-23T09:00:00Z') + duration('36h') - timestamp('2026-11-23T09:00:00Z')", #""129600s""#),
            ("timestamp('2026-07-01T00:30:00Z').getHours('Europe/Berlin')", "2"),
            ("timestamp('2026-01-01T00:30:00Z').getDate('-01:00')", "31"),
            ("duration('1h30m') == duration('5400s') && duration('-1.5ms') < duration('0')", "true"),
            ("int('-7') + int(7.9) + int(timestamp(1))", "1"),
            ("uint(7) + 1u", "8"), ("double('1.5') * 2.0", "3.0"), ("bool('true')", "true"),
            (".data.total", "140"),
            ("data.`é`", ""),
        ])
    func computes(source: String, expected: String) throws {
        guard !expected.isEmpty else {
            // Backquotes take no letters beyond ASCII; an index does.
            #expect(fault(source, [(CELVariable("data"), nil)])?.code == .syntax)
            #expect(try json("data['é']", data: LanguageTests.data) == "1")
            return
        }
        #expect(try json(source, data: LanguageTests.data) == expected)
    }

    @Test(
        "a failure is hidden by an operand that decides, in either order",
        arguments: [
            "true || 1 / 0 == 1", "1 / 0 == 1 || true", "!(false && 1 / 0 == 1)", "!(1 / 0 == 1 && false)",
            "[1, 0].exists(x, 2 / x == 2)", "[0, 1].exists(x, 2 / x == 2)", "![0, 1].all(x, 2 / x == 3)",
            "1 / 0 == 1 || data.missing || true",
        ])
    func hidesFailures(source: String) throws {
        #expect(try json(source, data: "{}") == "true")
    }

    @Test("a variable of a macro hides a variable of the environment, a leading dot finds it again")
    func shadowing() throws {
        #expect(try json("[1].map(data, data + 1)") == "[2]")
        #expect(try json("[1].map(data, .data)", data: "7") == "[7]")
        #expect(try json("[[1, 2], [3]].map(x, x.map(x, x * 2))") == "[[2,4],[6]]")
    }

    @Test("host records and lists are read lazily, in their own order")
    func hostValues() throws {
        struct Numbers: CELHostList {
            var count: Int { 3 }
            func element(at position: Int) -> CELValue { .int(Int64(position * 10)) }
        }
        let document = try JSONDocument.parse(#"{"n":1}"#)
        let variables: [(CELVariable, CELValue?)] = [
            (CELVariable("event", .record(Event.type)), .map(CELMap(Event(data: document.root)))),
            (CELVariable("numbers", .list(.int)), .list(CELList(Numbers()))),
            (CELVariable("absent"), nil),
        ]
        let value = try compute(
            "event.type == 'OrderPlaced' && event.correlation_id == null && event.data.n == numbers[1] / 10"
                + " && numbers.all(n, n < 21) && 'id' in event && size(event) == 5",
            variables)
        guard case .bool(true) = value else {
            Issue.record("\(value)")
            return
        }
        #expect(try compute("event", variables).json()["time"] == "2026-11-23T09:00:00.500Z")
        #expect(fault("absent == 1", variables)?.code == .unknownVariable)
        #expect(fault("true || absent == 1", variables) == nil)
    }
}
