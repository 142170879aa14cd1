/// The hand-written scanner of RFC 8259: one pass that validates everything and writes the index.
/// It keeps no stack; an open container remembers its parent in its own entry (see `JSONIndex`).
enum JSONScanner {
    typealias Input = UnsafeBufferPointer<UInt8>

    /// The fault of a document, or nil with its index complete.
    static func scan(_ input: Input, maximumDepth: Int, into index: inout JSONIndexBuilder) -> JSONFault? {
        do throws(JSONFault) {
            try document(input, maximumDepth: maximumDepth, into: &index)
            return nil
        } catch {
            return error
        }
    }

    private static func document(
        _ input: Input, maximumDepth: Int, into index: inout JSONIndexBuilder
    ) throws(JSONFault) {
        try rejectByteOrderMark(input)
        var position = skipSpace(input, from: 0)
        guard position < input.count else { throw JSONFault(.emptyInput, at: input.count) }

        let none = UInt32.max
        var container = none
        var inObject = false
        var depth = 0

        // Each round reads one value; in an object its name first.
        scanning: while true {
            if inObject {
                position = try name(input, from: position, into: &index)
            }
            position = skipSpace(input, from: position)
            guard position < input.count else { throw JSONFault(.unexpectedEnd, at: input.count, expected: "a value") }

            let start = position
            switch input[position] {
            case UInt8(ascii: "\""):
                let (end, escaped) = try string(input, from: start + 1)
                index.appendScalar(start: start, end: end, escaped: escaped)
                position = end
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                position = try number(input, from: start)
                index.appendScalar(start: start, end: position, escaped: false)
            case UInt8(ascii: "t"):
                position = try word("true", input, from: start)
                index.appendScalar(start: start, end: position, escaped: false)
            case UInt8(ascii: "f"):
                position = try word("false", input, from: start)
                index.appendScalar(start: start, end: position, escaped: false)
            case UInt8(ascii: "n"):
                position = try word("null", input, from: start)
                index.appendScalar(start: start, end: position, escaped: false)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < maximumDepth else { throw JSONFault(.tooDeep, at: start) }
                depth += 1
                container = index.open(start: start, parent: container)
                inObject = input[start] == UInt8(ascii: "{")
                position = skipSpace(input, from: start + 1)
                // The closing bracket has the code of the opening one plus two.
                guard position < input.count, input[position] == input[start] + 2 else { continue scanning }
                position += 1
                depth -= 1
                container = index.close(container, end: position)
                inObject = container != none && input[index.start(of: container)] == UInt8(ascii: "{")
            default:
                throw JSONFault(.unexpectedByte, at: start, expected: "a value")
            }

            // A value is complete: continue its container, or close it and go on one level higher.
            while container != none {
                index.countChild(of: container)
                position = skipSpace(input, from: position)
                guard position < input.count else {
                    throw JSONFault(.unexpectedEnd, at: input.count, expected: inObject ? "',' or '}'" : "',' or ']'")
                }
                if input[position] == UInt8(ascii: ",") {
                    position += 1
                    continue scanning
                }
                guard input[position] == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONFault(.unexpectedByte, at: position, expected: inObject ? "',' or '}'" : "',' or ']'")
                }
                position += 1
                if inObject, let duplicate = JSONNames.duplicate(inObjectAt: container, index, input) {
                    throw JSONFault(.duplicateMember, at: duplicate)
                }
                depth -= 1
                container = index.close(container, end: position)
                inObject = container != none && input[index.start(of: container)] == UInt8(ascii: "{")
            }
            break
        }

        position = skipSpace(input, from: position)
        guard position == input.count else { throw JSONFault(.trailingBytes, at: position) }
    }

    /// RFC 8259 section 8.1: text is UTF-8 without a mark. The UTF-16 marks are told apart for a clear message.
    private static func rejectByteOrderMark(_ input: Input) throws(JSONFault) {
        guard let first = input.first, first >= 0xEF else { return }
        let utf8 = input.count >= 3 && input[0] == 0xEF && input[1] == 0xBB && input[2] == 0xBF
        let utf16 =
            input.count >= 2 && (input[0] == 0xFE && input[1] == 0xFF || input[0] == 0xFF && input[1] == 0xFE)
        if utf8 || utf16 { throw JSONFault(.byteOrderMark, at: 0) }
    }

    @inline(__always)
    private static func skipSpace(_ input: Input, from start: Int) -> Int {
        var position = start
        while position < input.count {
            let byte = input[position]
            if byte > 0x20 { break }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            position &+= 1
        }
        return position
    }

    /// A member name and its colon.
    @inline(__always)
    private static func name(
        _ input: Input, from start: Int, into index: inout JSONIndexBuilder
    ) throws(JSONFault) -> Int {
        var position = skipSpace(input, from: start)
        guard position < input.count else {
            throw JSONFault(.unexpectedEnd, at: input.count, expected: "a member name")
        }
        guard input[position] == UInt8(ascii: "\"") else {
            throw JSONFault(.unexpectedByte, at: position, expected: "a member name in quotes")
        }
        let (end, escaped) = try string(input, from: position &+ 1)
        index.appendScalar(start: position, end: end, escaped: escaped)
        position = skipSpace(input, from: end)
        guard position < input.count else { throw JSONFault(.unexpectedEnd, at: input.count, expected: "':'") }
        guard input[position] == UInt8(ascii: ":") else {
            throw JSONFault(.unexpectedByte, at: position, expected: "':' after the member name")
        }
        return position &+ 1
    }

    private static func word(_ word: StaticString, _ input: Input, from start: Int) throws(JSONFault) -> Int {
        for step in 1..<word.utf8CodeUnitCount {
            guard start + step < input.count else {
                throw JSONFault(.unexpectedEnd, at: input.count, expected: "true, false or null")
            }
            guard input[start + step] == word.utf8Start[step] else {
                throw JSONFault(.unexpectedByte, at: start + step, expected: "true, false or null")
            }
        }
        return start + word.utf8CodeUnitCount
    }

    /// RFC 8259 section 6. Returns the position behind the number; what follows is for the caller to judge.
    static func number(_ input: Input, from start: Int) throws(JSONFault) -> Int {
        var position = start
        if input[position] == UInt8(ascii: "-") { position += 1 }
        if position < input.count, input[position] == UInt8(ascii: "0") {
            position += 1
            if position < input.count, isDigit(input[position]) {
                throw JSONFault(.invalidNumber, at: position, expected: "no digit after a leading zero")
            }
        } else {
            position = try digits(input, from: position)
        }
        if position < input.count, input[position] == UInt8(ascii: ".") {
            position = try digits(input, from: position + 1)
        }
        if position < input.count, input[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < input.count, input[position] == UInt8(ascii: "+") || input[position] == UInt8(ascii: "-") {
                position += 1
            }
            position = try digits(input, from: position)
        }
        return position
    }

    @inline(__always)
    private static func digits(_ input: Input, from start: Int) throws(JSONFault) -> Int {
        var position = start
        while position < input.count, isDigit(input[position]) { position &+= 1 }
        if position > start { return position }
        guard position < input.count else { throw JSONFault(.unexpectedEnd, at: input.count, expected: "a digit") }
        throw JSONFault(.invalidNumber, at: position, expected: "a digit")
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
