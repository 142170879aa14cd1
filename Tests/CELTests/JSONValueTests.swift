import CEL
import Chrono
import JSON
import Testing

@Suite struct JSONValueTests {
    private let source = #"{"price":1.10,"big":12345678901234567890,"tiny":1e-7,"list":[1.0,{"z":2.50,"a":0.10}]}"#

    @Test(
        "keeps the digits of what is only passed on",
        arguments: [
            ("data.price", "1.10"),
            ("data['price']", "1.10"),
            ("data.big", "12345678901234567890"),
            ("data.list[0]", "1.0"),
            ("data.list[1]", #"{"z":2.50,"a":0.10}"#),
            ("[data.price, data.tiny]", "[1.10,1e-7]"),
            ("{'p': data.price}", #"{"p":1.10}"#),
            ("true ? data.price : 0", "1.10"),
            ("data.?price", "1.10"),
            ("data.?price.orValue(0)", "1.10"),
            ("[1].map(x, data.price)", "[1.10]"),
            ("cel.bind(x, 1, data.price)", "1.10"),
            ("dyn(data.price)", "1.10"),
        ])
    func digits(expression: String, expected: String) throws {
        #expect(try text(evaluate(expression, ["data": data(source)])) == expected)
    }

    @Test("copies data as it stands")
    func whole() throws {
        #expect(try text(evaluate("data", ["data": data(source)])) == source)
    }

    @Test("computes with the nearest double", arguments: [("data.price + 1.0", "2.1"), ("data.tiny * 1.0", "1e-07")])
    func computed(expression: String, expected: String) throws {
        #expect(try text(evaluate(expression, ["data": data(source)])) == expected)
    }

    @Test(
        "takes integer literals of 64 bits as int, other numbers as double",
        arguments: [
            ("1", "int"), ("-9223372036854775808", "int"), ("9223372036854775808", "double"), ("1.0", "double"),
            ("1e3", "double"),
        ])
    func types(json: String, type: String) throws {
        let value = try evaluate("string(type(data) == \(type))", ["data": data(json)])
        #expect(try value.templateText() == "true")
    }

    @Test("writes the same as it makes a tree of")
    func agreement() throws {
        let value = try evaluate(
            "{'b': b'ab', 't': timestamp('2026-11-23T09:00:00.12Z'), 'd': duration('90s'), 'u': 7u, 1: optional.none(),"
                + " true: [null, data]}", ["data": data(source)])
        let expected =
            #"{"b":"YWI=","t":"2026-11-23T09:00:00.120Z","d":"90s","u":7,"1":null,"true":[null,\#(source)]}"#
        #expect(try text(value) == expected)
        #expect(try value.json().text == expected)
    }

    @Test(
        "refuses what JSON has no form for, and leaves the writer as it was",
        arguments: ["0.0 / 0.0", "1.0 / 0.0", "int", "{1: 'a', '1': 'b'}", "[1, type(1)]"])
    func refused(expression: String) throws {
        let value = try evaluate(expression)
        var writer = JSONWriter()
        writer.beginArray()
        writer.value(1)
        let before = writer.bytes
        let error = #expect(throws: CELError.self) { try value.write(to: &writer) }
        #expect(error?.code == .notJSON)
        #expect(writer.bytes == before)
        #expect(throws: CELError.self) { try value.json() }
    }

    @Test(
        "inserts values into a longer text",
        arguments: [
            ("'a \"b\"'", "a \"b\""),
            ("7", "7"),
            ("data.price", "1.10"),
            ("data.big", "12345678901234567890"),
            ("1.5", "1.5"),
            ("true", "true"),
            ("null", "null"),
            ("timestamp('2026-11-23T09:00:00+01:00')", "2026-11-23T08:00:00.000Z"),
            ("duration('1m30s')", "90s"),
            ("duration('-1500ms')", "-1.5s"),
            ("[1, 'a', {'b': null}]", #"[1,"a",{"b":null}]"#),
            ("data.list", #"[1.0,{"z":2.50,"a":0.10}]"#),
            ("optional.of('x')", "x"),
            ("optional.none()", "null"),
            ("b'ab'", "YWI="),
        ])
    func templateText(expression: String, expected: String) throws {
        #expect(try evaluate(expression, ["data": data(source)]).templateText() == expected)
    }

    @Test("inserts no value that JSON has no form for", arguments: ["0.0 / 0.0", "type(1)"])
    func noTemplateText(expression: String) throws {
        let value = try evaluate(expression)
        let error = #expect(throws: CELError.self) { try value.templateText() }
        #expect(error?.code == .notJSON)
    }

    private func text(_ value: CELValue) throws -> String {
        var writer = JSONWriter()
        try value.write(to: &writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }
}
