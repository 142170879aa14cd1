import Chrono
import JSON

/// A value of the language, over JSON data: `timestamp`, `duration`, `bytes`, `uint` and `type` come into being by
/// functions and host variables only.
public enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list(CELList)
    case map(CELMap)
    case timestamp(CELTimestamp)
    case duration(CELDuration)
    case type(CELTypeName)
    indirect case optional(CELValue?)
    /// A JSON number that is no 64-bit integer, with its digits: what an expression that only passes such a number on
    /// gives, so that `1.10` stays `1.10`. Everything that computes sees it as the nearest double.
    case number(JSONNumber)
    case decimal(CELDecimal)
}

/// Which numbers of JSON keep their digits while an expression moves them about.
public enum CELDigits: Sendable {
    /// All of them; what computes takes the nearest double.
    case all
    /// Those alone that stand in the result as they were read, directly or within a list or map that the expression
    /// wrote. What was decided by this rule is decided again by it.
    case ofResults
    /// None, where an expression computes.
    case none

    /// `passes`: nothing of the expression computes with the value.
    @inline(__always)
    func reading(_ passes: Bool) -> CELDigits { self == .all || passes ? self : .none }
}

/// What `type(x)` gives.
public enum CELTypeName: String, Sendable, Hashable, CaseIterable {
    case bool, int, uint, double, string, bytes, list, map, decimal
    case null = "null_type"
    case type
    case timestamp = "google.protobuf.Timestamp"
    case duration = "google.protobuf.Duration"
    case optional = "optional_type"
}

extension CELValue {
    /// JSON data as it is: objects and lists stay views and are decoded only as far as they are read. An integer
    /// literal that fits 64 bits is an int, any other number a double.
    public init(_ view: JSONView) {
        self = CELValue.reading(view, keepsDigits: false)
    }

    /// The same, but a number that is no 64-bit integer keeps its digits. What a host gives of JSON data has to be read
    /// so.
    public init(exactly view: JSONView) {
        self = CELValue.reading(view, keepsDigits: true)
    }

    static func reading(_ view: JSONView, keepsDigits: Bool) -> CELValue {
        switch view.kind {
        case .null: .null
        case .bool: .bool(view.boolValue ?? false)
        case .string: .string(view.stringValue ?? "")
        case .array: .list(CELList(view))
        case .object: .map(CELMap(view))
        case .number:
            if let value = view.int64Value {
                .int(value)
            } else if keepsDigits, let number = view.numberValue {
                .number(number)
            } else {
                // Beyond the range of a double it is infinite, as in arithmetic.
                .double(view.doubleValue ?? (view.text.utf8.first == UInt8(ascii: "-") ? -.infinity : .infinity))
            }
        }
    }

    public init(_ instant: Instant) { self = .timestamp(CELTimestamp(instant)) }

    public init(_ span: TimeSpan) { self = .duration(CELDuration(span)) }

    /// The number as arithmetic sees it.
    @inline(__always)
    var plain: CELValue {
        if case .number(let number) = self { .double(Double(number.text) ?? .nan) } else { self }
    }

    /// As it is read where digits go so far. What hosts make on demand goes on so.
    func read(_ digits: CELDigits) -> CELValue {
        if digits == .all { return self }
        return switch self {
        case .number: plain
        case .map(let map): .map(map.plain)
        case .list(let list): .list(list.plain)
        default: self
        }
    }

    var typeName: CELTypeName {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double, .number: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list
        case .map: .map
        case .timestamp: .timestamp
        case .duration: .duration
        case .type: .type
        case .optional: .optional
        case .decimal: .decimal
        }
    }

    /// How messages name its type.
    var typeText: String {
        switch typeName {
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .null: "null"
        case .optional: "optional"
        case let other: other.rawValue
        }
    }
}
