import CEL
import Testing

@Suite struct CostTests {
    @Test("gives the same cost for the same values")
    func deterministic() throws {
        var first = CELCost()
        var second = CELCost()
        let items = try data(#"{"items":[1,2,3,"text",{"a":[1.5]}]}"#)
        let source = "data.items.filter(x, type(x) == int).map(x, string(x)).join(',')"
        _ = try evaluate(source, ["data": items], cost: &first)
        _ = try evaluate(source, ["data": items], cost: &second)
        #expect(first == second)
        #expect(first.used > 0)
    }

    @Test("rises with the size of the data")
    func proportional() throws {
        var small = CELCost()
        var large = CELCost()
        _ = try evaluate("data.all(x, x > 0)", ["data": list(count: 10)], cost: &small)
        _ = try evaluate("data.all(x, x > 0)", ["data": list(count: 1000)], cost: &large)
        #expect(large.used > small.used * 50)
    }

    @Test(
        "stops whatever grows beyond the limit",
        arguments: [
            "data.map(a, data.map(b, data.map(c, a + b + c)))",
            "data.all(a, data.all(b, data.all(c, true)))",
            "data.all(a, data.all(b, data.all(c, 1 / 0 == 1)))",
            "text.split('').map(a, text.split('')).size()",
            "cel.bind(a, text + text, cel.bind(b, a + a + a + a, cel.bind(c, b + b + b + b, data.map(x, c + c))))",
            "data.map(x, text.replace('', text))",
            "data.map(x, data.map(y, text.matches('(a*)*b')))",
            "data.map(x, data.map(y, '%s'.format([data])))",
            "data.map(x, data.map(y, data + data == data + data))",
            "data.map(x, data.map(y, text.indexOf('ab')))",
        ])
    func bounded(source: String) throws {
        let text = String(repeating: "a", count: 10_000)
        let error = try failure(source, ["data": list(count: 500), "text": .string(text)])
        #expect(error.code == .costExceeded, "\(source): \(error)")
    }

    @Test("cannot be caught by a logical operator or a macro")
    func notAbsorbed() throws {
        let source = "data.all(a, data.all(b, data.all(c, true))) || true"
        #expect(try failure(source, ["data": list(count: 500)]).code == .costExceeded)
    }

    @Test("is shared by evaluations and stays exceeded")
    func shared() throws {
        var cost = CELCost(limit: 10)
        #expect(throws: CELError.self) { try evaluate("data.map(x, x)", ["data": list(count: 50)], cost: &cost) }
        let second = #expect(throws: CELError.self) { try evaluate("1 + 1", [:], cost: &cost) }
        #expect(second?.code == .costExceeded)
        let third = #expect(throws: CELError.self) { try cost.charge(.max) }
        #expect(third?.code == .costExceeded)
    }

    @Test("pays for the conversion to JSON")
    func output() throws {
        var cost = CELCost(limit: 100)
        let error = #expect(throws: CELError.self) { try list(count: 500).json(cost: &cost) }
        #expect(error?.code == .costExceeded)
    }

    private func list(count: Int) -> CELValue { .list(CELList((1...count).map { .int(Int64($0)) })) }
}
