import CEL
import Foundation
import JSON
import Testing

@Suite struct BoundsTests {
    static let big: JSONValue = .array((0..<20_000).map { .number(JSONNumber($0)) })
    static let long = String(repeating: "a", count: 500_000)

    @Test(
        "no expression costs more than its limit, and the failure is not hidden",
        arguments: [
            "big.all(a, big.all(b, big.all(c, a + b + c >= 0)))", "big.exists(a, big[19999] == -1)",
            "big.map(a, big.map(b, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' + string(b)))",
            "cel.bind(a, long + long, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, d + d + d)))).size()",
            "long.matches('(a*)*b')", "long.matches('(a?){500}a{500}b')", "long.matches('(x+x+)+y')",
            "long.replace('a', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb')", "long.split('')",
            "big.map(a, long.reverse())", "big.map(a, long == long + '')", "big.map(a, '%.1000f'.format([1e-300]))",
            "big.map(a, ['a', 'b', 'c', 'd', 'e', 'f'])", "big.map(a, big + big)", "big.map(a, big == big)",
            "big.map(a, 'x'.matches(long.substring(0, 4000) + string(a)))",
            "big.map(a, {a: big.size(), -1: big == big})",
            "big.map(a, '%s'.format([big]))", "big.map(a, -1 in big)", "big.map(a, long.size())",
            "big.exists(a, [1, 2, 3, 4, 5].exists(b, 1 / (a - a) == b)) || true", "big.map(a, bytes(long))",
            "big.all(a, big.all(b, big.all(c, a + b + c >= 0))) || true", "big.map(a, base64.encode(bytes(long)))",
        ])
    func cost(source: String) throws {
        let variables = [
            (CELVariable("big"), CELValue(JSONView(BoundsTests.big))), (CELVariable("long"), .string(BoundsTests.long)),
        ]
        #expect(fault(source, variables)?.code == .costExceeded)
    }

    @Test("cost is the same every time and adds up over evaluations")
    func costAddsUp() throws {
        let program = try CELProgram("[1, 2, 3].map(x, x * 2).size() == 3", in: CELEnvironment(variables: []))
        var cost = CELCost(limit: 100)
        _ = try program.evaluate(CELValues([]), cost: &cost)
        let once = cost.used
        #expect(once > 10 && once < 50)
        _ = try program.evaluate(CELValues([]), cost: &cost)
        #expect(cost.used == 2 * once)
        #expect(throws: CELError.self) {
            for _ in 0..<10 { _ = try program.evaluate(CELValues([]), cost: &cost) }
        }
    }

    @Test("writing a value that shares its parts costs what it writes")
    func sharedParts() throws {
        var source = "x25"
        for step in (1...25).reversed() { source = "cel.bind(x\(step), [x\(step - 1), x\(step - 1)], \(source))" }
        let value = try compute("cel.bind(x0, 'abc', \(source))")
        #expect(throws: CELError.self) { try value.json() }
        #expect(throws: CELError.self) { try value.templateText() }
        var writer = JSONWriter()
        #expect(throws: CELError.self) { try value.write(to: &writer) }
        #expect(writer.bytes.isEmpty)
    }

    /// Each is about 4 KiB of one construct.
    static let bombs: [String] = [
        String(repeating: "(", count: 2000) + "1" + String(repeating: ")", count: 2000),
        String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000),
        String(repeating: "{1:", count: 1000) + "1" + String(repeating: "}", count: 1000),
        String(repeating: "(", count: 4096), String(repeating: "[", count: 4096), String(repeating: "{", count: 4096),
        String(repeating: "!", count: 4000) + "true", String(repeating: "-", count: 4001) + "1",
        "1" + String(repeating: "+1", count: 2000), "1" + String(repeating: "*1", count: 2000),
        "true" + String(repeating: "&&true", count: 600), "true" + String(repeating: "||true", count: 600),
        String(repeating: "true?1:", count: 500) + "2", "1" + String(repeating: "==1", count: 1300),
        "a" + String(repeating: ".a", count: 2000), "a" + String(repeating: "[0]", count: 1300),
        "a" + String(repeating: ".a()", count: 1000),
        String(repeating: "size(", count: 700)
            + String(
                repeating: ")", count: 500),
        String(repeating: "[1].map(x,", count: 300) + "1" + String(repeating: ")", count: 300),
        String(repeating: "int(", count: 99) + "1" + String(repeating: ")", count: 99),
        String(repeating: "(", count: 99) + "1" + String(repeating: ")", count: 99),
        String(repeating: "[1].map(x,", count: 98) + "1" + String(repeating: ")", count: 98),
        "'a'.matches('" + String(repeating: "(", count: 2000) + String(repeating: ")", count: 2000) + "')",
        "'a'.matches('" + String(repeating: "(", count: 45) + String(repeating: "){1000}", count: 45) + "')",
        "'a'.matches('" + String(repeating: "a|", count: 1900) + "')",
        "'a'.matches('" + String(repeating: "a*", count: 1900) + "')",
    ]

    @Test("no expression exhausts a small stack", arguments: bombs.indices)
    func stack(index: Int) throws {
        let source = BoundsTests.bombs[index]
        let isDone = DispatchSemaphore(value: 0)
        let thread = Thread {
            _ = fault(source, [(CELVariable("a"), .int(1))])
            isDone.signal()
        }
        #if DEBUG
            // Frames are some ten times as large without the optimiser.
            thread.stackSize = 4 * 1024 * 1024
        #else
            thread.stackSize = 512 * 1024
        #endif
        thread.start()
        isDone.wait()
    }

    @Test("long chains are no nesting")
    func chains() throws {
        #expect(try json("1" + String(repeating: "+1", count: 2000)) == "2001")
        #expect(try json("true" + String(repeating: "&&true", count: 600)) == "true")
        #expect(try json(String(repeating: "!", count: 4000) + "true") == "true")
        #expect(try json(String(repeating: "(", count: 90) + "1" + String(repeating: ")", count: 90)) == "1")
        #expect(fault(String(repeating: "(", count: 101) + "1")?.code == .tooDeep)
    }

    @Test("no sequence of tokens makes it crash or disagree with itself")
    func nonsense() throws {
        let tokens = [
            "1", "2u", "0.5", "'a'", "b'a'", "true", "null", "data", "x", ".", ",", "(", ")", "[", "]", "{", "}", "?",
            ":", "+", "-", "*", "/", "%", "!", "&&", "||", "==", "<", "in", " ", ".map(x,", ".all(x,", "size(", "has(",
            "data.a", ".?a", "[?", "optional.of(", "int", "string(", ".matches('a+')", ".exists(i,v,", "cel.bind(x,",
            "duration('1s')", "timestamp('2026-11-23T09:00:00Z')", ".orValue(", ".format([", "\"", "`", "\\",
        ]
        var generator = SeededGenerator(state: 20_261_123)
        let variables = [(CELVariable("data"), CELValue(JSONView(["a": [1, 2, ["b": "c"]]])))]
        var evaluated = 0
        for _ in 0..<4000 {
            let count = Int.random(in: 1...12, using: &generator)
            let source = (0..<count).map { _ in tokens.randomElement(using: &generator) ?? "" }.joined()
            if fault(source, variables, limit: 10_000) == nil { evaluated += 1 }
        }
        #expect(evaluated > 50)
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
