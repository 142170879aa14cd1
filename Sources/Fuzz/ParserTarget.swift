import CEL

/// Text that may be an expression. A refusal has a place inside the text.
struct ParserTarget: FuzzTarget {
    static let words = [
        "(", ")", "[", "]", "{", "}", ",", ":", "?", ".", ".?", "[?", "&&", "||", "!", "-", "+", "*", "/", "%", "==",
        "!=", "<", "<=", "in", " ", "\n", "//", "'", "\"", "'''", "r'", "b'", "\\", "\\u12", "0x", "1u", "1.", "1e",
        "9223372036854775808", "true", "null", "data", "event", "now", "item", "id", "size", "has", "map", "x", "all",
        "math.abs", "cel.bind", "optional.of", "`a-b`", "ä", "\u{0}", "while", "=", "&", "1.5", "'a'",
    ]

    private static let environment = CELEnvironment(variables: [
        CELVariable("data", .map(.string, .dyn)), CELVariable("now", .timestamp), CELVariable("item"),
        CELVariable("event", .record(CELRecordType("event", ["id": .string, "data": .dyn, "time": .timestamp]))),
        CELVariable("list", .list(.int)),
    ])

    static let variables: [RandomExpression.Kind: [String]] = [
        .any: ["data.a", "event.data", "item", "event"], .string: ["event.id", "data.name"], .map: ["data"],
        .timestamp: ["now", "event.time"], .list: ["list", "data.list"], .int: ["data.n", "size(list)"],
    ]

    func run(_ random: inout SeededGenerator) throws(Finding) -> Bool {
        let source = Self.source(&random)
        do throws(CELError) {
            _ = try CELProgram(source, in: Self.environment)
            return true
        } catch {
            let lines = source.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            let isInside =
                error.line >= 1 && error.line <= lines.count && error.column >= 1
                && error.column <= lines[error.line - 1].count + 1
            guard isInside, !error.message.isEmpty else { throw Finding("misplaced: \(error)", input: source) }
            return false
        }
    }

    private static func source(_ random: inout SeededGenerator) -> String {
        switch random.below(8) {
        case 0:
            return (0..<random.below(40)).map { _ in random.pick(words) }.joined(separator: random.pick(["", " "]))
        case 1:
            // Deep in one way.
            let count = random.below(700)
            let pairs = [
                ("(", ")"), ("[", "]"), ("!", ""), ("-", ""), ("{1:", "}"), ("a[", "]"), ("f(", ")"), ("true?", ":1"),
                ("1+", ""), ("true&&", ""), ("", ".a"), ("", "[0]"), ("[1].map(x,", ")"),
            ]
            let (before, after) = random.pick(pairs)
            return String(repeating: before, count: count) + "1"
                + String(repeating: after, count: random.chance(4) ? random.below(700) : count)
        default:
            var expressions = RandomExpression(variables: variables, slips: random.pick([0, 10, 30]))
            let source = expressions.make(random.pick(RandomExpression.Kind.allCases), depth: random.below(6), &random)
            if random.chance(3) { return source }
            let damaged = Mutations.apply(Array(source.utf8), &random, words: words)
            return String(decoding: damaged, as: UTF8.self)
        }
    }
}
