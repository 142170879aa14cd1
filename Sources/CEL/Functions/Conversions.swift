import Chrono
import JSON

/// `int(x)`, `string(x)` and their like.
enum Conversions {
    static func convert(
        _ value: CELValue, _ function: Function, _ cost: inout CELCost
    ) throws(Fault) -> CELValue {
        switch value {
        case .string(let text): try cost.pay(bytes: text.utf8.count)
        case .bytes(let bytes): try cost.pay(bytes: bytes.count)
        default: break
        }
        switch function {
        case .bool: return .bool(try bool(value))
        case .int: return .int(try int(value))
        case .uint: return .uint(try uint(value))
        case .double: return .double(try double(value))
        case .string: return .string(try string(value))
        case .bytes: return .bytes(try bytes(value))
        case .timestamp: return .timestamp(try timestamp(value))
        default: return .duration(try duration(value))
        }
    }

    private static func bool(_ value: CELValue) throws(Fault) -> Bool {
        switch value {
        case .bool(let value): return value
        case .string("true"), .string("True"), .string("TRUE"), .string("t"), .string("1"): return true
        case .string("false"), .string("False"), .string("FALSE"), .string("f"), .string("0"): return false
        default: throw unreadable(value, "bool")
        }
    }

    private static func int(_ value: CELValue) throws(Fault) -> Int64 {
        switch value {
        case .int(let value): return value
        case .uint(let value):
            guard let value = Int64(exactly: value) else { throw outOfRange("int") }
            return value
        case .decimal(let number):
            guard let value = Int64(exactly: try whole(number, "int")) else { throw outOfRange("int") }
            return value
        case .double(let value):
            // The bounds themselves are refused: a double there may stand for numbers beyond.
            guard value > -0x1p63, value < 0x1p63 else { throw outOfRange("int") }
            return Int64(value)
        case .string(let text):
            guard let value = Int64(text) else { throw unreadable(value, "int") }
            return value
        case .timestamp(let time): return time.seconds
        default: throw unreadable(value, "int")
        }
    }

    private static func uint(_ value: CELValue) throws(Fault) -> UInt64 {
        switch value {
        case .uint(let value): return value
        case .int(let value):
            guard let value = UInt64(exactly: value) else { throw outOfRange("uint") }
            return value
        case .decimal(let number):
            guard let value = UInt64(exactly: try whole(number, "uint")) else { throw outOfRange("uint") }
            return value
        case .double(let value):
            guard value >= 0, value < 0x1p64 else { throw outOfRange("uint") }
            return UInt64(value)
        case .string(let text):
            guard let value = UInt64(text) else { throw unreadable(value, "uint") }
            return value
        default: throw unreadable(value, "uint")
        }
    }

    private static func double(_ value: CELValue) throws(Fault) -> Double {
        switch value {
        case .double(let value): return value
        case .decimal(let value): return Double(value.text) ?? .nan
        case .int(let value): return Double(value)
        case .uint(let value): return Double(value)
        case .string(let text):
            guard let value = Double(text) else { throw unreadable(value, "double") }
            return value
        default: throw unreadable(value, "double")
        }
    }

    static func string(_ value: CELValue) throws(Fault) -> String {
        switch value {
        case .string(let text): return text
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return String(value)
        case .uint(let value): return String(value)
        case .double(let value): return NumberText.of(value)
        case .number(let number): return number.text
        case .decimal(let number): return number.text
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Fault(.badConversion, "the bytes are no UTF-8")
            }
            return text
        case .timestamp(let time): return time.text
        case .duration(let duration): return duration.text
        default: throw unreadable(value, "string")
        }
    }

    private static func bytes(_ value: CELValue) throws(Fault) -> [UInt8] {
        switch value {
        case .bytes(let bytes): return bytes
        case .string(let text): return Array(text.utf8)
        default: throw unreadable(value, "bytes")
        }
    }

    private static func timestamp(_ value: CELValue) throws(Fault) -> CELTimestamp {
        switch value {
        case .timestamp(let time): return time
        case .string(let text): return try timestamp(text)
        case .int(let seconds):
            guard let time = CELTimestamp(seconds: seconds) else {
                throw Fault(.badConversion, "the seconds lie outside the years 0001 to 9999")
            }
            return time
        default: throw unreadable(value, "timestamp")
        }
    }

    static func timestamp(_ text: String) throws(Fault) -> CELTimestamp {
        guard let time = CELTimestamp(rfc3339: text) else {
            throw Fault(
                .badConversion, "\(quoted(text)) is no RFC 3339 time of the years 0001 to 9999",
                hint: "a time is written 2026-11-23T09:00:00Z")
        }
        return time
    }

    private static func duration(_ value: CELValue) throws(Fault) -> CELDuration {
        switch value {
        case .duration(let duration): return duration
        case .string(let text): return try duration(text)
        default: throw unreadable(value, "duration")
        }
    }

    static func duration(_ text: String) throws(Fault) -> CELDuration {
        guard let duration = CELDuration(text) else {
            throw Fault(
                .badConversion, "\(quoted(text)) is no duration within 292 years",
                hint: "a duration is written 1h30m, 90s or 250ms")
        }
        return duration
    }

    private static func whole(_ number: CELDecimal, _ type: String) throws(Fault) -> Int128 {
        guard let value = number.whole else {
            throw Fault(
                .badConversion, "\(number.text) is no \(type)",
                hint: "decimal.round(x, 0, mode) says how it becomes one")
        }
        return value
    }

    private static func unreadable(_ value: CELValue, _ type: String) -> Fault {
        if case .string(let text) = value { return Fault(.badConversion, "\(quoted(text)) is no \(type)") }
        return Fault(.noSuchOverload, "\(type)() cannot take \(value.typeText)")
    }

    private static func outOfRange(_ type: String) -> Fault { Fault(.overflow, "the number does not fit \(type)") }

    /// User data in messages is cut short.
    static func quoted(_ text: String) -> String {
        text.count <= 40 ? "'\(text)'" : "'\(text.prefix(40))…'"
    }
}

/// Doubles as `string()` writes them.
enum NumberText {
    /// The shortest digits that give the number again; whole numbers without a fraction, exponents below 1e-4 and
    /// from 1e21 up.
    static func of(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        let magnitude = value.magnitude
        if magnitude >= 0x1p53, magnitude < 1e21 { return whole(value) }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Swift turns to exponents at 2^54; the shortest digits are spread out instead.
    private static func whole(_ value: Double) -> String {
        let text = value.description
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        var digits = text[..<mark].filter { $0 != "." && $0 != "-" }
        digits += String(repeating: "0", count: max(0, exponent + 1 - digits.count))
        return (value < 0 ? "-" : "") + digits
    }
}
