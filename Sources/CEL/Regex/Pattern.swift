/// A compiled pattern that tells whether it occurs anywhere in a text, in time linear to the text.
struct Pattern: Sendable {
    /// More would make every character of a text expensive.
    static let maximumSize = 5000

    enum Instruction {
        case single(UInt32)
        case characters(Int)
        case fork(Int, Int)
        case jump(Int)
        case assertion(PatternTree.Assertion)
        case match
    }

    let instructions: [Instruction]
    let sets: [CharacterSet]
    private let isAnchored: Bool

    init(_ text: String) throws(Fault) {
        let tree = try PatternParser.parse(text)
        var compiler = Compiler(tree: tree)
        try compiler.emit(tree.root)
        compiler.instructions.append(.match)
        instructions = compiler.instructions
        sets = compiler.sets
        if case .assertion(.textStart) = instructions[0] { isAnchored = true } else { isAnchored = false }
    }

    /// A pattern that comes with the data is paid for each time.
    init(_ text: String, _ cost: inout CELCost) throws(Fault) {
        try cost.pay(text.utf8.count * 8)
        try self.init(text)
        try cost.pay(instructions.count)
    }

    func matches(_ text: String, _ cost: inout CELCost) throws(Fault) -> Bool {
        try cost.pay(instructions.count >> 4)
        var simulation = Simulation(pattern: self)
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            // What follows decides about boundaries, so threads are continued once the next character is known.
            simulation.start(previous, scalar)
            if simulation.isMatched { return true }
            try cost.pay(1 + simulation.takeVisits() >> 2)
            simulation.advance(scalar)
            if isAnchored, simulation.isDead { return false }
            previous = scalar
        }
        simulation.start(previous, nil)
        try cost.pay(simulation.takeVisits() >> 2)
        return simulation.isMatched
    }

    private struct Compiler {
        let tree: PatternTree
        var instructions: [Instruction] = []
        var sets: [CharacterSet] = []
        /// Repetitions of nothing emit nothing, but take time.
        private var steps = 0

        init(tree: PatternTree) {
            self.tree = tree
        }

        mutating func emit(_ node: Int) throws(Fault) {
            steps += 1
            guard instructions.count < Pattern.maximumSize, steps < 4 * Pattern.maximumSize else {
                throw Fault(.badPattern, "the pattern repeats too much")
            }
            switch tree.nodes[node] {
            case .empty: break
            case .characters(let set):
                if set.ranges.count == 1, let only = set.ranges.first, only.count == 1,
                    let scalar = Unicode.Scalar(only.lowerBound), set.contains(scalar)
                {
                    instructions.append(.single(only.lowerBound))
                } else {
                    sets.append(set)
                    instructions.append(.characters(sets.count - 1))
                }
            case .sequence(let items): for item in items { try emit(item) }
            case .choice(let branches): try emit(choice: branches)
            case .assertion(let assertion): instructions.append(.assertion(assertion))
            case .repetition(let item, let least, let most):
                for _ in 0..<least { try emit(item) }
                if let most {
                    try emit(optional: item, times: most - least)
                } else {
                    let start = instructions.count
                    instructions.append(.match)
                    try emit(item)
                    instructions.append(.jump(start))
                    instructions[start] = .fork(start + 1, instructions.count)
                }
            }
        }

        /// `x?x?…`, all of which leave together.
        private mutating func emit(optional item: Int, times: Int) throws(Fault) {
            var forks: [Int] = []
            for _ in 0..<times {
                forks.append(instructions.count)
                instructions.append(.match)
                try emit(item)
            }
            for fork in forks { instructions[fork] = .fork(fork + 1, instructions.count) }
        }

        private mutating func emit(choice branches: [Int]) throws(Fault) {
            var jumps: [Int] = []
            for (number, branch) in branches.enumerated() {
                let fork = instructions.count
                let isLast = number == branches.count - 1
                if !isLast { instructions.append(.match) }
                try emit(branch)
                if isLast { break }
                jumps.append(instructions.count)
                instructions.append(.match)
                instructions[fork] = .fork(fork + 1, instructions.count)
            }
            for jump in jumps { instructions[jump] = .jump(instructions.count) }
        }
    }
}

/// All threads of a pattern side by side, each instruction at most once per character (Thompson, Pike).
private struct Simulation {
    let pattern: Pattern
    /// Instructions that wait to be continued at the present place.
    private var waiting: [Int] = []
    /// Instructions that want a character, and when each was last visited.
    private var ready: [Int] = []
    private var visited: [Int]
    private var stack: [Int] = []
    private var place = 1
    private var visits = 0
    private(set) var isMatched = false

    init(pattern: Pattern) {
        self.pattern = pattern
        visited = Array(repeating: 0, count: pattern.instructions.count)
    }

    /// Nothing can match any more, unless another thread is started.
    var isDead: Bool { waiting.isEmpty }

    mutating func takeVisits() -> Int {
        defer { visits = 0 }
        return visits
    }

    /// Continues the threads at the place between two characters, with a new one from the beginning of the pattern.
    mutating func start(_ previous: Unicode.Scalar?, _ next: Unicode.Scalar?) {
        follow(0, previous, next)
        for instruction in waiting { follow(instruction, previous, next) }
        waiting.removeAll(keepingCapacity: true)
    }

    private mutating func follow(_ first: Int, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?) {
        stack.append(first)
        while let index = stack.popLast() {
            visits += 1
            if visited[index] == place { continue }
            visited[index] = place
            switch pattern.instructions[index] {
            case .single, .characters: ready.append(index)
            case .jump(let target): stack.append(target)
            case .fork(let left, let right):
                stack.append(right)
                stack.append(left)
            case .assertion(let assertion):
                if Simulation.holds(assertion, previous, next) { stack.append(index + 1) }
            case .match: isMatched = true
            }
        }
    }

    mutating func advance(_ scalar: Unicode.Scalar) {
        for index in ready {
            switch pattern.instructions[index] {
            case .single(let value) where value == scalar.value: waiting.append(index + 1)
            case .characters(let set) where pattern.sets[set].contains(scalar): waiting.append(index + 1)
            default: break
            }
        }
        ready.removeAll(keepingCapacity: true)
        place += 1
    }

    private static func holds(
        _ assertion: PatternTree.Assertion, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?
    ) -> Bool {
        switch assertion {
        case .textStart: previous == nil
        case .textEnd: next == nil
        case .lineStart: previous == nil || previous == "\n"
        case .lineEnd: next == nil || next == "\n"
        case .wordBoundary: isWord(previous) != isWord(next)
        case .noWordBoundary: isWord(previous) == isWord(next)
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let value = scalar?.value else { return false }
        return (value >= 0x30 && value <= 0x39) || (value >= 0x41 && value <= 0x5A) || value == 0x5F
            || (value >= 0x61 && value <= 0x7A)
    }
}
