/// Why an expression could not be compiled or evaluated, and where in its source.
public struct CELError: Error, Sendable, Hashable {
    public enum Code: String, Sendable, Hashable, CaseIterable {
        // Found while compiling.
        case syntax
        case tooLong
        case tooDeep
        case unknownVariable
        case unknownField
        case unknownFunction
        case wrongArity
        case typeFault
        case badPattern
        // Found while evaluating.
        case noSuchKey
        case noSuchOverload
        case divisionByZero
        case overflow
        case badConversion
        case invalidArgument
        case duplicateKey
        case noValue
        case unknownTimeZone
        case costExceeded
        case notJSON
    }

    public var code: Code
    /// One sentence for the author of the expression.
    public var message: String
    /// 1 is the first line of the source; 0 where no source is involved.
    public var line: Int
    /// 1 is the first character of the line, counted in Unicode scalars.
    public var column: Int
    /// What was probably meant.
    public var hint: String?

    public init(code: Code, message: String, line: Int = 0, column: Int = 0, hint: String? = nil) {
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint
    }
}

extension CELError: CustomStringConvertible {
    public var description: String {
        let place = line > 0 ? " (line \(line), column \(column))" : ""
        return "\(message)\(place)\(hint.map { "; \($0)" } ?? "")"
    }
}

/// A failure inside the evaluator, before it is known to leave the expression and gets its place.
struct Fault: Error {
    var code: CELError.Code
    var message: String
    var hint: String?

    init(_ code: CELError.Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

/// Byte offsets in a source turned into lines and columns.
enum SourcePlace {
    static func of(_ offset: Int, in source: String) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        var index = 0
        for scalar in source.unicodeScalars {
            if index >= offset { break }
            index += UTF8.width(scalar)
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}

/// A fault found at a byte offset while lexing, parsing or checking.
struct CompileFault: Error {
    var code: CELError.Code
    var message: String
    var offset: Int
    var hint: String?

    init(_ code: CELError.Code, _ message: String, at offset: Int, hint: String? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
        self.hint = hint
    }

    func located(in source: String) -> CELError {
        let place = SourcePlace.of(offset, in: source)
        return CELError(code: code, message: message, line: place.line, column: place.column, hint: hint)
    }
}
