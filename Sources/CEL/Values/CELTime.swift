import Chrono

/// A point in time with nanoseconds, years 0001 to 9999.
public struct CELTimestamp: Sendable, Hashable {
    /// Since 1970-01-01T00:00:00Z.
    public let seconds: Int64
    /// 0 to 999,999,999, counted forward.
    public let nanoseconds: Int32

    /// Nil outside the years 0001 to 9999.
    public init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard seconds >= RFC3339.firstSecond, seconds <= RFC3339.lastSecond else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// An instant outside the years 0001 to 9999 becomes the nearest one inside.
    public init(_ instant: Instant) {
        let whole = instant.milliseconds / 1000 - (instant.milliseconds % 1000 < 0 ? 1 : 0)
        seconds = min(max(whole, RFC3339.firstSecond), RFC3339.lastSecond)
        nanoseconds = seconds == whole ? Int32(instant.milliseconds &- whole &* 1000) * 1_000_000 : 0
    }

    public init?(rfc3339 text: String) {
        guard let time = RFC3339.parse(text) else { return nil }
        seconds = time.seconds
        nanoseconds = time.nanoseconds
    }

    /// Whole milliseconds; the rest is dropped.
    public var instant: Instant { Instant(milliseconds: seconds * 1000 + Int64(nanoseconds / 1_000_000)) }

    /// As many fraction digits as it needs, as `string()` writes it.
    public var text: String { RFC3339.format(.init(seconds: seconds, nanoseconds: nanoseconds)) }

    func adding(_ duration: CELDuration) -> CELTimestamp? {
        let billion: Int64 = 1_000_000_000
        var seconds = seconds + duration.nanoseconds / billion
        var rest = Int64(nanoseconds) + duration.nanoseconds % billion
        if rest < 0 {
            rest += billion
            seconds -= 1
        } else if rest >= billion {
            rest -= billion
            seconds += 1
        }
        return CELTimestamp(seconds: seconds, nanoseconds: Int32(rest))
    }

    func since(_ other: CELTimestamp) -> CELDuration? {
        let (nanoseconds, overflow) = (seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = nanoseconds.addingReportingOverflow(Int64(self.nanoseconds) - Int64(other.nanoseconds))
        return overflow || carry ? nil : CELDuration(nanoseconds: sum)
    }
}

extension CELTimestamp: Comparable {
    public static func < (left: CELTimestamp, right: CELTimestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// A length of time with nanoseconds, up to about 292 years either way.
public struct CELDuration: Sendable, Hashable, Comparable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A longer span becomes the longest.
    public init(_ span: TimeSpan) {
        let (product, overflow) = span.milliseconds.multipliedReportingOverflow(by: 1_000_000)
        nanoseconds = overflow ? (span.milliseconds < 0 ? .min : .max) : product
    }

    /// Reads `1h30m`, `-1.5s`, `10us`, `0`: numbers with units `h`, `m`, `s`, `ms`, `us`, `µs`, `ns`, in any order.
    public init?(_ text: String) {
        guard let value = DurationText.read(text) else { return nil }
        nanoseconds = value
    }

    /// Whole milliseconds; the rest is dropped.
    public var span: TimeSpan { TimeSpan(milliseconds: nanoseconds / 1_000_000) }

    /// Seconds with as many fraction digits as it needs: `90s`, `1.5s`.
    public var text: String {
        let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let sign = nanoseconds < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)s" }
        var digits = String(rest)
        digits = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)s"
    }

    public static func < (left: CELDuration, right: CELDuration) -> Bool { left.nanoseconds < right.nanoseconds }
}

private enum DurationText {
    static func read(_ text: String) -> Int64? {
        var bytes = Array(text.utf8)[...]
        var isNegative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            bytes.removeFirst()
        }
        if bytes.elementsEqual([UInt8(ascii: "0")]) { return 0 }
        guard !bytes.isEmpty else { return nil }
        // Summed on the negative side, where the minimum has room.
        var total: Int64 = 0
        while !bytes.isEmpty {
            guard let part = part(&bytes) else { return nil }
            let (sum, overflow) = total.subtractingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        if isNegative { return total }
        return total == .min ? nil : -total
    }

    private static func part(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        var whole: Int64 = 0
        var fraction: Int64 = 0
        var scale: Int64 = 1
        var digits = 0
        var inFraction = false
        while let byte = bytes.first {
            if byte == UInt8(ascii: "."), !inFraction {
                inFraction = true
            } else if Lexer.isDigit(byte) {
                digits += 1
                let digit = Int64(byte - UInt8(ascii: "0"))
                if !inFraction {
                    let (shifted, overflow) = whole.multipliedReportingOverflow(by: 10)
                    let (sum, carry) = shifted.addingReportingOverflow(digit)
                    if overflow || carry { return nil }
                    whole = sum
                } else if scale < 1_000_000_000 {
                    fraction = fraction * 10 + digit
                    scale *= 10
                }
            } else {
                break
            }
            bytes.removeFirst()
        }
        guard digits > 0, let unit = unit(&bytes) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        // Up to 1e9 times 3.6e12 does not fit, so units from a microsecond up are multiplied in two steps.
        let part = fraction * (unit / 1000) / scale * 1000 + fraction * (unit / 1000) % scale * 1000 / scale
        let small = unit < 1000 ? fraction * unit / scale : part
        let (sum, carry) = product.addingReportingOverflow(small)
        return overflow || carry ? nil : sum
    }

    private static func unit(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        switch bytes.popFirst() {
        case UInt8(ascii: "h"): return 3_600_000_000_000
        case UInt8(ascii: "s"): return 1_000_000_000
        case UInt8(ascii: "m"):
            guard bytes.first == UInt8(ascii: "s") else { return 60_000_000_000 }
            bytes.removeFirst()
            return 1_000_000
        case UInt8(ascii: "n") where bytes.popFirst() == UInt8(ascii: "s"): return 1
        case UInt8(ascii: "u") where bytes.popFirst() == UInt8(ascii: "s"): return 1000
        // U+00B5 and U+03BC are both in use for micro.
        case 0xC2 where bytes.starts(with: [0xB5, UInt8(ascii: "s")]),
            0xCE where bytes.starts(with: [0xBC, UInt8(ascii: "s")]):
            bytes.removeFirst(2)
            return 1000
        default: return nil
        }
    }
}
