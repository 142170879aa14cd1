import JSON

/// `decimal(x)` and the functions of decimals.
enum DecimalFunctions {
    /// Rounding to more digits than fit never works.
    static let largestScale = CELDecimal.maximumDigits

    static func call(_ function: Function, _ arguments: Arguments, _ cost: inout CELCost) throws(Fault) -> CELValue {
        switch function {
        case .decimal: return .decimal(try decimal(arguments.first, &cost))
        case .decimalScale: return .int(Int64(try operand(arguments.first, function, arguments).scale))
        case .decimalSum:
            guard case .list(let list) = arguments.first else { throw Functions.noOverload(function, arguments) }
            try cost.pay(list.count * 2)
            var sum = CELDecimal(0 as Int64)
            for element in list.elements(.all) { sum = try CELDecimal.sum(sum, try summand(element, &cost)) }
            return .decimal(sum)
        case .decimalRound:
            try cost.pay(4)
            let number = try operand(arguments.first, function, arguments)
            return .decimal(
                try number.rounded(
                    scale: try scale(arguments.second, function, arguments),
                    try rounding(arguments.count > 2 ? arguments.third : nil, function, arguments)))
        default:
            try cost.pay(4)
            let (dividend, divisor) = (
                try operand(arguments.first, function, arguments), try operand(arguments.second, function, arguments)
            )
            return .decimal(
                try CELDecimal.quotient(
                    dividend, divisor, scale: try scale(arguments.third, function, arguments),
                    try rounding(arguments.count > 3 ? arguments.fourth : nil, function, arguments)))
        }
    }

    /// A number of the data is one by its digits.
    private static func summand(_ element: CELValue, _ cost: inout CELCost) throws(Fault) -> CELDecimal {
        if let number = exact(element) { return number }
        if case .number = element { return try decimal(element, &cost) }
        throw Fault(
            .noSuchOverload, "decimal.sum() cannot add \(element.typeText)",
            hint: "each element has to be a decimal: list.map(x, decimal(x))")
    }

    /// What takes part in the arithmetic of decimals: decimals and integers.
    @inline(__always)
    static func exact(_ value: CELValue) -> CELDecimal? {
        switch value {
        case .decimal(let number): number
        case .int(let number): CELDecimal(number)
        case .uint(let number): CELDecimal(number)
        default: nil
        }
    }

    /// `decimal(x)`: from digits only. A double that was computed has digits nobody wrote.
    private static func decimal(_ value: CELValue, _ cost: inout CELCost) throws(Fault) -> CELDecimal {
        switch value {
        case .string(let text):
            try cost.pay(bytes: text.utf8.count)
            return try decimal(text)
        case .number(let number):
            try cost.pay(bytes: number.text.utf8.count)
            return try decimal(number.text)
        default:
            if let number = exact(value) { return number }
            throw Fault(
                .noSuchOverload, "decimal() cannot take \(value.typeText)",
                hint: value.typeName == .double ? doubleHint : nil)
        }
    }

    static func decimal(_ text: String) throws(Fault) -> CELDecimal {
        if let number = try CELDecimal.reading(text) { return number }
        throw Fault(
            .badConversion, "\(Conversions.quoted(text)) is no decimal", hint: "a decimal is written decimal('12.50')")
    }

    static let doubleHint =
        "a double that was computed has lost its digits: write them as text, decimal('0.10'), or convert the number as"
        + " it came, decimal(event.data.amount)"

    private static func operand(
        _ value: CELValue, _ function: Function, _ arguments: Arguments
    ) throws(Fault) -> CELDecimal {
        guard let number = exact(value) else {
            var fault = Functions.noOverload(function, arguments)
            if value.typeName == .double { fault.hint = OperatorHints.decimalAndDouble }
            throw fault
        }
        return number
    }

    private static func scale(
        _ value: CELValue, _ function: Function, _ arguments: Arguments
    ) throws(Fault) -> Int {
        guard case .int(let scale) = value else { throw Functions.noOverload(function, arguments) }
        guard scale >= 0, scale <= largestScale else {
            throw Fault(.invalidArgument, "a scale is a number from 0 to \(largestScale)")
        }
        return Int(scale)
    }

    private static func rounding(
        _ value: CELValue?, _ function: Function, _ arguments: Arguments
    ) throws(Fault) -> DecimalRounding {
        guard let value else { return .halfEven }
        guard case .string(let text) = value else { throw Functions.noOverload(function, arguments) }
        return try rounding(text)
    }

    static func rounding(_ text: String) throws(Fault) -> DecimalRounding {
        if let rounding = DecimalRounding(rawValue: text) { return rounding }
        let known = DecimalRounding.allCases.map(\.rawValue)
        throw Fault(
            .invalidArgument, "\(Conversions.quoted(text)) is no way of rounding",
            hint: Hints.didYouMean(text, among: known) ?? "known: \(known.joined(separator: ", "))")
    }
}
