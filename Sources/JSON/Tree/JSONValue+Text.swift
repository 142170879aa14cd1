extension JSONValue {
    /// Parses one document.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try JSONDocument.parse(bytes, limits: limits).root.value
    }

    /// Parses one document.
    public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// Compact JSON, members in their order.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Compact JSON in UTF-8, members in their order.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finish()
    }

    /// JSON for people: two spaces a level, one element or member a line.
    public var prettyText: String {
        var text = ""
        appendPretty(to: &text, indent: "")
        return text
    }

    private func appendPretty(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            var separator = "[\n"
            for element in elements {
                text += separator + inner
                element.appendPretty(to: &text, indent: inner)
                separator = ",\n"
            }
            text += "\n\(indent)]"
        case .object(let object) where !object.isEmpty:
            var separator = "{\n"
            for member in object {
                text += separator + inner + JSONValue.string(member.name).text + ": "
                member.value.appendPretty(to: &text, indent: inner)
                separator = ",\n"
            }
            text += "\n\(indent)}"
        default:
            text += self.text
        }
    }
}
