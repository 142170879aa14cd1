import CEL
import JSON
import Testing

/// Evaluates a source over variables of unknown type.
func evaluate(
    _ source: String, _ variables: [String: CELValue] = [:], limit: Int = 100_000
) throws(CELError) -> CELValue {
    var cost = CELCost(limit: limit)
    return try evaluate(source, variables, cost: &cost)
}

func evaluate(_ source: String, _ variables: [String: CELValue], cost: inout CELCost) throws(CELError) -> CELValue {
    let names = variables.keys.sorted()
    let program = try CELProgram(source, in: CELEnvironment(variables: names.map { CELVariable($0) }))
    return try program.evaluate(CELValues(names.map { variables[$0] }), cost: &cost)
}

/// JSON text as data of an expression.
func data(_ json: String) throws(JSONError) -> CELValue { CELValue(try JSONDocument.parse(json).root) }

/// The error of compiling or evaluating; fails if there is none.
func failure(
    _ source: String, _ variables: [String: CELValue] = [:], limit: Int = 100_000,
    at location: SourceLocation = #_sourceLocation
) throws -> CELError {
    try #require(
        #expect(throws: CELError.self, "\(source.prefix(80))", sourceLocation: location) {
            _ = try evaluate(source, variables, limit: limit)
        }, sourceLocation: location)
}
