/// Why bytes are no acceptable JSON text, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// No bytes at all, or white space only.
        case emptyInput
        case unexpectedByte
        case unexpectedEnd
        /// More bytes than white space after the value.
        case trailingBytes
        case tooDeep
        case duplicateMember
        case invalidUTF8
        /// A `\u` escape of half a surrogate pair.
        case loneSurrogate
        case invalidEscape
        case invalidNumber
        /// A byte below 0x20 inside a string.
        case controlCharacter
        case byteOrderMark
        case tooLong
    }

    public let kind: Kind
    /// Bytes before the fault.
    public let offset: Int
    /// The line of the fault, from 1; lines end with a line feed.
    public let line: Int
    /// The position within the line in bytes, from 1.
    public let column: Int
    /// A plain sentence without the position; a duplicate member is named.
    public let message: String

    public init(kind: Kind, offset: Int, line: Int, column: Int, message: String) {
        self.kind = kind
        self.offset = offset
        self.line = line
        self.column = column
        self.message = message
    }

    public var description: String { "\(message) (line \(line), column \(column))" }
}

/// A fault as the scanner sees it; sentence and line are worked out only when one occurs.
struct JSONFault: Error {
    let kind: JSONError.Kind
    let offset: Int
    /// What would have been right, as the object of "expected".
    let expected: StaticString

    init(_ kind: JSONError.Kind, at offset: Int, expected: StaticString = "") {
        self.kind = kind
        self.offset = offset
        self.expected = expected
    }
}

extension JSONError {
    init(_ fault: JSONFault, in bytes: UnsafeBufferPointer<UInt8>) {
        var line = 1
        var lineStart = 0
        for index in 0..<min(fault.offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        self.init(
            kind: fault.kind, offset: fault.offset, line: line, column: fault.offset - lineStart + 1,
            message: Self.message(for: fault, in: bytes))
    }

    private static func message(for fault: JSONFault, in bytes: UnsafeBufferPointer<UInt8>) -> String {
        switch fault.kind {
        case .emptyInput: "There is no JSON value."
        case .unexpectedByte: "Expected \(fault.expected), found \(name(ofByteAt: fault.offset, in: bytes))."
        case .unexpectedEnd: "The text ends where \(fault.expected) is expected."
        case .trailingBytes: "Found \(name(ofByteAt: fault.offset, in: bytes)) after the value."
        case .tooDeep: "Arrays and objects are nested too deeply."
        case .duplicateMember: "The member \(memberName(at: fault.offset, in: bytes)) occurs twice in one object."
        case .invalidUTF8: "The text is not valid UTF-8."
        case .loneSurrogate: "The escape stands for half a surrogate pair."
        case .invalidEscape: "The escape is unknown or incomplete."
        case .invalidNumber: "The number is malformed: expected \(fault.expected)."
        case .controlCharacter: "Control characters in strings have to be escaped."
        case .byteOrderMark: "The text begins with a byte order mark; plain UTF-8 is required."
        case .tooLong: "The text is longer than allowed."
        }
    }

    private static func name(ofByteAt offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> String {
        let byte = bytes[offset]
        if byte > 0x20, byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "byte 0x\(byte < 0x10 ? "0" : "")\(digits)"
    }

    private static func memberName(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard let scanned = try? JSONScanner.string(bytes, from: offset + 1) else { return "" }
        let name = JSONText.decode(bytes, offset + 1..<scanned.end - 1, escaped: scanned.escaped)
        return JSONValue.string(name).text
    }
}
