/// Cuts a source into tokens.
struct Lexer {
    let bytes: [UInt8]
    var index = 0

    init(_ source: String) {
        bytes = Array(source.utf8)
    }

    /// All tokens, the last one being `.end`.
    mutating func tokens() throws(CompileFault) -> [Token] {
        var tokens: [Token] = []
        while true {
            skipBlanks()
            let offset = index
            let kind = try next()
            tokens.append(Token(kind: kind, offset: offset))
            if kind == .end { return tokens }
        }
    }

    func byte(_ ahead: Int = 0) -> UInt8 {
        index + ahead < bytes.count ? bytes[index + ahead] : 0
    }

    private mutating func skipBlanks() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D: index += 1
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
                while index < bytes.count, bytes[index] != 0x0A { index += 1 }
            default: return
            }
        }
    }

    private mutating func next() throws(CompileFault) -> Token.Kind {
        guard index < bytes.count else { return .end }
        let first = bytes[index]
        if let literal = try stringOrBytes() { return literal }
        if Lexer.isNameStart(first) {
            let name = takeName()
            return name == "in" ? .symbol(.in) : .identifier(name)
        }
        if Lexer.isDigit(first) || (first == UInt8(ascii: ".") && Lexer.isDigit(byte(1))) { return try number() }
        if first == UInt8(ascii: "`") { return try quotedName() }
        return .symbol(try symbol())
    }

    private mutating func takeName() -> String {
        let start = index
        while index < bytes.count, Lexer.isNameStart(bytes[index]) || Lexer.isDigit(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func quotedName() throws(CompileFault) -> Token.Kind {
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "`") {
            switch bytes[index] {
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: " "),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                index += 1
            default:
                throw CompileFault(
                    .syntax, "a name between backquotes holds letters, digits, '_', '.', '-', '/' and spaces only",
                    at: index, hint: "any other key can be read with [\"…\"]")
            }
        }
        guard index < bytes.count else { throw CompileFault(.syntax, "the closing backquote is missing", at: start) }
        guard index > start + 1 else { throw CompileFault(.syntax, "the name is empty", at: start) }
        index += 1
        return .quotedName(String(decoding: bytes[start + 1..<index - 1], as: UTF8.self))
    }

    private mutating func number() throws(CompileFault) -> Token.Kind {
        let start = index
        if bytes[index] == UInt8(ascii: "0"), byte(1) | 0x20 == UInt8(ascii: "x") {
            index += 2
            let digits = index
            while Lexer.isHexDigit(byte()) { index += 1 }
            return try integer(bytes[digits..<index], radix: 16, start: start)
        }
        while Lexer.isDigit(byte()) { index += 1 }
        var isDouble = false
        if byte() == UInt8(ascii: "."), Lexer.isDigit(byte(1)) {
            isDouble = true
            index += 1
            while Lexer.isDigit(byte()) { index += 1 }
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
            if Lexer.isDigit(byte(1 + sign)) {
                isDouble = true
                index += 1 + sign
                while Lexer.isDigit(byte()) { index += 1 }
            }
        }
        guard isDouble else { return try integer(bytes[start..<index], radix: 10, start: start) }
        var text = String(decoding: bytes[start..<index], as: UTF8.self)
        if text.utf8.first == UInt8(ascii: ".") { text = "0" + text }
        guard let value = Double(text) else { throw CompileFault(.syntax, "this is no number", at: start) }
        try endNumber(start)
        return .double(value)
    }

    private mutating func integer(
        _ digits: ArraySlice<UInt8>, radix: Int, start: Int
    ) throws(CompileFault) -> Token.Kind {
        let isUnsigned = byte() | 0x20 == UInt8(ascii: "u")
        if isUnsigned { index += 1 }
        guard !digits.isEmpty else { throw CompileFault(.syntax, "digits are missing after 0x", at: start) }
        guard let magnitude = UInt64(String(decoding: digits, as: UTF8.self), radix: radix) else {
            throw CompileFault(.syntax, "the number does not fit 64 bits", at: start)
        }
        try endNumber(start)
        return isUnsigned ? .unsigned(magnitude) : .integer(magnitude: magnitude)
    }

    /// `12ab` is no number followed by a name.
    private func endNumber(_ start: Int) throws(CompileFault) {
        if Lexer.isNameStart(byte()) || Lexer.isDigit(byte()) {
            throw CompileFault(.syntax, "a number ends in a letter", at: start)
        }
    }

    private mutating func symbol() throws(CompileFault) -> Token.Symbol {
        let two = String(decoding: bytes[index..<min(index + 2, bytes.count)], as: UTF8.self)
        if two.utf8.count == 2, let symbol = Token.Symbol(rawValue: two) {
            index += 2
            return symbol
        }
        let one = String(decoding: bytes[index..<index + 1], as: UTF8.self)
        guard let symbol = Token.Symbol(rawValue: one) else {
            let hint: String? =
                switch bytes[index] {
                case UInt8(ascii: "="): "comparison is written =="
                case UInt8(ascii: "&"): "and is written &&"
                case UInt8(ascii: "|"): "or is written ||"
                default: nil
                }
            let found = String(decoding: bytes[index...], as: UTF8.self).unicodeScalars.first.map(String.init) ?? one
            throw CompileFault(.syntax, "'\(found)' cannot stand here", at: index, hint: hint)
        }
        index += 1
        return symbol
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isNameStart(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return byte == UInt8(ascii: "_") || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
    }

    static func isHexDigit(_ byte: UInt8) -> Bool { hexValue(byte) != nil }

    static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
