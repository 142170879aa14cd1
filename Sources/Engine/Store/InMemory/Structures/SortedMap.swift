/// Values by key, in the order of the keys, as a persistent value: a copy is O(1), a lookup or a change O(log n).
///
/// A treap whose nodes never change; a change copies the path to the root. The priorities that balance it come from a
/// counter, so that the same changes build the same tree.
struct SortedMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    private var root: Node?
    private var changes: UInt64 = 0
    private(set) var count = 0

    init() {}

    var isEmpty: Bool { root == nil }

    var first: (key: Key, value: Value)? {
        var node = root
        while let left = node?.left { node = left }
        return node.map { ($0.key, $0.value) }
    }

    var last: (key: Key, value: Value)? {
        var node = root
        while let right = node?.right { node = right }
        return node.map { ($0.key, $0.value) }
    }

    subscript(key: Key) -> Value? {
        get { find(key)?.value }
        set {
            switch (find(key) != nil, newValue) {
            case (true, let value?): root = root.map { Node.replacing(key, value, in: $0) }
            case (true, nil):
                root = root.flatMap { Node.removing(key, from: $0) }
                count -= 1
            case (false, let value?):
                root = Node.inserting(key, value, priority: nextPriority(), into: root)
                count += 1
            case (false, nil): break
            }
        }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    /// All entries with keys from `start` on, smallest first.
    func ascending(from start: Key? = nil) -> Walk {
        var walk = Walk(descending: false)
        var node = root
        while let current = node {
            if let start, current.key < start {
                node = current.right
            } else {
                walk.pending.append(current)
                node = current.left
            }
        }
        return walk
    }

    /// All entries with keys below `end`, largest first.
    func descending(below end: Key? = nil) -> Walk {
        var walk = Walk(descending: true)
        var node = root
        while let current = node {
            if let end, !(current.key < end) {
                node = current.left
            } else {
                walk.pending.append(current)
                node = current.right
            }
        }
        return walk
    }

    /// A walk in order; a step is O(1) on average.
    struct Walk: Sequence, IteratorProtocol {
        fileprivate var pending: [Node] = []
        private let descending: Bool

        fileprivate init(descending: Bool) { self.descending = descending }

        mutating func next() -> (key: Key, value: Value)? {
            guard let node = pending.popLast() else { return nil }
            var below = descending ? node.left : node.right
            while let current = below {
                pending.append(current)
                below = descending ? current.right : current.left
            }
            return (node.key, node.value)
        }
    }

    private func find(_ key: Key) -> Node? {
        var node = root
        while let current = node {
            if key < current.key {
                node = current.left
            } else if current.key < key {
                node = current.right
            } else {
                return current
            }
        }
        return nil
    }

    /// The output function of SplitMix64 over a counter.
    private mutating func nextPriority() -> UInt64 {
        changes &+= 1
        var mixed = changes &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    fileprivate final class Node: Sendable {
        let key: Key
        let value: Value
        let priority: UInt64
        let left: Node?
        let right: Node?

        init(_ key: Key, _ value: Value, priority: UInt64, left: Node?, right: Node?) {
            self.key = key
            self.value = value
            self.priority = priority
            self.left = left
            self.right = right
        }

        private func with(left: Node?, right: Node?) -> Node {
            Node(key, value, priority: priority, left: left, right: right)
        }

        static func inserting(_ key: Key, _ value: Value, priority: UInt64, into node: Node?) -> Node {
            guard let node, node.priority >= priority else {
                let (smaller, larger) = split(node, at: key)
                return Node(key, value, priority: priority, left: smaller, right: larger)
            }
            return key < node.key
                ? node.with(left: inserting(key, value, priority: priority, into: node.left), right: node.right)
                : node.with(left: node.left, right: inserting(key, value, priority: priority, into: node.right))
        }

        static func replacing(_ key: Key, _ value: Value, in node: Node) -> Node {
            if key < node.key {
                return node.with(left: node.left.map { replacing(key, value, in: $0) }, right: node.right)
            }
            if node.key < key {
                return node.with(left: node.left, right: node.right.map { replacing(key, value, in: $0) })
            }
            return Node(key, value, priority: node.priority, left: node.left, right: node.right)
        }

        static func removing(_ key: Key, from node: Node) -> Node? {
            if key < node.key {
                return node.with(left: node.left.flatMap { removing(key, from: $0) }, right: node.right)
            }
            if node.key < key {
                return node.with(left: node.left, right: node.right.flatMap { removing(key, from: $0) })
            }
            return joined(node.left, node.right)
        }

        private static func split(_ node: Node?, at key: Key) -> (smaller: Node?, larger: Node?) {
            guard let node else { return (nil, nil) }
            if node.key < key {
                let (smaller, larger) = split(node.right, at: key)
                return (node.with(left: node.left, right: smaller), larger)
            }
            let (smaller, larger) = split(node.left, at: key)
            return (smaller, node.with(left: larger, right: node.right))
        }

        /// Every key on the left is below every key on the right.
        private static func joined(_ left: Node?, _ right: Node?) -> Node? {
            guard let left else { return right }
            guard let right else { return left }
            return left.priority > right.priority
                ? left.with(left: left.left, right: joined(left.right, right))
                : right.with(left: joined(left, right.left), right: right.right)
        }
    }
}

/// Sorted members with the costs of `SortedMap`.
typealias SortedSet<Element: Comparable & Sendable> = SortedMap<Element, Void>

extension SortedMap where Value == Void {
    mutating func insert(_ key: Key) { self[key] = () }

    mutating func remove(_ key: Key) { self[key] = nil }
}
