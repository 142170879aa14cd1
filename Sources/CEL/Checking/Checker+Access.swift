/// Fields, indexes, and literals of lists and maps.
extension Checker {
    mutating func select(
        _ index: Int, _ operand: Int, _ field: String, isOptional: Bool, keepsDigits: Bool
    ) throws(CompileFault) -> Typed {
        let offset = tree.offsets[index]
        if !isOptional, let dotted = dottedName(index),
            let found = resolve(dotted.names, isAbsolute: dotted.isAbsolute, at: dotted.offset)
        {
            var typed = found.typed
            var current = index
            var fields: [(name: String, offset: Int)] = []
            for _ in found.count..<dotted.names.count {
                guard case .select(let operand, let field, _) = tree.nodes[current] else { break }
                fields.append((field, tree.offsets[current]))
                current = operand
            }
            for (position, field) in fields.reversed().enumerated() {
                let isLast = position == fields.count - 1
                typed = try self.field(
                    of: typed, field.name, isOptional: false, keepsDigits: keepsDigits && isLast, at: field.offset)
            }
            return typed
        }
        let operand = try compilePath(operand, keepsDigits: false)
        return try self.field(of: operand, field, isOptional: isOptional, keepsDigits: keepsDigits, at: offset)
    }

    private mutating func field(
        of operand: Typed, _ field: String, isOptional: Bool, keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        let type: CELType
        do {
            type = try fieldType(of: operand.type, field, at: offset)
        } catch {
            return try refuse(error)
        }
        let name = name(field)
        let path = operand.path.map { $0 + [field] }
        if isOptional {
            return emit(
                .optionalSelect(operand.node, name: name, keepsDigits: keepsDigits), .optional(type), at: offset,
                path: path)
        }
        return emit(.select(operand.node, name: name, keepsDigits: keepsDigits), type, at: offset, path: path)
    }

    private func fieldType(of type: CELType, _ field: String, at offset: Int) throws(CompileFault) -> CELType {
        switch type {
        case .dyn: return .dyn
        case .map(let key, let value):
            guard key.fits(.string) else {
                throw CompileFault(.typeFault, "the map's keys are \(key.text), not names", at: offset)
            }
            return value
        case .optional(let inner): return .optional(try fieldType(of: inner, field, at: offset))
        case .record(let record):
            if let type = record.fields[field] { return type }
            let names = record.fields.keys.sorted()
            let hint = Hints.didYouMean(field, among: names) ?? "it has \(names.joined(separator: ", "))"
            throw CompileFault(.unknownField, "\(record.name) has no field '\(field)'", at: offset, hint: hint)
        default:
            let isMethod = Catalog.functions[field]?.method.isEmpty == false
            throw CompileFault(
                .typeFault, "\(type.text) has no field '\(field)'", at: offset,
                hint: isMethod ? "a method is called with parentheses: \(field)(…)" : nil)
        }
    }

    mutating func subscripted(
        _ operand: Int, _ key: Int, isOptional: Bool, keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        // A constant name is a field, so that it is checked and known to `reads`.
        if case .constant(.string(let field)) = tree.nodes[key] {
            let typed = try compilePath(operand, keepsDigits: false)
            switch typed.type {
            case .dyn, .map, .record, .optional:
                if typed.type.hasNamedMembers || typed.path != nil {
                    return try self.field(
                        of: typed, field, isOptional: isOptional, keepsDigits: keepsDigits, at: offset)
                }
            default: break
            }
            return try index(typed, try compile(key), isOptional, keepsDigits, at: offset)
        }
        // Here the path ends: what is read below it is not known.
        let typed = try compile(operand)
        return try index(typed, try compile(key), isOptional, keepsDigits, at: offset)
    }

    private mutating func index(
        _ operand: Typed, _ key: Typed, _ isOptional: Bool, _ keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        if let path = operand.path, !reads.contains(path) { reads.append(path) }
        let type: CELType
        do {
            type = try elementType(of: operand.type, key.type, at: offset)
        } catch {
            return try refuse(error)
        }
        if isOptional {
            return emit(
                .optionalIndex(operand.node, key: key.node, keepsDigits: keepsDigits), .optional(type), at: offset)
        }
        return emit(.index(operand.node, key: key.node, keepsDigits: keepsDigits), type, at: offset)
    }

    private func elementType(of type: CELType, _ key: CELType, at offset: Int) throws(CompileFault) -> CELType {
        switch type {
        case .dyn: return .dyn
        case .list(let element):
            guard key.isNumber || key == .dyn else {
                throw CompileFault(.typeFault, "the position in a list is \(key.text), not int", at: offset)
            }
            return element
        case .map(let known, let value):
            guard known.isComparable(to: key) else {
                throw CompileFault(.typeFault, "the map's keys are \(known.text), not \(key.text)", at: offset)
            }
            return value
        case .record:
            guard key.fits(.string) else {
                throw CompileFault(.typeFault, "a field's name is a string, not \(key.text)", at: offset)
            }
            return .dyn
        case .optional(let inner): return .optional(try elementType(of: inner, key, at: offset))
        default:
            throw CompileFault(.typeFault, "\(type.text) has no elements", at: offset)
        }
    }

    /// `has(a.b)`: whether there is such a member.
    mutating func has(_ arguments: [Int], at offset: Int) throws(CompileFault) -> Typed {
        guard arguments.count == 1 else {
            throw CompileFault(.wrongArity, "has() takes one argument, not \(arguments.count)", at: offset)
        }
        guard case .select(let operand, let field, false) = tree.nodes[arguments[0]] else {
            throw CompileFault(.syntax, "has() takes a field, as in has(event.data.total)", at: offset)
        }
        let typed = try compilePath(operand, keepsDigits: false)
        if !environment.isUnchecked {
            _ = try fieldType(of: typed.type, field, at: tree.offsets[arguments[0]])
        }
        if let path = typed.path.map({ $0 + [field] }), !reads.contains(path) { reads.append(path) }
        return emit(.has(typed.node, name: name(field)), .bool, at: offset)
    }

    mutating func list(
        _ elements: [SyntaxTree.Element], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        var children: [Plan.Child] = []
        var type: CELType?
        for element in elements {
            let typed = try compile(element.value, keepsDigits: keepsDigits)
            if element.isOptional {
                try require(typed, .optional(.dyn), "an element after '?'", at: tree.offsets[element.value])
            }
            let elementType = element.isOptional ? .dyn : typed.type
            type = type?.joined(elementType) ?? elementType
            children.append(.init(node: typed.node, tag: element.isOptional ? 1 : 0))
        }
        let (first, count) = emit(children: children)
        return emit(.list(first: first, count: count), .list(type ?? .dyn), at: offset)
    }

    mutating func map(
        _ entries: [SyntaxTree.Entry], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        var children: [Plan.Child] = []
        var keyType: CELType?
        var valueType: CELType?
        for entry in entries {
            let key = try compile(entry.key)
            if !environment.isUnchecked { try checkKey(key.type, at: tree.offsets[entry.key]) }
            let value = try compile(entry.value, keepsDigits: keepsDigits)
            if entry.isOptional {
                try require(value, .optional(.dyn), "a value of a key after '?'", at: tree.offsets[entry.value])
            }
            let type = entry.isOptional ? .dyn : value.type
            keyType = keyType?.joined(key.type) ?? key.type
            valueType = valueType?.joined(type) ?? type
            children.append(.init(node: key.node, tag: entry.isOptional ? 1 : 0))
            children.append(.init(node: value.node))
        }
        let (first, count) = emit(children: children)
        return emit(.map(first: first, count: count / 2), .map(keyType ?? .dyn, valueType ?? .dyn), at: offset)
    }

    private func checkKey(_ type: CELType, at offset: Int) throws(CompileFault) {
        switch type {
        case .dyn, .bool, .int, .uint, .string: break
        default: throw CompileFault(.typeFault, "\(type.text) cannot be a key of a map", at: offset)
        }
    }
}

extension CELType {
    /// Whether a constant string index reads the same as a field.
    fileprivate var hasNamedMembers: Bool {
        switch self {
        case .record: true
        case .map(let key, _): key == .string
        case .optional(let inner): inner.hasNamedMembers
        default: false
        }
    }
}
