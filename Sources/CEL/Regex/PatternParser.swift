/// Reads the syntax of RE2: no back-references, no look-around, so that matching takes linear time.
struct PatternParser {
    static let maximumLength = 4096
    private static let maximumNesting = 50
    /// RE2 has the same bound.
    private static let maximumRepetition = 1000

    struct Flags {
        var ignoresCase = false
        var dotTakesNewline = false
        var isMultiline = false
    }

    let scalars: [Unicode.Scalar]
    var position = 0
    private var nesting = 0
    var flags = Flags()
    private var tree = PatternTree()

    static func parse(_ text: String) throws(Fault) -> PatternTree {
        guard text.utf8.count <= maximumLength else {
            throw Fault(.badPattern, "a pattern may have \(maximumLength) bytes at most")
        }
        var parser = PatternParser(scalars: Array(text.unicodeScalars))
        parser.tree.root = try parser.choice()
        guard parser.position == parser.scalars.count else { throw parser.fault("an unmatched ')'") }
        return parser.tree
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    func fault(_ what: String) -> Fault {
        Fault(.badPattern, "the pattern has \(what) at character \(min(position, scalars.count) + 1)")
    }

    private mutating func choice() throws(Fault) -> Int {
        nesting += 1
        guard nesting <= PatternParser.maximumNesting else { throw fault("too many nested groups") }
        defer { nesting -= 1 }
        // Flags set inside a group end with it.
        let outer = flags
        defer { flags = outer }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : tree.add(.choice(branches))
    }

    private mutating func sequence() throws(Fault) -> Int {
        var items: [Int] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if scalar == "\\", position + 1 < scalars.count, scalars[position + 1] == "Q" {
                position += 2
                while let quoted = next {
                    if quoted == "\\", position + 1 < scalars.count, scalars[position + 1] == "E" {
                        position += 2
                        break
                    }
                    position += 1
                    items.append(literal(quoted))
                }
                continue
            }
            let atom = try atom()
            items.append(try repeated(atom))
        }
        return items.count == 1 ? items[0] : tree.add(items.isEmpty ? .empty : .sequence(items))
    }

    private mutating func repeated(_ atom: Int) throws(Fault) -> Int {
        guard let (least, most) = try repetition() else { return atom }
        // Whether it prefers less or more does not change whether there is a match.
        _ = take("?")
        let start = position
        if try repetition() != nil {
            position = start
            throw fault("a repetition of a repetition")
        }
        return tree.add(.repetition(atom, least: least, most: most))
    }

    private mutating func repetition() throws(Fault) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{"), let least = number() else {
            position = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            // Braces that count nothing stand for themselves.
            position = start
            return nil
        }
        guard least <= PatternParser.maximumRepetition, (most ?? least) <= PatternParser.maximumRepetition,
            (most ?? least) >= least
        else { throw fault("a repetition beyond \(PatternParser.maximumRepetition) or the wrong way round") }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, let digit = PatternParser.digit(scalar), digit < 10 {
            value = min((value ?? 0) * 10 + Int(digit), 1_000_000)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(Fault) -> Int {
        guard let scalar = next else { return tree.add(.empty) }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return tree.add(.characters(try bracket()))
        case ".": return tree.add(.characters(flags.dotTakesNewline ? .any : .anyButNewline))
        case "^": return tree.add(.assertion(flags.isMultiline ? .lineStart : .textStart))
        case "$": return tree.add(.assertion(flags.isMultiline ? .lineEnd : .textEnd))
        case "*", "+", "?":
            position -= 1
            throw fault("a repetition of nothing")
        case "\\":
            switch next {
            case "A": return assertion(.textStart)
            case "z": return assertion(.textEnd)
            case "b": return assertion(.wordBoundary)
            case "B": return assertion(.noWordBoundary)
            default:
                var set = CharacterSet()
                if let single = try escape(into: &set) { return literal(single) }
                if flags.ignoresCase { set.foldCase() }
                set.normalize()
                return tree.add(.characters(set))
            }
        default: return literal(scalar)
        }
    }

    private mutating func assertion(_ assertion: PatternTree.Assertion) -> Int {
        position += 1
        return tree.add(.assertion(assertion))
    }

    private mutating func literal(_ scalar: Unicode.Scalar) -> Int {
        var set = CharacterSet([scalar.value...scalar.value])
        if flags.ignoresCase { set.foldCase() }
        set.normalize()
        return tree.add(.characters(set))
    }

    /// Behind `(`: plain, `?:`, `?P<name>`, `?<name>`, `?flags)`, `?flags:`.
    private mutating func group() throws(Fault) -> Int {
        guard take("?") else { return try closed(try choice()) }
        if take("P") {
            guard take("<") else { throw fault("an unknown kind of group") }
            try groupName()
            return try closed(try choice())
        }
        if take("<") {
            guard next != "=", next != "!" else { throw fault("a look-behind, which RE2 does not have") }
            try groupName()
            return try closed(try choice())
        }
        if next == "=" || next == "!" { throw fault("a look-ahead, which RE2 does not have") }
        var changed = flags
        var isOn = true
        while let flag = next {
            position += 1
            switch flag {
            case "i": changed.ignoresCase = isOn
            case "s": changed.dotTakesNewline = isOn
            case "m": changed.isMultiline = isOn
            case "U": break
            case "-" where isOn: isOn = false
            case ")":
                flags = changed
                return tree.add(.empty)
            case ":":
                let outer = flags
                flags = changed
                defer { flags = outer }
                return try closed(try choice())
            default:
                position -= 1
                throw fault("an unknown flag")
            }
        }
        throw fault("a group without its ')'")
    }

    private mutating func groupName() throws(Fault) {
        let start = position
        while let scalar = next, scalar != ">" {
            guard scalar == "_" || scalar.properties.isAlphabetic || PatternParser.digit(scalar) != nil else {
                throw fault("a bad group name")
            }
            position += 1
        }
        guard position > start, take(">") else { throw fault("a bad group name") }
    }

    private mutating func closed(_ node: Int) throws(Fault) -> Int {
        guard take(")") else { throw fault("a group without its ')'") }
        return node
    }
}
