/// Walks a plan. The parser bounds the depth of the walk, the cost its length.
struct Evaluator {
    /// Where the last fault happened.
    enum Failing {
        case node(Plan.Node)
        case step(Int)
    }

    let plan: Plan
    let frame: UnsafeMutableBufferPointer<CELValue?>
    var cost: CELCost
    let timeZones: (any CELTimeZones)?
    let digits: CELDigits
    var failing = Failing.node(0)

    init(
        plan: Plan, frame: UnsafeMutableBufferPointer<CELValue?>, cost: CELCost, timeZones: (any CELTimeZones)?,
        digits: CELDigits
    ) {
        self.digits = digits
        self.plan = plan
        self.frame = frame
        self.cost = cost
        self.timeZones = timeZones
    }

    mutating func evaluate(_ node: Plan.Node) throws(Fault) -> CELValue {
        failing = .node(node)
        try cost.pay(1)
        switch plan.parts.operations[Int(node)] {
        case .constant(let index): return plan.parts.constants[Int(index)]
        case .local(let place):
            guard let value = frame[Int(place)] else { throw unbound(Int(place)) }
            return value
        case .fail(let index): throw plan.parts.faults[Int(index)]
        case .select(let operand, let name, let keepsDigits):
            return try select(node, operand, plan.parts.names[Int(name)], digits.reading(keepsDigits))
        case .optionalSelect(let operand, let name, let keepsDigits):
            let container = try evaluate(operand)
            failing = .node(node)
            return .optional(try optionalMember(container, plan.parts.names[Int(name)], digits.reading(keepsDigits)))
        case .has(let operand, let name):
            let container = try evaluate(operand)
            failing = .node(node)
            return .bool(try has(container, plan.parts.names[Int(name)]))
        case .index(let operand, let key, let keepsDigits):
            let container = try evaluate(operand)
            let key = try evaluate(key)
            failing = .node(node)
            return try element(container, key, digits.reading(keepsDigits))
        case .optionalIndex(let operand, let key, let keepsDigits):
            let container = try evaluate(operand)
            let key = try evaluate(key)
            failing = .node(node)
            return .optional(try optionalElement(container, key, digits.reading(keepsDigits)))
        case .not(let operand, let count): return try not(node, operand, Int(count))
        case .negate(let operand, let count): return try negate(node, operand, Int(count))
        case .and(let first, let count): return try logic(node, Int(first), Int(count), decisive: false)
        case .or(let first, let count): return try logic(node, Int(first), Int(count), decisive: true)
        case .binary(let operation, let left, let right):
            let left = try evaluate(left)
            let right = try evaluate(right)
            failing = .node(node)
            return try Operators.apply(operation, left, right, &cost, digits)
        case .chain(let first, let count): return try chain(Int(first), Int(count))
        case .conditional(let condition, let then, let otherwise):
            let value = try evaluate(condition)
            guard case .bool(let isTrue) = value else {
                failing = .node(node)
                throw Fault(.noSuchOverload, "the condition before '?' is \(value.typeText), not bool")
            }
            return try evaluate(isTrue ? then : otherwise)
        case .list(let first, let count): return try list(node, Int(first), Int(count))
        case .map(let first, let count): return try map(node, Int(first), Int(count))
        case .call(let function, let first, let count):
            return try call(node, function, Int(first), Int(count))
        case .matches(let operand, let pattern):
            let value = try evaluate(operand)
            failing = .node(node)
            guard case .string(let text) = value else { throw Functions.noOverload("matches", value) }
            return .bool(try plan.parts.patterns[Int(pattern)].matches(text, &cost))
        case .macro(let index): return try run(plan.parts.macros[Int(index)], node)
        }
    }

    private func unbound(_ place: Int) -> Fault {
        let name = plan.parts.preloads.first { $0.place == place }?.name ?? ""
        return Fault(.unknownVariable, "'\(name)' has no value here")
    }

    // MARK: - Operators

    private mutating func not(_ node: Plan.Node, _ operand: Plan.Node, _ count: Int) throws(Fault) -> CELValue {
        let value = try evaluate(operand)
        failing = .node(node)
        guard case .bool(let isTrue) = value else { throw Functions.noOverload("!", value) }
        return .bool(count.isMultiple(of: 2) ? isTrue : !isTrue)
    }

    private mutating func negate(_ node: Plan.Node, _ operand: Plan.Node, _ count: Int) throws(Fault) -> CELValue {
        let value = try evaluate(operand)
        failing = .node(node)
        switch value.plain {
        case .int(let number):
            // A pair of signs cancels out, but not for the one number whose negative does not exist.
            if number == .min { throw Fault(.overflow, "the result does not fit a 64-bit integer") }
            return .int(count.isMultiple(of: 2) ? number : -number)
        case .double(let number): return .double(count.isMultiple(of: 2) ? number : -number)
        case .decimal(let number): return .decimal(count.isMultiple(of: 2) ? number : number.negated)
        default: throw Functions.noOverload("-", value)
        }
    }

    /// `||` and `&&`: an operand that decides hides the failures of all others, in whatever order they stand.
    private mutating func logic(
        _ node: Plan.Node, _ first: Int, _ count: Int, decisive: Bool
    ) throws(Fault) -> CELValue {
        var hidden: (fault: Fault, place: Failing)?
        for index in first..<first + count {
            do throws(Fault) {
                let value = try evaluate(plan.parts.children[index].node)
                guard case .bool(let isTrue) = value else {
                    failing = .node(node)
                    throw Fault(
                        .noSuchOverload, "an operand of '\(decisive ? "||" : "&&")' is \(value.typeText), not bool")
                }
                if isTrue == decisive { return .bool(decisive) }
            } catch {
                if hidden == nil { hidden = (error, failing) }
                try absorb(error)
            }
        }
        guard let hidden else { return .bool(!decisive) }
        failing = hidden.place
        throw hidden.fault
    }

    /// A failure that may yet be hidden; running out of cost never is.
    mutating func absorb(_ fault: Fault) throws(Fault) {
        if fault.code == .costExceeded { throw fault }
        try cost.pay(10)
    }

    private mutating func chain(_ first: Int, _ count: Int) throws(Fault) -> CELValue {
        var value = try evaluate(plan.parts.children[first].node)
        for index in first + 1..<first + count {
            let child = plan.parts.children[index]
            let operand = try evaluate(child.node)
            failing = .step(index)
            guard let operation = BinaryOperator(rawValue: child.tag) else { continue }
            value = try Operators.apply(operation, value, operand, &cost, digits)
        }
        return value
    }

    // MARK: - Literals

    private mutating func list(_ node: Plan.Node, _ first: Int, _ count: Int) throws(Fault) -> CELValue {
        var values: [CELValue] = []
        values.reserveCapacity(count)
        for child in plan.parts.children[first..<first + count] {
            let value = try evaluate(child.node)
            if child.tag == 0 {
                values.append(value)
                continue
            }
            guard case .optional(let inner) = value else {
                failing = .node(node)
                throw Fault(.noSuchOverload, "an element after '?' is \(value.typeText), not optional")
            }
            if let inner { values.append(inner) }
        }
        return .list(CELList(values))
    }

    private mutating func map(_ node: Plan.Node, _ first: Int, _ count: Int) throws(Fault) -> CELValue {
        var entries: [(key: CELKey, value: CELValue)] = []
        entries.reserveCapacity(count)
        for index in stride(from: first, to: first + 2 * count, by: 2) {
            let child = plan.parts.children[index]
            let key = try evaluate(child.node)
            var value = try evaluate(plan.parts.children[index + 1].node)
            failing = .node(node)
            guard let key = CELKey(key) else {
                throw Fault(.noSuchOverload, "\(key.typeText) cannot be a key of a map")
            }
            if child.tag == 1 {
                guard case .optional(let inner) = value else {
                    throw Fault(.noSuchOverload, "the value of a key after '?' is \(value.typeText), not optional")
                }
                guard let inner else { continue }
                value = inner
            }
            entries.append((key, value))
        }
        return .map(try Evaluator.map(entries))
    }

    static func map(_ entries: [(key: CELKey, value: CELValue)]) throws(Fault) -> CELMap {
        guard let map = CELMap(entries) else { throw Fault(.duplicateKey, "the map has a key twice") }
        return map
    }
}
