/// All decimal digits of a finite double, so that rounding to any number of them is right.
struct ExactDecimal {
    private let isNegative: Bool
    /// Digits from the first that is not zero; empty for zero.
    private let digits: [UInt8]
    /// How many of them stand before the point; negative or larger than `digits` for zeros in between.
    private let point: Int

    init(_ value: Double) {
        isNegative = value.sign == .minus
        guard value != 0 else {
            digits = []
            point = 0
            return
        }
        var mantissa = value.significandBitPattern
        var exponent = Int(value.exponentBitPattern) - 1075
        if value.isNormal { mantissa |= 1 << 52 } else { exponent += 1 }
        let zeros = mantissa.trailingZeroBitCount
        mantissa >>= UInt64(zeros)
        exponent += zeros
        // mantissa times 2^e, or, for a fraction, mantissa times 5^-e over 10^-e: whole numbers either way.
        var number = BigNumber(mantissa)
        for _ in 0..<abs(exponent) { number.multiply(by: exponent > 0 ? 2 : 5) }
        digits = number.decimalDigits()
        point = digits.count + min(exponent, 0)
    }

    /// `-12.50` with so many digits behind the point.
    func fixed(_ precision: Int) -> String {
        let (rounded, point) = rounded(keeping: point + precision)
        var text = isNegative ? "-" : ""
        text += point <= 0 ? "0" : ExactDecimal.text(rounded, 0..<point)
        if precision > 0 { text += "." + ExactDecimal.text(rounded, point..<point + precision) }
        return text
    }

    /// `-1.25e+01` with so many digits behind the point.
    func scientific(_ precision: Int) -> String {
        let (rounded, point) = rounded(keeping: precision + 1)
        let exponent = digits.isEmpty ? 0 : point - 1
        var text = (isNegative ? "-" : "") + ExactDecimal.text(rounded, 0..<1)
        if precision > 0 { text += "." + ExactDecimal.text(rounded, 1..<precision + 1) }
        let magnitude = String(exponent.magnitude)
        return text + "e" + (exponent < 0 ? "-" : "+") + (magnitude.utf8.count < 2 ? "0" : "") + magnitude
    }

    /// Digits by position, zeros where there are none.
    private static func text(_ digits: [UInt8], _ positions: Range<Int>) -> String {
        String(
            decoding: positions.map {
                digits.indices.contains($0) ? digits[$0] + UInt8(ascii: "0") : UInt8(ascii: "0")
            },
            as: UTF8.self)
    }

    /// To the nearest, a tie to the even digit.
    private func rounded(keeping count: Int) -> (digits: [UInt8], point: Int) {
        guard count < digits.count else { return (digits, point) }
        guard count >= 0 else { return ([], 0) }
        var kept = Array(digits[..<count])
        let isTie = digits[count] == 5 && digits[(count + 1)...].allSatisfy { $0 == 0 }
        let isOdd = kept.last.map { !$0.isMultiple(of: 2) } ?? false
        guard isTie ? isOdd : digits[count] >= 5 else { return (kept, kept.isEmpty ? 0 : point) }
        for index in kept.indices.reversed() {
            if kept[index] < 9 {
                kept[index] += 1
                return (kept, point)
            }
            kept[index] = 0
        }
        return ([1] + kept, point + 1)
    }
}

/// A whole number of any size, least limb first.
private struct BigNumber {
    private var limbs: [UInt32]

    init(_ value: UInt64) {
        limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
    }

    mutating func multiply(by factor: UInt32) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            let product = UInt64(limbs[index]) * UInt64(factor) + carry
            limbs[index] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
    }

    /// Without leading zeros.
    consuming func decimalDigits() -> [UInt8] {
        var reversed: [UInt8] = []
        while !limbs.isEmpty {
            var remainder: UInt64 = 0
            for index in limbs.indices.reversed() {
                let value = remainder << 32 | UInt64(limbs[index])
                limbs[index] = UInt32(value / 1_000_000_000)
                remainder = value % 1_000_000_000
            }
            while limbs.last == 0 { limbs.removeLast() }
            for _ in 0..<9 {
                reversed.append(UInt8(remainder % 10))
                remainder /= 10
            }
        }
        while reversed.last == 0 { reversed.removeLast() }
        return reversed.reversed()
    }
}
