/// A parsed pattern as an arena.
struct PatternTree {
    enum Node {
        case empty
        case characters(CharacterSet)
        case sequence([Int])
        case choice([Int])
        /// `most` nil is without end.
        case repetition(Int, least: Int, most: Int?)
        case assertion(Assertion)
    }

    enum Assertion {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    var nodes: [Node] = []
    var root = 0

    mutating func add(_ node: Node) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }
}
