import JSON

/// Arithmetic: nothing converts, nothing wraps around.
enum Operators {
    static func apply(
        _ operation: BinaryOperator, _ left: CELValue, _ right: CELValue, _ cost: inout CELCost, _ digits: CELDigits
    ) throws(Fault) -> CELValue {
        switch operation {
        case .equal: return .bool(try Comparison.equal(left, right, &cost, digits))
        case .notEqual: return .bool(try !Comparison.equal(left, right, &cost, digits))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return .bool(try Comparison.ordered(operation, left, right, &cost))
        case .in: return .bool(try contains(right, left, &cost, digits))
        case .add, .subtract, .multiply, .divide, .remainder: break
        }
        switch (left, right) {
        case (.int(let left), .int(let right)): return .int(try integer(operation, left, right))
        case (.uint(let left), .uint(let right)): return .uint(try integer(operation, left, right))
        case (.double(let left), .double(let right)) where operation != .remainder:
            return .double(double(operation, left, right))
        case (.string(let left), .string(let right)) where operation == .add:
            try cost.pay(bytes: left.utf8.count + right.utf8.count)
            return .string(left + right)
        case (.bytes(let left), .bytes(let right)) where operation == .add:
            try cost.pay(bytes: left.count + right.count)
            return .bytes(left + right)
        case (.list(let left), .list(let right)) where operation == .add:
            try cost.pay(left.count + right.count)
            return .list(
                CELList(Array(left.elements(digits.reading(false))) + Array(right.elements(digits.reading(false)))))
        case (.duration(let left), .duration(let right)) where operation == .add || operation == .subtract:
            return .duration(CELDuration(nanoseconds: try integer(operation, left.nanoseconds, right.nanoseconds)))
        case (.timestamp(let time), .duration(let duration)) where operation == .add || operation == .subtract:
            let sign: Int64 = operation == .add ? 1 : -1
            let (signed, overflow) = duration.nanoseconds.multipliedReportingOverflow(by: sign)
            guard !overflow, let sum = time.adding(CELDuration(nanoseconds: signed)) else { throw outOfTime() }
            return .timestamp(sum)
        case (.duration(let duration), .timestamp(let time)) where operation == .add:
            guard let sum = time.adding(duration) else { throw outOfTime() }
            return .timestamp(sum)
        case (.timestamp(let left), .timestamp(let right)) where operation == .subtract:
            guard let difference = left.since(right) else { throw outOfTime() }
            return .duration(difference)
        case (.number, _), (_, .number): return try apply(operation, left.plain, right.plain, &cost, digits)
        case (.decimal, _), (_, .decimal): return .decimal(try decimal(operation, left, right))
        default: throw mismatch(operation, left, right)
        }
    }

    static func mismatch(_ operation: BinaryOperator, _ left: CELValue, _ right: CELValue) -> Fault {
        Fault(
            .noSuchOverload, "'\(operation.text)' cannot take \(left.typeText) and \(right.typeText)",
            hint: OperatorHints.mixing(operation, left.typeText, right.typeText))
    }

    private static func outOfTime() -> Fault {
        Fault(.overflow, "the result lies outside the years 0001 to 9999, or is a duration beyond 292 years")
    }

    private static func integer<Number: FixedWidthInteger>(
        _ operation: BinaryOperator, _ left: Number, _ right: Number
    ) throws(Fault) -> Number {
        let result: (partialValue: Number, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        default:
            if right == 0 { throw Fault(.divisionByZero, "division by zero") }
            result =
                operation == .divide
                ? left.dividedReportingOverflow(by: right) : left.remainderReportingOverflow(dividingBy: right)
        }
        if result.overflow { throw Fault(.overflow, "the result does not fit 64 bits") }
        return result.partialValue
    }

    /// With a decimal on one side; integers become decimals, and nothing else does.
    private static func decimal(
        _ operation: BinaryOperator, _ left: CELValue, _ right: CELValue
    ) throws(Fault) -> CELDecimal {
        guard let first = DecimalFunctions.exact(left), let second = DecimalFunctions.exact(right) else {
            throw mismatch(operation, left, right)
        }
        switch operation {
        case .add: return try CELDecimal.sum(first, second)
        case .subtract: return try CELDecimal.sum(first, second.negated)
        case .multiply: return try CELDecimal.product(first, second)
        default: throw mismatch(operation, left, right)
        }
    }

    private static func double(_ operation: BinaryOperator, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        default: left / right
        }
    }

    /// `left in right`.
    private static func contains(
        _ container: CELValue, _ wanted: CELValue, _ cost: inout CELCost, _ digits: CELDigits
    ) throws(Fault) -> Bool {
        switch container {
        case .list(let list):
            for element in list.elements(digits.reading(false))
            where try Comparison.equal(element, wanted, &cost, digits) {
                return true
            }
            return false
        case .map(let map):
            if case .json(let view) = map.storage { try cost.pay(view.count >> 3) }
            guard let key = CELKey(lookingUp: wanted.plain) else {
                if wanted.typeName == .double || wanted.typeName == .decimal { return false }
                throw mismatch(.in, wanted, container)
            }
            return map[key] != nil
        default: throw mismatch(.in, wanted, container)
        }
    }
}
