/// One thing that is wrong with a definition, or that looks wrong.
public struct DefinitionFault: Sendable, Hashable {
    /// The place in the document, a JSON Pointer (RFC 6901); empty for the whole.
    public var pointer: String
    public var message: String
    /// The character inside the expression at `pointer`, counted from 1.
    public var column: Int?
    /// What was probably meant.
    public var hint: String?

    public init(pointer: String, message: String, column: Int? = nil, hint: String? = nil) {
        self.pointer = pointer
        self.message = message
        self.column = column
        self.hint = hint
    }
}

/// Why a document is no definition: everything that is wrong with it, in the order of reading.
public struct DefinitionFaults: Error, Sendable, Hashable {
    public var faults: [DefinitionFault]

    public init(_ faults: [DefinitionFault]) {
        self.faults = faults
    }
}

/// Places in a document (RFC 6901).
enum JSONPointer {
    static func child(_ pointer: String, _ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return "\(pointer)/\(name)"
        }
        var escaped = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(pointer)/\(escaped)"
    }
}
