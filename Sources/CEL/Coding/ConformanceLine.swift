import JSON

/// Answers one conformance case, an object with `expr` and perhaps `bindings` (name to typed value):
/// `{"value": <typed value>}` or `{"error": "<message>"}`.
///
/// Without a checker, as most of the suite wants it: unknown names and unfitting types fail when they are reached.
public func evaluateConformanceLine(
    _ json: JSONValue, timeZones: (any CELTimeZones)? = nil
) -> JSONValue {
    do {
        return ["value": try evaluateTyped(json, timeZones)]
    } catch {
        return ["error": .string(error.description)]
    }
}

private func evaluateTyped(_ json: JSONValue, _ timeZones: (any CELTimeZones)?) throws(CELError) -> JSONValue {
    guard let source = json["expr"]?.stringValue else {
        throw CELError(code: .invalidArgument, message: "the case has no text 'expr'")
    }
    var variables: [CELVariable] = []
    var values: [CELValue?] = []
    for (name, typed) in json["bindings"]?.objectValue?.members ?? [] {
        guard let value = TypedValue.decode(typed) else {
            throw CELError(code: .invalidArgument, message: "the binding '\(name)' is no typed value")
        }
        variables.append(CELVariable(name))
        values.append(value)
    }
    let environment = CELEnvironment(variables: variables, timeZones: timeZones, isUnchecked: true)
    let program = try CELProgram(source, in: environment)
    var cost = CELCost()
    let value = try program.evaluate(CELValues(values), cost: &cost)
    do {
        return try TypedValue.encode(value, &cost)
    } catch {
        throw CELError(code: error.code, message: error.message, hint: error.hint)
    }
}
