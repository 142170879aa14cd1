import CEL
import Foundation
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

    // MARK: - TZif

    /// A file in the making (RFC 9636, section 3).
    struct File {
        var transitions: [(time: Int64, type: UInt8)] = []
        var offsets: [Int32] = [0]
        var footer = "UTC0"
        var leapSeconds: UInt32 = 0
        var version = UInt8(ascii: "2")

        var bytes: [UInt8] {
            // The block for old readers may be empty but for one type.
            if version == 0 { return block(transitions, offsets, width: 4) }
            return block([], [0], width: 4) + block(transitions, offsets, width: 8) + [0x0A] + Array(footer.utf8)
                + [0x0A]
        }

        private func block(_ transitions: [(time: Int64, type: UInt8)], _ offsets: [Int32], width: Int) -> [UInt8] {
            var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            for count in [0, 0, leapSeconds, UInt32(transitions.count), UInt32(offsets.count), 4] {
                bytes += big(UInt64(count), 4)
            }
            for transition in transitions { bytes += big(UInt64(bitPattern: transition.time), width) }
            bytes += transitions.map(\.type)
            for offset in offsets { bytes += big(UInt64(bitPattern: Int64(offset)), 4) + [0, 0] }
            return bytes + Array("ABC\0".utf8) + [UInt8](repeating: 0, count: Int(leapSeconds) * (width + 4))
        }

        private func big(_ value: UInt64, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64((width - 1 - $0) * 8)) }
        }
    }

    @Test("an offset holds from its transition on, the first type before all of them, the footer after them")
    func transitions() throws {
        let file = File(transitions: [(-1000, 1), (0, 2), (5000, 0)], offsets: [60, 120, -180], footer: "XXX-7")
        let rules = try #require(TimeZoneRules(tzif: file.bytes))
        let expected: [(Int64, Int)] = [
            (.min, 60), (-1001, 60), (-1000, 120), (-1, 120), (0, -180), (4999, -180), (5000, 60), (5001, 25200),
            (.max / 2, 25200),
        ]
        for (time, offset) in expected { #expect(rules.offset(at: time) == offset, "\(time)") }
    }

    @Test("an empty footer leaves the last offset in force, and files of 32 bits have none")
    func noFooter() throws {
        var file = File(transitions: [(100, 1)], offsets: [0, 3600], footer: "")
        #expect(try #require(TimeZoneRules(tzif: file.bytes)).offset(at: 1 << 40) == 3600)
        file.version = 0
        let rules = try #require(TimeZoneRules(tzif: file.bytes))
        #expect(rules.offset(at: 99) == 0)
        #expect(rules.offset(at: 1 << 40) == 3600)
    }

    @Test(
        "a footer's rule holds for ever",
        arguments: [
            // Central Europe: last Sundays of March and October, 01:00 UTC.
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "9999-07-01T00:00:00Z", 7200),
            // The south: the year begins with the saved time.
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-15T00:00:00Z", 39600),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T15:59:59Z", 39600),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T16:00:00Z", 36000),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-10-03T16:00:00Z", 39600),
            // Ireland saves in winter, backwards.
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-15T00:00:00Z", 0),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-15T00:00:00Z", 3600),
            // Greenland changes the day before, Lord Howe by half an hour.
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-12-01T00:00:00Z", 39600),
            // Days by number, with and without 29 February; all the year.
            ("AAA0BBB,J60,J61", "2028-03-01T02:00:00Z", 3600), ("AAA0BBB,J60,J61", "2028-02-29T12:00:00Z", 0),
            ("AAA0BBB,59,60", "2028-02-29T12:00:00Z", 3600), ("AAA0BBB,59,60", "2027-03-01T12:00:00Z", 3600),
            ("EST5EDT,0/0,J365/25", "2026-01-01T05:00:00Z", -14400),
            ("EST5EDT,0/0,J365/25", "2026-12-31T23:00:00Z", -14400),
            ("<+0530>-5:30", "2026-01-01T00:00:00Z", 19800), ("ABC12:34:56", "2026-01-01T00:00:00Z", -45296),
        ])
    func footer(text: String, time: String, offset: Int) throws {
        let rules = try #require(TimeZoneRules(tzif: File(footer: text).bytes))
        let seconds = try #require(CELTimestamp(rfc3339: time)).seconds
        #expect(rules.offset(at: seconds) == offset)
    }

    @Test(
        "a footer that follows no grammar makes the file none",
        arguments: [
            "AB3", "CET", "CET-1CEST,M3.5.0", "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M1.6.0,M1.1.0",
            "CET-1CEST,M1.1.7,M1.1.0", "CET-1CEST,J0,J1", "CET-1CEST,J366,J1", "CET-1CEST,366,1", "<+0>-1", "<++++-1",
            "CET-25", "CET-1:60", "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0 ", "1-1", "CET-0001",
            "CET-1CEST", "é",
        ])
    func badFooter(text: String) {
        #expect(TimeZoneRules(tzif: File(footer: text).bytes) == nil)
    }

    @Test("bytes that are no file, or contradict themselves, are refused")
    func badFiles() {
        let good = File(
            transitions: [(-1000, 1), (0, 2)], offsets: [0, 3600, 7200], footer: "CET-1CEST,M3.5.0,M10.5.0")
        #expect(TimeZoneRules(tzif: good.bytes) != nil)
        #expect(TimeZoneRules(tzif: []) == nil)
        #expect(TimeZoneRules(tzif: Array("TZif".utf8)) == nil)
        #expect(TimeZoneRules(tzif: File(transitions: [(0, 0), (0, 0)]).bytes) == nil)
        #expect(TimeZoneRules(tzif: File(transitions: [(5, 0), (0, 0)]).bytes) == nil)
        #expect(TimeZoneRules(tzif: File(transitions: [(0, 1)]).bytes) == nil)
        #expect(TimeZoneRules(tzif: File(offsets: [90001]).bytes) == nil)
        #expect(TimeZoneRules(tzif: File(offsets: []).bytes) == nil)
        #expect(TimeZoneRules(tzif: File(leapSeconds: 1).bytes) == nil)
        for count in 0..<good.bytes.count {
            #expect(TimeZoneRules(tzif: Array(good.bytes.prefix(count))) == nil, "\(count) bytes")
        }
    }

    @Test("no bytes crash it, and what it accepts answers for every time")
    func hostileBytes() {
        var random = Generator(seed: 1)
        let good = File(
            transitions: [(-1000, 1), (0, 2)], offsets: [0, 3600, 7200], footer: "CET-1CEST,M3.5.0,M10.5.0"
        )
        .bytes
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let interesting: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 0x0A, .random(in: 0...255, using: &random)]
                bytes[place] = interesting[Int.random(in: 0..<interesting.count, using: &random)]
            }
            guard let rules = TimeZoneRules(tzif: bytes) else { continue }
            accepted += 1
            for time in [Int64(-62_135_596_800), -1, 0, 1 << 31, 253_402_300_799] {
                #expect(abs(rules.offset(at: time)) <= 25 * 3600)
            }
        }
        #expect(accepted > 1000)
        #expect(accepted < 19_000)
    }

    struct Generator: RandomNumberGenerator {
        var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(
        "names are those of files below the database",
        arguments: [
            ("Europe/Berlin", true), ("America/Argentina/Buenos_Aires", true), ("Etc/GMT+1", true),
            ("Etc/GMT-14", true),
            ("UTC", true), ("EST5EDT", true), ("", false), ("/etc/passwd", false), ("../../etc/passwd", false),
            ("Europe/../Europe/Berlin", false), ("Europe//Berlin", false), ("Europe/", false), ("./UTC", false),
            ("-x", false), ("Europe/Berlin\0", false), ("Europe Berlin", false), ("Zürich", false), ("zone.tab", false),
            (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
        ])
    func names(name: String, isName: Bool) {
        #expect(TimeZoneRules.isName(name) == isName)
    }

    private static let database = "/usr/share/zoneinfo"
    private static let hasDatabase = FileManager.default.fileExists(atPath: "\(database)/Europe/Berlin")

    @Test(
        "agrees with the system's own reading of the database", .enabled(if: hasDatabase),
        arguments: [
            "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
            "Australia/Sydney", "Asia/Kathmandu", "Asia/Kolkata", "Pacific/Apia", "Pacific/Chatham", "Etc/GMT+1", "UTC",
        ])
    func agrees(name: String) throws {
        let data = try #require(FileManager.default.contents(atPath: "\(Self.database)/\(name)"))
        let rules = try #require(TimeZoneRules(tzif: Array(data)))
        let system = SystemTimeZones()
        // Every five days and some hours, from 1975 to 2037.
        var time: Int64 = 157_766_400
        while time < 2_145_916_800 {
            #expect(rules.offset(at: time) == system.offset(ofZone: name, at: time), "\(time)")
            time += 443_777
        }
    }

    @Test("every file of the database is read", .enabled(if: hasDatabase))
    func wholeDatabase() throws {
        var count = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: Self.database) {
            guard TimeZoneRules.isName(name), !name.hasPrefix("right/"),
                let data = FileManager.default.contents(atPath: "\(Self.database)/\(name)"),
                data.starts(with: Data("TZif".utf8))
            else { continue }
            count += 1
            #expect(TimeZoneRules(tzif: Array(data)) != nil, "\(name)")
        }
        print("Time zones: \(count) files of the database are read")
        #expect(count > 300)
    }
}
