/// Macros: calls whose arguments are expressions over variables of their own.
extension Checker {
    /// Nil if this is no macro; a macro with a wrong number of arguments is refused.
    mutating func macro(
        _ target: Int, _ name: String, _ arguments: [Int], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed? {
        if name == "bind", case .identifier("cel", _) = tree.nodes[target] {
            return try bind(arguments, keepsDigits: keepsDigits, at: offset)
        }
        guard Catalog.macros.contains(name) else { return nil }
        let variables: Int
        switch (name, arguments.count) {
        case ("all", 2), ("exists", 2), ("exists_one", 2), ("existsOne", 2), ("filter", 2), ("map", 2), ("map", 3),
            ("optMap", 2), ("optFlatMap", 2):
            variables = 1
        case ("all", 3), ("exists", 3), ("exists_one", 3), ("existsOne", 3), ("transformList", 3),
            ("transformList", 4), ("transformMap", 3), ("transformMap", 4), ("transformMapEntry", 3),
            ("transformMapEntry", 4):
            variables = 2
        default:
            return try refuse(wrongArity(name, Checker.arities(name), arguments.count, at: offset))
        }
        var names: [String] = []
        for argument in arguments[..<variables] { names.append(try variableName(argument, of: name)) }
        guard Set(names).count == names.count else {
            throw CompileFault(.syntax, "the two variables of \(name)() need different names", at: offset)
        }
        let range = try compile(target)
        if name == "optMap" || name == "optFlatMap" {
            return try optional(range, name, names[0], arguments[1], keepsDigits: keepsDigits, at: offset)
        }
        return try comprehension(
            range, name, names, Array(arguments[variables...]), keepsDigits: keepsDigits, at: offset)
    }

    private static func arities(_ name: String) -> [Int] {
        switch name {
        case "all", "exists", "exists_one", "existsOne", "map": [2, 3]
        case "filter", "optMap", "optFlatMap": [2]
        default: [3, 4]
        }
    }

    private func variableName(_ index: Int, of macro: String) throws(CompileFault) -> String {
        guard case .identifier(let name, false) = tree.nodes[index] else {
            throw CompileFault(
                .syntax, "\(macro)() begins with the name of its variable, as in \(macro)(x, …)",
                at: tree.offsets[index])
        }
        return name
    }

    private mutating func comprehension(
        _ range: Typed, _ name: String, _ names: [String], _ bodies: [Int], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        let types: (CELType, CELType)
        do {
            types = try elements(of: range.type, name, variables: names.count, at: offset)
        } catch {
            return try refuse(error)
        }
        let first = place()
        let second = names.count == 2 ? place() : -1
        locals.append(Local(name: names[0], place: first, type: types.0))
        if names.count == 2 { locals.append(Local(name: names[1], place: second, type: types.1)) }
        defer { locals.removeLast(names.count) }

        var macro = Plan.Macro(kind: .all, range: range.node, first: first, second: second, condition: -1, result: -1)
        var type = CELType.bool
        switch name {
        case "all", "exists", "exists_one", "existsOne", "filter":
            macro.kind = name == "all" ? .all : name == "exists" ? .exists : name == "filter" ? .filter : .existsOne
            macro.condition = try predicate(bodies[0], of: name).node
            if name == "filter" { type = range.type.isList ? range.type : .list(types.0) }
        default:
            if bodies.count == 2 { macro.condition = try predicate(bodies[0], of: name).node }
            let result = try compile(bodies[bodies.count - 1], keepsDigits: keepsDigits)
            macro.result = result.node
            switch name {
            case "map": (macro.kind, type) = (.map, .list(result.type))
            case "transformList": (macro.kind, type) = (.transformList, .list(result.type))
            case "transformMap":
                (macro.kind, type) = (.transformMap, .map(range.type.isList ? .int : .dyn, result.type))
            default:
                try require(
                    result, .map(.dyn, .dyn), "the result of transformMapEntry()", at: tree.offsets[bodies.last ?? 0])
                (macro.kind, type) = (.transformMapEntry, .map(.dyn, .dyn))
            }
        }
        return emit(macro, type, at: offset)
    }

    private mutating func predicate(_ index: Int, of name: String) throws(CompileFault) -> Typed {
        let typed = try compile(index)
        try require(typed, .bool, "the condition of \(name)()", at: tree.offsets[index])
        return typed
    }

    /// One variable takes elements or keys; two take position and element, or key and value.
    private func elements(
        of type: CELType, _ name: String, variables: Int, at offset: Int
    ) throws(CompileFault) -> (CELType, CELType) {
        switch type {
        case .dyn: return (.dyn, .dyn)
        case .list(let element): return variables == 1 ? (element, .dyn) : (.int, element)
        case .map(let key, let value): return (key, value)
        case .record: return (.string, .dyn)
        default:
            throw CompileFault(
                .typeFault, "\(name)() goes over a list or a map, not over \(type.text)", at: offset)
        }
    }

    /// `cel.bind(name, value, expression)`.
    private mutating func bind(
        _ arguments: [Int], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        guard arguments.count == 3 else {
            return try refuse(wrongArity("cel.bind", [3], arguments.count, at: offset))
        }
        let name = try variableName(arguments[0], of: "cel.bind")
        let value = try compile(arguments[1])
        let place = place()
        locals.append(Local(name: name, place: place, type: value.type))
        defer { locals.removeLast() }
        let result = try compile(arguments[2], keepsDigits: keepsDigits)
        let macro = Plan.Macro(
            kind: .bind, range: value.node, first: place, second: -1, condition: -1, result: result.node)
        return emit(macro, result.type, at: offset)
    }

    private mutating func optional(
        _ target: Typed, _ name: String, _ variable: String, _ body: Int, keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        try require(target, .optional(.dyn), "the receiver of \(name)()", at: offset)
        var inner = CELType.dyn
        if case .optional(let type) = target.type { inner = type }
        let place = place()
        locals.append(Local(name: variable, place: place, type: inner))
        defer { locals.removeLast() }
        let result = try compile(body, keepsDigits: keepsDigits)
        let isFlat = name == "optFlatMap"
        if isFlat { try require(result, .optional(.dyn), "the result of optFlatMap()", at: tree.offsets[body]) }
        let macro = Plan.Macro(
            kind: isFlat ? .optionalFlatMap : .optionalMap, range: target.node, first: place, second: -1,
            condition: -1, result: result.node)
        return emit(macro, isFlat ? result.type : .optional(result.type), at: offset)
    }

    private mutating func emit(_ macro: Plan.Macro, _ type: CELType, at offset: Int) -> Typed {
        parts.macros.append(macro)
        return emit(.macro(Int32(parts.macros.count - 1)), type, at: offset)
    }
}
