/// A decimal number: digits and a scale, which is how many of them stand behind the point. `0.30` and `0.3` are equal
/// and keep their digits. It has at most 34 significant digits, as decimal128 of IEEE 754, and nothing is ever rounded
/// unless the expression says so.
public struct CELDecimal: Sendable {
    static let maximumDigits = 34
    /// Behind the point, zeros included: the smallest exponent of decimal128.
    static let maximumScale = 6176
    /// The first magnitude that has too many digits; below 2^113.
    static let limit = PowersOfTen.wide[maximumDigits]

    /// From the top: the sign, a bit that is not used, 13 bits of scale, and the upper 49 bits of the magnitude. Packed
    /// so that it is no larger than a string and does not make every `CELValue` larger.
    private let high: UInt64
    private let low: UInt64

    /// The magnitude has to be below `limit`, the scale from 0 to `maximumScale`.
    init(isNegative: Bool, magnitude: UInt128, scale: Int) {
        assert(magnitude < CELDecimal.limit && scale >= 0 && scale <= CELDecimal.maximumScale)
        low = UInt64(truncatingIfNeeded: magnitude)
        let sign: UInt64 = isNegative && magnitude != 0 ? 1 << 63 : 0
        high = sign | UInt64(truncatingIfNeeded: scale) << 49 | UInt64(truncatingIfNeeded: magnitude >> 64)
    }

    init(_ value: Int64) {
        self.init(isNegative: value < 0, magnitude: UInt128(value.magnitude), scale: 0)
    }

    init(_ value: UInt64) {
        self.init(isNegative: false, magnitude: UInt128(value), scale: 0)
    }

    var isNegative: Bool { high >> 63 == 1 }

    var scale: Int { Int(truncatingIfNeeded: high >> 49 & 0x1FFF) }

    var magnitude: UInt128 { UInt128(high & (1 << 49 - 1)) << 64 | UInt128(low) }

    /// The magnitude if it is one word, which is what almost all amounts of money are.
    var word: UInt64? { high & (1 << 49 - 1) == 0 ? low : nil }

    var isZero: Bool { low == 0 && high & (1 << 49 - 1) == 0 }

    var negated: CELDecimal { CELDecimal(isNegative: !isNegative, magnitude: magnitude, scale: scale) }

    var absolute: CELDecimal { isNegative ? negated : self }

    /// Brings a result into bounds: zeros at the end may go, as that changes nothing, but no other digit.
    static func fitting(_ isNegative: Bool, _ magnitude: UInt128, scale: Int) throws(Fault) -> CELDecimal {
        if magnitude < limit, scale >= 0, scale <= maximumScale {
            return CELDecimal(isNegative: isNegative, magnitude: magnitude, scale: scale)
        }
        if magnitude == 0 {
            return CELDecimal(isNegative: false, magnitude: 0, scale: min(max(scale, 0), maximumScale))
        }
        var magnitude = magnitude
        var scale = scale
        while magnitude >= limit || scale > maximumScale {
            let (rest, digit) = magnitude.quotientAndRemainder(dividingBy: 10)
            guard digit == 0 else { throw tooManyDigits() }
            magnitude = rest
            scale -= 1
        }
        if scale < 0 {
            // There is no exponent above zero: the zeros are digits.
            guard let whole = PowersOfTen.scaled(magnitude, by: -scale), whole < limit else { throw tooManyDigits() }
            magnitude = whole
            scale = 0
        }
        return CELDecimal(isNegative: isNegative, magnitude: magnitude, scale: scale)
    }

    static func tooManyDigits() -> Fault {
        Fault(
            .overflow, "the result does not fit the \(maximumDigits) digits of a decimal",
            hint: "decimal.round(x, scale, mode) says how many digits are to be kept")
    }
}

/// Powers of ten as decimals need them.
enum PowersOfTen {
    static let words: [UInt64] = {
        var powers: [UInt64] = [1]
        for _ in 0..<19 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    static let wide: [UInt128] = {
        var powers: [UInt128] = [1]
        for _ in 0..<38 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// `value` times 10 to the `exponent`; nil from 2^127 on.
    static func scaled(_ value: UInt128, by exponent: Int) -> UInt128? {
        if exponent == 0 || value == 0 { return value }
        if exponent < words.count, let word = UInt64(exactly: value) {
            let (high, low) = word.multipliedFullWidth(by: words[exponent])
            return high >> 63 == 0 ? UInt128(high) << 64 | UInt128(low) : nil
        }
        guard exponent < wide.count else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: wide[exponent])
        return overflow || product >> 127 != 0 ? nil : product
    }
}
