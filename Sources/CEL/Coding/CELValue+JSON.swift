import Chrono
import JSON

extension CELValue {
    /// As a JSON tree. See `write(to:cost:)` for what becomes of each type.
    public func json() throws(CELError) -> JSONValue {
        var cost = CELCost(limit: JSONCoding.ownLimit)
        return try json(cost: &cost)
    }

    /// The same, at the expense of a cost that is shared with the evaluation.
    public func json(cost: inout CELCost) throws(CELError) -> JSONValue {
        do {
            return try JSONCoding.tree(self, depth: 0, &cost)
        } catch {
            throw CELError(code: error.code, message: error.message, hint: error.hint)
        }
    }

    /// Writes one JSON value. What comes from JSON is copied byte by byte, digits and order included; timestamps are
    /// RFC 3339 with milliseconds, durations seconds like `90s`, bytes base64, keys of maps their text; an optional is
    /// its value or null.
    ///
    /// Doubles that are not finite, types, two keys with the same text, and nesting beyond 64 levels fail; the writer
    /// is then as it was before.
    public func write(to writer: inout JSONWriter) throws(CELError) {
        var cost = CELCost(limit: JSONCoding.ownLimit)
        try write(to: &writer, cost: &cost)
    }

    /// The same, at the expense of a cost that is shared with the evaluation.
    public func write(to writer: inout JSONWriter, cost: inout CELCost) throws(CELError) {
        var copy = writer
        do {
            try JSONCoding.write(self, to: &copy, depth: 0, &cost)
        } catch {
            throw CELError(code: error.code, message: error.message, hint: error.hint)
        }
        writer = copy
    }

    /// As a template inserts it into a longer text: strings as they are, numbers as written, booleans and null as
    /// words, times as RFC 3339 with milliseconds, durations as `90s`, lists and objects as compact JSON.
    public func templateText() throws(CELError) -> String {
        var cost = CELCost(limit: JSONCoding.ownLimit)
        return try templateText(cost: &cost)
    }

    /// The same, at the expense of a cost that is shared with the evaluation.
    public func templateText(cost: inout CELCost) throws(CELError) -> String {
        switch self {
        case .string(let text): return text
        case .timestamp(let time): return time.instant.rfc3339
        case .duration(let duration): return duration.text
        case .bytes(let bytes): return Base64.encode(bytes)
        case .optional(let inner?): return try inner.templateText(cost: &cost)
        default: return try json(cost: &cost).text
        }
    }
}

/// The way of values to JSON.
enum JSONCoding {
    /// What a conversion without a cost of its own may use: enough for everything that the service stores.
    static let ownLimit = 1_000_000
    /// The nesting that the service reads.
    static let maximumDepth = 64

    static func tree(_ value: CELValue, depth: Int, _ cost: inout CELCost) throws(Fault) -> JSONValue {
        try cost.pay(1)
        switch value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .number(JSONNumber(value))
        case .uint(let value): return .number(JSONNumber(value))
        case .number(let number): return .number(number)
        case .decimal(let number): return .number(try self.number(number))
        case .double(let value): return .number(try number(value))
        case .optional(let inner):
            return try inner.map { inner throws(Fault) in try tree(inner, depth: depth, &cost) } ?? .null
        case .type(let name): throw notJSON(name)
        case .string, .bytes, .timestamp, .duration: return .string(try text(value, &cost))
        case .list(let list):
            try descend(depth)
            if case .json(let view) = list.storage { return try tree(view, depth: depth, &cost) }
            var elements: [JSONValue] = []
            for position in 0..<list.count {
                guard let element = list.element(at: position, .all) else { continue }
                elements.append(try tree(element, depth: depth + 1, &cost))
            }
            return .array(elements)
        case .map(let map):
            try descend(depth)
            if case .json(let view) = map.storage { return try tree(view, depth: depth, &cost) }
            var object = JSONObject()
            for (name, value) in try members(map, &cost) { object[name] = try tree(value, depth: depth + 1, &cost) }
            return .object(object)
        }
    }

    static func write(
        _ value: CELValue, to writer: inout JSONWriter, depth: Int, _ cost: inout CELCost
    ) throws(Fault) {
        try cost.pay(1)
        switch value {
        case .null: writer.null()
        case .bool(let value): writer.value(value)
        case .int(let value): writer.value(value)
        case .uint(let value): writer.value(value)
        case .number(let number): writer.number(number)
        case .decimal(let number): writer.number(try self.number(number))
        case .double(let value): writer.number(try number(value))
        case .optional(let inner): try write(inner ?? .null, to: &writer, depth: depth, &cost)
        case .type(let name): throw notJSON(name)
        case .string, .bytes, .timestamp, .duration: writer.value(try text(value, &cost))
        case .list(let list):
            try descend(depth)
            if case .json(let view) = list.storage {
                try checkNesting(of: view, depth: depth, &cost)
                writer.value(view)
                return
            }
            writer.beginArray()
            for position in 0..<list.count {
                guard let element = list.element(at: position, .all) else { continue }
                try write(element, to: &writer, depth: depth + 1, &cost)
            }
            writer.endArray()
        case .map(let map):
            try descend(depth)
            if case .json(let view) = map.storage {
                try checkNesting(of: view, depth: depth, &cost)
                writer.value(view)
                return
            }
            writer.beginObject()
            for (name, value) in try members(map, &cost) {
                writer.name(name)
                try write(value, to: &writer, depth: depth + 1, &cost)
            }
            writer.endObject()
        }
    }

    private static func descend(_ depth: Int) throws(Fault) {
        if depth >= maximumDepth { throw Fault(.notJSON, "the value nests deeper than \(maximumDepth) levels") }
    }

    private static func tree(_ view: JSONView, depth: Int, _ cost: inout CELCost) throws(Fault) -> JSONValue {
        try checkNesting(of: view, depth: depth, &cost)
        try cost.pay(bytes: view.rawByteCount * 4)
        return view.value
    }

    /// What is put around a value that was read adds to its depth, and data may go through here again and again.
    private static func checkNesting(of view: JSONView, depth: Int, _ cost: inout CELCost) throws(Fault) {
        try cost.pay(bytes: view.rawByteCount)
        let deepest = view.withRawBytes { bytes in
            var level = 0
            var deepest = 0
            var isText = false
            var isEscaped = false
            for byte in bytes {
                if isText {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = true
                    } else if byte == UInt8(ascii: "\"") {
                        isText = false
                    }
                    continue
                }
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    level += 1
                    deepest = max(deepest, level)
                case UInt8(ascii: "]"), UInt8(ascii: "}"): level -= 1
                default: break
                }
            }
            return deepest
        }
        try descend(depth + deepest - 1)
    }

    private static func text(_ value: CELValue, _ cost: inout CELCost) throws(Fault) -> String {
        switch value {
        case .string(let text):
            try cost.pay(bytes: text.utf8.count)
            return text
        case .bytes(let bytes):
            try cost.pay(bytes: bytes.count * 2)
            return Base64.encode(bytes)
        case .timestamp(let time): return time.instant.rfc3339
        case .duration(let duration): return duration.text
        default: throw notJSON(value.typeName)
        }
    }

    private static func number(_ value: Double) throws(Fault) -> JSONNumber {
        guard let number = JSONNumber(value) else {
            throw Fault(.notJSON, "\(NumberText.of(value)) has no form in JSON")
        }
        return number
    }

    private static func number(_ value: CELDecimal) throws(Fault) -> JSONNumber {
        guard let number = JSONNumber(value.text) else { throw notJSON(.decimal) }
        return number
    }

    private static func notJSON(_ name: CELTypeName) -> Fault {
        Fault(.notJSON, "\(name.rawValue == "type" ? "a type" : "the type \(name.rawValue)") has no form in JSON")
    }

    /// Members under the text of their keys, which have to differ.
    private static func members(
        _ map: CELMap, _ cost: inout CELCost
    ) throws(Fault) -> [(name: String, value: CELValue)] {
        try cost.pay(map.count)
        var members: [(name: String, value: CELValue)] = []
        members.reserveCapacity(map.count)
        var hasOtherKeys = false
        for (key, value) in map.keepingDigits {
            switch key {
            case .string(let text):
                try cost.pay(bytes: text.utf8.count)
                members.append((text, value))
                continue
            case .int(let number): members.append((String(number), value))
            case .uint(let number): members.append((String(number), value))
            case .bool(let isTrue): members.append((isTrue ? "true" : "false", value))
            }
            hasOtherKeys = true
        }
        if hasOtherKeys, CELMap(members.map { (.string($0.name), $0.value) }) == nil {
            throw Fault(.notJSON, "two keys of the map have the same text")
        }
        return members
    }
}

extension CELMap {
    /// Entries as `write(to:)` needs them; JSON objects are copied whole before.
    var keepingDigits: [(key: CELKey, value: CELValue)] {
        if case .entries(let entries) = storage { entries.list } else { Array(entries(.all)) }
    }
}
