/// A length of time in whole milliseconds; may be negative as a difference, never as text that was read.
public struct TimeSpan: Sendable, Hashable, Comparable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static let zero = TimeSpan(milliseconds: 0)
    public static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count) }
    public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: multiply(count, 1000)) }
    public static func minutes(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: multiply(count, 60_000)) }
    public static func hours(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: multiply(count, 3_600_000)) }
    public static func days(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: multiply(count, 86_400_000)) }

    /// Reads a duration as definitions write it: `250ms`, `30s`, `1h30m`, `72h`, `1.5s`.
    ///
    /// Units are `h`, `m`, `s`, `ms`, each at most once and in that order. The last one may have a fraction, if the
    /// whole comes out in milliseconds. No sign, no spaces, and nothing that 64 bits of milliseconds cannot hold.
    public init?(_ text: String) {
        var total: Int64 = 0
        var previous = 0
        var bytes = text.utf8[...]
        guard !bytes.isEmpty else { return nil }
        while !bytes.isEmpty {
            guard let number = DecimalText(&bytes), let unit = TimeSpan.unit(&bytes), unit.rank > previous,
                number.fractionDigits == 0 || bytes.isEmpty,
                let part = number.times(unit.milliseconds)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
            previous = unit.rank
        }
        milliseconds = total
    }

    /// The value in its largest unit that holds it whole (`72h`, `90m`, `90s`, `250ms`), or in seconds with a
    /// fraction (`1.5s`); a negative one, which cannot be read back, with a sign in front.
    public var text: String {
        let sign = milliseconds < 0 ? "-" : ""
        let value = milliseconds.magnitude
        if value == 0 { return "0s" }
        if value % 3_600_000 == 0 { return "\(sign)\(value / 3_600_000)h" }
        if value % 60_000 == 0 { return "\(sign)\(value / 60_000)m" }
        if value % 1000 == 0 { return "\(sign)\(value / 1000)s" }
        if value < 1000 { return "\(sign)\(value)ms" }
        var rest = value % 1000
        var digits = 3
        while rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        let fraction = String(rest)
        return "\(sign)\(value / 1000).\(String(repeating: "0", count: digits - fraction.utf8.count))\(fraction)s"
    }

    public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }

    /// Stops at the largest length instead of trapping, like all arithmetic here.
    public static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(milliseconds: add(left.milliseconds, right.milliseconds))
    }

    public static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(milliseconds: subtract(left.milliseconds, right.milliseconds))
    }

    static func add(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? (right > 0 ? .max : .min) : sum
    }

    static func subtract(_ left: Int64, _ right: Int64) -> Int64 {
        let (difference, overflow) = left.subtractingReportingOverflow(right)
        return overflow ? (right > 0 ? .min : .max) : difference
    }

    private static func multiply(_ left: Int64, _ right: Int64) -> Int64 {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? (left > 0 ? .max : .min) : product
    }

    private static func unit(_ bytes: inout Substring.UTF8View) -> (rank: Int, milliseconds: Int64)? {
        switch bytes.popFirst() {
        case UInt8(ascii: "h"): return (1, 3_600_000)
        case UInt8(ascii: "s"): return (3, 1000)
        case UInt8(ascii: "m"):
            guard bytes.first == UInt8(ascii: "s") else { return (2, 60_000) }
            bytes.removeFirst()
            return (4, 1)
        default: return nil
        }
    }
}

/// An unsigned decimal number as digits and the place of its point.
private struct DecimalText {
    var digits: Int64 = 0
    var fractionDigits = 0

    /// Takes `12` or `1.5` off the front; nil for anything else, or for more digits than 64 bits hold.
    init?(_ bytes: inout Substring.UTF8View) {
        var seen = 0
        var inFraction = false
        while let byte = bytes.first {
            if byte == UInt8(ascii: "."), !inFraction, seen > 0 {
                inFraction = true
                seen = 0
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                let (shifted, overflow) = digits.multipliedReportingOverflow(by: 10)
                let (sum, carry) = shifted.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
                guard !overflow, !carry else { return nil }
                digits = sum
                seen += 1
                if inFraction { fractionDigits += 1 }
            } else {
                break
            }
            bytes.removeFirst()
        }
        guard seen > 0 else { return nil }
    }

    /// The product, if it is whole and fits.
    func times(_ factor: Int64) -> Int64? {
        // 128 bits hold every product of two 64 bit numbers, so that only the result has to fit.
        var product = Int128(digits) * Int128(factor)
        for _ in 0..<fractionDigits {
            guard product % 10 == 0 else { return nil }
            product /= 10
        }
        return Int64(exactly: product)
    }
}
