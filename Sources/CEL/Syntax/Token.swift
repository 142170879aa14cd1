/// One token of the CEL grammar (language definition, section Syntax).
struct Token {
    enum Kind: Equatable {
        case identifier(String)
        /// A field name between backquotes, allowed after a dot only.
        case quotedName(String)
        case integer(magnitude: UInt64)
        case unsigned(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(Symbol)
        case end
    }

    enum Symbol: String {
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
        case dot = "."
        case comma = ","
        case colon = ":"
        case question = "?"
        case not = "!"
        case minus = "-"
        case plus = "+"
        case times = "*"
        case divide = "/"
        case remainder = "%"
        case and = "&&"
        case or = "||"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case `in` = "in"
    }

    var kind: Kind
    /// Byte offset of its first byte.
    var offset: Int

    /// As an error message names it.
    var text: String {
        switch kind {
        case .identifier(let name): "'\(name)'"
        case .quotedName(let name): "'`\(name)`'"
        case .integer, .unsigned, .double: "a number"
        case .string: "a string"
        case .bytes: "a bytes literal"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end"
        }
    }

    /// Words the grammar keeps for itself; they may name fields and methods, but no variables or functions.
    static func isReserved(_ name: String) -> Bool {
        switch name {
        case "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
            "namespace", "return", "var", "void", "while":
            true
        default: false
        }
    }
}
