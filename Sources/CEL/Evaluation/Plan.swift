/// A checked expression as the evaluator walks it: flat arrays that name each other by position.
final class Plan: Sendable {
    typealias Node = Int32

    enum Operation {
        case constant(Int32)
        /// A value of the frame: a variable or one of a macro.
        case local(Int32)
        /// Fails when reached; names a fault.
        case fail(Int32)
        case select(Node, name: Int32, keepsDigits: Bool)
        case optionalSelect(Node, name: Int32, keepsDigits: Bool)
        case has(Node, name: Int32)
        case index(Node, key: Node, keepsDigits: Bool)
        case optionalIndex(Node, key: Node, keepsDigits: Bool)
        case not(Node, count: Int32)
        case negate(Node, count: Int32)
        case and(first: Int32, count: Int32)
        case or(first: Int32, count: Int32)
        case binary(BinaryOperator, Node, Node)
        /// Children: the first operand, then each further operand with its operator as tag.
        case chain(first: Int32, count: Int32)
        case conditional(Node, Node, Node)
        /// A child with tag 1 is an optional element.
        case list(first: Int32, count: Int32)
        /// Children: keys (tag 1 if optional) and values in turn; `count` entries.
        case map(first: Int32, count: Int32)
        case call(Function, first: Int32, count: Int32)
        case matches(Node, pattern: Int32)
        case macro(Int32)
    }

    struct Child {
        var node: Node
        var tag: Int32 = 0
        /// Where the operator of a step of a chain stands.
        var offset: Int32 = 0
    }

    struct Macro {
        enum Kind {
            case all, exists, existsOne, map, filter, transformList, transformMap, transformMapEntry
            case bind, optionalMap, optionalFlatMap
        }

        var kind: Kind
        var range: Node
        /// Places in the frame; the second one of a one-variable macro is -1.
        var first: Int32
        var second: Int32
        /// The predicate, or -1.
        var condition: Node
        /// What is made of an element, or -1.
        var result: Node
    }

    struct Preload {
        var slot: Int
        var place: Int
        var name: String
    }

    let parts: Parts

    /// What the checker fills.
    struct Parts {
        var operations: [Operation] = []
        /// Byte offset in the source, for each operation.
        var offsets: [Int32] = []
        var constants: [CELValue] = []
        var names: [String] = []
        var children: [Child] = []
        var macros: [Macro] = []
        var patterns: [Pattern] = []
        var faults: [Fault] = []
        var preloads: [Preload] = []
        var frameSize = 0
        var root: Node = 0
    }

    init(_ parts: Parts) {
        self.parts = parts
    }
}
