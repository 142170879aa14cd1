import JSON
import Testing

@Suite("Numbers")
struct NumberTests {
    @Test(
        "digits come back as they were sent",
        arguments: [
            "0", "-0", "-0.0", "0.10", "1.0", "1e400", "-1E+400", "12345678901234567890", "1.000000000000000005",
            "10000000000000000999", "1E-999", "100000000000000000000000000000000000001", "0e1", "0e+1",
        ])
    func digits(text: String) throws {
        let document = try JSONDocument.parse("[\(text)]")
        #expect(document.root[0]?.numberText == text)
        #expect(document.root.value.text == "[\(text)]")
        #expect(JSONNumber(text)?.text == text)
        var writer = JSONWriter()
        writer.number(text)
        #expect(writer.finish() == Array(text.utf8))
    }

    @Test(
        "a text that is no number makes none",
        arguments: ["", "-", "+1", "01", "1.", ".1", "1e", "1e+", "0x10", "NaN", "Infinity", "1 ", " 1", "1_0", "١"])
    func invalid(text: String) {
        #expect(JSONNumber(text) == nil)
    }

    @Test(
        "an integer literal is read where it fits",
        arguments: [
            ("0", 0, 0), ("-0", 0, nil), ("7", 7, 7), ("-7", -7, nil),
            ("9223372036854775807", .max, 9_223_372_036_854_775_807),
            ("9223372036854775808", nil, 9_223_372_036_854_775_808), ("-9223372036854775808", .min, nil),
            ("-9223372036854775809", nil, nil), ("18446744073709551615", nil, .max),
            ("18446744073709551616", nil, nil), ("92233720368547758070", nil, nil), ("1.0", nil, nil),
            ("1e2", nil, nil),
        ] as [(String, Int64?, UInt64?)])
    func integers(text: String, signed: Int64?, unsigned: UInt64?) throws {
        let number = try #require(JSONNumber(text))
        #expect(number.int64 == signed)
        if !text.hasPrefix("-") { #expect(number.uint64 == unsigned) }
        #expect(try JSONDocument.parse(text).root.int64Value == signed)
        #expect(try JSONValue(parsing: text).int64Value == signed)
    }

    @Test("a double is the nearest one, and none beyond the range")
    func doubles() throws {
        #expect(JSONNumber("0.1")?.double == 0.1)
        #expect(JSONNumber("1e400")?.double == nil)
        #expect(JSONNumber("-1e400")?.double == nil)
        #expect(JSONNumber("1e-999")?.double == 0)
        #expect(JSONNumber("9007199254740993")?.double == 9_007_199_254_740_992)
        #expect(try JSONDocument.parse("-0").root.doubleValue?.sign == .minus)
        #expect(try JSONDocument.parse("\"1\"").root.doubleValue == nil)
    }

    @Test("a double is written with the fewest digits that give it again")
    func fromDouble() throws {
        let written: [(value: Double, text: String)] = [
            (2, "2.0"), (0.1, "0.1"), (-0.0, "-0.0"), (.leastNonzeroMagnitude, "5e-324"),
        ]
        for (value, text) in written { #expect(JSONNumber(value)?.text == text) }
        for value in [1e20, 1.0 / 3, .greatestFiniteMagnitude, .leastNormalMagnitude, 1e-7, 123456789012345680] {
            let number = try #require(JSONNumber(value))
            #expect(JSONNumber(number.text)?.double == value)
        }
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
    }

    @Test("numbers are equal by their digits only")
    func equality() {
        #expect(JSONNumber("1.0") != JSONNumber("1"))
        #expect(JSONNumber("1e0") != JSONNumber("1E0"))
        #expect(JSONNumber(UInt64.max).text == "18446744073709551615")
    }
}
