import CEL
import Testing

@Suite struct TimeZoneTests {
    @Test(
        "reads parts of a time in a zone",
        arguments: [
            ("timestamp('2026-07-01T22:30:00Z').getHours('Europe/Berlin')", "0"),
            ("timestamp('2026-07-01T22:30:00Z').getDate('Europe/Berlin')", "2"),
            ("timestamp('2026-01-01T00:00:00Z').getFullYear('-01:00')", "2025"),
            ("timestamp('2026-01-01T00:00:00Z').getMinutes('+05:30')", "30"),
            ("timestamp('1969-12-31T23:59:59.5Z').getSeconds()", "59"),
            ("timestamp('2026-11-23T00:00:00Z').getDayOfWeek('UTC')", "1"),
        ])
    func parts(source: String, expected: String) throws {
        let program = try CELProgram(source, in: CELEnvironment(variables: [], timeZones: SystemTimeZones()))
        var cost = CELCost()
        #expect(try program.evaluate(CELValues([]), cost: &cost).templateText() == expected)
    }

    @Test("knows UTC and fixed offsets only where the host gives no zones")
    func unknown() throws {
        let error = try failure("timestamp(0).getHours('Europe/Berlin')")
        #expect(error.code == .unknownTimeZone)
        #expect(error.hint == "known here: UTC and fixed offsets such as +02:00")
    }
}
