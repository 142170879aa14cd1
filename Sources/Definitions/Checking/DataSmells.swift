import CEL
import JSON

// Members of the process data that are read and never written, or written so that nobody finds them.

/// Where an expression reads a member of `data`.
struct DataRead {
    let member: String
    let pointer: String
}

extension DefinitionReader {
    mutating func findDataSmells(_ definition: Definition) {
        let sets = definition.machines.flatMap(\.states).flatMap(\.transitions).compactMap(\.set)
        findDottedMembers(sets)
        // Where one of them is an expression as a whole, only a run can tell what is there.
        var members: Set<ExactText> = []
        for template in [definition.data].compactMap({ $0 }) + sets {
            guard let names = template.memberNames else { return }
            members.formUnion(names.map { ExactText($0) })
        }
        findUnsetMembers(among: members)
    }

    /// Looking for what was meant takes as long as there are members, so it is done for the first few names only.
    private static let hintLimit = 16

    private mutating func findUnsetMembers(among members: Set<ExactText>) {
        var hints: [ExactText: String] = [:]
        var looked = 0
        var warned: Set<ExactText> = []
        for read in dataReads where !members.contains(ExactText(read.member)) {
            // An expression that reads it twice is one place.
            guard warned.insert(ExactText("\(read.pointer) \(read.member)")).inserted else { continue }
            let member = ExactText(read.member)
            if hints[member] == nil, looked < Self.hintLimit {
                looked += 1
                hints[member] =
                    Hints.didYouMean(read.member, among: members.sorted().map(\.text))
                    ?? "'data' of the definition or 'set' of a transition gives it a value"
            }
            warn(read.pointer, "nothing sets the member '\(read.member)' of 'data'", hint: hints[member])
        }
    }

    /// A `set` replaces whole members. One whose name has a dot in it is no part of another, and whoever wants it has
    /// to write `data["a.b"]`; where somebody does, it is meant.
    private mutating func findDottedMembers(_ sets: [Template]) {
        let read = Set(dataReads.map { ExactText($0.member) })
        for set in sets {
            for name in set.memberNames ?? [] where name.contains(".") && !read.contains(ExactText(name)) {
                warn(
                    JSONPointer.child(set.pointer, name), "this sets a member with the name '\(name)', no part of one",
                    hint: "'set' replaces whole members of 'data'; a dot leads nowhere")
            }
        }
    }
}

extension Template {
    /// The names of the members that it gives; nil where only a run can tell.
    fileprivate var memberNames: [String]? {
        switch root {
        case .object(let members): members.map(\.name)
        case .literal: constant?.members.map(\.name) ?? []
        case .hole, .text, .array: nil
        }
    }
}
