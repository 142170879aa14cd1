/// Classes and escapes.
extension PatternParser {
    /// Behind `[`.
    mutating func bracket() throws(Fault) -> CharacterSet {
        let isNegated = take("^")
        var set = CharacterSet()
        var isFirst = true
        while true {
            guard let scalar = next else { throw fault("a class without its ']'") }
            if scalar == "]", !isFirst {
                position += 1
                break
            }
            isFirst = false
            if scalar == "[", position + 1 < scalars.count, scalars[position + 1] == ":" {
                try posix(into: &set)
                continue
            }
            guard let low = try member(into: &set) else { continue }
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.add([low.value...low.value])
                continue
            }
            position += 1
            guard let high = try member(into: &set), high.value >= low.value else {
                throw fault("a range the wrong way round")
            }
            set.add([low.value...high.value])
        }
        if flags.ignoresCase { set.foldCase() }
        set.normalize()
        if isNegated { set.negate() }
        return set
    }

    private mutating func member(into set: inout CharacterSet) throws(Fault) -> Unicode.Scalar? {
        guard let scalar = next else { throw fault("a class without its ']'") }
        position += 1
        return scalar == "\\" ? try escape(into: &set) : scalar
    }

    private mutating func posix(into set: inout CharacterSet) throws(Fault) {
        position += 2
        let isNegated = take("^")
        var name = ""
        while let scalar = next, scalar != ":" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take(":"), take("]"), let ranges = CharacterSet.posix(name) else { throw fault("an unknown class") }
        set.add(isNegated ? CharacterSet.complement(ranges) : ranges)
    }

    /// Behind a backslash: one character, or a class that is added to the set.
    mutating func escape(into set: inout CharacterSet) throws(Fault) -> Unicode.Scalar? {
        guard let scalar = next else { throw fault("a lone '\\'") }
        position += 1
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimal()
        case "p", "P": return try category(isNegated: scalar == "P", into: &set)
        default: break
        }
        if let byte = UInt8(exactly: scalar.value), let ranges = CharacterSet.perl(byte) {
            set.add(ranges)
            return nil
        }
        if let digit = PatternParser.digit(scalar), digit < 10 { return try octal(digit) }
        let isWord = scalar.properties.isAlphabetic || scalar.value > 0x7F
        guard !isWord else {
            position -= 1
            throw fault("an unknown escape '\\\(scalar)'")
        }
        return scalar
    }

    private mutating func octal(_ first: UInt32) throws(Fault) -> Unicode.Scalar {
        var value = first
        var count = 1
        while count < 3, let scalar = next, let digit = PatternParser.digit(scalar), digit < 8 {
            value = value * 8 + digit
            position += 1
            count += 1
        }
        guard first == 0 || count > 1, first < 8, let scalar = Unicode.Scalar(value) else {
            throw fault("a back-reference, which RE2 does not have,")
        }
        return scalar
    }

    private mutating func hexadecimal() throws(Fault) -> Unicode.Scalar {
        var value: UInt32 = 0
        var count = 0
        let isBraced = take("{")
        while let scalar = next, let digit = PatternParser.digit(scalar), count < (isBraced ? 8 : 2) {
            value = value << 4 | digit
            position += 1
            count += 1
        }
        guard isBraced ? take("}") && count > 0 : count == 2, let scalar = Unicode.Scalar(value) else {
            throw fault("a bad '\\x'")
        }
        return scalar
    }

    private mutating func category(isNegated: Bool, into set: inout CharacterSet) throws(Fault) -> Unicode.Scalar? {
        var isNegated = isNegated
        var name = ""
        if take("{") {
            if take("^") { isNegated.toggle() }
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}") else { throw fault("a bad '\\p'") }
        } else if let scalar = next {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard set.add(category: name, isNegated: isNegated) else {
            throw fault("an unknown category '\(name)'")
        }
        return nil
    }

    /// Decimal, or hexadecimal from 10 up.
    static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        UInt8(exactly: scalar.value).flatMap(Lexer.hexValue)
    }
}
