/// The math extension.
enum MathFunctions {
    static func call(_ function: Function, _ arguments: Arguments) throws(Fault) -> CELValue {
        let (first, second) = (arguments.first, arguments.second)
        switch function {
        case .ceil, .floor, .round, .trunc:
            guard case .double(let value) = first else { throw Functions.noOverload(function, arguments) }
            switch function {
            case .ceil: return .double(value.rounded(.up))
            case .floor: return .double(value.rounded(.down))
            case .round: return .double(value.rounded(.toNearestOrAwayFromZero))
            default: return .double(value.rounded(.towardZero))
            }
        case .isNaN, .isInf, .isFinite:
            guard case .double(let value) = first else { throw Functions.noOverload(function, arguments) }
            return .bool(function == .isNaN ? value.isNaN : function == .isInf ? value.isInfinite : value.isFinite)
        case .sqrt:
            switch first {
            case .double(let value): return .double(value.squareRoot())
            case .int(let value): return .double(Double(value).squareRoot())
            case .uint(let value): return .double(Double(value).squareRoot())
            default: throw Functions.noOverload(function, arguments)
            }
        case .abs:
            switch first {
            case .int(.min): throw Fault(.overflow, "the result does not fit a 64-bit integer")
            case .int(let value): return .int(Swift.abs(value))
            case .uint: return first
            case .double(let value): return .double(value.magnitude)
            case .decimal(let value): return .decimal(value.absolute)
            default: throw Functions.noOverload(function, arguments)
            }
        case .sign:
            switch first {
            case .int(let value): return .int(value.signum())
            case .uint(let value): return .uint(value == 0 ? 0 : 1)
            case .double(let value): return .double(value > 0 ? 1 : value < 0 ? -1 : value)
            case .decimal(let value): return .decimal(CELDecimal(value.isZero ? 0 : value.isNegative ? -1 : 1 as Int64))
            default: throw Functions.noOverload(function, arguments)
            }
        case .bitNot:
            switch first {
            case .int(let value): return .int(~value)
            case .uint(let value): return .uint(~value)
            default: throw Functions.noOverload(function, arguments)
            }
        case .bitAnd, .bitOr, .bitXor:
            switch (first, second) {
            case (.int(let left), .int(let right)): return .int(bits(function, left, right))
            case (.uint(let left), .uint(let right)): return .uint(bits(function, left, right))
            default: throw Functions.noOverload(function, arguments)
            }
        default:
            guard case .int(let count) = second else { throw Functions.noOverload(function, arguments) }
            if count < 0 { throw Fault(.invalidArgument, "bits cannot be shifted by a negative number") }
            switch first {
            // The sign is a bit like the others.
            case .int(let value): return .int(Int64(bitPattern: shifted(function, UInt64(bitPattern: value), count)))
            case .uint(let value): return .uint(shifted(function, value, count))
            default: throw Functions.noOverload(function, arguments)
            }
        }
    }

    private static func bits<Number: FixedWidthInteger>(
        _ function: Function, _ left: Number, _ right: Number
    ) -> Number {
        switch function {
        case .bitAnd: left & right
        case .bitOr: left | right
        default: left ^ right
        }
    }

    private static func shifted(_ function: Function, _ value: UInt64, _ count: Int64) -> UInt64 {
        if count > 63 { return 0 }
        return function == .bitShiftLeft ? value << UInt64(count) : value >> UInt64(count)
    }

    /// The first of the values that no other one beats; its type stays.
    static func extremum(_ values: [CELValue], wanted: Comparison.Order) throws(Fault) -> CELValue {
        guard var best = values.first else { throw Fault(.invalidArgument, "an empty list has no such element") }
        for value in values {
            switch value {
            case .int, .uint, .double, .number, .decimal: break
            default: throw Fault(.noSuchOverload, "only numbers can be compared here, not \(value.typeText)")
            }
            guard let order = Comparison.order(value, best) else {
                throw Fault(
                    .noSuchOverload, "\(value.typeText) and \(best.typeText) cannot be compared here",
                    hint: OperatorHints.decimalAndDouble)
            }
            if order == wanted { best = value }
        }
        return best
    }
}
