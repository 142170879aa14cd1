/// Operators and the types they take.
extension Checker {
    mutating func unary(
        _ operation: UnaryOperator, count: Int, _ operand: Int, at offset: Int
    ) throws(CompileFault) -> Typed {
        let typed = try compile(operand)
        switch operation {
        case .not:
            try require(typed, .bool, "the operand of '!'", at: offset)
            return emit(.not(typed.node, count: Int32(count)), .bool, at: offset)
        case .negate:
            switch typed.type {
            case .int, .double, .decimal, .dyn: break
            default:
                if !environment.isUnchecked {
                    throw CompileFault(.typeFault, "'-' cannot negate \(typed.type.text)", at: offset)
                }
            }
            return emit(.negate(typed.node, count: Int32(count)), typed.type, at: offset)
        }
    }

    mutating func logic(_ isAnd: Bool, _ operands: [Int], at offset: Int) throws(CompileFault) -> Typed {
        var children: [Plan.Child] = []
        for operand in operands {
            let typed = try compile(operand)
            try require(typed, .bool, "an operand of '\(isAnd ? "&&" : "||")'", at: tree.offsets[operand])
            children.append(.init(node: typed.node))
        }
        let (first, count) = emit(children: children)
        return emit(isAnd ? .and(first: first, count: count) : .or(first: first, count: count), .bool, at: offset)
    }

    mutating func chain(_ first: Int, _ steps: [SyntaxTree.Step]) throws(CompileFault) -> Typed {
        let start = try compile(first)
        var type = start.type
        var isRounded = start.isRounded || start.type.mayBeDouble
        var children = [Plan.Child(node: start.node)]
        for step in steps {
            let operand = try compile(step.operand)
            if step.operation.isExact, start.isRounded || operand.isRounded, type.mayBeDouble, operand.type.mayBeDouble
            {
                warnings.append(
                    CompileFault(
                        .typeFault,
                        "'\(step.operation.text)' compares what was computed from numbers that may be doubles",
                        at: step.offset, hint: OperatorHints.inexact))
            }
            type = try result(of: step.operation, type, operand.type, at: step.offset)
            // Numbers of different types do not mix: an int among them says what the others are.
            isRounded = isRounded && operand.type.mayBeDouble && step.operation.isArithmetic
            children.append(.init(node: operand.node, tag: step.operation.rawValue, offset: Int32(step.offset)))
        }
        let offset = steps[0].offset
        if steps.count == 1 {
            var typed = emit(.binary(steps[0].operation, children[0].node, children[1].node), type, at: offset)
            typed.isRounded = isRounded
            return typed
        }
        let (first, count) = emit(children: children)
        var typed = emit(.chain(first: first, count: count), type, at: offset)
        typed.isRounded = isRounded
        return typed
    }

    private func result(
        of operation: BinaryOperator, _ left: CELType, _ right: CELType, at offset: Int
    ) throws(CompileFault) -> CELType {
        let type = Checker.result(of: operation, left, right)
        if let type { return type }
        if environment.isUnchecked { return .dyn }
        throw CompileFault(
            .typeFault, "'\(operation.text)' cannot take \(left.text) and \(right.text)", at: offset,
            hint: OperatorHints.mixing(operation, left.text, right.text))
    }

    /// Nil if no values of these types can be taken.
    private static func result(of operation: BinaryOperator, _ left: CELType, _ right: CELType) -> CELType? {
        switch operation {
        case .equal, .notEqual: return left.isComparable(to: right) ? .bool : nil
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            if left.isNumber, right.isNumber { return left.isComparable(to: right) ? .bool : nil }
            guard left.fits(right) else { return nil }
            return left.isOrdered && right.isOrdered ? .bool : nil
        case .in:
            switch right {
            case .dyn: return .bool
            case .list(let element): return left.isComparable(to: element) ? .bool : nil
            case .map(let key, _): return left.isComparable(to: key) ? .bool : nil
            case .record: return left.fits(.string) ? .bool : nil
            default: return nil
            }
        case .add, .subtract, .multiply, .divide, .remainder:
            if left == .dyn || right == .dyn { return arithmeticWithDyn(operation, left == .dyn ? right : left) }
            return arithmetic(operation, left, right)
        }
    }

    private static func arithmetic(_ operation: BinaryOperator, _ left: CELType, _ right: CELType) -> CELType? {
        switch (left, right) {
        case (.int, .int), (.uint, .uint): return left
        case (.double, .double): return operation == .remainder ? nil : left
        case (.decimal, .decimal), (.decimal, .int), (.decimal, .uint), (.int, .decimal), (.uint, .decimal):
            return operation == .divide || operation == .remainder ? nil : .decimal
        case (.string, .string), (.bytes, .bytes): return operation == .add ? left : nil
        case (.list(let element), .list(let other)):
            return operation == .add ? .list(element.joined(other)) : nil
        case (.duration, .duration): return operation == .add || operation == .subtract ? .duration : nil
        case (.timestamp, .duration): return operation == .add || operation == .subtract ? .timestamp : nil
        case (.duration, .timestamp): return operation == .add ? .timestamp : nil
        case (.timestamp, .timestamp): return operation == .subtract ? .duration : nil
        default: return nil
        }
    }

    /// One operand is known only when it is evaluated.
    private static func arithmeticWithDyn(_ operation: BinaryOperator, _ known: CELType) -> CELType? {
        switch known {
        case .dyn, .duration, .timestamp:
            operation == .add || operation == .subtract || known == .dyn ? .dyn : nil
        // It may be a decimal.
        case .int, .uint: operation == .divide || operation == .remainder ? known : .dyn
        case .decimal: operation == .divide || operation == .remainder ? nil : known
        case .double: operation == .remainder ? nil : known
        case .string, .bytes: operation == .add ? known : nil
        case .list: operation == .add ? .list(.dyn) : nil
        default: nil
        }
    }
}

extension BinaryOperator {
    /// A rounded number on the brink falls to the wrong side.
    fileprivate var isExact: Bool {
        switch self {
        case .equal, .notEqual, .lessOrEqual, .greaterOrEqual: true
        default: false
        }
    }

    fileprivate var isArithmetic: Bool {
        switch self {
        case .add, .subtract, .multiply, .divide: true
        default: false
        }
    }
}

extension CELType {
    fileprivate var mayBeDouble: Bool { self == .dyn || self == .double }

    fileprivate var isOrdered: Bool {
        switch self {
        case .dyn, .bool, .int, .uint, .double, .decimal, .string, .bytes, .timestamp, .duration: true
        default: false
        }
    }
}

enum OperatorHints {
    static let inexact =
        "0.1 + 0.2 is not 0.3 among doubles: compute with decimals, decimal(data.paid) + decimal(event.data.amount), or"
        + " read whole numbers with int()"

    static let decimalAndDouble =
        "decimals and doubles do not mix: read a number of the data by its digits, decimal(event.data.amount), and write"
        + " others as text, decimal('0.10')"

    /// The traps of a language that converts nothing by itself.
    static func mixing(_ operation: BinaryOperator, _ left: String, _ right: String) -> String? {
        let numbers: Set = ["int", "uint", "double", "decimal"]
        if left == "decimal" || right == "decimal" {
            if operation == .divide { return "decimals are divided by decimal.div(a, b, scale)" }
            if left == "double" || right == "double" { return decimalAndDouble }
            if left == "string" || right == "string" { return "a decimal in a string is read with decimal()" }
            if numbers.contains(left), numbers.contains(right) { return nil }
        }
        if numbers.contains(left), numbers.contains(right), left != right {
            return "numbers of different types do not mix: convert one with \(left)() or \(right)()"
        }
        let hasString = left == "string" || right == "string"
        let hasTime = left == "timestamp" || right == "timestamp"
        let hasDuration = left == "duration" || right == "duration"
        if operation == .in, right == "string" { return "text is searched with contains(): x.contains(…)" }
        if operation == .in, right == "dyn" || left == "dyn" { return nil }
        if hasString, hasTime, operation != .add, operation != .subtract {
            return "a time in a string is read with timestamp()"
        }
        if hasString, hasTime || hasDuration { return "a length of time in a string is read with duration()" }
        if hasTime || hasDuration, !numbers.isDisjoint(with: [left, right]) {
            return "a length of time is written as in duration('90m')"
        }
        if hasString, !numbers.isDisjoint(with: [left, right]), operation != .add {
            return "a number in a string is read with int() or double()"
        }
        if hasString, operation == .add { return "text and other values do not mix: convert one with string()" }
        return nil
    }
}
