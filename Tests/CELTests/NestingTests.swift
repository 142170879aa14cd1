import CEL
import JSON
import Testing

@Suite struct NestingTests {
    @Test(
        "refuses deep nesting instead of exhausting the stack",
        arguments: [
            ("(", "1", ")"), ("[", "1", "]"), ("{1:", "1", "}"), ("size(", "1", ")"), ("1 + (", "1", ")"),
            ("-(", "1", ")"), ("!(", "true", ")"), ("true ? 1 : ", "1", ""), ("[1].map(x, ", "1", ")"),
            ("a[", "0", "]"), ("", "a", ".b"), ("", "a", "[0]"), ("", "'a'", ".trim()"), ("", "a", ".?b"),
        ])
    func refused(open: String, middle: String, close: String) throws {
        let times = 4000 / (open.utf8.count + close.utf8.count)
        let source = String(repeating: open, count: times) + middle + String(repeating: close, count: times)
        #expect(try failure(source, ["a": .null]).code == .tooDeep)
    }

    @Test("bounds also the unclosed", arguments: ["(", "[", "{", "a(", "-", "!", "a?", "[1].map(x,"])
    func unclosed(open: String) throws {
        let code = try failure(String(repeating: open, count: 4000 / open.utf8.count), ["a": .null]).code
        #expect(code == .tooDeep || code == .syntax)
    }

    @Test("takes long runs of one operator", arguments: ["+", "-", "*", "&&", "||", "=="])
    func runs(operation: String) throws {
        let isLogic = operation.hasPrefix("&") || operation.hasPrefix("|") || operation == "=="
        let operand = isLogic ? "true" : "1"
        let source = Array(repeating: operand, count: 400).joined(separator: operation)
        #expect(throws: Never.self) { try evaluate(source) }
    }

    @Test("refuses deep patterns", arguments: ["(", "(?:", "(a|"])
    func patterns(open: String) throws {
        let times = 3000 / open.utf8.count
        let pattern = String(repeating: open, count: times) + "a" + String(repeating: ")", count: 900)
        #expect(try failure("'a'.matches(p)", ["p": .string(pattern)]).code == .badPattern)
    }

    @Test("gives no JSON deeper than 64 levels")
    func output() throws {
        var value = CELValue.int(1)
        for _ in 0..<64 { value = .list(CELList([value])) }
        #expect(throws: Never.self) { try value.json() }
        let error = #expect(throws: CELError.self) { try CELValue.list(CELList([value])).json() }
        #expect(error?.code == .notJSON)
    }

    @Test("counts the levels of JSON data that are put into new ones")
    func wrappedData() throws {
        let json = String(repeating: "[", count: 63) + #""]]""# + String(repeating: "]", count: 63)
        let inner = try data(json)
        #expect(throws: Never.self) { try evaluate("[data]", ["data": inner]).json() }
        let wrapped = try evaluate("[[data]]", ["data": inner])
        var writer = JSONWriter()
        let tree = #expect(throws: CELError.self) { try wrapped.json() }
        let written = #expect(throws: CELError.self) { try wrapped.write(to: &writer) }
        #expect(tree?.code == .notJSON)
        #expect(written?.code == .notJSON)
        #expect(writer.bytes.isEmpty)
    }
}
