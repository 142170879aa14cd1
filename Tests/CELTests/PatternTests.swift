import CEL
import Testing

@Suite struct PatternTests {
    @Test(
        "matches like RE2",
        arguments: [
            ("abc", "b", true), ("abc", "^b", false), ("abc", "^abc$", true), ("abc\n", "^abc$", false),
            ("x\nabc", "(?m)^abc$", true), ("abc", "a.c", true), ("a\nc", "a.c", false), ("a\nc", "(?s)a.c", true),
            ("ABC", "(?i)abc", true), ("aBC", "a(?i)bc", true), ("ABC", "a(?i)bc", false), ("aBc", "a(?i:b)c", true),
            ("aBC", "a(?i:b)c", false), ("ÄÖ", "(?i)äö", true), ("aaa", "^a{2}$", false), ("aaa", "^a{2,}$", true),
            ("aaa", "^a{1,3}$", true), ("aaaa", "^a{1,3}$", false), ("a{x}", "a{x}", true), ("", "^a*$", true),
            ("foobar", "foo(bar|baz)?$", true), ("color", "colou?r", true), ("ab12", "^[a-c]+\\d{2}$", true),
            ("-]", "^[\\]-]+$", true), ("]", "^[]]$", true), ("b", "^[^a]$", true), ("\n", "^[^a]$", true),
            ("é", "^.$", true), ("é", "^\\w$", false), ("é", "^\\pL$", true), ("3", "\\PN", false),
            ("Ω", "^[[:alpha:]\\p{Lu}]$", true), ("x", "^[[:^alpha:]]$", false), ("a b", "a\\b \\bb", true),
            ("ab", "a\\bb", false), ("ab", "a\\Bb", true), ("a.b", "^a\\.b$", true), ("a+b", "^\\Qa+b\\E$", true),
            ("A", "^\\x41$", true), ("😀", "^\\x{1F600}$", true), ("\t", "^\\t$", true), ("a", "\\Aa\\z", true),
            ("ab", "^(?:a|ab)(?:c|bcd|b)$", true), ("aaaa", "(a+)+$", true), ("x", "(?P<name>x)(?<other>)", true),
            ("ab", "(^a|b)", true), ("ba", "(^a|x)", false), ("ab", "a|", true), ("a", "(|b)$", true),
            ("S", "\\101|S", true),
            ("xay", "x(a*?)y", true), ("a-z", "^[a\\-z]+$", true), ("K", "(?i)k", true),
        ])
    func matches(text: String, pattern: String, expected: Bool) throws {
        let variables = [(CELVariable("t"), CELValue.string(text)), (CELVariable("p"), .string(pattern))]
        guard case .bool(let found) = try compute("t.matches(p)", variables) else {
            Issue.record("no bool")
            return
        }
        #expect(found == expected)
    }

    @Test(
        "refuses what RE2 refuses",
        arguments: [
            "(", ")", "[", "a**", "*", "+a", "a{1001}", "a{2,1}", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "\\1", "(a)\\2",
            "[z-a]", "\\q", "(?z)", "[[:nope:]]", "\\p{Nope}", "\\", "(?P<>a)", "((a{100}){100}){100}", "(?i", "\\xZ",
        ])
    func refuses(pattern: String) {
        let variables = [(CELVariable("p"), CELValue.string(pattern))]
        #expect(fault("'a'.matches(p)", variables)?.code == .badPattern)
    }

    @Test("agrees with plain search on random texts")
    func agrees() throws {
        var generator = SeededGenerator(state: 7)
        for _ in 0..<500 {
            func word(_ most: Int) -> String {
                String(
                    (0..<Int.random(in: 0...most, using: &generator)).map { _ in
                        "aba".randomElement(using: &generator) ?? "a"
                    })
            }
            let (text, part, new) = (word(12), word(3), word(2))
            let variables = [
                (CELVariable("t"), CELValue.string(text)), (CELVariable("p"), .string(part)),
                (CELVariable("n"), .string(new)),
            ]
            let holds = try compute(
                "t.matches(p) == t.contains(p) && (t.indexOf(p) >= 0) == t.contains(p)"
                    + " && t.reverse().contains(p.reverse()) == t.contains(p)"
                    + " && (t.contains(p) ? t.substring(t.lastIndexOf(p)).startsWith(p) : t.lastIndexOf(p) == -1)"
                    + " && (p == '' || t.split(p).join(n) == t.replace(p, n))",
                variables)
            guard case .bool(true) = holds else {
                Issue.record("\(text) \(part) \(new)")
                return
            }
        }
    }
}
