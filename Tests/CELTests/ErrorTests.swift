import CEL
import Testing

@Suite struct ErrorTests {
    @Test(
        "places a fault of the source at its line and column",
        arguments: [
            ("1 +", CELError.Code.syntax, 1, 4),
            ("(1", .syntax, 1, 3),
            ("1 = 1", .syntax, 1, 3),
            ("'text", .syntax, 1, 1),
            ("'a\\q'", .syntax, 1, 3),
            ("data.total +\n  nothing", .unknownVariable, 2, 3),
            ("'äö𝄞' + nothing", .unknownVariable, 1, 9),
            ("size(1, 2, 3)", .wrongArity, 1, 1),
            ("'a'.matches('(')", .badPattern, 1, 13),
            ("timestamp('yesterday')", .badConversion, 1, 11),
            ("9223372036854775808", .syntax, 1, 1),
            ("1 + 'a'", .typeFault, 1, 3),
        ])
    func compiling(source: String, code: CELError.Code, line: Int, column: Int) throws {
        let error = try failure(source, ["data": .null])
        #expect(error.code == code, "\(source): \(error)")
        #expect([error.line, error.column] == [line, column], "\(source): \(error)")
    }

    @Test(
        "places a failure of the evaluation at the part that failed",
        arguments: [
            ("1 +\n data.missing", CELError.Code.noSuchKey, 2, 7),
            ("data.list[7]", .noSuchKey, 1, 10),
            ("1 + data.zero / data.zero", .divisionByZero, 1, 15),
            ("1 % data.zero", .divisionByZero, 1, 3),
            ("9223372036854775807 + data.one", .overflow, 1, 21),
            ("data.one + 'a'", .noSuchOverload, 1, 10),
            ("int(data.text)", .badConversion, 1, 1),
            ("data.list.map(x, x / data.zero)", .divisionByZero, 1, 20),
            ("optional.none().value()", .noValue, 1, 17),
            ("{data.text: 1, 'abc': 2}", .duplicateKey, 1, 1),
            ("timestamp(0).getHours('Nowhere/None')", .unknownTimeZone, 1, 14),
        ])
    func evaluating(source: String, code: CELError.Code, line: Int, column: Int) throws {
        let error = try failure(source, ["data": data(#"{"list":[1],"zero":0,"one":1,"text":"abc"}"#)])
        #expect(error.code == code, "\(source): \(error)")
        #expect([error.line, error.column] == [line, column], "\(source): \(error)")
    }

    @Test("describes itself with place and hint")
    func description() throws {
        let error = try failure("1 +\ndta", ["data": .null])
        #expect(error.description == "unknown variable 'dta' (line 2, column 1); did you mean 'data'?")
        #expect(CELError(code: .notJSON, message: "no").description == "no")
    }

    @Test("refuses a source beyond 4 KiB")
    func tooLong() throws {
        #expect(try failure(String(repeating: " ", count: 4096) + "1").code == .tooLong)
        #expect(throws: Never.self) { try evaluate(String(repeating: " ", count: 4095) + "1") }
    }

    @Test("keeps a failure that the other operand decides")
    func absorbed() throws {
        #expect(try isTrue(evaluate("1 / 0 == 1 || true")))
        #expect(try isTrue(evaluate("!(1 / 0 == 1 && false)")))
        #expect(try isTrue(evaluate("[0, 1].exists(x, 1 / x == 1)")))
        #expect(try failure("[0, 2].exists(x, 1 / x == 1)").code == .divisionByZero)
    }

    @Test("fails where a variable without a value is used, and only there")
    func missingValue() throws {
        let program = try CELProgram("a ? 1 : b", in: CELEnvironment(variables: [.init("a"), .init("b")]))
        var cost = CELCost()
        #expect(throws: Never.self) { try program.evaluate(CELValues([.bool(true), nil]), cost: &cost) }
        let error = #expect(throws: CELError.self) {
            try program.evaluate(CELValues([.bool(false), nil]), cost: &cost)
        }
        #expect(error?.code == .unknownVariable)
        #expect(error?.column == 9)
    }

    private func isTrue(_ value: CELValue) -> Bool {
        if case .bool(true) = value { true } else { false }
    }
}
