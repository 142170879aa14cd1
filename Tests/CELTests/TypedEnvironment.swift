import CEL
import JSON

/// Compiles with a checker and evaluates in one go.
func compute(
    _ source: String, _ variables: [(CELVariable, CELValue?)] = [], limit: Int = 100_000
) throws(CELError) -> CELValue {
    let environment = CELEnvironment(variables: variables.map(\.0), timeZones: SystemTimeZones())
    let program = try CELProgram(source, in: environment)
    var cost = CELCost(limit: limit)
    return try program.evaluate(CELValues(variables.map(\.1)), cost: &cost)
}

/// The same over one JSON document under the name `data`, the result written as JSON.
func json(_ source: String, data: String = "null") throws -> String {
    let document = try JSONDocument.parse(data)
    let value = try compute(source, [(CELVariable("data"), CELValue(document.root))])
    var writer = JSONWriter()
    try value.write(to: &writer)
    return String(decoding: writer.finish(), as: UTF8.self)
}

/// The fault of compiling or evaluating.
func fault(_ source: String, _ variables: [(CELVariable, CELValue?)] = [], limit: Int = 100_000) -> CELError? {
    do {
        _ = try compute(source, variables, limit: limit)
        return nil
    } catch {
        return error
    }
}

struct Event: CELRecord {
    static let type = CELRecordType(
        "event", ["id": .string, "type": .string, "time": .timestamp, "data": .dyn, "correlation_id": .string])
    var data: JSONView

    var memberNames: [String] { ["id", "type", "time", "data", "correlation_id"] }

    func member(_ name: String) -> CELValue? {
        switch name {
        case "id": .string("e1")
        case "type": .string("OrderPlaced")
        case "time": CELTimestamp(rfc3339: "2026-11-23T09:00:00.5Z").map { .timestamp($0) }
        case "data": CELValue(data)
        case "correlation_id": .null
        default: nil
        }
    }
}
