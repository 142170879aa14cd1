import JSON

/// Turns the syntax tree into a plan: names become places, calls become functions, macros are expanded, and whatever
/// cannot work with any data is refused with its place.
struct Checker {
    /// A compiled part: its node, what is known of it, and the access path if it is one (`data.total`).
    struct Typed {
        var node: Plan.Node
        var type: CELType
        var path: [String]?
        /// It is computed from numbers that may be doubles.
        var isRounded = false

        init(_ node: Plan.Node, _ type: CELType, path: [String]? = nil) {
            self.node = node
            self.type = type
            self.path = path
        }
    }

    struct Local {
        var name: String
        var place: Int32
        var type: CELType
    }

    let tree: SyntaxTree
    let environment: CELEnvironment
    var parts = Plan.Parts()
    var locals: [Local] = []
    var reads: [[String]] = []
    var warnings: [CompileFault] = []

    static func check(
        _ tree: SyntaxTree, in environment: CELEnvironment
    ) throws(CompileFault) -> (plan: Plan, type: CELType, reads: [[String]], warnings: [CompileFault]) {
        var checker = Checker(tree: tree, environment: environment)
        let root = try checker.compile(tree.root, keepsDigits: true)
        checker.parts.root = root.node
        return (Plan(checker.parts), root.type, checker.reads, checker.warnings)
    }

    private init(tree: SyntaxTree, environment: CELEnvironment) {
        self.tree = tree
        self.environment = environment
    }

    /// Compiles a part that is used as a value; `keepsDigits` where nothing will compute with it.
    mutating func compile(_ index: Int, keepsDigits: Bool = false) throws(CompileFault) -> Typed {
        let typed = try compilePath(index, keepsDigits: keepsDigits)
        if let path = typed.path, !reads.contains(path) { reads.append(path) }
        return typed
    }

    /// The same for a part whose path the caller goes on.
    mutating func compilePath(_ index: Int, keepsDigits: Bool) throws(CompileFault) -> Typed {
        let offset = tree.offsets[index]
        switch tree.nodes[index] {
        case .constant(let value): return constant(value, at: offset)
        case .identifier(let name, let isAbsolute):
            if let found = resolve([name], isAbsolute: isAbsolute, at: offset) { return found.typed }
            return try refuse(unknownVariable(name, at: offset))
        case .select(let operand, let field, let isOptional):
            return try select(index, operand, field, isOptional: isOptional, keepsDigits: keepsDigits)
        case .index(let operand, let key, let isOptional):
            return try subscripted(operand, key, isOptional: isOptional, keepsDigits: keepsDigits, at: offset)
        case .call(let name, let arguments):
            if name == "has" { return try has(arguments, at: offset) }
            return try call(name, nil, arguments, keepsDigits: keepsDigits, at: offset)
        case .method(let target, let name, let arguments):
            return try method(target, name, arguments, keepsDigits: keepsDigits, at: offset)
        case .list(let elements): return try list(elements, keepsDigits: keepsDigits, at: offset)
        case .map(let entries): return try map(entries, keepsDigits: keepsDigits, at: offset)
        case .unary(let operation, let count, let operand):
            return try unary(operation, count: count, operand, at: offset)
        case .logic(let isAnd, let operands): return try logic(isAnd, operands, at: offset)
        case .chain(let first, let steps): return try chain(first, steps)
        case .conditional(let condition, let then, let otherwise):
            let condition = try compile(condition)
            try require(condition, .bool, "the condition before '?'", at: offset)
            let then = try compile(then, keepsDigits: keepsDigits)
            let otherwise = try compile(otherwise, keepsDigits: keepsDigits)
            return emit(
                .conditional(condition.node, then.node, otherwise.node), then.type.joined(otherwise.type), at: offset)
        }
    }

    // MARK: - Emitting

    mutating func emit(_ operation: Plan.Operation, _ type: CELType, at offset: Int, path: [String]? = nil) -> Typed {
        parts.operations.append(operation)
        parts.offsets.append(Int32(offset))
        return Typed(Plan.Node(parts.operations.count - 1), type, path: path)
    }

    mutating func emit(children: [Plan.Child]) -> (first: Int32, count: Int32) {
        let first = Int32(parts.children.count)
        parts.children += children
        return (first, Int32(children.count))
    }

    mutating func constant(_ value: CELValue, at offset: Int) -> Typed {
        parts.constants.append(value)
        return emit(.constant(Int32(parts.constants.count - 1)), CELType(of: value), at: offset)
    }

    mutating func name(_ text: String) -> Int32 {
        if let known = parts.names.firstIndex(where: { ExactText.sameBytes($0, text) }) { return Int32(known) }
        parts.names.append(text)
        return Int32(parts.names.count - 1)
    }

    /// A place in the frame.
    mutating func place() -> Int32 {
        parts.frameSize += 1
        return Int32(parts.frameSize - 1)
    }

    /// Refuses the expression, or, unchecked, lets it fail where it is reached.
    mutating func refuse(_ fault: CompileFault) throws(CompileFault) -> Typed {
        guard environment.isUnchecked else { throw fault }
        parts.faults.append(Fault(fault.code, fault.message, hint: fault.hint))
        return emit(.fail(Int32(parts.faults.count - 1)), .dyn, at: fault.offset)
    }

    func require(_ typed: Typed, _ type: CELType, _ what: String, at offset: Int) throws(CompileFault) {
        guard !environment.isUnchecked, !typed.type.fits(type) else { return }
        throw CompileFault(.typeFault, "\(what) is \(typed.type.text), not \(type.text)", at: offset)
    }

    // MARK: - Names

    /// A variable, macro variable or type by the longest prefix of a dotted name; `count` names were used up.
    mutating func resolve(_ names: [String], isAbsolute: Bool, at offset: Int) -> (typed: Typed, count: Int)? {
        if !isAbsolute, let local = locals.last(where: { $0.name == names[0] }) {
            return (emit(.local(local.place), local.type, at: offset), 1)
        }
        for count in stride(from: names.count, through: 1, by: -1) {
            let name = names[..<count].joined(separator: ".")
            if let slot = environment.variables.firstIndex(where: { $0.name == name }) {
                return (variable(slot, at: offset), count)
            }
            if let type = Catalog.typeNames[name] { return (constant(.type(type), at: offset), count) }
        }
        return nil
    }

    private mutating func variable(_ slot: Int, at offset: Int) -> Typed {
        let variable = environment.variables[slot]
        let known = parts.preloads.first { $0.slot == slot }.map { Int32($0.place) }
        let place = known ?? self.place()
        if known == nil { parts.preloads.append(.init(slot: slot, place: Int(place), name: variable.name)) }
        return emit(.local(place), variable.type, at: offset, path: [variable.name])
    }

    private func unknownVariable(_ name: String, at offset: Int) -> CompileFault {
        let known = environment.variables.map(\.name) + locals.map(\.name)
        var hint = Hints.didYouMean(name, among: known + Catalog.typeNames.keys + Catalog.namespaces)
        if hint == nil, Catalog.namespaces.contains(name) { hint = "'\(name)' is no variable but a group of functions" }
        if hint == nil, Catalog.functions[name] != nil { hint = "'\(name)' is a function" }
        if hint == nil, !known.isEmpty { hint = "known here: \(known.joined(separator: ", "))" }
        return CompileFault(.unknownVariable, "unknown variable '\(name)'", at: offset, hint: hint)
    }

    /// `["a", "b", "c"]` of `a.b.c`, if it is nothing but names.
    func dottedName(_ index: Int) -> (names: [String], isAbsolute: Bool, offset: Int)? {
        var names: [String] = []
        var current = index
        while case .select(let operand, let field, false) = tree.nodes[current] {
            names.append(field)
            current = operand
        }
        guard case .identifier(let name, let isAbsolute) = tree.nodes[current] else { return nil }
        names.append(name)
        return (names.reversed(), isAbsolute, tree.offsets[current])
    }
}

extension CELType {
    init(of value: CELValue) {
        switch value {
        case .null: self = .null
        case .bool: self = .bool
        case .int: self = .int
        case .uint: self = .uint
        case .double, .number: self = .double
        case .decimal: self = .decimal
        case .string: self = .string
        case .bytes: self = .bytes
        case .list: self = .list(.dyn)
        case .map: self = .map(.dyn, .dyn)
        case .timestamp: self = .timestamp
        case .duration: self = .duration
        case .type: self = .type
        case .optional: self = .optional(.dyn)
        }
    }
}
