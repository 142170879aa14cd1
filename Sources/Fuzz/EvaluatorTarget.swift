import CEL
import JSON

/// Expressions over random data, with a random limit: they end within it, and the same way each time.
struct EvaluatorTarget: FuzzTarget {
    private static let environment = CELEnvironment(
        variables: [
            CELVariable("data"), CELVariable("now", .timestamp), CELVariable("item"), CELVariable("list", .list(.dyn)),
            CELVariable("n", .int), CELVariable("text", .string),
        ], timeZones: Berlin())

    private static let variables: [RandomExpression.Kind: [String]] = [
        .any: ["data", "item", "data.a", "data.b.a", "list[0]"], .string: ["text", "data.name"],
        .map: ["data", "data.a"], .timestamp: ["now"], .list: ["list", "data.list"], .int: ["n", "data.n"],
    ]

    private struct Berlin: CELTimeZones {
        func offset(ofZone name: String, at seconds: Int64) -> Int? { name == "Europe/Berlin" ? 3600 : nil }
    }

    func run(_ random: inout SeededGenerator) throws(Finding) -> Bool {
        var expressions = RandomExpression(variables: Self.variables, slips: random.pick([0, 0, 8, 40]))
        let source = expressions.make(
            random.pick(RandomExpression.Kind.allCases), depth: 1 + random.below(6), &random)
        let data = JSONValue.object(RandomJSON.object(&random, depth: 4))
        let list = JSONValue.array(
            (0..<random.below(random.chance(8) ? 3000 : 8)).map { _ in RandomJSON.value(&random, depth: 1) })
        let values = CELValues([
            CELValue(JSONView(data)), CELTimestamp(seconds: Int64(random.below(4_000_000_000))).map { .timestamp($0) },
            CELValue(JSONView(RandomJSON.value(&random))), CELValue(JSONView(list)), .int(Int64(random.below(100))),
            .string(RandomJSON.text(&random)),
        ])
        let program: CELProgram
        do throws(CELError) {
            program = try CELProgram(source, in: Self.environment)
        } catch {
            guard error.line >= 1 else { throw Finding("misplaced: \(error)", input: source) }
            return false
        }
        let limit = random.pick([1, 50, 1000, 20_000, 100_000])
        let first = try Self.outcome(program, values, limit, source)
        let second = try Self.outcome(program, values, limit, source)
        guard first == second else {
            throw Finding("two runs, two results: \(first), then \(second)", input: source)
        }
        return first.isValue
    }

    private struct Outcome: Equatable {
        var text: String
        var used: Int
        var isValue: Bool
    }

    private static func outcome(
        _ program: CELProgram, _ values: CELValues, _ limit: Int, _ source: String
    ) throws(Finding) -> Outcome {
        var cost = CELCost(limit: limit)
        do throws(CELError) {
            let value = try program.evaluate(values, cost: &cost)
            guard cost.used <= limit else { throw CELError(code: .noValue, message: "used \(cost.used)", line: -1) }
            guard isOf(value, program.type) else {
                throw CELError(code: .noValue, message: "\(value) is no \(program.type.text)", line: -1)
            }
            var written = try? value.json(cost: &cost).text
            if let text = written {
                guard cost.used <= limit, text.utf8.count <= 256 * (cost.used + 4) else {
                    throw CELError(
                        code: .noValue, message: "\(text.utf8.count) bytes for a cost of \(cost.used)", line: -1)
                }
                // What is written is JSON.
                if (try? JSONValue(parsing: text)) == nil {
                    throw CELError(code: .noValue, message: "wrote \(text.prefix(200))", line: -1)
                }
            } else {
                written = "no JSON"
            }
            return Outcome(text: written ?? "", used: cost.used, isValue: true)
        } catch {
            if error.line < 0 { throw Finding(error.message, input: source) }
            guard error.line >= 1, error.code == .costExceeded || cost.used <= limit else {
                throw Finding("\(error) after \(cost.used) of \(limit)", input: source)
            }
            return Outcome(text: error.description, used: cost.used, isValue: false)
        }
    }

    /// Whether the checker was right about the value.
    private static func isOf(_ value: CELValue, _ type: CELType) -> Bool {
        switch (value, type) {
        case (_, .dyn), (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double),
            (.number, .double), (.decimal, .decimal), (.string, .string), (.bytes, .bytes), (.timestamp, .timestamp),
            (.duration, .duration),
            (.list, .list), (.map, .map), (.map, .record), (.type, .type), (.optional, .optional):
            true
        default: false
        }
    }
}
