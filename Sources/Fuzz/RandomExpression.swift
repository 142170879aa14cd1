/// Expressions by the grammar of types: what is asked for is what comes out, but for one in `slips`.
struct RandomExpression {
    enum Kind: CaseIterable {
        case bool, int, uint, double, decimal, string, bytes, list, map, timestamp, duration, any
    }

    /// Expressions over the variables that are there, by what they give; `any` where nobody knows.
    var variables: [Kind: [String]]
    /// One part in so many is of another type than it should be; 0 for none.
    var slips = 0
    private var locals: [String] = []

    init(variables: [Kind: [String]], slips: Int = 0) {
        self.variables = variables
        self.slips = slips
    }

    mutating func make(_ wanted: Kind, depth: Int, _ random: inout SeededGenerator) -> String {
        let kind = slips > 0 && random.chance(slips) ? random.pick(Kind.allCases) : wanted
        if depth <= 0 || random.chance(6) { return leaf(kind, &random) }
        if random.chance(12) {
            let condition = make(.bool, depth: depth - 1, &random)
            return
                "(\(condition) ? \(make(kind, depth: depth - 1, &random)) : \(make(kind, depth: depth - 1, &random)))"
        }
        func sub(_ kind: Kind) -> String { make(kind, depth: depth - 1, &random) }
        switch kind {
        case .bool: return bool(depth, &random)
        case .int: return int(depth, &random)
        case .uint:
            switch random.below(3) {
            case 0: return "uint(\(sub(.int)))"
            case 1: return "math.bitXor(\(sub(.uint)), \(sub(.uint)))"
            default: return "(\(sub(.uint)) \(random.pick(["+", "-", "*", "/", "%"])) \(sub(.uint)))"
            }
        case .double:
            switch random.below(4) {
            case 0: return "double(\(sub(random.pick([.int, .uint, .string]))))"
            case 1: return "math.\(random.pick(["ceil", "floor", "round", "trunc", "abs", "sqrt"]))(\(sub(.double)))"
            default: return "(\(sub(.double)) \(random.pick(["+", "-", "*", "/"])) \(sub(.double)))"
            }
        case .decimal: return decimal(depth, &random)
        case .string: return string(depth, &random)
        case .bytes:
            switch random.below(3) {
            case 0: return "bytes(\(sub(.string)))"
            case 1: return "base64.decode(\(sub(.string)))"
            default: return "(\(sub(.bytes)) + \(sub(.bytes)))"
            }
        case .list: return list(depth, &random)
        case .map:
            switch random.below(3) {
            case 0: return "{\(sub(.string)): \(sub(.any)), \(sub(.int)): \(sub(.any))}"
            case 1:
                let body = within(["k", "v"], .any, depth, &random)
                return "\(sub(.map)).transformMap(k, v, \(body))"
            default: return "{?'a': optional.ofNonZeroValue(\(sub(.any)))}"
            }
        case .timestamp:
            switch random.below(3) {
            case 0: return "timestamp(\(sub(random.pick([.int, .string]))))"
            default: return "(\(sub(.timestamp)) \(random.pick(["+", "-"])) \(sub(.duration)))"
            }
        case .duration:
            switch random.below(3) {
            case 0: return "duration(\(sub(.string)))"
            case 1: return "(\(sub(.timestamp)) - \(sub(.timestamp)))"
            default: return "(\(sub(.duration)) \(random.pick(["+", "-"])) \(sub(.duration)))"
            }
        case .any:
            switch random.below(8) {
            case 0: return "\(sub(.list))[\(sub(.int))]"
            case 1: return "\(sub(.map))[\(sub(.string))]"
            case 2: return "\(sub(.map)).?a.orValue(\(sub(.any)))"
            case 3: return "dyn(\(sub(random.pick(Kind.allCases))))"
            case 4: return "cel.bind(z, \(sub(.any)), \(within(["z"], .any, depth, &random)))"
            case 5: return "\(sub(.list)).first().value()"
            default: return sub(random.pick(Kind.allCases))
            }
        }
    }

    private mutating func bool(_ depth: Int, _ random: inout SeededGenerator) -> String {
        func sub(_ kind: Kind) -> String { make(kind, depth: depth - 1, &random) }
        let kind = random.pick([Kind.int, .uint, .double, .decimal, .string, .bytes, .timestamp, .duration, .any])
        switch random.below(10) {
        case 0: return "!\(sub(.bool))"
        case 1, 2: return "(\(sub(.bool)) \(random.pick(["&&", "||"])) \(sub(.bool)))"
        case 3: return "(\(sub(kind)) \(random.pick(["==", "!="])) \(sub(kind)))"
        case 4: return "(\(sub(kind)) \(random.pick(["<", "<=", ">", ">="])) \(sub(kind)))"
        case 5:
            let body = within(["x"], .bool, depth, &random)
            return "\(sub(random.pick([.list, .map]))).\(random.pick(["all", "exists", "exists_one"]))(x, \(body))"
        case 6: return "(\(sub(.any)) in \(sub(random.pick([.list, .map]))))"
        case 7: return "\(sub(.string)).\(random.pick(["contains", "startsWith", "endsWith"]))(\(sub(.string)))"
        case 8:
            let patterns = ["'(a+)+$'", "'^[a-z]*x?'", "r'\\w{2,5}|\\d'", "'.*.*.*a'", "'(?i)ÄB'", sub(.string)]
            return "\(sub(.string)).matches(\(random.pick(patterns)))"
        default: return "has(\(sub(.map)).\(random.pick(["a", "b", "name"])))"
        }
    }

    private mutating func int(_ depth: Int, _ random: inout SeededGenerator) -> String {
        func sub(_ kind: Kind) -> String { make(kind, depth: depth - 1, &random) }
        switch random.below(9) {
        case 6: return "decimal.scale(\(sub(.decimal)))"
        case 0: return "size(\(sub(random.pick([.string, .bytes, .list, .map]))))"
        case 1: return "int(\(sub(random.pick([.double, .decimal, .uint, .string, .timestamp]))))"
        case 2: return "-\(sub(.int))"
        case 3: return "\(sub(.string)).\(random.pick(["indexOf", "lastIndexOf"]))(\(sub(.string)))"
        case 4:
            let part = random.pick(["getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours", "getSeconds"])
            let zone = random.pick(["", "'UTC'", "'+02:00'", "'Europe/Berlin'", sub(.string)])
            return "\(sub(.timestamp)).\(part)(\(zone))"
        case 5: return "math.\(random.pick(["greatest", "least"]))(\(sub(.int)), \(sub(.int)))"
        default: return "(\(sub(.int)) \(random.pick(["+", "-", "*", "/", "%"])) \(sub(.int)))"
        }
    }

    private mutating func decimal(_ depth: Int, _ random: inout SeededGenerator) -> String {
        func sub(_ kind: Kind) -> String { make(kind, depth: depth - 1, &random) }
        let scale = random.pick(["0", "2", "33", "35", sub(.int)])
        let mode = random.pick(["", ", 'half_even'", ", 'half_up'", ", 'up'", ", 'down'", ", \(sub(.string))"])
        switch random.below(8) {
        case 0: return "decimal(\(sub(random.pick([.int, .uint, .double, .string, .any]))))"
        case 1: return "decimal.div(\(sub(.decimal)), \(sub(random.pick([.decimal, .int]))), \(scale)\(mode))"
        case 2: return "decimal.round(\(sub(.decimal)), \(scale)\(mode))"
        case 3: return "decimal.sum(\(sub(.list)).map(x, decimal(\(within(["x"], .any, depth, &random)))))"
        case 4: return "-\(sub(.decimal))"
        default:
            return
                "(\(sub(.decimal)) \(random.pick(["+", "-", "*", "/", "%"])) \(sub(random.pick([.decimal, .int]))))"
        }
    }

    private mutating func string(_ depth: Int, _ random: inout SeededGenerator) -> String {
        func sub(_ kind: Kind) -> String { make(kind, depth: depth - 1, &random) }
        switch random.below(10) {
        case 0, 1: return "(\(sub(.string)) + \(sub(.string)))"
        case 2:
            let kinds = [Kind.int, .uint, .double, .decimal, .bool, .timestamp, .duration, .bytes]
            return "string(\(sub(random.pick(kinds))))"
        case 3: return "\(sub(.string)).\(random.pick(["lowerAscii", "upperAscii", "trim", "reverse"]))()"
        case 4: return "\(sub(.string)).replace(\(sub(.string)), \(sub(.string)))"
        case 5: return "\(sub(.string)).substring(\(sub(.int)))"
        case 6: return "\(sub(.list)).join(\(sub(.string)))"
        case 7:
            let formats = ["'%s'", "'%d %x'", "'%.20f|%e'", "'%b%o'", sub(.string)]
            return "\(random.pick(formats)).format(\(sub(.list)))"
        case 8: return "base64.encode(\(sub(.bytes)))"
        default: return "strings.quote(\(sub(.string)))"
        }
    }

    private mutating func list(_ depth: Int, _ random: inout SeededGenerator) -> String {
        func sub(_ kind: Kind) -> String { make(kind, depth: depth - 1, &random) }
        let element = random.pick(Kind.allCases)
        switch random.below(7) {
        case 0: return "[\(sub(element)), \(sub(element))]"
        case 1: return "[\(sub(element)), ?optional.of(\(sub(element)))]"
        case 2: return "(\(sub(.list)) + \(sub(.list)))"
        case 3: return "\(sub(.list)).map(x, \(within(["x"], element, depth, &random)))"
        case 4: return "\(sub(.list)).filter(x, \(within(["x"], .bool, depth, &random)))"
        case 5: return "\(sub(.string)).split(\(sub(.string)))"
        default: return "\(sub(.map)).transformList(k, v, \(within(["k", "v"], element, depth, &random)))"
        }
    }

    /// A part that may use further variables.
    private mutating func within(
        _ names: [String], _ kind: Kind, _ depth: Int, _ random: inout SeededGenerator
    ) -> String {
        locals += names
        defer { locals.removeLast(names.count) }
        return make(kind, depth: depth - 1, &random)
    }

    private func leaf(_ kind: Kind, _ random: inout SeededGenerator) -> String {
        if let names = variables[kind], !names.isEmpty, random.chance(2) { return random.pick(names) }
        if !locals.isEmpty, random.chance(3) { return random.pick(locals) }
        switch kind {
        case .bool: return random.pick(["true", "false"])
        case .int:
            return random.pick([
                "0", "1", "-1", "2", "7", "0x1F", "1000", "9223372036854775807", "-9223372036854775808",
            ])
        case .uint: return random.pick(["0u", "1u", "3u", "18446744073709551615u"])
        case .double: return random.pick(["0.0", "-0.5", "1.5", "1e300", "2.5e-10", "double('nan')", "double('inf')"])
        case .decimal:
            return random.pick([
                "decimal('0')", "decimal('-0.10')", "decimal('9999999999999999999999999999999999')", "decimal('1e-30')",
                "decimal(7)", "decimal('12345.678')", "decimal('1e-6176')",
            ])
        case .string: return quoted(RandomJSON.text(&random))
        case .bytes: return random.pick(["b''", "b'abc'", "b'\\xff\\x00'", "b'ü'"])
        case .list:
            return random.pick([
                "[]", "[1, 2, 3]", "['a', 'b']", "[[1], [2]]", "[null, 1, 'a']", "[1, 2, 3, 4, 5, 6, 7, 8]",
            ])
        case .map: return random.pick(["{}", "{'a': 1}", "{'a': {'b': 2}, 'name': 'x'}", "{1: 2, true: 3}"])
        case .timestamp:
            return random.pick([
                "timestamp('2026-07-01T12:00:00Z')", "timestamp('0001-01-01T00:00:00Z')",
                "timestamp('9999-12-31T23:59:59.999999999Z')", "timestamp(0)",
            ])
        case .duration: return random.pick(["duration('1h')", "duration('-0.5s')", "duration('87660000h')"])
        case .any: return random.pick(["null", "1", "'a'", "true", "[1]", "{'a': 1}", "type(1)", "optional.none()"])
        }
    }

    private func quoted(_ text: String) -> String {
        var quoted = "'"
        for scalar in text.unicodeScalars.prefix(40) {
            switch scalar {
            case "'", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "'"
    }
}
