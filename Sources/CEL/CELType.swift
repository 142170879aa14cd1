/// What is known about a value before there is one.
public indirect enum CELType: Sendable, Hashable {
    /// Anything; checked when it is evaluated.
    case dyn
    case null
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case decimal
    case timestamp
    case duration
    case list(CELType)
    case map(CELType, CELType)
    case type
    case optional(CELType)
    /// An object with fixed members: another name is an error of the check. Any member may be null.
    case record(CELRecordType)
}

/// The members of a host object, see `CELRecord`.
public struct CELRecordType: Sendable, Hashable {
    /// As messages name it.
    public var name: String
    public var fields: [String: CELType]

    public init(_ name: String, _ fields: [String: CELType]) {
        self.name = name
        self.fields = fields
    }
}

extension CELType {
    /// How messages name it.
    public var text: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .decimal: "decimal"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .list: "list"
        case .map: "map"
        case .type: "type"
        case .optional: "optional"
        case .record(let record): record.name
        }
    }

    var isNumber: Bool {
        switch self {
        case .int, .uint, .double, .decimal: true
        default: false
        }
    }

    /// Whether a value of this type can be one of the other.
    func fits(_ other: CELType) -> Bool {
        switch (self, other) {
        case (.dyn, _), (_, .dyn): true
        case (.list(let left), .list(let right)), (.optional(let left), .optional(let right)): left.fits(right)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            key.fits(otherKey) && value.fits(otherValue)
        case (.record, .map(let key, _)), (.map(let key, _), .record): key.fits(.string)
        case (.record, .record): true
        default: self == other
        }
    }

    /// Whether `==` between the two can ever hold. Numbers compare across types, and anything may be null.
    func isComparable(to other: CELType) -> Bool {
        switch (self, other) {
        case (.null, _), (_, .null): true
        case (.list(let left), .list(let right)), (.optional(let left), .optional(let right)):
            left.isComparable(to: right)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            key.isComparable(to: otherKey) && value.isComparable(to: otherValue)
        case (.decimal, .double), (.double, .decimal): false
        default: isNumber && other.isNumber || fits(other)
        }
    }

    /// The type of a value that is one or the other.
    func joined(_ other: CELType) -> CELType { self == other ? self : .dyn }
}
