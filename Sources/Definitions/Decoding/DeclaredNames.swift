import EventSourcing
import JSON
import ProcessManagement

/// The names that a document declares, gathered before anything is read that refers to them.
struct DeclaredNames {
    /// In the order of the document, with their states.
    var machines: [(name: String, states: [String])] = []
    /// Those that are made for items.
    var spawned: [String] = []
    /// Event types that are listened to.
    var events: [String] = []
    /// Event types that a transition raises.
    var raised: [String] = []
    /// Asked for every transition, and a machine may have thousands of states.
    private var statesByMachine: [ExactText: Set<ExactText>] = [:]

    init(_ document: JSONView) {
        if let declared = document["machines"] {
            for (name, machine) in declared.members {
                machines.append((name, Self.members(of: machine["states"])))
                if machine["spawn"] != nil { spawned.append(name) }
            }
        } else {
            machines = [("main", Self.members(of: document["states"]))]
        }
        for (machine, states) in machines { statesByMachine[ExactText(machine)] = Set(states.map { ExactText($0) }) }
        events = Self.members(of: document["events"])
        Self.gather(document["machines"], &raised, depth: 0)
        Self.gather(document["states"], &raised, depth: 0)
    }

    private static func members(of view: JSONView?) -> [String] { view?.members.map(\.name) ?? [] }

    /// Walks everything: a template that happens to hold a member `raise` only makes a message milder.
    private static func gather(_ view: JSONView?, _ raised: inout [String], depth: Int) {
        guard let view, depth < 64 else { return }
        for element in view.elements { gather(element, &raised, depth: depth + 1) }
        for (name, value) in view.members {
            if name == "raise" {
                for event in value.kind == .array ? Array(value.elements) : [value] {
                    if let type = event["type"]?.stringValue, !raised.contains(type) { raised.append(type) }
                }
            } else {
                gather(value, &raised, depth: depth + 1)
            }
        }
    }

    func hasState(_ state: String, of machine: String) -> Bool {
        statesByMachine[ExactText(machine)]?.contains(ExactText(state)) == true
    }

    func states(of machine: String) -> [String] {
        machines.first { $0.name == machine }?.states ?? []
    }
}

/// The grammar of names.
enum NameRules {
    /// Definitions, machines, states: a letter, then letters, digits, `_` and `-`, at most 64.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy {
            isLetter($0) || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: "-")
        }
    }

    /// Event and task types: up to 255 visible characters.
    static func isType(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard !scalars.isEmpty, scalars.count <= 255 else { return false }
        return scalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
                .spaceSeparator:
                false
            default: true
            }
        }
    }

    static let outcomes = ["completed", "failed", "cancelled"]

    /// Types that only the engine records, and those that mean something else in `on`.
    static func isReserved(eventType type: String) -> Bool {
        ReservedNames.isReserved(type: type)
    }

    /// Categories of streams that are no process streams.
    static let reservedDefinitions = StreamID.managedCategories

    private static func isLetter(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
    }
}
