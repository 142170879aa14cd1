/// What the parser found, as an arena: nodes name each other by index, so that no chain, however long, is released
/// or walked by recursion deeper than the parser allows.
struct SyntaxTree {
    typealias Index = Int

    enum Node {
        case constant(CELValue)
        /// `isAbsolute` is a leading dot: never a variable of a macro.
        case identifier(String, isAbsolute: Bool)
        case select(Index, field: String, isOptional: Bool)
        case index(Index, key: Index, isOptional: Bool)
        case call(String, [Index])
        case method(Index, name: String, [Index])
        case list([Element])
        case map([Entry])
        /// `!` or `-`, written `count` times.
        case unary(UnaryOperator, count: Int, Index)
        /// `a && b && c`; at least two operands.
        case logic(isAnd: Bool, [Index])
        /// A run of left-associative operators of one precedence: `a - b + c`.
        case chain(Index, [Step])
        case conditional(Index, then: Index, otherwise: Index)
    }

    struct Element {
        var value: Index
        var isOptional: Bool
    }

    struct Entry {
        var key: Index
        var value: Index
        var isOptional: Bool
    }

    struct Step {
        var operation: BinaryOperator
        var offset: Int
        var operand: Index
    }

    var nodes: [Node] = []
    /// Where a node's operator, field or function name stands.
    var offsets: [Int] = []
    /// Longest way down from a node.
    var depths: [Int] = []
    var root: Index = 0
}

enum UnaryOperator {
    case not
    case negate
}

enum BinaryOperator: Int32 {
    case add, subtract, multiply, divide, remainder
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, `in`

    var text: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .remainder: "%"
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .in: "in"
        }
    }
}
