/// Dates and times as text: RFC 3339 section 5.6, years 0001 to 9999, nanoseconds.
public enum RFC3339 {
    /// Seconds since 1970-01-01T00:00:00Z, and nanoseconds (0 to 999,999,999) counted forward from there.
    public struct Time: Sendable, Hashable {
        public var seconds: Int64
        public var nanoseconds: Int32

        public init(seconds: Int64, nanoseconds: Int32) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }
    }

    /// 0001-01-01T00:00:00Z.
    public static let firstSecond: Int64 = -62_135_596_800
    /// 9999-12-31T23:59:59Z.
    public static let lastSecond: Int64 = 253_402_300_799

    /// Reads a whole text, or nil where it is no RFC 3339 date-time inside the years 0001 to 9999 (in UTC too).
    ///
    /// `t` and `z` may be lower-case (section 5.6); a space in place of `T` is refused. Second 60 is refused, because
    /// a count of seconds that every day has 86,400 of cannot tell it from the next. Digits beyond nanoseconds are
    /// dropped.
    public static func parse(_ text: String) -> Time? {
        if let time = text.utf8.withContiguousStorageIfAvailable({ parse($0) }) { return time }
        return Array(text.utf8).withUnsafeBufferPointer { parse($0) }
    }

    /// The same for UTF-8 in place.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Time? {
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let century = twoDigits(bytes, 0), let yearOfCentury = twoDigits(bytes, 2),
            let month = twoDigits(bytes, 5), let day = twoDigits(bytes, 8),
            let hour = twoDigits(bytes, 11), hour <= 23, let minute = twoDigits(bytes, 14), minute <= 59,
            let second = twoDigits(bytes, 17), second <= 59
        else { return nil }
        let date = CivilDate(year: century * 100 + yearOfCentury, month: month, day: day)
        guard date.year >= 1, date.isValid else { return nil }

        var index = 19
        var nanoseconds: Int32 = 0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            let start = index
            while index < bytes.count, let digit = digit(bytes[index]) {
                if index - start < 9 { nanoseconds = nanoseconds * 10 + Int32(digit) }
                index += 1
            }
            let count = index - start
            guard count > 0 else { return nil }
            for _ in min(count, 9)..<9 { nanoseconds *= 10 }
        }

        guard index < bytes.count, let offset = offset(bytes, index) else { return nil }
        let seconds = Int64(date.daysSinceEpoch * 86400 + hour * 3600 + minute * 60 + second - offset)
        guard seconds >= firstSecond, seconds <= lastSecond else { return nil }
        return Time(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// Writes a time in UTC, with `Z` and exactly `fractionDigits` (0 to 9) of its nanoseconds, the rest dropped.
    public static func format(_ time: Time, fractionDigits: Int) -> String {
        let days = CivilDate.floorDivide(Int(time.seconds), 86400)
        let secondOfDay = Int(time.seconds) - days * 86400
        let date = CivilDate(daysSinceEpoch: days)
        return String(unsafeUninitializedCapacity: 48) { out in
            var count = writeYear(date.year, out)
            func put(_ byte: UInt8) {
                out[count] = byte
                count += 1
            }
            func put(_ mark: UInt8, _ value: Int) {
                put(mark)
                put(UInt8(ascii: "0") + UInt8(value / 10))
                put(UInt8(ascii: "0") + UInt8(value % 10))
            }
            put(UInt8(ascii: "-"), date.month)
            put(UInt8(ascii: "-"), date.day)
            put(UInt8(ascii: "T"), secondOfDay / 3600)
            put(UInt8(ascii: ":"), secondOfDay / 60 % 60)
            put(UInt8(ascii: ":"), secondOfDay % 60)
            if fractionDigits > 0 {
                put(UInt8(ascii: "."))
                var rest = Int(time.nanoseconds)
                var unit = 100_000_000
                for _ in 0..<min(fractionDigits, 9) {
                    put(UInt8(ascii: "0") + UInt8(rest / unit))
                    rest %= unit
                    unit /= 10
                }
            }
            put(UInt8(ascii: "Z"))
            return count
        }
    }

    /// Writes a time in UTC with as many fraction digits as it needs, none for a whole second.
    public static func format(_ time: Time) -> String {
        var digits = 9
        var rest = time.nanoseconds
        if rest == 0 { return format(time, fractionDigits: 0) }
        while rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        return format(time, fractionDigits: digits)
    }

    /// Four digits, more only for years that RFC 3339 cannot write.
    private static func writeYear(_ year: Int, _ out: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        if year < 0 {
            out[count] = UInt8(ascii: "-")
            count += 1
        }
        let magnitude = year.magnitude
        var unit: UInt = 1000
        while magnitude / unit >= 10 { unit *= 10 }
        while unit > 0 {
            out[count] = UInt8(ascii: "0") + UInt8(magnitude / unit % 10)
            count += 1
            unit /= 10
        }
        return count
    }

    /// Seconds east of UTC, if the rest of the text is an offset.
    private static func offset(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
        if bytes[index] | 0x20 == UInt8(ascii: "z") { return index + 1 == bytes.count ? 0 : nil }
        guard index + 6 == bytes.count, bytes[index + 3] == UInt8(ascii: ":"),
            let hours = twoDigits(bytes, index + 1), hours <= 23,
            let minutes = twoDigits(bytes, index + 4), minutes <= 59
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        switch bytes[index] {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }

    private static func twoDigits(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
        guard let tens = digit(bytes[index]), let ones = digit(bytes[index + 1]) else { return nil }
        return tens * 10 + ones
    }

    private static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }
}
