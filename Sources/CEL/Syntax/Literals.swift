/// String and bytes literals: prefixes, quotes, escapes.
extension Lexer {
    /// The literal that begins here, or nil if none does.
    mutating func stringOrBytes() throws(CompileFault) -> Token.Kind? {
        var ahead = 0
        let isBytes = byte(ahead) | 0x20 == UInt8(ascii: "b")
        if isBytes { ahead += 1 }
        let isRaw = byte(ahead) | 0x20 == UInt8(ascii: "r")
        if isRaw { ahead += 1 }
        let quote = byte(ahead)
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        let start = index
        index += ahead
        let isTriple = byte(1) == quote && byte(2) == quote
        index += isTriple ? 3 : 1
        let content = try body(quote: quote, isTriple: isTriple, isRaw: isRaw, isBytes: isBytes, start: start)
        // The source is UTF-8 and escapes add whole scalars, so decoding never repairs anything.
        return isBytes ? .bytes(content) : .string(String(decoding: content, as: UTF8.self))
    }

    private mutating func body(
        quote: UInt8, isTriple: Bool, isRaw: Bool, isBytes: Bool, start: Int
    ) throws(CompileFault) -> [UInt8] {
        var content: [UInt8] = []
        while index < bytes.count {
            let next = bytes[index]
            if next == quote {
                if !isTriple {
                    index += 1
                    return content
                }
                if byte(1) == quote, byte(2) == quote {
                    index += 3
                    return content
                }
            }
            if !isTriple, next == 0x0A || next == 0x0D {
                throw CompileFault(
                    .syntax, "the string ends with its line", at: start,
                    hint: "write \\n, or put three quotes around text of several lines")
            }
            if next == UInt8(ascii: "\\"), !isRaw {
                try escape(into: &content, isBytes: isBytes)
            } else {
                content.append(next)
                index += 1
            }
        }
        throw CompileFault(.syntax, "the closing quote is missing", at: start)
    }

    private mutating func escape(into content: inout [UInt8], isBytes: Bool) throws(CompileFault) {
        let start = index
        let letter = byte(1)
        index += 2
        switch letter {
        case UInt8(ascii: "a"): content.append(0x07)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "v"): content.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            content.append(letter)
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            try append(try hex(2, start), to: &content, isBytes: isBytes, start)
        case UInt8(ascii: "u") where !isBytes: try append(try hex(4, start), to: &content, isBytes: false, start)
        case UInt8(ascii: "U") where !isBytes: try append(try hex(8, start), to: &content, isBytes: false, start)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            let digits = (letter, byte(), byte(1))
            guard Lexer.isOctal(digits.1), Lexer.isOctal(digits.2) else {
                throw CompileFault(.syntax, "an octal escape needs three digits", at: start)
            }
            index += 2
            let value = UInt32(digits.0 & 7) << 6 | UInt32(digits.1 & 7) << 3 | UInt32(digits.2 & 7)
            try append(value, to: &content, isBytes: isBytes, start)
        default:
            throw CompileFault(
                .syntax, "unknown escape", at: start, hint: "a backslash itself is written \\\\, or use r'…'")
        }
    }

    /// In bytes an escape is one octet, in strings one code point.
    private func append(
        _ value: UInt32, to content: inout [UInt8], isBytes: Bool, _ start: Int
    ) throws(CompileFault) {
        if isBytes {
            content.append(UInt8(truncatingIfNeeded: value))
            return
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw CompileFault(.syntax, "the escape names no Unicode scalar value", at: start)
        }
        content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func hex(_ count: Int, _ start: Int) throws(CompileFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = Lexer.hexValue(byte()) else {
                throw CompileFault(.syntax, "the escape needs \(count) hexadecimal digits", at: start)
            }
            value = value << 4 | digit
            index += 1
        }
        return value
    }

    private static func isOctal(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "7") }
}
