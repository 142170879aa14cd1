import Chrono

/// `getHours()` and its like, of times in UTC or in a zone, and of durations.
enum TimeFunctions {
    static func part(
        _ function: Function, _ arguments: Arguments, _ timeZones: (any CELTimeZones)?
    ) throws(Fault) -> Int64 {
        switch (arguments.first, arguments.count) {
        case (.timestamp(let time), 1): return part(function, time, offset: 0)
        case (.timestamp(let time), 2):
            guard case .string(let zone) = arguments.second else { throw Functions.noOverload(function, arguments) }
            return part(function, time, offset: try offset(zone, at: time.seconds, timeZones))
        case (.duration(let duration), 1):
            let seconds = duration.nanoseconds / 1_000_000_000
            switch function {
            case .getHours: return seconds / 3600
            case .getMinutes: return seconds / 60
            case .getSeconds: return seconds
            case .getMilliseconds: return duration.nanoseconds % 1_000_000_000 / 1_000_000
            default: throw Functions.noOverload(function, arguments)
            }
        default: throw Functions.noOverload(function, arguments)
        }
    }

    private static func part(_ function: Function, _ time: CELTimestamp, offset: Int) -> Int64 {
        let local = Int(time.seconds) + offset
        let days = local >= 0 ? local / 86400 : (local - 86399) / 86400
        let second = local - days * 86400
        let date = CivilDate(daysSinceEpoch: days)
        let value =
            switch function {
            case .getFullYear: date.year
            case .getMonth: date.month - 1
            case .getDate: date.day
            case .getDayOfMonth: date.day - 1
            case .getDayOfWeek: date.dayOfWeek
            case .getDayOfYear: date.dayOfYear
            case .getHours: second / 3600
            case .getMinutes: second / 60 % 60
            case .getSeconds: second % 60
            default: Int(time.nanoseconds / 1_000_000)
            }
        return Int64(value)
    }

    /// A fixed offset `[+-]hh:mm`, `UTC`, or a name of the database.
    private static func offset(
        _ zone: String, at seconds: Int64, _ timeZones: (any CELTimeZones)?
    ) throws(Fault) -> Int {
        if zone == "UTC" || zone == "" { return 0 }
        if let fixed = fixedOffset(zone) { return fixed }
        if let offset = timeZones?.offset(ofZone: zone, at: seconds) { return offset }
        throw Fault(
            .unknownTimeZone, "unknown time zone '\(zone.prefix(40))'",
            hint: timeZones == nil ? "known here: UTC and fixed offsets such as +02:00" : nil)
    }

    private static func fixedOffset(_ text: String) -> Int? {
        var bytes = Array(text.utf8)[...]
        var sign = 1
        if let first = bytes.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            sign = first == UInt8(ascii: "-") ? -1 : 1
            bytes.removeFirst()
        }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let hours = number(parts[0]), hours <= 23, let minutes = number(parts[1]),
            minutes <= 59
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...2).contains(digits.count), digits.allSatisfy(Lexer.isDigit) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
