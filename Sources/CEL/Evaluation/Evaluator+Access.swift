import JSON

/// Members of maps and elements of lists, also through optionals.
extension Evaluator {
    mutating func select(
        _ node: Plan.Node, _ operand: Plan.Node, _ name: String, _ kept: CELDigits
    ) throws(Fault) -> CELValue {
        let container = try evaluate(operand)
        failing = .node(node)
        switch container {
        case .map(let map):
            guard let value = try member(map, name, kept) else {
                throw Fault(.noSuchKey, "there is no '\(name)' here")
            }
            return value
        case .optional: return .optional(try optionalMember(container, name, kept))
        default: throw Evaluator.noField(name, container)
        }
    }

    mutating func optionalMember(
        _ container: CELValue, _ name: String, _ kept: CELDigits
    ) throws(Fault) -> CELValue? {
        switch container {
        case .map(let map): return try member(map, name, kept)
        case .optional(let inner):
            guard let inner else { return nil }
            return try optionalMember(inner, name, kept)
        default: throw Evaluator.noField(name, container)
        }
    }

    mutating func has(_ container: CELValue, _ name: String) throws(Fault) -> Bool {
        try optionalMember(container, name, .none) != nil
    }

    /// Members of JSON are searched one after the other, and a text is copied.
    private mutating func member(_ map: CELMap, _ name: String, _ kept: CELDigits) throws(Fault) -> CELValue? {
        if case .json(let view) = map.storage {
            try cost.pay(view.count >> 3)
            guard let found = view[name] else { return nil }
            return try read(found, kept)
        }
        return map.member(name, kept)
    }

    mutating func read(_ view: JSONView, _ kept: CELDigits) throws(Fault) -> CELValue {
        let value = CELValue.reading(view, keepsDigits: kept != .none)
        switch value {
        case .string(let text): try cost.pay(bytes: text.utf8.count)
        case .double, .number: try cost.pay(bytes: view.rawByteCount)
        default: break
        }
        return value
    }

    mutating func element(
        _ container: CELValue, _ key: CELValue, _ kept: CELDigits
    ) throws(Fault) -> CELValue {
        switch container {
        case .list(let list):
            let position = try Evaluator.position(key)
            guard let value = try element(list, position, kept) else {
                throw Fault(.noSuchKey, "the list has \(list.count) elements, none at \(position ?? -1)")
            }
            return value
        case .map(let map):
            guard let value = try element(map, key, kept) else {
                throw Fault(.noSuchKey, "there is no \(Evaluator.describe(key)) here")
            }
            return value
        case .optional: return .optional(try optionalElement(container, key, kept))
        default: throw Fault(.noSuchOverload, "\(container.typeText) has no elements")
        }
    }

    mutating func optionalElement(
        _ container: CELValue, _ key: CELValue, _ kept: CELDigits
    ) throws(Fault) -> CELValue? {
        switch container {
        case .list(let list): return try element(list, try Evaluator.position(key), kept)
        case .map(let map): return try element(map, key, kept)
        case .optional(let inner):
            guard let inner else { return nil }
            return try optionalElement(inner, key, kept)
        default: throw Fault(.noSuchOverload, "\(container.typeText) has no elements")
        }
    }

    private mutating func element(
        _ list: CELList, _ position: Int?, _ kept: CELDigits
    ) throws(Fault) -> CELValue? {
        guard let position else { return nil }
        if case .json(let view) = list.storage {
            // Elements of JSON are walked to.
            if position > 0, position < view.count { try cost.pay(position >> 4) }
            guard let found = view[position] else { return nil }
            return try read(found, kept)
        }
        return list.element(at: position, kept)
    }

    private mutating func element(
        _ map: CELMap, _ key: CELValue, _ kept: CELDigits
    ) throws(Fault) -> CELValue? {
        switch key.plain {
        case .string(let name): return try member(map, name, kept)
        case .bool, .int, .uint, .double, .decimal:
            guard let key = CELKey(lookingUp: key.plain) else { return nil }
            return map.value(key, kept)
        default: throw Fault(.noSuchOverload, "\(key.typeText) cannot be a key of a map")
        }
    }

    /// Nil for a whole number that no list reaches.
    private static func position(_ key: CELValue) throws(Fault) -> Int? {
        switch key.plain {
        case .int(let value): return Int(value)
        case .uint(let value): return Int(exactly: value)
        case .double(let value):
            if value.isFinite, value != value.rounded(.towardZero) {
                throw Fault(.noSuchOverload, "a position in a list is a whole number")
            }
            return Int(exactly: value)
        case .decimal(let value):
            guard let whole = value.whole else {
                throw Fault(.noSuchOverload, "a position in a list is a whole number")
            }
            return Int(exactly: whole)
        default: throw Fault(.noSuchOverload, "the position in a list is \(key.typeText), not int")
        }
    }

    private static func noField(_ name: String, _ container: CELValue) -> Fault {
        Fault(.noSuchOverload, "\(container.typeText) has no field '\(name)'")
    }

    private static func describe(_ key: CELValue) -> String {
        switch key {
        case .string(let text): "'\(text.prefix(40))'"
        case .int(let value): "key \(value)"
        case .uint(let value): "key \(value)u"
        case .bool(let value): "key \(value)"
        default: "such key"
        }
    }
}
