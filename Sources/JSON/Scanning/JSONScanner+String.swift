extension JSONScanner {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// A mask whose lowest set bit marks the first byte of the word that is no plain ASCII text:
    /// a quote, a backslash, a control character or a byte from 0x80. Marks above the lowest may be false.
    @inline(__always)
    private static func specials(in word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let found = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word
        return found & highs
    }

    /// A string whose opening quote lies before `start`. Returns the position behind the closing quote.
    @inline(__always)
    static func string(_ input: Input, from start: Int) throws(JSONFault) -> (end: Int, escaped: Bool) {
        let end = skipPlain(input, from: start)
        if end < input.count, input[end] == UInt8(ascii: "\"") { return (end &+ 1, false) }
        return try difficultString(input, from: end)
    }

    /// The first position that is no plain ASCII text.
    @inline(__always)
    static func skipPlain(_ input: Input, from start: Int) -> Int {
        guard let base = UnsafeRawPointer(input.baseAddress) else { return start }
        var position = start
        let lastWord = input.count &- 8
        while position <= lastWord {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let mask = specials(in: word)
            if mask != 0 { return position &+ (mask.trailingZeroBitCount &>> 3) }
            position &+= 8
        }
        while position < input.count {
            let byte = input[position]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { break }
            position &+= 1
        }
        return position
    }

    @inline(never)
    private static func difficultString(_ input: Input, from start: Int) throws(JSONFault) -> (end: Int, escaped: Bool)
    {
        var position = start
        var escaped = false
        while position < input.count {
            let byte = input[position]
            if byte == UInt8(ascii: "\"") { return (position + 1, escaped) }
            if byte == UInt8(ascii: "\\") {
                escaped = true
                position = try escape(input, from: position)
            } else if byte >= 0x80 {
                position = try multibyte(input, from: position)
            } else if byte < 0x20 {
                throw JSONFault(.controlCharacter, at: position)
            } else {
                position = skipPlain(input, from: position)
            }
        }
        throw JSONFault(.unexpectedEnd, at: input.count, expected: "the closing quote")
    }

    /// RFC 8259 section 7. A surrogate escape is valid only as the pair of a high and a low half.
    private static func escape(_ input: Input, from backslash: Int) throws(JSONFault) -> Int {
        guard backslash + 1 < input.count else {
            throw JSONFault(.unexpectedEnd, at: input.count, expected: "an escape")
        }
        switch input[backslash + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return backslash + 2
        case UInt8(ascii: "u"):
            let unit = try hexUnit(input, escapeAt: backslash)
            let next = backslash + 6
            switch unit {
            case 0xD800...0xDBFF:
                guard next + 1 < input.count, input[next] == UInt8(ascii: "\\"), input[next + 1] == UInt8(ascii: "u")
                else { throw JSONFault(.loneSurrogate, at: backslash) }
                guard case 0xDC00...0xDFFF = try hexUnit(input, escapeAt: next) else {
                    throw JSONFault(.loneSurrogate, at: backslash)
                }
                return next + 6
            case 0xDC00...0xDFFF: throw JSONFault(.loneSurrogate, at: backslash)
            default: return next
            }
        default:
            throw JSONFault(.invalidEscape, at: backslash)
        }
    }

    private static func hexUnit(_ input: Input, escapeAt backslash: Int) throws(JSONFault) -> UInt32 {
        var unit: UInt32 = 0
        for position in backslash + 2..<backslash + 6 {
            guard position < input.count else {
                throw JSONFault(.unexpectedEnd, at: input.count, expected: "a hexadecimal digit")
            }
            guard let digit = hexDigit(input[position]) else { throw JSONFault(.invalidEscape, at: backslash) }
            unit = unit << 4 | digit
        }
        return unit
    }

    @inline(__always)
    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// RFC 3629 section 4: no overlong form, no surrogate, nothing beyond U+10FFFF.
    private static func multibyte(_ input: Input, from start: Int) throws(JSONFault) -> Int {
        let first = input[start]
        var second: ClosedRange<UInt8> = 0x80...0xBF
        let length: Int
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONFault(.invalidUTF8, at: start)
        }
        guard start + length <= input.count, second.contains(input[start + 1]) else {
            throw JSONFault(.invalidUTF8, at: start)
        }
        for position in start + 2..<start + length where input[position] & 0xC0 != 0x80 {
            throw JSONFault(.invalidUTF8, at: start)
        }
        return start + length
    }
}
