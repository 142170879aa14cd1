/// Macros: one step of the range after the other, with its parts in the frame.
extension Evaluator {
    mutating func run(_ macro: Plan.Macro, _ node: Plan.Node) throws(Fault) -> CELValue {
        let range = try evaluate(macro.range)
        switch macro.kind {
        case .bind:
            frame[Int(macro.first)] = range
            return try evaluate(macro.result)
        case .optionalMap, .optionalFlatMap: return try optional(range, macro, node)
        default: break
        }
        var fold = Fold(macro: macro)
        switch range {
        case .list(let list):
            var position: Int64 = 0
            for element in list.elements(digits.reading(false)) {
                try cost.pay(1)
                if macro.second < 0 {
                    frame[Int(macro.first)] = element
                } else {
                    frame[Int(macro.first)] = .int(position)
                    frame[Int(macro.second)] = element
                }
                if try step(&fold, position: position, node) { break }
                position += 1
            }
        case .map(let map):
            for (key, value) in map.entries(digits.reading(false)) {
                try cost.pay(1)
                frame[Int(macro.first)] = key.value
                if macro.second >= 0 { frame[Int(macro.second)] = value }
                if try step(&fold, key: key, node) { break }
            }
        default:
            failing = .node(node)
            throw Fault(.noSuchOverload, "a macro goes over a list or a map, not over \(range.typeText)")
        }
        failing = .node(node)
        return try finish(fold)
    }

    /// What a macro has gathered so far.
    struct Fold {
        let macro: Plan.Macro
        var isDecided = false
        var matches = 0
        var values: [CELValue] = []
        var entries: [(key: CELKey, value: CELValue)] = []
        var hidden: (fault: Fault, place: Failing)?
    }

    /// True when the rest of the range cannot change the result.
    private mutating func step(
        _ fold: inout Fold, position: Int64 = 0, key: CELKey? = nil, _ node: Plan.Node
    ) throws(Fault) -> Bool {
        let macro = fold.macro
        switch macro.kind {
        case .all, .exists:
            let decisive = macro.kind == .exists
            do throws(Fault) {
                if try condition(macro, node) == decisive {
                    fold.isDecided = true
                    return true
                }
            } catch {
                if fold.hidden == nil { fold.hidden = (error, failing) }
                try absorb(error)
            }
            return false
        case .existsOne:
            if try condition(macro, node) { fold.matches += 1 }
            return false
        case .filter:
            if try condition(macro, node), let value = frame[Int(macro.first)] { fold.values.append(value) }
            return false
        case .map, .transformList:
            if macro.condition >= 0, try !condition(macro, node) { return false }
            fold.values.append(try evaluate(macro.result))
            return false
        case .transformMap:
            if macro.condition >= 0, try !condition(macro, node) { return false }
            fold.entries.append((key ?? .int(position), try evaluate(macro.result)))
            return false
        case .transformMapEntry:
            if macro.condition >= 0, try !condition(macro, node) { return false }
            let value = try evaluate(macro.result)
            failing = .node(node)
            guard case .map(let map) = value else {
                throw Fault(.noSuchOverload, "the result of transformMapEntry() is \(value.typeText), not map")
            }
            try cost.pay(map.count)
            for entry in map.entries(digits.reading(false)) { fold.entries.append(entry) }
            return false
        case .bind, .optionalMap, .optionalFlatMap: return true
        }
    }

    private mutating func condition(_ macro: Plan.Macro, _ node: Plan.Node) throws(Fault) -> Bool {
        let value = try evaluate(macro.condition)
        guard case .bool(let isTrue) = value else {
            failing = .node(node)
            throw Fault(.noSuchOverload, "the condition of a macro is \(value.typeText), not bool")
        }
        return isTrue
    }

    private mutating func finish(_ fold: Fold) throws(Fault) -> CELValue {
        switch fold.macro.kind {
        case .all, .exists:
            let decisive = fold.macro.kind == .exists
            if fold.isDecided { return .bool(decisive) }
            guard let hidden = fold.hidden else { return .bool(!decisive) }
            failing = hidden.place
            throw hidden.fault
        case .existsOne: return .bool(fold.matches == 1)
        case .transformMap, .transformMapEntry: return .map(try Evaluator.map(fold.entries))
        default: return .list(CELList(fold.values))
        }
    }

    private mutating func optional(
        _ target: CELValue, _ macro: Plan.Macro, _ node: Plan.Node
    ) throws(Fault) -> CELValue {
        guard case .optional(let inner) = target else {
            failing = .node(node)
            throw Fault(.noSuchOverload, "optMap() and optFlatMap() take an optional, not \(target.typeText)")
        }
        guard let inner else { return .optional(nil) }
        frame[Int(macro.first)] = inner
        let result = try evaluate(macro.result)
        if macro.kind == .optionalMap { return .optional(result) }
        guard case .optional = result else {
            failing = .node(node)
            throw Fault(.noSuchOverload, "the result of optFlatMap() is \(result.typeText), not optional")
        }
        return result
    }
}
