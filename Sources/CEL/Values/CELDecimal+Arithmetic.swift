/// Exact arithmetic: a result that has more digits than there is room for is a failure.
extension CELDecimal {
    static func sum(_ left: CELDecimal, _ right: CELDecimal) throws(Fault) -> CELDecimal {
        let (first, second, scale) = try aligned(left, right)
        if left.isNegative == right.isNegative {
            return try fitting(left.isNegative, first + second, scale: scale)
        }
        return first >= second
            ? try fitting(left.isNegative, first - second, scale: scale)
            : try fitting(right.isNegative, second - first, scale: scale)
    }

    static func product(_ left: CELDecimal, _ right: CELDecimal) throws(Fault) -> CELDecimal {
        let isNegative = left.isNegative != right.isNegative
        var scale = left.scale + right.scale
        if let first = left.word, let second = right.word {
            let (high, low) = first.multipliedFullWidth(by: second)
            return try fitting(isNegative, UInt128(high) << 64 | UInt128(low), scale: scale)
        }
        var (high, low) = left.magnitude.multipliedFullWidth(by: right.magnitude)
        while high != 0 {
            let (upper, carry) = high.quotientAndRemainder(dividingBy: 10)
            let (lower, digit) = UInt128(10).dividingFullWidth((carry, low))
            guard digit == 0 else { throw tooManyDigits() }
            (high, low) = (upper, lower)
            scale -= 1
        }
        return try fitting(isNegative, low, scale: scale)
    }

    /// Both magnitudes at one scale, each below 2^127.
    private static func aligned(
        _ left: CELDecimal, _ right: CELDecimal
    ) throws(Fault) -> (UInt128, UInt128, scale: Int) {
        if left.scale == right.scale { return (left.magnitude, right.magnitude, left.scale) }
        if left.scale > right.scale {
            let (second, first, scale) = try aligned(right, left)
            return (first, second, scale)
        }
        var fine = right.magnitude
        // Beyond that a zero only asks for digits that nothing fits into.
        var scale = fine == 0 ? min(right.scale, left.scale + maximumDigits + 4) : right.scale
        while true {
            if let coarse = PowersOfTen.scaled(left.magnitude, by: scale - left.scale) { return (coarse, fine, scale) }
            let (rest, digit) = fine.quotientAndRemainder(dividingBy: 10)
            guard digit == 0 else { throw tooManyDigits() }
            fine = rest
            scale -= 1
        }
    }

    /// Below, equal to or above zero as the left one is smaller, the same or larger.
    static func order(_ left: CELDecimal, _ right: CELDecimal) -> Int {
        if left.isNegative != right.isNegative { return left.isNegative ? -1 : 1 }
        let order = left.scale <= right.scale ? magnitudes(left, right) : -magnitudes(right, left)
        return left.isNegative ? -order : order
    }

    /// The left one has the smaller scale.
    private static func magnitudes(_ coarse: CELDecimal, _ fine: CELDecimal) -> Int {
        // What does not even fit is larger than everything that does.
        guard let scaled = PowersOfTen.scaled(coarse.magnitude, by: fine.scale - coarse.scale) else { return 1 }
        let other = fine.magnitude
        return scaled < other ? -1 : scaled == other ? 0 : 1
    }
}

/// How a number gets fewer digits.
enum DecimalRounding: String, CaseIterable {
    /// To the nearest, a half to the even digit.
    case halfEven = "half_even"
    /// To the nearest, a half away from zero.
    case halfUp = "half_up"
    /// Away from zero.
    case up
    /// Towards zero.
    case down
}

extension CELDecimal {
    /// The quotient with exactly so many digits behind the point.
    static func quotient(
        _ left: CELDecimal, _ right: CELDecimal, scale: Int, _ rounding: DecimalRounding
    ) throws(Fault) -> CELDecimal {
        if right.isZero { throw Fault(.divisionByZero, "division by zero") }
        let isNegative = left.isNegative != right.isNegative
        let exponent = scale + right.scale - left.scale
        guard let divided = divided(left.magnitude, right.magnitude, exponent: exponent) else { throw tooManyDigits() }
        let isUp =
            switch (divided.rest, rounding) {
            case (.none, _), (_, .down), (.belowHalf, .halfUp), (.belowHalf, .halfEven): false
            case (_, .up), (.aboveHalf, _), (.half, .halfUp): true
            case (.half, .halfEven): divided.quotient & 1 == 1
            }
        let magnitude = isUp ? divided.quotient + 1 : divided.quotient
        guard magnitude < limit else { throw tooManyDigits() }
        return CELDecimal(isNegative: isNegative, magnitude: magnitude, scale: scale)
    }

    func rounded(scale: Int, _ rounding: DecimalRounding) throws(Fault) -> CELDecimal {
        try CELDecimal.quotient(self, CELDecimal(1 as Int64), scale: scale, rounding)
    }

    private enum Rest {
        case none, belowHalf, half, aboveHalf

        init(_ remainder: UInt128, of divisor: UInt128) {
            let other = divisor - remainder
            self = remainder == 0 ? .none : remainder < other ? .belowHalf : remainder == other ? .half : .aboveHalf
        }
    }

    /// `dividend` times 10 to the `exponent`, by `divisor`; nil for a quotient that is far too large.
    private static func divided(
        _ dividend: UInt128, _ divisor: UInt128, exponent: Int
    ) -> (quotient: UInt128, rest: Rest)? {
        if dividend == 0 { return (0, .none) }
        if exponent < 0 {
            guard let divisor = PowersOfTen.scaled(divisor, by: -exponent) else { return (0, .belowHalf) }
            return quotientAndRest(dividend, divisor)
        }
        if let dividend = PowersOfTen.scaled(dividend, by: exponent) { return quotientAndRest(dividend, divisor) }
        // Numbers of 256 bits: with a larger exponent the quotient had more than 34 digits in any case.
        guard exponent <= 2 * maximumDigits + 2 else { return nil }
        var (high, low) = dividend.multipliedFullWidth(by: PowersOfTen.wide[min(exponent, 38)])
        if exponent > 38 {
            let power = PowersOfTen.wide[exponent - 38]
            let (upper, overflow) = high.multipliedReportingOverflow(by: power)
            let (carry, lower) = low.multipliedFullWidth(by: power)
            let (sum, carries) = upper.addingReportingOverflow(carry)
            if overflow || carries { return nil }
            (high, low) = (sum, lower)
        }
        guard high < divisor else { return nil }
        let (quotient, remainder) = divisor.dividingFullWidth((high, low))
        return (quotient, Rest(remainder, of: divisor))
    }

    private static func quotientAndRest(_ dividend: UInt128, _ divisor: UInt128) -> (quotient: UInt128, rest: Rest) {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return (quotient, Rest(remainder, of: divisor))
    }
}
