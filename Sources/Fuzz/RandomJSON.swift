import JSON

/// JSON of all kinds, with a liking for borders.
enum RandomJSON {
    static let names = ["a", "b", "id", "list", "name", "n", "", "ä", "x y", "total", "data"]

    static func value(_ random: inout SeededGenerator, depth: Int = 3) -> JSONValue {
        switch random.below(depth > 0 ? 9 : 6) {
        case 0: return .null
        case 1: return .bool(random.chance(2))
        case 2, 3: return number(&random)
        case 4, 5: return .string(text(&random))
        case 6, 7:
            return .array((0..<random.below(6)).map { _ in value(&random, depth: depth - 1) })
        default: return .object(object(&random, depth: depth))
        }
    }

    static func object(_ random: inout SeededGenerator, depth: Int) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<random.below(6) { object[random.pick(names)] = value(&random, depth: depth - 1) }
        return object
    }

    static func number(_ random: inout SeededGenerator) -> JSONValue {
        let texts = [
            "0", "-0", "1", "-1", "2", "3", "7", "100", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "18446744073709551615", "18446744073709551616", "0.1", "1.5", "-2.5", "1e3", "1E-3",
            "1e400", "-1e400", "1e-400", "123456789012345678901234567890", "0.30000000000000004",
        ]
        if random.chance(3) { return .number(JSONNumber(Int64(truncatingIfNeeded: random.next()) >> random.below(64))) }
        return JSONNumber(random.pick(texts)).map(JSONValue.number) ?? 0
    }

    static func text(_ random: inout SeededGenerator) -> String {
        let texts = [
            "", "a", "abc", "A,B,,C", "ä", "e\u{301}", "👩‍👩‍👧", "\u{0}", "\"", "\\", "'", "${data.a}", "$${", "\n",
            "2026-01-02T03:04:05Z",
            "1h30m", "90s", "-1.5s", "UTC", "+02:00", "Europe/Berlin", "(a+)+$", "[", "%s %d %.3f", "true", "12", "1.5",
            "aGVsbG8=", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z",
        ]
        if random.chance(8) { return String(repeating: random.pick(texts), count: random.below(200)) }
        return random.pick(texts)
    }
}
