import Chrono
import Testing

@Suite struct InstantTests {
    @Test(
        "reads RFC 3339 and writes UTC with milliseconds",
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", 0),
            ("2009-02-13T23:31:30Z", "2009-02-13T23:31:30.000Z", 1_234_567_890_000),
            ("2009-02-14t01:31:30.123999+02:00", "2009-02-13T23:31:30.123Z", 1_234_567_890_123),
            ("1969-12-31T23:59:59.9999999999999z", "1969-12-31T23:59:59.999Z", -1),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59.999-00:00", "9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2000-02-29T12:00:00+23:59", "2000-02-28T12:01:00.000Z", 951_739_260_000),
        ] as [(String, String, Int64)])
    func readsAndWrites(text: String, written: String, milliseconds: Int64) throws {
        let instant = try #require(Instant(rfc3339: text))
        #expect(instant.milliseconds == milliseconds)
        #expect(instant.rfc3339 == written)
        #expect(Instant(rfc3339: written) == instant)
    }

    @Test(
        "refuses what is not strict RFC 3339",
        arguments: [
            "", "2009-02-13", "2009-02-13T23:31:30", "2009-02-13 23:31:30Z", "2009-02-13T23:31:30.Z",
            "2009-02-13T23:31:60Z", "2009-02-13T24:00:00Z", "2009-02-30T00:00:00Z", "2100-02-29T00:00:00Z",
            "2009-13-01T00:00:00Z", "2009-00-01T00:00:00Z", "2009-1-01T00:00:00Z", "0000-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z", "2009-02-13T23:31:30+02", "2009-02-13T23:31:30+0200", "2009-02-13T23:31:30+24:00",
            "2009-02-13T23:31:30+02:60", "2009-02-13T23:31:30Zx", " 2009-02-13T23:31:30Z", "2009-02-13T23:31:30Z ",
            "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2009-02-13T23:31:30ü00:00",
            "２009-02-13T23:31:30Z", "2009-02-13T23:31:3",
        ])
    func refuses(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test("days and dates agree over eight centuries")
    func civilDates() {
        var expected = CivilDate(year: 1600, month: 1, day: 1)
        var weekday = 6
        let first = expected.daysSinceEpoch
        for days in first..<first + 292_194 {
            let date = CivilDate(daysSinceEpoch: days)
            guard date == expected, date.daysSinceEpoch == days, date.dayOfWeek == weekday, date.isValid else {
                Issue.record("\(date) is not \(expected)")
                return
            }
            weekday = (weekday + 1) % 7
            expected.day += 1
            if !expected.isValid {
                expected.day = 1
                expected.month += 1
            }
            if !expected.isValid {
                expected.month = 1
                expected.year += 1
            }
        }
        #expect(CivilDate(year: 2024, month: 12, day: 31).dayOfYear == 365)
        #expect(CivilDate(year: 2023, month: 1, day: 1).dayOfYear == 0)
    }

    @Test("arithmetic stops at the ends of time")
    func saturates() {
        let end = Instant.distantFuture
        #expect(end.rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(end + .seconds(1) == end)
        #expect(Instant(milliseconds: 0) + .days(.max) == end)
        #expect(Instant(milliseconds: .min) - .hours(1) == Instant(milliseconds: .min))
        #expect(Instant(milliseconds: 5000) - Instant(milliseconds: 2000) == .seconds(3))
        #expect(TimeSpan.days(.max) == TimeSpan(milliseconds: .max))
        #expect(!Instant(milliseconds: .max).rfc3339.isEmpty)
        #expect(!Instant(milliseconds: .min).rfc3339.isEmpty)
    }

    @Test("nanoseconds survive where they are asked for")
    func nanoseconds() throws {
        let time = try #require(RFC3339.parse("2009-02-13T23:31:30.120300Z"))
        #expect(time.nanoseconds == 120_300_000)
        #expect(RFC3339.format(time) == "2009-02-13T23:31:30.1203Z")
        #expect(RFC3339.format(time, fractionDigits: 9) == "2009-02-13T23:31:30.120300000Z")
    }
}
