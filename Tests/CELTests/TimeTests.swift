import CEL
import Chrono
import Testing

@Suite struct TimeTests {
    @Test("instants and spans become times and come back")
    func times() throws {
        for milliseconds in [0, -1, -1000, 1_795_424_400_123] as [Int64] {
            let instant = Instant(milliseconds: milliseconds)
            #expect(CELTimestamp(instant).instant == instant)
        }
        #expect(CELTimestamp(Instant(milliseconds: .max)).text == "9999-12-31T23:59:59Z")
        #expect(CELDuration(.hours(1)).text == "3600s")
        #expect(CELDuration(.hours(1)).span == .hours(1))
        #expect(CELDuration("1h2m3.5s10us7ns")?.nanoseconds == 3_723_500_010_007)
        #expect(CELDuration("0.000000001s")?.nanoseconds == 1)
        #expect(CELDuration("0.1h")?.nanoseconds == 360_000_000_000)
        #expect(CELDuration("9223372036s")?.nanoseconds == 9_223_372_036_000_000_000)
        for text in ["", "1", "s", "1d", "1 s", "9223372037s", "--1s", ".s", "1µ"] { #expect(CELDuration(text) == nil) }
    }
}
