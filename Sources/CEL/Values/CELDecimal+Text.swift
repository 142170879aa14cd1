/// Decimals as text: the numbers of JSON.
extension CELDecimal {
    /// Nil for what is no number of JSON; fails for one with too many digits.
    static func reading(_ text: String) throws(Fault) -> CELDecimal? {
        var text = text
        let result: Result<CELDecimal?, Fault> = text.withUTF8 { bytes in
            do throws(Fault) {
                return .success(try reading(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func reading(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> CELDecimal? {
        var digits = Digits(bytes: bytes)
        let isNegative = digits.skip(UInt8(ascii: "-"))
        let startsWithZero = digits.next == UInt8(ascii: "0")
        let whole = digits.take()
        guard whole > 0, whole == 1 || !startsWithZero else { return nil }
        var scale = 0
        if digits.skip(UInt8(ascii: ".")) {
            scale = digits.take()
            guard scale > 0 else { return nil }
        }
        if digits.skip(UInt8(ascii: "e")) || digits.skip(UInt8(ascii: "E")) {
            let isDown = digits.skip(UInt8(ascii: "-"))
            if !isDown { _ = digits.skip(UInt8(ascii: "+")) }
            guard let exponent = digits.exponent() else { return nil }
            scale += isDown ? exponent : -exponent
        }
        guard digits.next == nil else { return nil }
        if digits.isCut { throw tooManyDigits() }
        return try fitting(isNegative, digits.value, scale: scale - digits.zeros)
    }

    /// Digits as they are read one after the other.
    private struct Digits {
        let bytes: UnsafeBufferPointer<UInt8>
        private var position = 0
        private var word: UInt64 = 0
        private var wide: UInt128 = 0
        private var isWide = false
        /// Zeros that did not find room.
        private(set) var zeros = 0
        /// A digit other than zero did not find room.
        private(set) var isCut = false

        init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }
        var value: UInt128 { isWide ? wide : UInt128(word) }

        mutating func skip(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            position += 1
            return true
        }

        private mutating func digit() -> UInt8? {
            guard let byte = next, Lexer.isDigit(byte) else { return nil }
            position += 1
            return byte - UInt8(ascii: "0")
        }

        /// How many digits there were.
        mutating func take() -> Int {
            let start = position
            while let digit = digit() {
                if !isWide, word < 1_000_000_000_000_000_000 {
                    word = word * 10 + UInt64(digit)
                    continue
                }
                if !isWide { (isWide, wide) = (true, UInt128(word)) }
                if wide < PowersOfTen.wide[37], zeros == 0 {
                    wide = wide * 10 + UInt128(digit)
                } else if digit == 0 {
                    zeros += 1
                } else {
                    isCut = true
                }
            }
            return position - start
        }

        /// Beyond any number that fits, more digits change nothing.
        mutating func exponent() -> Int? {
            guard var value = digit().map({ Int($0) }) else { return nil }
            while let digit = digit() { value = min(value * 10 + Int(digit), 1_000_000_000) }
            return value
        }
    }

    /// The integer that it is; nil for one with a fraction, as nothing is rounded unless the expression says so.
    var whole: Int128? {
        let power = scale < PowersOfTen.wide.count ? PowersOfTen.wide[scale] : 0
        if magnitude == 0 { return 0 }
        guard power > 0 else { return nil }
        let (value, rest) = magnitude.quotientAndRemainder(dividingBy: power)
        guard rest == 0 else { return nil }
        return Int128(exactly: value).map { isNegative ? -$0 : $0 }
    }

    /// With so many digits behind the point, to the nearest, a half to the even digit.
    func fixed(_ precision: Int) throws(Fault) -> String {
        if precision < scale { return try rounded(scale: precision, .halfEven).text }
        let zeros = String(repeating: "0", count: precision - scale)
        return zeros.isEmpty ? text : scale == 0 ? "\(text).\(zeros)" : text + zeros
    }

    /// All digits, without an exponent unless there would be more than a hundred behind the point.
    public var text: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(40)
        if let word {
            CELDecimal.append(word, atLeast: 1, to: &digits)
        } else {
            let (upper, lower) = magnitude.quotientAndRemainder(dividingBy: PowersOfTen.wide[19])
            if upper > 0 { CELDecimal.append(UInt64(upper), atLeast: 1, to: &digits) }
            CELDecimal.append(UInt64(lower), atLeast: upper > 0 ? 19 : 1, to: &digits)
        }
        let scale = scale
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        if scale == 0 {
            text += digits
        } else if scale > 100 {
            return String(decoding: text + digits, as: UTF8.self) + "e-\(scale)"
        } else if digits.count > scale {
            text += digits[..<(digits.count - scale)]
            text.append(UInt8(ascii: "."))
            text += digits[(digits.count - scale)...]
        } else {
            text += [UInt8(ascii: "0"), UInt8(ascii: ".")]
            text += repeatElement(UInt8(ascii: "0"), count: scale - digits.count)
            text += digits
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ word: UInt64, atLeast count: Int, to digits: inout [UInt8]) {
        let start = digits.count
        var word = word
        while word > 0 || digits.count - start < count {
            digits.append(UInt8(truncatingIfNeeded: word % 10) + UInt8(ascii: "0"))
            word /= 10
        }
        digits[start...].reverse()
    }
}
