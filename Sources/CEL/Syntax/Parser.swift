/// Builds the tree by recursive descent with operator precedence.
///
/// Recursion happens only through `expression`, which counts it, and the depth of every node is bounded, so that
/// neither this parser nor anything that walks the tree can exhaust the stack.
struct Parser {
    /// Longest source in bytes.
    static let maximumLength = 4096
    /// Deepest nesting of the tree.
    static let maximumDepth = 100

    let tokens: [Token]
    var position = 0
    private var nesting = 0
    private var tree = SyntaxTree()

    static func parse(_ source: String) throws(CompileFault) -> SyntaxTree {
        guard source.utf8.count <= maximumLength else {
            throw CompileFault(.tooLong, "an expression may have \(maximumLength) bytes at most", at: 0)
        }
        var lexer = Lexer(source)
        var parser = Parser(tokens: try lexer.tokens())
        parser.tree.root = try parser.expression()
        guard parser.current.kind == .end else { throw parser.unexpected("an operator or the end") }
        return parser.tree
    }

    private init(tokens: [Token]) {
        self.tokens = tokens
    }

    // MARK: - Operators

    mutating func expression() throws(CompileFault) -> Int {
        nesting += 1
        guard nesting <= Parser.maximumDepth else { throw tooDeep(current.offset) }
        defer { nesting -= 1 }
        let condition = try binary(from: .or)
        let offset = current.offset
        guard take(.question) else { return condition }
        let then = try binary(from: .or)
        try expect(.colon, "of a condition")
        let otherwise = try expression()
        return try add(
            .conditional(condition, then: then, otherwise: otherwise), at: offset, condition, then, otherwise)
    }

    private enum Precedence: Int {
        case or = 1
        case and, relation, sum, product
        case unary
    }

    private static func operation(_ symbol: Token.Symbol) -> (Precedence, BinaryOperator?)? {
        switch symbol {
        case .or: (.or, nil)
        case .and: (.and, nil)
        case .equal: (.relation, .equal)
        case .notEqual: (.relation, .notEqual)
        case .less: (.relation, .less)
        case .lessOrEqual: (.relation, .lessOrEqual)
        case .greater: (.relation, .greater)
        case .greaterOrEqual: (.relation, .greaterOrEqual)
        case .in: (.relation, .in)
        case .plus: (.sum, .add)
        case .minus: (.sum, .subtract)
        case .times: (.product, .multiply)
        case .divide: (.product, .divide)
        case .remainder: (.product, .remainder)
        default: nil
        }
    }

    /// Operands and operators that bind at least as tightly as `least`.
    private mutating func binary(from least: Precedence) throws(CompileFault) -> Int {
        var left = try unary()
        while case .symbol(let symbol) = current.kind, let (precedence, first) = Parser.operation(symbol),
            precedence.rawValue >= least.rawValue
        {
            let offset = current.offset
            let tighter = Precedence(rawValue: precedence.rawValue + 1) ?? .unary
            if first == nil {
                var operands = [left]
                while take(symbol) { operands.append(try operand(tighter)) }
                left = try add(.logic(isAnd: precedence == .and, operands), at: offset, children: operands)
                continue
            }
            var steps: [SyntaxTree.Step] = []
            while case .symbol(let symbol) = current.kind, let (same, operation) = Parser.operation(symbol),
                same == precedence, let operation
            {
                let offset = current.offset
                position += 1
                steps.append(.init(operation: operation, offset: offset, operand: try operand(tighter)))
            }
            left = try add(.chain(left, steps), at: offset, children: [left] + steps.map(\.operand))
        }
        return left
    }

    private mutating func operand(_ least: Precedence) throws(CompileFault) -> Int {
        least == .unary ? try unary() : try binary(from: least)
    }

    private mutating func unary() throws(CompileFault) -> Int {
        let offset = current.offset
        if take(.not) {
            var count = 1
            while take(.not) { count += 1 }
            let operand = try member()
            return try add(.unary(.not, count: count, operand), at: offset, operand)
        }
        if take(.minus) {
            var count = 1
            while take(.minus) { count += 1 }
            // The last sign belongs to a number that follows, so that the smallest integer can be written.
            if let literal = try negativeNumber() {
                count -= 1
                let operand = try postfix(literal)
                return count == 0 ? operand : try add(.unary(.negate, count: count, operand), at: offset, operand)
            }
            let operand = try member()
            return try add(.unary(.negate, count: count, operand), at: offset, operand)
        }
        return try member()
    }

    private mutating func negativeNumber() throws(CompileFault) -> Int? {
        let token = current
        switch token.kind {
        case .double(let value):
            position += 1
            return try add(.constant(.double(-value)), at: token.offset)
        case .integer(let magnitude):
            guard magnitude <= Int64.min.magnitude else { throw outOfRange(token) }
            position += 1
            return try add(.constant(.int(Int64(truncatingIfNeeded: 0 &- magnitude))), at: token.offset)
        default: return nil
        }
    }

    // MARK: - Tokens and nodes

    var current: Token { tokens[position] }

    mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard case .symbol(symbol) = current.kind else { return false }
        position += 1
        return true
    }

    mutating func expect(_ symbol: Token.Symbol, _ what: String) throws(CompileFault) {
        guard take(symbol) else { throw unexpected("'\(symbol.rawValue)' \(what)") }
    }

    func unexpected(_ wanted: String) -> CompileFault {
        CompileFault(.syntax, "expected \(wanted), found \(current.text)", at: current.offset)
    }

    func outOfRange(_ token: Token) -> CompileFault {
        CompileFault(
            .syntax, "the number does not fit a signed 64-bit integer", at: token.offset,
            hint: "write a suffix u for an unsigned one, or .0 for a double")
    }

    func tooDeep(_ offset: Int) -> CompileFault {
        CompileFault(.tooDeep, "the expression nests deeper than \(Parser.maximumDepth) levels", at: offset)
    }

    mutating func add(
        _ node: SyntaxTree.Node, at offset: Int, _ children: Int...
    ) throws(CompileFault) -> Int {
        try add(node, at: offset, children: children)
    }

    mutating func add(
        _ node: SyntaxTree.Node, at offset: Int, children: [Int]
    ) throws(CompileFault) -> Int {
        var depth = 0
        for child in children { depth = max(depth, tree.depths[child]) }
        guard depth < Parser.maximumDepth else { throw tooDeep(offset) }
        tree.nodes.append(node)
        tree.offsets.append(offset)
        tree.depths.append(depth + 1)
        return tree.nodes.count - 1
    }
}
