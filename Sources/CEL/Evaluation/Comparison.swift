import JSON

/// Equality and order. Numbers compare by their mathematical value across types; other types are never equal.
enum Comparison {
    static func equal(
        _ left: CELValue, _ right: CELValue, _ cost: inout CELCost, _ digits: CELDigits
    ) throws(Fault) -> Bool {
        try cost.pay(1)
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.int(let left), .int(let right)): return left == right
        case (.uint(let left), .uint(let right)): return left == right
        case (.double(let left), .double(let right)): return left == right
        case (.string(let left), .string(let right)):
            try cost.pay(bytes: min(left.utf8.count, right.utf8.count))
            return ExactText.sameBytes(left, right)
        case (.bytes(let left), .bytes(let right)):
            try cost.pay(bytes: min(left.count, right.count))
            return left == right
        case (.timestamp(let left), .timestamp(let right)): return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.type(let left), .type(let right)): return left == right
        case (.list(let left), .list(let right)): return try equal(left, right, &cost, digits)
        case (.map(let left), .map(let right)): return try equal(left, right, &cost, digits)
        case (.optional(let left), .optional(let right)):
            guard let left, let right else { return left == nil && right == nil }
            return try equal(left, right, &cost, digits)
        case (.decimal, .double), (.decimal, .number), (.double, .decimal), (.number, .decimal):
            throw Operators.mismatch(.equal, left, right)
        case (.number, _), (_, .number):
            if let order = LongInteger.order(left, right) { return order == 0 }
            return try equal(left.plain, right.plain, &cost, digits)
        default: return order(left, right) == .same
        }
    }

    private static func equal(
        _ left: CELList, _ right: CELList, _ cost: inout CELCost, _ digits: CELDigits
    ) throws(Fault) -> Bool {
        guard left.count == right.count else { return false }
        var others = right.elements(digits.reading(false)).makeIterator()
        for element in left.elements(digits.reading(false)) {
            guard let other = others.next(), try equal(element, other, &cost, digits) else { return false }
        }
        return true
    }

    private static func equal(
        _ left: CELMap, _ right: CELMap, _ cost: inout CELCost, _ digits: CELDigits
    ) throws(Fault) -> Bool {
        guard left.count == right.count else { return false }
        for (key, value) in left.entries(digits.reading(false)) {
            if case .json(let view) = right.storage { try cost.pay(view.count >> 3) }
            guard let other = right.value(key, digits.reading(false)), try equal(value, other, &cost, digits) else {
                return false
            }
        }
        return true
    }

    static func ordered(
        _ operation: BinaryOperator, _ left: CELValue, _ right: CELValue, _ cost: inout CELCost
    ) throws(Fault) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): try cost.pay(bytes: min(left.utf8.count, right.utf8.count))
        case (.bytes(let left), .bytes(let right)): try cost.pay(bytes: min(left.count, right.count))
        default: break
        }
        guard let order = order(left, right) else { throw Operators.mismatch(operation, left, right) }
        switch operation {
        case .less: return order == .before
        case .lessOrEqual: return order == .before || order == .same
        case .greater: return order == .after
        default: return order == .after || order == .same
        }
    }

    enum Order {
        case before, same, after
        /// NaN is neither.
        case none

        init<Value: Comparable>(_ left: Value, _ right: Value) {
            self = left < right ? .before : left > right ? .after : left == right ? .same : .none
        }

        var reversed: Order {
            switch self {
            case .before: .after
            case .after: .before
            default: self
            }
        }
    }

    /// Nil for types that have no order.
    static func order(_ left: CELValue, _ right: CELValue) -> Order? {
        switch (left, right) {
        case (.int(let left), .int(let right)): Order(left, right)
        case (.uint(let left), .uint(let right)): Order(left, right)
        case (.double(let left), .double(let right)): Order(left, right)
        case (.int(let left), .uint(let right)): left < 0 ? .before : Order(left.magnitude, right)
        case (.uint(let left), .int(let right)): right < 0 ? .after : Order(left, right.magnitude)
        case (.int(let left), .double(let right)): order(left, right)
        case (.double(let left), .int(let right)): order(right, left).reversed
        case (.uint(let left), .double(let right)): order(left, right)
        case (.double(let left), .uint(let right)): order(right, left).reversed
        case (.string(let left), .string(let right)): order(left, right)
        case (.bool(let left), .bool(let right)): Order(left ? 1 : 0, right ? 1 : 0)
        case (.bytes(let left), .bytes(let right)):
            left == right ? .same : left.lexicographicallyPrecedes(right) ? .before : .after
        case (.timestamp(let left), .timestamp(let right)): Order(left, right)
        case (.duration(let left), .duration(let right)): Order(left, right)
        case (.decimal, .decimal), (.decimal, .int), (.decimal, .uint), (.int, .decimal), (.uint, .decimal):
            DecimalFunctions.exact(left).flatMap { left in
                DecimalFunctions.exact(right).map { Order(CELDecimal.order(left, $0), 0) }
            }
        case (.number, .decimal), (.decimal, .number): nil
        case (.number, _), (_, .number):
            LongInteger.order(left, right).map { Order($0, 0) } ?? order(left.plain, right.plain)
        default: nil
        }
    }

    /// By code points, which is the order of UTF-8 bytes; `String` has another one.
    private static func order(_ left: String, _ right: String) -> Order {
        Order(ExactText.order(left, right), 0)
    }

    /// As a double, and so rounded beyond 2^53, which is what the conformance suite asks for.
    private static func order(_ left: Int64, _ right: Double) -> Order { Order(Double(left), right) }

    private static func order(_ left: UInt64, _ right: Double) -> Order { Order(Double(left), right) }
}
