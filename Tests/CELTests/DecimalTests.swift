import CEL
import JSON
import Testing

@Suite("Decimals") struct DecimalTests {
    @Test(
        "are exact",
        arguments: [
            ("decimal('0.10') + decimal('0.20')", "0.30"),
            ("decimal('0.1') + decimal('0.2') == decimal('0.30')", "true"),
            ("decimal('1.5') - 2", "-0.5"), ("1 - decimal('0.01')", "0.99"), ("2u * decimal('1.25')", "2.50"),
            ("decimal('-1.5') * decimal('1.5')", "-2.25"), ("-decimal('1.10')", "-1.10"),
            ("decimal('0.10') - decimal('0.1')", "0.00"),
            ("decimal('-0.0')", "0.0"), ("decimal('1e3')", "1000"), ("decimal('1.5E-3')", "0.0015"),
            ("decimal(7)", "7"),
            ("decimal(18446744073709551615u)", "18446744073709551615"), ("decimal(decimal('1.0'))", "1.0"),
            ("decimal('1e-200')", "1e-200"), ("decimal('1.00') == 1", "true"), ("1u == decimal('1')", "true"),
            ("decimal('1.1') != 1", "true"), ("decimal('0.9') < 1", "true"), ("2 <= decimal('2.0')", "true"),
            ("decimal('1e-6176') > 0", "true"), ("decimal('9e33') >= decimal('9e33')", "true"),
            ("decimal('1') in [1, 2]", "true"), ("decimal('1.5') in [1, 2]", "false"),
            ("decimal('1.0') in {1: 2}", "true"),
            ("{1: 'a'}[decimal('1.0')]", "\"a\""), ("['a', 'b'][decimal('1')]", "\"b\""),
            ("[decimal('1.0')] == [1]", "true"), ("type(decimal('1')) == decimal", "true"),
            ("string(decimal('1.50'))", "\"1.50\""), ("int(decimal('12.00'))", "12"), ("uint(decimal('12'))", "12"),
            ("int(decimal('-9223372036854775808'))", "-9223372036854775808"),
            ("double(decimal('0.5'))", "0.5"), ("math.abs(decimal('-1.50'))", "1.50"),
            ("math.sign(decimal('-1.5'))", "-1"),
            ("math.greatest(decimal('1.5'), 1)", "1.5"),
            (
                "'%s %d %.1f %.3f'.format([decimal('1.50'), decimal('2.0'), decimal('0.25'), decimal('1')])",
                "\"1.50 2 0.2 1.000\""
            ),
            ("optional.ofNonZeroValue(decimal('0.00')).hasValue()", "false"),
        ])
    func exact(expression: String, expected: String) throws {
        #expect(try evaluate(expression).json().text == expected, "\(expression)")
    }

    @Test(
        "have functions that divide, round, add up and count",
        arguments: [
            ("decimal.div(decimal('1'), 3, 5)", "0.33333"), ("decimal.div(2, 3, 2)", "0.67"),
            ("decimal.div(-2, 3, 2)", "-0.67"),
            ("decimal.div(1, 8, 2)", "0.12"), ("decimal.div(3, 8, 2)", "0.38"),
            ("decimal.div(1, 8, 2, 'half_up')", "0.13"),
            ("decimal.div(-1, 8, 2, 'half_up')", "-0.13"), ("decimal.div(1, 8, 2, 'down')", "0.12"),
            ("decimal.div(1, 100, 1, 'up')", "0.1"), ("decimal.div(6, decimal('0.5'), 0)", "12"),
            ("decimal.div(1, 3, 34)", "0.3333333333333333333333333333333333"), ("decimal.div(0, 3, 2)", "0.00"),
            ("decimal.div(decimal('1e-100'), 3, 2, 'up')", "0.01"),
            ("decimal.div(decimal('9e33'), decimal('9e33'), 30)", "1.000000000000000000000000000000"),
            ("decimal.round(decimal('2.5'), 0)", "2"), ("decimal.round(decimal('3.5'), 0)", "4"),
            ("decimal.round(decimal('2.5'), 0, 'half_up')", "3"),
            ("decimal.round(decimal('-2.5'), 0, 'half_up')", "-3"),
            ("decimal.round(decimal('-2.1'), 0, 'up')", "-3"), ("decimal.round(decimal('-2.9'), 0, 'down')", "-2"),
            ("decimal.round(7, 2)", "7.00"), ("decimal.round(decimal('0.004'), 2)", "0.00"),
            ("decimal.sum([])", "0"), ("decimal.sum([decimal('0.1'), 2, 3u])", "5.1"),
            ("decimal.sum([decimal('0.10'), decimal('-0.1')])", "0.00"),
            ("decimal.scale(decimal('1.500'))", "3"), ("decimal.scale(5)", "0"),
        ])
    func functions(expression: String, expected: String) throws {
        #expect(try evaluate(expression).json().text == expected, "\(expression)")
    }

    @Test(
        "fail where they would have to round or guess",
        arguments: [
            ("decimal('9999999999999999999999999999999999') + 1 + decimal('0.1')", CELError.Code.overflow),
            ("decimal('12345678901234567890123456789012345')", .overflow),
            ("decimal('1e34') * decimal('1.1')", .overflow),
            ("decimal('9e33') * 9", .overflow), ("decimal('1e-6177')", .overflow),
            ("decimal.div(1, 0, 2)", .divisionByZero),
            ("decimal.round(decimal('9e33'), 3)", .overflow), ("decimal.round(1, 35)", .invalidArgument),
            ("decimal.round(1, -1)", .invalidArgument), ("decimal.round(1, 1, 'floor')", .invalidArgument),
            ("decimal('')", .badConversion), ("decimal('1.')", .badConversion), ("decimal('.5')", .badConversion),
            ("decimal('01')", .badConversion), ("decimal('1_0')", .badConversion), ("decimal(' 1')", .badConversion),
            ("decimal('NaN')", .badConversion), ("decimal(0.1)", .typeFault), ("decimal('1') / 2", .typeFault),
            ("decimal('1') % 2", .typeFault), ("decimal('1') + 0.5", .typeFault), ("decimal('1') == 1.0", .typeFault),
            ("decimal('1') < 1.5", .typeFault), ("dyn(decimal('1')) == dyn(1.0)", .noSuchOverload),
            ("dyn(decimal('1')) + dyn(1.0)", .noSuchOverload), ("dyn(decimal('1')) / dyn(2)", .noSuchOverload),
            ("decimal.sum([0.5])", .noSuchOverload), ("int(decimal('1.5'))", .badConversion),
            ("uint(decimal('-1'))", .overflow), ("int(decimal('1e20'))", .overflow),
            ("math.greatest(decimal('1'), dyn(1.5))", .noSuchOverload),
            ("{decimal('1'): 2}", .typeFault), ("decimal(true)", .typeFault),
        ])
    func refused(expression: String, code: CELError.Code) throws {
        #expect(try failure(expression).code == code, "\(expression)")
    }

    @Test("come from the digits of a number, never through a double")
    func digits() throws {
        let variables = ["data": try data(#"{"a":0.10,"b":[1.10,2.200],"n":0.1234567890123456789012345678901234}"#)]
        func text(_ source: String) throws -> String { try evaluate(source, variables).json().text }
        #expect(try text("decimal(data.a) + decimal(data.b[0])") == "1.20")
        #expect(try text("decimal(data.n)") == "0.1234567890123456789012345678901234")
        #expect(try text("decimal.sum(data.b.map(x, decimal(x)))") == "3.300")
        #expect(try text("data.b.all(x, decimal(x) > 1)") == "true")
        #expect(try failure("decimal('0.1') + data.a", variables).hint?.contains("decimal(event.data.amount)") == true)
        #expect(try failure("decimal('0.1') == data.a", variables).code == .noSuchOverload)
        #expect(try failure("decimal(data.a + data.a)", variables).code == .noSuchOverload)
    }
}
