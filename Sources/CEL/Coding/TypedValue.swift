import Chrono
import JSON

/// Values with their types as JSON, as conformance cases write them: `{"int": "7"}`, `{"list": […]}`,
/// `{"map": [[key, value], …]}`, `{"timestamp": "…"}`.
enum TypedValue {
    /// Nil for what is no typed value.
    static func decode(_ json: JSONValue) -> CELValue? {
        guard let object = json.objectValue, object.count == 1, let member = object.members.first else { return nil }
        switch member.name {
        case "null": return .null
        case "bool": return member.value.boolValue.map { .bool($0) }
        case "int": return text(member.value).flatMap { Int64($0) }.map { .int($0) }
        case "uint": return text(member.value).flatMap { UInt64($0) }.map { .uint($0) }
        case "double": return text(member.value).flatMap { Double($0) }.map { .double($0) }
        case "decimal": return text(member.value).flatMap { try? DecimalFunctions.decimal($0) }.map { .decimal($0) }
        case "string": return member.value.stringValue.map { .string($0) }
        case "bytes":
            return member.value.stringValue.flatMap { Base64.decode($0.utf8, padding: .optional) }.map { .bytes($0) }
        case "type": return member.value.stringValue.flatMap { CELTypeName(rawValue: $0) }.map { .type($0) }
        case "timestamp": return member.value.stringValue.flatMap { CELTimestamp(rfc3339: $0) }.map { .timestamp($0) }
        case "duration": return member.value.stringValue.flatMap { CELDuration($0) }.map { .duration($0) }
        case "list": return member.value.arrayValue.flatMap { list($0) }
        case "map": return member.value.arrayValue.flatMap { map($0) }
        case "optional": return member.value.isNull ? .optional(nil) : decode(member.value).map { .optional($0) }
        default: return nil
        }
    }

    /// Numbers are written as text, because JSON's lose digits elsewhere; a plain one is taken too.
    private static func text(_ json: JSONValue) -> String? { json.stringValue ?? json.numberValue?.text }

    private static func list(_ elements: [JSONValue]) -> CELValue? {
        var values: [CELValue] = []
        for element in elements {
            guard let value = decode(element) else { return nil }
            values.append(value)
        }
        return .list(CELList(values))
    }

    private static func map(_ pairs: [JSONValue]) -> CELValue? {
        var entries: [(key: CELKey, value: CELValue)] = []
        for pair in pairs {
            guard let key = pair[0].flatMap(decode).flatMap({ CELKey($0) }), let value = pair[1].flatMap(decode) else {
                return nil
            }
            entries.append((key, value))
        }
        return CELMap(entries).map { .map($0) }
    }

    /// Costs like any conversion to JSON.
    static func encode(_ value: CELValue, _ cost: inout CELCost) throws(Fault) -> JSONValue {
        try cost.pay(1)
        switch value {
        case .null: return ["null": true]
        case .bool(let value): return ["bool": .bool(value)]
        case .int(let value): return ["int": .string(String(value))]
        case .uint(let value): return ["uint": .string(String(value))]
        case .double(let value): return ["double": .string(value.description)]
        case .number(let number): return ["double": .string(number.text)]
        case .decimal(let number): return ["decimal": .string(number.text)]
        case .string(let text):
            try cost.pay(bytes: text.utf8.count)
            return ["string": .string(text)]
        case .bytes(let bytes):
            try cost.pay(bytes: bytes.count)
            return ["bytes": .string(Base64.encode(bytes))]
        case .type(let name): return ["type": .string(name.rawValue)]
        case .timestamp(let time):
            let digits = fractionDigits(Int(time.nanoseconds))
            let parts = RFC3339.Time(seconds: time.seconds, nanoseconds: time.nanoseconds)
            return ["timestamp": .string(RFC3339.format(parts, fractionDigits: digits))]
        case .duration(let duration): return ["duration": .string(text(duration))]
        case .optional(let inner):
            guard let inner else { return ["optional": .null] }
            return ["optional": try encode(inner, &cost)]
        case .list(let list):
            var elements: [JSONValue] = []
            for element in list { elements.append(try encode(element, &cost)) }
            return ["list": .array(elements)]
        case .map(let map):
            var pairs: [JSONValue] = []
            for (key, value) in map {
                pairs.append(.array([try encode(key.value, &cost), try encode(value, &cost)]))
            }
            return ["map": .array(pairs)]
        }
    }

    /// Fractions of a second come in groups of three digits, as in the JSON form of protocol buffers.
    private static func fractionDigits(_ nanoseconds: Int) -> Int {
        if nanoseconds == 0 { return 0 }
        if nanoseconds % 1_000_000 == 0 { return 3 }
        return nanoseconds % 1000 == 0 ? 6 : 9
    }

    private static func text(_ duration: CELDuration) -> String {
        let (whole, rest) = duration.nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let sign = duration.nanoseconds < 0 ? "-" : ""
        let digits = fractionDigits(Int(rest))
        if digits == 0 { return "\(sign)\(whole)s" }
        let padded = String(repeating: "0", count: 9 - String(rest).utf8.count) + String(rest)
        return "\(sign)\(whole).\(padded.prefix(digits))s"
    }
}
