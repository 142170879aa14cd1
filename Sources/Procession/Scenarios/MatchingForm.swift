import JSON

/// An expectation that is not a value but a rule: an object whose only member's name begins with `$`.
enum MatchingForm {
    case any([JSONValue])
    case contains(JSONValue)
    case containsNot(JSONValue)
    case size(Int64)
    case present

    /// Nil for what is no form, or none that there is; `fault(in:)` finds the latter when a scenario is read.
    init?(_ value: JSONValue) {
        guard let member = Self.member(of: value) else { return nil }
        switch (member.name, member.value) {
        case ("$any", .array(let choices)): self = .any(choices)
        case ("$contains", let item): self = .contains(item)
        case ("$not_contains", let item): self = .containsNot(item)
        case ("$size", let count):
            guard let size = count.int64Value, size >= 0 else { return nil }
            self = .size(size)
        case ("$present", .bool(true)): self = .present
        default: return nil
        }
    }

    /// `left` as in `Expectation`.
    func holds(for actual: JSONValue?, by expectation: Expectation, _ left: inout Int) -> Bool {
        switch self {
        case .any(let choices):
            for choice in choices where expectation.difference(choice, actual, at: "", &left) == nil { return true }
            return false
        case .contains(let item):
            for found in actual?.arrayValue ?? [] where expectation.difference(item, found, at: "", &left) == nil {
                return true
            }
            return false
        case .containsNot(let item):
            // What is no list does not pass: a misspelt place would always hold.
            guard let items = actual?.arrayValue else { return false }
            for found in items where expectation.difference(item, found, at: "", &left) == nil { return false }
            return true
        case .size(let count):
            let found = actual?.arrayValue?.count ?? actual?.objectValue?.count
            return found.map(Int64.init) == count
        case .present: return actual.map { !$0.isNull } ?? false
        }
    }

    /// The place of a form that is written wrong. It is looked for when a scenario is read, as inside of
    /// `$not_contains` a misspelt form would pass unseen.
    static func fault(in expected: JSONValue, at pointer: String) -> Scenario.Fault? {
        if let name = member(of: expected)?.name, MatchingForm(expected) == nil {
            return Scenario.Fault(pointer: "\(pointer)/\(name)", message: "there is no such matching form")
        }
        switch expected {
        case .array(let items):
            for (index, item) in items.enumerated() {
                if let fault = fault(in: item, at: "\(pointer)/\(index)") { return fault }
            }
        case .object(let object):
            for member in object {
                if let fault = fault(in: member.value, at: "\(pointer)/\(member.name)") { return fault }
            }
        case .null, .bool, .number, .string: break
        }
        return nil
    }

    private static func member(of value: JSONValue) -> JSONObject.Member? {
        guard case .object(let object) = value, object.count == 1, let member = object.members.first,
            member.name.hasPrefix("$")
        else { return nil }
        return member
    }
}
