/// IMF-fixdate (RFC 9110 section 5.6.7), made anew only when the second changes.
struct HTTPDate {
    /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` with its line end.
    private(set) var line: [UInt8] = []
    private var second = Int.min

    /// Seconds since 1970, UTC.
    mutating func update(_ now: Int) {
        guard now != second else { return }
        second = now
        line = Self.format(now)
    }

    private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func format(_ seconds: Int) -> [UInt8] {
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let time = seconds - days * 86_400
        // 1 January 1970 was a Thursday.
        let weekday = ((days + 4) % 7 + 7) % 7
        let (year, month, day) = civil(days)
        var text = Array("Date: ".utf8)
        append(weekdays[weekday], to: &text)
        text.append(contentsOf: [ASCII.comma, ASCII.space])
        append(day, digits: 2, to: &text)
        text.append(ASCII.space)
        append(months[month - 1], to: &text)
        text.append(ASCII.space)
        append(year, digits: 4, to: &text)
        text.append(ASCII.space)
        append(time / 3_600, digits: 2, to: &text)
        text.append(ASCII.colon)
        append(time / 60 % 60, digits: 2, to: &text)
        text.append(ASCII.colon)
        append(time % 60, digits: 2, to: &text)
        text.append(contentsOf: " GMT\r\n".utf8)
        return text
    }

    /// The date of a day counted from 1970, in the proleptic Gregorian calendar: years begin in March here, so that
    /// the leap day is the last of its year.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func append(_ word: StaticString, to text: inout [UInt8]) {
        text.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private static func append(_ number: Int, digits: Int, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(truncatingIfNeeded: 0x30 + number / divisor % 10))
            divisor /= 10
        }
    }
}
