import JSON

/// Damages text.
enum Mutations {
    static func apply(_ bytes: [UInt8], _ random: inout SeededGenerator, words: [String]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<1 + random.below(4) {
            let start = random.below(bytes.count + 1)
            let end = min(bytes.count, start + random.below(random.chance(4) ? 80 : 6))
            switch random.below(6) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: bytes[start..<end], at: random.below(bytes.count + 1))
            case 2: bytes.insert(contentsOf: Array(random.pick(words).utf8), at: start)
            case 3: bytes.replaceSubrange(start..<end, with: Array(random.pick(words).utf8))
            case 4 where start < bytes.count: bytes[start] = UInt8(truncatingIfNeeded: random.next())
            case 5 where start < bytes.count: bytes[start] ^= 1 << UInt8(random.below(8))
            default: break
            }
        }
        return bytes
    }

    /// Puts something else into one place of a tree, or takes a member away.
    static func apply(_ value: JSONValue, _ random: inout SeededGenerator, spare: [JSONValue]) -> JSONValue {
        if random.chance(8) {
            return random.chance(2) || spare.isEmpty ? RandomJSON.value(&random) : random.pick(spare)
        }
        switch value {
        case .object(var object):
            let members = object.members
            guard !members.isEmpty else { return RandomJSON.value(&random, depth: 1) }
            let member = members[random.below(members.count)]
            switch random.below(8) {
            case 0: object[member.name] = nil
            case 1: object[random.pick(members).name + "x"] = member.value
            case 2: object[random.pick(members).name] = member.value
            default: object[member.name] = apply(member.value, &random, spare: spare)
            }
            return .object(object)
        case .array(var elements):
            guard !elements.isEmpty else { return .array([RandomJSON.value(&random, depth: 1)]) }
            let index = random.below(elements.count)
            switch random.below(5) {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            default: elements[index] = apply(elements[index], &random, spare: spare)
            }
            return .array(elements)
        default: return RandomJSON.value(&random, depth: 1)
        }
    }
}
