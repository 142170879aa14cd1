import CEL
import Testing

@Suite struct ProgramTests {
    @Test(
        "lists what an expression reads",
        arguments: [
            ("data.total > 3 && data.items.size() > 0", [["data", "total"], ["data", "items"]]),
            ("data.items[0].price", [["data", "items"]]),
            ("has(data.customer.name)", [["data", "customer", "name"]]),
            ("data.items.all(x, x.price > event.limit)", [["data", "items"], ["event", "limit"]]),
            ("1 + 2", []),
        ])
    func reads(source: String, paths: [[String]]) throws {
        let environment = CELEnvironment(variables: [CELVariable("data"), CELVariable("event")])
        #expect(try CELProgram(source, in: environment).reads == paths)
    }

    @Test(
        "knows the type of the result",
        arguments: [
            ("1 + 2", CELType.int), ("'a' + 'b'", .string), ("data", .dyn), ("data == 1", .bool),
            ("[1, 2]", .list(.int)), ("true ? 1 : 'a'", .dyn), ("timestamp(0) + duration('1h')", .timestamp),
        ])
    func types(source: String, type: CELType) throws {
        #expect(try CELProgram(source, in: CELEnvironment(variables: [CELVariable("data")])).type == type)
    }

    @Test("gives the same value to all threads")
    func concurrent() async throws {
        let program = try CELProgram("data.map(x, x * 2)", in: CELEnvironment(variables: [CELVariable("data")]))
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    var cost = CELCost()
                    let list = CELValue.list(CELList([.int(Int64(number))]))
                    let doubled = try program.evaluate(CELValues([list]), cost: &cost).templateText()
                    return doubled == "[\(number * 2)]" ? "right" : doubled
                }
            }
            for try await answer in group { #expect(answer == "right") }
        }
    }
}
