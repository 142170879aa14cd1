import Definitions
import Engine
import JSON

/// Which transitions of definitions the processes of scenarios took, read from their recorded `TransitionPlanned` facts.
///
/// A fact bears the name of its transition, or else what triggered it. Transitions of one state that look alike (the
/// same trigger, no names, the same target and end) cannot be told apart and count together.
public struct TransitionCoverage {
    /// One definition, as one document says it.
    public struct Entry {
        public let definition: Definition
        /// In the order of machines, states and triggers.
        public let transitions: [Declared]
        public fileprivate(set) var taken: Set<ExactText> = []

        public var missing: [Declared] { transitions.filter { !taken.contains($0.pointer) } }
    }

    public struct Declared: Sendable {
        public let pointer: String
        /// Its name, or else its trigger.
        public let label: String
        let machine: String
        let state: String
        let transition: TransitionDeclaration
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    public var taken: Int { entries.reduce(0) { $0 + $1.taken.count } }
    public var total: Int { entries.reduce(0) { $0 + $1.transitions.count } }
    /// 100 where there is nothing to take.
    public var percent: Double { total == 0 ? 100 : 100 * Double(taken) / Double(total) }

    /// Counts a definition although no scenario may have used it. The same document counts once.
    @discardableResult
    public mutating func add(_ definition: Definition) -> Int {
        if let index = entries.firstIndex(where: {
            $0.definition.name == definition.name && $0.definition.isSame(as: definition)
        }) {
            return index
        }
        entries.append(Entry(definition: definition, transitions: definition.machines.flatMap(Self.declared)))
        return entries.count - 1
    }

    /// Counts what the processes of a service have taken.
    public mutating func add(_ client: any ScenarioClient) throws {
        var cursor: String?
        repeat {
            let target = "/processes?limit=1000" + (cursor.map { "&cursor=\($0)" } ?? "")
            let page = try client.call("GET", target, nil).body
            for process in page["processes"]?.arrayValue ?? [] { try add(process, client) }
            cursor = page["next"]?.stringValue
        } while cursor != nil
    }

    private mutating func add(_ process: JSONValue, _ client: any ScenarioClient) throws {
        let id = process["process_id"]?.stringValue ?? ""
        let name = process["definition"]?.stringValue ?? ""
        var places: [Int64: Int] = [:]
        for taken in try Self.taken(by: id, client) {
            if places[taken.version] == nil {
                let path = "/definitions/\(name)/versions/\(taken.version)"
                let content = try client.call("GET", path, nil).body["content"]
                guard let content, let definition = try? Definition.load(content.bytes).definition else { continue }
                places[taken.version] = add(definition)
            }
            if let place = places[taken.version] { entries[place].count(taken) }
        }
    }

    // MARK: Reading streams

    /// A transition as it was recorded.
    fileprivate struct Taken {
        let version: Int64
        let fact: JSONValue
        /// The type of the fact that ended the process in this step, or began to.
        var end: String?
        var endKind: String?
        var reason: String?
    }

    /// What may stand between a transition and the end that it brings.
    private static let following: Set<ExactText> = [
        "TaskCancelled", "TimerScheduled", "CommandIssued", "EventDeferred", "DeferredEventOffered",
    ]
    private static let ends: Set<ExactText> = [
        "ProcessCompleted", "ProcessCancelled", "ProcessFailed", "CompensationStarted",
    ]

    private static func taken(by process: String, _ client: any ScenarioClient) throws -> [Taken] {
        var found: [Taken] = []
        var isLast = false
        var from: Int64 = 1
        while true {
            let page = try client.call("GET", "/processes/\(process)/events?limit=1000&from=\(from)", nil).body
            let records = page["events"]?.arrayValue ?? []
            for record in records {
                let type = record["type"]?.stringValue ?? ""
                if type == "TransitionPlanned", let fact = record["data"] {
                    found.append(Taken(version: fact["definition_version"]?.int64Value ?? 0, fact: fact))
                    isLast = true
                } else if ends.contains(type), isLast {
                    found[found.count - 1].end = type
                    found[found.count - 1].endKind = record["data"]?["end"]?.stringValue
                    found[found.count - 1].reason = record["data"]?["reason"]?.stringValue
                    isLast = false
                } else if !following.contains(type) {
                    isLast = false
                }
            }
            guard records.count == 1000, let next = page["next"]?.int64Value else { return found }
            from = next
        }
    }

    // MARK: What is declared

    private static func declared(by machine: MachineDeclaration) -> [Declared] {
        machine.states.flatMap { state in
            let triggered = state.on.keys.sortedTexts.flatMap { trigger in
                (state.on[trigger] ?? []).map { (trigger, $0) }
            }
            let timed = state.after.map { ("after", $0.transition) }
            let tried = state.always.map { ("always", $0) }
            return (triggered + timed + tried).map { trigger, transition in
                Declared(
                    pointer: transition.pointer, label: transition.name ?? trigger, machine: machine.name,
                    state: state.name, transition: transition)
            }
        }
    }
}

extension TransitionCoverage.Entry {
    fileprivate mutating func count(_ fact: TransitionCoverage.Taken) {
        var candidates = transitions.filter { $0.isNamed(by: fact) }
        // Each further trait narrows the choice, unless it leaves nothing.
        let traits: [(TransitionCoverage.Declared) -> Bool] = [
            { $0.leads(fact) }, { $0.plans(fact) }, { $0.writes(fact) }, { $0.ends(fact) },
            { $0.reason.map { $0 == fact.reason } ?? true }, { $0.reason == fact.reason },
        ]
        for trait in traits {
            let narrowed = candidates.filter(trait)
            if !narrowed.isEmpty { candidates = narrowed }
        }
        for candidate in candidates { taken.insert(candidate.pointer) }
    }
}

extension TransitionCoverage.Declared {
    /// Why it ends the process, where that is the same every time.
    fileprivate var reason: String? {
        switch transition.end {
        case .cancel(let reason, _), .fail(let reason, _): reason.constant?.stringValue
        case .complete, nil: nil
        }
    }

    fileprivate func isNamed(by taken: TransitionCoverage.Taken) -> Bool {
        let fact = taken.fact
        return fact["machine"]?.stringValue == machine && fact["from_state"]?.stringValue == state
            && fact["transition"]?.stringValue == label && fact["undoes"] == nil
    }

    fileprivate func leads(_ taken: TransitionCoverage.Taken) -> Bool {
        transition.to == (taken.fact["stays"]?.boolValue == true ? nil : taken.fact["to_state"]?.stringValue)
    }

    fileprivate func plans(_ taken: TransitionCoverage.Taken) -> Bool {
        guard taken.fact["state_task"]?.boolValue != true else { return true }
        return transition.task?.pointer == taken.fact["task_pointer"]?.stringValue
    }

    fileprivate func writes(_ taken: TransitionCoverage.Taken) -> Bool {
        (transition.set != nil) == (taken.fact["set"] != nil)
    }

    fileprivate func ends(_ taken: TransitionCoverage.Taken) -> Bool {
        switch (transition.end, taken.end) {
        case (nil, nil), (nil, "ProcessCompleted"), (.complete, "ProcessCompleted"): true
        case (.cancel, "ProcessCancelled"), (.fail, "ProcessFailed"): true
        case (.cancel(_, true), "CompensationStarted"): taken.endKind == "Cancelled"
        case (.fail(_, true), "CompensationStarted"): taken.endKind == "Failed"
        default: false
        }
    }
}
