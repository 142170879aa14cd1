import JSON

/// Evaluates arguments and hands them to the function.
extension Evaluator {
    mutating func call(
        _ node: Plan.Node, _ function: Function, _ first: Int, _ count: Int
    ) throws(Fault) -> CELValue {
        if function == .greatest || function == .least {
            return try extremum(node, function, first, count)
        }
        var arguments = Arguments(count: count)
        if count > 0 { arguments.first = try evaluate(plan.parts.children[first].node) }
        if count > 1 { arguments.second = try evaluate(plan.parts.children[first + 1].node) }
        if count > 2 { arguments.third = try evaluate(plan.parts.children[first + 2].node) }
        if count > 3 { arguments.fourth = try evaluate(plan.parts.children[first + 3].node) }
        failing = .node(node)
        if !function.takesDigits { arguments.lose() }
        return try Functions.call(function, arguments, &cost, timeZones, digits)
    }

    private mutating func extremum(
        _ node: Plan.Node, _ function: Function, _ first: Int, _ count: Int
    ) throws(Fault) -> CELValue {
        var values: [CELValue] = []
        for child in plan.parts.children[first..<first + count] { values.append(try evaluate(child.node)) }
        failing = .node(node)
        if values.count == 1, case .list(let list) = values[0] {
            try cost.pay(list.count)
            values = Array(list.elements(digits.reading(false)))
        }
        return try MathFunctions.extremum(values, wanted: function == .greatest ? .after : .before)
    }
}

/// Up to four arguments without an allocation; a method's receiver is the first.
struct Arguments {
    var count: Int
    var first = CELValue.null
    var second = CELValue.null
    var third = CELValue.null
    var fourth = CELValue.null

    init(count: Int) {
        self.count = count
    }

    /// Numbers become what is computed with.
    @inline(__always)
    mutating func lose() {
        if case .number = first { first = first.plain }
        if case .number = second { second = second.plain }
        if case .number = third { third = third.plain }
        if case .number = fourth { fourth = fourth.plain }
    }
}

enum Functions {
    static func call(
        _ function: Function, _ arguments: Arguments, _ cost: inout CELCost, _ timeZones: (any CELTimeZones)?,
        _ digits: CELDigits
    ) throws(Fault) -> CELValue {
        switch function {
        case .dyn: return arguments.first
        case .type: return .type(arguments.first.typeName)
        case .size: return try size(arguments.first, &cost)
        case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration:
            return try Conversions.convert(arguments.first, function, &cost)
        case .contains, .startsWith, .endsWith, .matches:
            return .bool(try StringFunctions.test(function, arguments, &cost))
        case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear, .getHours, .getMinutes,
            .getSeconds, .getMilliseconds:
            return .int(try TimeFunctions.part(function, arguments, timeZones))
        case .charAt, .indexOf, .lastIndexOf, .join, .lowerAscii, .upperAscii, .replace, .split, .substring, .trim,
            .reverse, .quote:
            return try StringFunctions.call(function, arguments, &cost)
        case .format:
            guard case .string(let template) = arguments.first, case .list(let values) = arguments.second else {
                throw noOverload(function, arguments)
            }
            return .string(try Formatting.format(template, values, &cost, digits))
        case .ceil, .floor, .round, .trunc, .sqrt, .abs, .sign, .isNaN, .isInf, .isFinite, .bitAnd, .bitOr, .bitXor,
            .bitNot, .bitShiftLeft, .bitShiftRight, .greatest, .least:
            return try MathFunctions.call(function, arguments)
        case .base64Encode:
            guard case .bytes(let bytes) = arguments.first else { throw noOverload(function, arguments) }
            try cost.pay(bytes: bytes.count * 2)
            return .string(Base64.encode(bytes))
        case .base64Decode:
            guard case .string(let text) = arguments.first else { throw noOverload(function, arguments) }
            try cost.pay(bytes: text.utf8.count)
            guard let bytes = Base64.decode(text.utf8, padding: .optional) else {
                throw Fault(.invalidArgument, "the text is no base64")
            }
            return .bytes(bytes)
        case .optionalNone, .optionalOf, .optionalOfNonZeroValue, .hasValue, .value, .or, .orValue, .unwrap, .first,
            .last:
            return try OptionalFunctions.call(function, arguments, &cost, digits)
        case .decimal, .decimalDivide, .decimalRound, .decimalSum, .decimalScale:
            return try DecimalFunctions.call(function, arguments, &cost)
        }
    }

    private static func size(_ value: CELValue, _ cost: inout CELCost) throws(Fault) -> CELValue {
        switch value {
        case .string(let text):
            try cost.pay(bytes: text.utf8.count)
            return .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): return .int(Int64(bytes.count))
        case .list(let list): return .int(Int64(list.count))
        case .map(let map): return .int(Int64(map.count))
        default: throw noOverload("size", value)
        }
    }

    static func noOverload(_ name: String, _ value: CELValue) -> Fault {
        Fault(.noSuchOverload, "'\(name)' cannot take \(value.typeText)")
    }

    static func noOverload(_ function: Function, _ arguments: Arguments) -> Fault {
        let all = [arguments.first, arguments.second, arguments.third, arguments.fourth]
        let types = all[..<arguments.count].map(\.typeText).joined(separator: ", ")
        return Fault(.noSuchOverload, "\(function)() cannot take \(types)")
    }
}
