import JSON

/// `"%s and %.2f".format([…])` of the strings extension.
enum Formatting {
    private static let maximumPrecision = 1000

    static func format(
        _ template: String, _ values: CELList, _ cost: inout CELCost, _ digits: CELDigits
    ) throws(Fault) -> String {
        try cost.pay(bytes: template.utf8.count)
        var result = ""
        var next = 0
        var rest = template.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                result += "%"
                continue
            }
            let precision = try precision(&rest)
            guard let verb = rest.popFirst() else {
                throw Fault(.invalidArgument, "the format ends inside a clause")
            }
            // Arguments of JSON lists are walked to.
            try cost.pay(2 + next >> 4)
            guard let value = values.element(at: next, digits.reading(false)) else {
                throw Fault(.invalidArgument, "the format has more clauses than its \(values.count) arguments")
            }
            next += 1
            let text = try clause(verb, precision, verb == "s" ? value : value.plain, &cost)
            try cost.pay(bytes: text.utf8.count)
            result += text
        }
        return result
    }

    private static func precision(_ rest: inout Substring.UnicodeScalarView) throws(Fault) -> Int? {
        guard rest.first == "." else { return nil }
        rest.removeFirst()
        var precision: Int?
        while let scalar = rest.first, let byte = UInt8(exactly: scalar.value), Lexer.isDigit(byte) {
            precision = min((precision ?? 0) * 10 + Int(byte - UInt8(ascii: "0")), maximumPrecision + 1)
            rest.removeFirst()
        }
        guard let precision, precision <= maximumPrecision else {
            throw Fault(.invalidArgument, "a precision is a number up to \(maximumPrecision)")
        }
        return precision
    }

    private static func clause(
        _ verb: Unicode.Scalar, _ precision: Int?, _ value: CELValue, _ cost: inout CELCost
    ) throws(Fault) -> String {
        switch (verb, value) {
        case ("s", _): return try text(value, &cost)
        case ("d", .int(let number)): return String(number)
        case ("d", .uint(let number)): return String(number)
        case ("d", .decimal(let number)):
            guard let whole = number.whole else {
                throw Fault(.invalidArgument, "'%d' cannot format \(number.text), which has a fraction")
            }
            return String(whole)
        case ("d", .double(let number)) where !number.isFinite: return NumberText.of(number)
        case ("f", .int), ("f", .uint), ("f", .double):
            return try decimal(value, &cost) { $0.fixed(precision ?? 6) }
        case ("e", .int), ("e", .uint), ("e", .double):
            return try decimal(value, &cost) { $0.scientific(precision ?? 6) }
        case ("f", .decimal(let number)): return try number.fixed(precision ?? 6)
        case ("b", .bool(let isTrue)): return isTrue ? "1" : "0"
        case ("b", .int(let number)): return String(number, radix: 2)
        case ("b", .uint(let number)): return String(number, radix: 2)
        case ("o", .int(let number)): return String(number, radix: 8)
        case ("o", .uint(let number)): return String(number, radix: 8)
        case ("x", .int(let number)), ("X", .int(let number)): return String(number, radix: 16, uppercase: verb == "X")
        case ("x", .uint(let number)), ("X", .uint(let number)):
            return String(number, radix: 16, uppercase: verb == "X")
        case ("x", .string(let text)), ("X", .string(let text)):
            return try hexadecimal(Array(text.utf8), isUpper: verb == "X", &cost)
        case ("x", .bytes(let bytes)), ("X", .bytes(let bytes)):
            return try hexadecimal(bytes, isUpper: verb == "X", &cost)
        case ("d", _), ("f", _), ("e", _), ("b", _), ("o", _), ("x", _), ("X", _):
            throw Fault(.invalidArgument, "'%\(verb)' cannot format \(value.typeText)")
        default:
            throw Fault(.invalidArgument, "unknown clause '%\(verb)'", hint: "known: %s %d %f %e %b %o %x %X %%")
        }
    }

    private static func decimal(
        _ value: CELValue, _ cost: inout CELCost, _ write: (ExactDecimal) -> String
    ) throws(Fault) -> String {
        let number: Double
        switch value {
        case .int(let value): number = Double(value)
        case .uint(let value): number = Double(value)
        case .double(let value): number = value
        default: number = .nan
        }
        guard number.isFinite else { return NumberText.of(number) }
        // All digits of the smallest number are some 800.
        try cost.pay(number.magnitude < 0x1p-64 || number.magnitude > 0x1p64 ? 1000 : 50)
        return write(ExactDecimal(number))
    }

    private static func hexadecimal(
        _ bytes: [UInt8], isUpper: Bool, _ cost: inout CELCost
    ) throws(Fault) -> String {
        try cost.pay(bytes: bytes.count * 4)
        let digits = Array((isUpper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `%s`: text without quotes, also inside lists and maps; entries of maps by the text of their keys.
    private static func text(_ value: CELValue, _ cost: inout CELCost) throws(Fault) -> String {
        try cost.pay(1)
        switch value {
        case .null: return "null"
        case .type(let name): return name.rawValue
        case .list(let list):
            var parts = "["
            for (position, element) in list.enumerated() {
                let part = try text(element, &cost)
                try cost.pay(bytes: part.utf8.count)
                if position > 0 { parts += ", " }
                parts += part
            }
            return parts + "]"
        case .map(let map):
            var entries: [(key: String, value: String)] = []
            for (key, value) in map {
                entries.append((try Conversions.string(key.value), try text(value, &cost)))
            }
            // Sorting costs more than its size alone.
            try cost.pay(entries.count * 4)
            entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            let text = entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
            try cost.pay(bytes: text.utf8.count)
            return "{\(text)}"
        case .optional:
            throw Fault(.invalidArgument, "'%s' cannot format an optional")
        default:
            let text = try Conversions.string(value)
            try cost.pay(bytes: text.utf8.count)
            return text
        }
    }
}
