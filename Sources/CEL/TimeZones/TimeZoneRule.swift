import Chrono

/// An offset for ever, or two that take turns each year, as the environment variable TZ says it:
/// `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX, with the hours of RFC 9636, section 3.3.1).
struct TimeZoneRule: Sendable, Hashable {
    /// Seconds east of UTC.
    let standard: Int
    let saving: Saving?

    struct Saving: Sendable, Hashable {
        var offset: Int
        var start: Change
        var end: Change
    }

    /// A day of each year, and a time on it.
    struct Change: Sendable, Hashable {
        enum Day: Sendable, Hashable {
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365; 29 February is counted.
            case ofYear(Int)
            /// Month 1 to 12, week 1 to 5 (5 is the last), day of the week 0 to 6 (0 is Sunday).
            case weekday(month: Int, week: Int, day: Int)
        }

        var day: Day
        /// Seconds from midnight by the clock that was in force, a week each way.
        var time: Int

        /// Seconds since the epoch by that clock.
        func moment(year: Int) -> Int { days(year) * 86400 + time }

        private func days(_ year: Int) -> Int {
            let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
            switch day {
            case .julian(let day):
                let isAfterLeapDay = day >= 60 && CivilDate.daysIn(month: 2, year: year) == 29
                return newYear + day - (isAfterLeapDay ? 0 : 1)
            case .ofYear(let day): return newYear + day
            case .weekday(let month, let week, let day):
                let first = CivilDate(year: year, month: month, day: 1)
                var number = 1 + (day - first.dayOfWeek + 7) % 7 + (week - 1) * 7
                if number > CivilDate.daysIn(month: month, year: year) { number -= 7 }
                return first.daysSinceEpoch + number - 1
            }
        }
    }

    /// Seconds east of UTC at a time since the epoch.
    func offset(at seconds: Int64) -> Int {
        guard let saving else { return standard }
        let local = Int(seconds) + standard
        let year = CivilDate(daysSinceEpoch: local >= 0 ? local / 86400 : (local - 86399) / 86400).year
        let start = saving.start.moment(year: year) - standard
        let end = saving.end.moment(year: year) - saving.offset
        let time = Int(seconds)
        // South of the equator the year begins and ends with the saved time.
        let isSaving = start < end ? time >= start && time < end : time >= start || time < end
        return isSaving ? saving.offset : standard
    }
}

extension TimeZoneRule {
    /// Nil for a text that does not follow the grammar.
    init?(_ text: String) {
        var parser = Parser(rest: Array(text.utf8)[...])
        guard let rule = parser.rule() else { return nil }
        self = rule
    }

    private init(_ standard: Int, _ saving: Saving?) {
        self.standard = standard
        self.saving = saving
    }

    private struct Parser {
        var rest: ArraySlice<UInt8>

        mutating func rule() -> TimeZoneRule? {
            guard name(), let west = time(hours: 24) else { return nil }
            if rest.isEmpty { return TimeZoneRule(-west, nil) }
            guard name() else { return nil }
            var saved = -west + 3600
            if rest.first != UInt8(ascii: ",") {
                guard let west = time(hours: 24) else { return nil }
                saved = -west
            }
            guard let start = change(), let end = change(), rest.isEmpty else { return nil }
            return TimeZoneRule(-west, Saving(offset: saved, start: start, end: end))
        }

        /// At least three letters, or anything of letters, digits and signs between angle brackets.
        private mutating func name() -> Bool {
            if take(UInt8(ascii: "<")) {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
                let isName = rest[..<end].allSatisfy {
                    Lexer.isDigit($0) || Self.isLetter($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                }
                guard isName, end - rest.startIndex >= 3 else { return false }
                rest = rest[(end + 1)...]
                return true
            }
            let letters = rest.prefix(while: Self.isLetter)
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        private mutating func time(hours limit: Int) -> Int? {
            let isNegative = take(UInt8(ascii: "-"))
            if !isNegative { _ = take(UInt8(ascii: "+")) }
            guard let hours = number(upTo: limit) else { return nil }
            var seconds = hours * 3600
            if take(UInt8(ascii: ":")) {
                guard let minutes = number(upTo: 59) else { return nil }
                seconds += minutes * 60
                if take(UInt8(ascii: ":")) {
                    guard let more = number(upTo: 59) else { return nil }
                    seconds += more
                }
            }
            return isNegative ? -seconds : seconds
        }

        private mutating func change() -> Change? {
            guard take(UInt8(ascii: ",")) else { return nil }
            let day: Change.Day
            if take(UInt8(ascii: "J")) {
                guard let number = number(upTo: 365), number >= 1 else { return nil }
                day = .julian(number)
            } else if take(UInt8(ascii: "M")) {
                guard let month = number(upTo: 12), month >= 1, take(UInt8(ascii: ".")),
                    let week = number(upTo: 5), week >= 1, take(UInt8(ascii: ".")), let weekday = number(upTo: 6)
                else { return nil }
                day = .weekday(month: month, week: week, day: weekday)
            } else {
                guard let number = number(upTo: 365) else { return nil }
                day = .ofYear(number)
            }
            guard take(UInt8(ascii: "/")) else { return Change(day: day, time: 7200) }
            return time(hours: 167).map { Change(day: day, time: $0) }
        }

        private mutating func number(upTo limit: Int) -> Int? {
            let digits = rest.prefix(while: Lexer.isDigit)
            guard (1...3).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            return value <= limit ? value : nil
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            Lexer.isNameStart(byte) && byte != UInt8(ascii: "_")
        }
    }
}
