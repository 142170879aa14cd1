/// Functions and methods.
extension Checker {
    mutating func method(
        _ target: Int, _ name: String, _ arguments: [Int], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        if let expanded = try macro(target, name, arguments, keepsDigits: keepsDigits, at: offset) { return expanded }
        // `math.abs(x)` is a method by its looks only, unless there is a variable of that name.
        if let dotted = dottedName(target) {
            let isLocal = !dotted.isAbsolute && locals.contains { $0.name == dotted.names[0] }
            let isVariable = environment.variables.contains { $0.name == dotted.names[0] }
            let full = (dotted.names + [name]).joined(separator: ".")
            if !isLocal, !isVariable {
                if let entry = Catalog.functions[full] {
                    return try call(full, entry, arguments, keepsDigits: keepsDigits, at: offset)
                }
                if dotted.names.count == 1, Catalog.namespaces.contains(dotted.names[0]) {
                    return try refuse(unknownFunction(full, at: offset))
                }
            }
        }
        let receiver = try compile(target, keepsDigits: keepsDigits && Catalog.passesValues(name))
        return try call(name, receiver, arguments, keepsDigits: keepsDigits, at: offset)
    }

    mutating func call(
        _ name: String, _ receiver: Typed?, _ arguments: [Int], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        guard let entry = Catalog.functions[name], !(receiver == nil ? entry.global : entry.method).isEmpty else {
            return try refuse(unknownFunction(name, receiver: receiver, at: offset))
        }
        let signatures = receiver == nil ? entry.global : entry.method
        let extra = receiver == nil ? 0 : 1
        let arities = Set(signatures.map { $0.parameters.count - extra }).sorted()
        guard arities.contains(arguments.count) else {
            return try refuse(wrongArity(name, arities, arguments.count, at: offset))
        }
        var types = receiver.map { [$0.type] } ?? []
        var children = receiver.map { [Plan.Child(node: $0.node)] } ?? []
        for argument in arguments {
            let typed = try compile(argument, keepsDigits: keepsDigits && entry.function.passesValues)
            types.append(typed.type)
            children.append(.init(node: typed.node))
        }
        let fitting = signatures.filter { signature in
            signature.parameters.count == types.count
                && zip(types, signature.parameters).allSatisfy { type, parameter in
                    type.fits(parameter) || parameter == .list(.string) && type.isList
                        // Integers are decimals where one is wanted.
                        || parameter == .decimal && (type == .int || type == .uint)
                }
        }
        guard let first = fitting.first else {
            return try refuse(noOverload(name, types, isMethod: receiver != nil, at: offset))
        }
        if let special = try literal(entry.function, arguments, children, at: offset) { return special }
        let result = fitting.dropFirst().reduce(first.result) { $0.joined($1.result) }
        let (start, count) = emit(children: children)
        return emit(
            .call(entry.function, first: start, count: count), refined(result, entry.function, types), at: offset)
    }

    /// A function of a namespace.
    private mutating func call(
        _ name: String, _ entry: FunctionEntry, _ arguments: [Int], keepsDigits: Bool, at offset: Int
    ) throws(CompileFault) -> Typed {
        guard entry.isVariadic else { return try call(name, nil, arguments, keepsDigits: keepsDigits, at: offset) }
        guard !arguments.isEmpty else {
            return try refuse(CompileFault(.wrongArity, "\(name)() takes at least one argument", at: offset))
        }
        var children: [Plan.Child] = []
        var type: CELType?
        for argument in arguments {
            let typed = try compile(argument)
            let isList = arguments.count == 1 && (typed.type.isList || typed.type == .dyn)
            if !environment.isUnchecked, !isList, !typed.type.isNumber, typed.type != .dyn {
                throw CompileFault(
                    .typeFault, "\(name)() compares numbers, not \(typed.type.text)", at: tree.offsets[argument])
            }
            children.append(.init(node: typed.node))
            type = type?.joined(typed.type) ?? typed.type
        }
        let (first, count) = emit(children: children)
        return emit(
            .call(entry.function, first: first, count: count), type?.isNumber == true ? type ?? .dyn : .dyn, at: offset)
    }

    /// Constant patterns, times and durations are read once, here.
    private mutating func literal(
        _ function: Function, _ arguments: [Int], _ children: [Plan.Child], at offset: Int
    ) throws(CompileFault) -> Typed? {
        if function == .decimal, case .constant(.double) = tree.nodes[arguments[0]] {
            return try refuse(
                CompileFault(
                    .typeFault, "decimal() cannot take a number that is written as a double",
                    at: tree.offsets[arguments[0]], hint: DecimalFunctions.doubleHint))
        }
        guard let last = arguments.last, case .constant(.string(let text)) = tree.nodes[last] else { return nil }
        do {
            switch function {
            case .matches:
                let pattern = try Pattern(text)
                parts.patterns.append(pattern)
                return emit(
                    .matches(children[0].node, pattern: Int32(parts.patterns.count - 1)), .bool, at: offset)
            case .timestamp: return constant(.timestamp(try Conversions.timestamp(text)), at: offset)
            case .duration: return constant(.duration(try Conversions.duration(text)), at: offset)
            case .decimal: return constant(.decimal(try DecimalFunctions.decimal(text)), at: offset)
            case .decimalRound, .decimalDivide:
                _ = try DecimalFunctions.rounding(text)
                return nil
            default: return nil
            }
        } catch {
            return try refuse(CompileFault(error.code, error.message, at: tree.offsets[last], hint: error.hint))
        }
    }

    /// Results that depend on the type of an argument.
    private func refined(_ result: CELType, _ function: Function, _ types: [CELType]) -> CELType {
        switch (function, types.first) {
        case (.optionalOf, let type?), (.optionalOfNonZeroValue, let type?): return .optional(type)
        case (.value, .optional(let inner)): return inner
        case (.orValue, .optional(let inner)): return inner.joined(types[1])
        case (.or, .optional(let inner)):
            if case .optional(let other) = types[1] { return .optional(inner.joined(other)) }
            return result
        case (.first, .list(let element)), (.last, .list(let element)): return .optional(element)
        default: return result
        }
    }

    private func noOverload(_ name: String, _ types: [CELType], isMethod: Bool, at offset: Int) -> CompileFault {
        if isMethod {
            let arguments = types.dropFirst().map(\.text).joined(separator: ", ")
            return CompileFault(.typeFault, "\(types[0].text) has no method \(name)(\(arguments))", at: offset)
        }
        return CompileFault(
            .typeFault, "\(name)() cannot take \(types.map(\.text).joined(separator: ", "))", at: offset)
    }

    func wrongArity(_ name: String, _ arities: [Int], _ count: Int, at offset: Int) -> CompileFault {
        let wanted = arities.map(String.init).joined(separator: " or ")
        return CompileFault(
            .wrongArity, "\(name)() takes \(wanted) argument\(arities == [1] ? "" : "s"), not \(count)", at: offset)
    }

    private func unknownFunction(_ name: String, receiver: Typed? = nil, at offset: Int) -> CompileFault {
        let entry = Catalog.functions[name]
        var hint: String?
        if receiver != nil, let entry, !entry.global.isEmpty {
            hint = "\(name)(x) is a function, not a method"
        } else if receiver == nil, let entry, !entry.method.isEmpty {
            hint = "\(name)() is a method: x.\(name)(…)"
        } else if receiver == nil, Catalog.macros.contains(name) {
            hint = "\(name)() is a method of lists and maps"
        } else {
            hint = Hints.didYouMean(name, among: Catalog.names(methods: receiver != nil))
        }
        return CompileFault(
            .unknownFunction, "unknown \(receiver == nil ? "function" : "method") '\(name)'", at: offset, hint: hint)
    }
}

extension CELType {
    var isList: Bool {
        if case .list = self { true } else { false }
    }
}

extension Catalog {
    static let namespaces: Set<String> = ["math", "strings", "base64", "optional", "cel", "decimal"]

    static func passesValues(_ name: String) -> Bool { functions[name]?.function.passesValues == true }

    static func names(methods: Bool) -> [String] {
        let functions = functions.filter { $0.value.isCallable(asMethod: methods) }.map(\.key)
        return functions + (methods ? Array(macros) : ["has", "cel.bind"])
    }
}
