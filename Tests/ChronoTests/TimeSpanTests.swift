import Chrono
import Testing

@Suite struct TimeSpanTests {
    @Test(
        "reads and writes durations",
        arguments: [
            ("250ms", 250, "250ms"), ("30s", 30_000, "30s"), ("1h30m", 5_400_000, "90m"),
            ("72h", 259_200_000, "72h"), ("1.5s", 1500, "1.5s"), ("0s", 0, "0s"), ("1.050s", 1050, "1.05s"),
            ("1h1m1s1ms", 3_661_001, "3661.001s"), ("0.25h", 900_000, "15m"), ("1m0.5s", 60_500, "60.5s"),
            ("9223372036854775807ms", .max, "9223372036854775.807s"), ("00010s", 10_000, "10s"),
        ] as [(String, Int64, String)])
    func readsAndWrites(text: String, milliseconds: Int64, written: String) throws {
        let span = try #require(TimeSpan(text))
        #expect(span.milliseconds == milliseconds)
        #expect(span.text == written)
        #expect(TimeSpan(written) == span)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", "1", "s", "-1s", "+1s", " 1s", "1s ", "1 s", "1m1h", "1s1s", "1.5h30m", ".5s", "1.s", "1.0.0s", "1d",
            "1H", "0.0001s", "1.5ms", "9223372036854775808ms", "9223372036854776s", "99999999999999999999h", "1e3s",
            "1us", "٣s",
        ])
    func refuses(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test("a negative difference is written with its sign")
    func negative() {
        #expect(TimeSpan.seconds(-90).text == "-90s")
        #expect((TimeSpan.seconds(1) - .milliseconds(2500)).text == "-1.5s")
        #expect(TimeSpan(milliseconds: .min).text == "-9223372036854775.808s")
    }
}
