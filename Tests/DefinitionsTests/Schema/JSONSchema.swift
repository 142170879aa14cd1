import Foundation
import JSON

/// As much of JSON Schema (draft 2020-12) as the schema of definitions uses.
struct JSONSchema {
    struct UnknownKeyword: Error {
        let pointer: String
        let keyword: String
    }

    let root: JSONValue

    /// Fails for a keyword that would be passed over in silence, and for a reference to nothing.
    init(_ root: JSONValue) throws {
        self.root = root
        try check(root, at: "#")
    }

    /// The places of the instance that do not fit; empty if it is valid.
    func faults(_ instance: JSONValue) -> [String] {
        var faults: [String] = []
        validate(instance, root, at: "", &faults)
        return faults
    }

    private static let annotations: Set = ["$schema", "$id", "$comment", "title", "description", "default"]
    private static let plain: Set = [
        "type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "maxItems",
        "minProperties", "required", "$ref",
    ]
    private static let one: Set = ["not", "if", "then", "else", "items", "additionalProperties", "propertyNames"]
    private static let list: Set = ["allOf", "anyOf", "oneOf"]
    private static let named: Set = ["properties", "$defs"]

    private func check(_ schema: JSONValue, at pointer: String) throws {
        guard let object = schema.objectValue else {
            guard schema.boolValue != nil else { throw UnknownKeyword(pointer: pointer, keyword: schema.text) }
            return
        }
        for (keyword, value) in object.members {
            if Self.one.contains(keyword) {
                try check(value, at: "\(pointer)/\(keyword)")
            } else if Self.list.contains(keyword) {
                for (index, schema) in (value.arrayValue ?? []).enumerated() {
                    try check(schema, at: "\(pointer)/\(keyword)/\(index)")
                }
            } else if Self.named.contains(keyword) {
                for (name, schema) in value.objectValue?.members ?? [] {
                    try check(schema, at: "\(pointer)/\(keyword)/\(name)")
                }
            } else if keyword == "$ref" {
                guard let target = value.stringValue, resolve(target) != nil else {
                    throw UnknownKeyword(pointer: pointer, keyword: value.text)
                }
            } else if !Self.annotations.contains(keyword), !Self.plain.contains(keyword) {
                throw UnknownKeyword(pointer: pointer, keyword: keyword)
            }
        }
    }

    func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        var schema: JSONValue? = root
        for part in reference.dropFirst(2).split(separator: "/") { schema = schema?[String(part)] }
        return schema
    }

    private func isValid(_ instance: JSONValue, _ schema: JSONValue) -> Bool {
        var faults: [String] = []
        validate(instance, schema, at: "", &faults)
        return faults.isEmpty
    }

    private func validate(_ instance: JSONValue, _ schema: JSONValue, at pointer: String, _ faults: inout [String]) {
        if let allowed = schema.boolValue {
            if !allowed { faults.append("\(pointer): nothing fits here") }
            return
        }
        func fail(_ keyword: String) { faults.append("\(pointer): \(keyword)") }
        if let reference = schema["$ref"]?.stringValue, let target = resolve(reference) {
            validate(instance, target, at: pointer, &faults)
        }
        if let type = schema["type"] {
            let names = type.arrayValue?.compactMap(\.stringValue) ?? [type.stringValue ?? ""]
            if !names.contains(where: { Self.isType(instance, $0) }) { fail("type") }
        }
        if let values = schema["enum"]?.arrayValue, !values.contains(instance) { fail("enum") }
        if let value = schema["const"], value != instance { fail("const") }
        validateText(instance, schema, fail)
        validateNumber(instance, schema, fail)
        for schema in schema["allOf"]?.arrayValue ?? [] { validate(instance, schema, at: pointer, &faults) }
        if let schemas = schema["anyOf"]?.arrayValue, !schemas.contains(where: { isValid(instance, $0) }) {
            fail("anyOf")
        }
        if let schemas = schema["oneOf"]?.arrayValue, schemas.filter({ isValid(instance, $0) }).count != 1 {
            fail("oneOf")
        }
        if let schema = schema["not"], isValid(instance, schema) { fail("not") }
        if let condition = schema["if"] {
            let branch = isValid(instance, condition) ? schema["then"] : schema["else"]
            if let branch { validate(instance, branch, at: pointer, &faults) }
        }
        if let elements = instance.arrayValue {
            if let limit = schema["maxItems"]?.doubleValue, Double(elements.count) > limit { fail("maxItems") }
            if let schema = schema["items"] {
                for (index, element) in elements.enumerated() {
                    validate(element, schema, at: "\(pointer)/\(index)", &faults)
                }
            }
        }
        if let object = instance.objectValue { validateObject(object, schema, at: pointer, &faults) }
    }

    private func validateText(_ instance: JSONValue, _ schema: JSONValue, _ fail: (String) -> Void) {
        guard let text = instance.stringValue else { return }
        let length = Double(text.unicodeScalars.count)
        if let limit = schema["minLength"]?.doubleValue, length < limit { fail("minLength") }
        if let limit = schema["maxLength"]?.doubleValue, length > limit { fail("maxLength") }
        if let pattern = schema["pattern"]?.stringValue,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            fail("pattern")
        }
    }

    private func validateNumber(_ instance: JSONValue, _ schema: JSONValue, _ fail: (String) -> Void) {
        guard let number = instance.doubleValue else { return }
        if let limit = schema["minimum"]?.doubleValue, number < limit { fail("minimum") }
        if let limit = schema["maximum"]?.doubleValue, number > limit { fail("maximum") }
    }

    private func validateObject(
        _ object: JSONObject, _ schema: JSONValue, at pointer: String, _ faults: inout [String]
    ) {
        for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where object[name] == nil {
            faults.append("\(pointer): required \(name)")
        }
        if let limit = schema["minProperties"]?.doubleValue, Double(object.count) < limit {
            faults.append("\(pointer): minProperties")
        }
        for (name, value) in object.members {
            let place = "\(pointer)/\(name)"
            if let schema = schema["propertyNames"] { validate(.string(name), schema, at: place, &faults) }
            if let schema = schema["properties"]?[name] {
                validate(value, schema, at: place, &faults)
            } else if let schema = schema["additionalProperties"] {
                validate(value, schema, at: place, &faults)
            }
        }
    }

    private static func isType(_ instance: JSONValue, _ name: String) -> Bool {
        switch name {
        case "object": instance.objectValue != nil
        case "array": instance.arrayValue != nil
        case "string": instance.stringValue != nil
        case "boolean": instance.boolValue != nil
        case "null": instance.isNull
        case "number": instance.numberValue != nil
        case "integer": instance.doubleValue.map { $0.rounded() == $0 } ?? false
        default: false
        }
    }
}
