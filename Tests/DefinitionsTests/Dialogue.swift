import Chrono
import Definitions
import EventSourcing
import Foundation
import JSON
import ProcessManagement
import Testing

/// Talks to a definition's manager as the engine would, without a store: posts events, gives outcomes, lets timers fire.
/// After every step it checks what has to hold for all of them.
final class Dialogue {
    let manager: DefinedProcessManager
    /// What its inputs are decided by.
    var rules = DecisionRules.present
    private(set) var state: ProcessState
    private(set) var entries: [(record: ProcessRecord, at: Instant)] = []
    private(set) var last: [Fact] = []
    /// What the last step published.
    private(set) var published: [PublishedEvent] = []
    var now = Instant(milliseconds: 1_700_000_000_000)
    /// Values that belong to other processes.
    var taken: [Correlation] = []
    /// Tasks that a worker holds.
    var held: [TaskID] = []
    private var ordinal = 0

    init(_ definition: Definition, key: String = "k1") {
        manager = DefinedProcessManager(definition)
        let processID = InputID.processID(
            tenant: "default", definition: definition.name, key: key, source: "", eventID: EventID("e1"))
        state = ProcessState(
            processID: processID, tenant: "default", definition: definition.name,
            definitionVersion: definition.version, key: key)
    }

    convenience init(json: String, key: String = "k1") throws {
        self.init(try Definition.load(Array(json.utf8)).definition, key: key)
    }

    convenience init(sample: String, key: String = "k1") throws {
        self.init(try Samples.definition(sample), key: key)
    }

    private var recalled: [Int64: Event] {
        var events: [Int64: Event] = [:]
        for version in state.deferredVersions {
            if case .event(let event) = entries[Int(version) - 1].record { events[version] = event }
        }
        return events
    }

    @discardableResult
    func give(_ input: ProcessInput) -> [Fact] {
        let before = state
        let observations = Observations(unsettled: held, taken: taken, rules: rules)
        let step = manager.step(before, input, observing: observations, recalling: recalled, at: now)
        let again = manager.step(before, input, observing: observations, recalling: recalled, at: now)
        #expect(step == again, "the same step twice is equal")
        entries += step.entries.map { ($0.record, now) }
        state = step.state
        var refolded = ProcessState(
            processID: state.processID, tenant: state.tenant, definition: state.definition,
            definitionVersion: state.definitionVersion, key: state.key)
        for entry in entries { refolded.fold(entry.record, at: entry.at) }
        #expect(refolded == state, "folding the stream from the start gives the state")
        #expect(ProcessState(snapshot: state.snapshot())?.snapshot() == state.snapshot(), "a snapshot comes back")
        for entry in step.entries {
            guard case .fact(let fact) = entry.record else { continue }
            let decoded = try? Fact(type: fact.type, data: fact.encoded(in: state.processID))
            #expect(decoded == fact, "a fact comes back: \(fact)")
        }
        last = step.facts
        published = step.published
        return last
    }

    @discardableResult
    func post(_ type: String, _ data: JSONValue = [:]) -> [Fact] {
        ordinal += 1
        return give(.event(Event(id: EventID("e\(ordinal)"), type: type, source: "", data: JSONView(data))))
    }

    /// The oldest open task of a type.
    func task(_ type: String) throws -> OpenTask {
        try #require(state.tasks.inOrder.first { $0.type == type }, "there is no open task \(type)")
    }

    @discardableResult
    func complete(_ type: String, _ result: JSONValue = [:]) throws -> [Fact] {
        give(.outcome(TaskOutcome(taskID: try task(type).id, ending: .completed(result: JSONView(result)), attempt: 1)))
    }

    @discardableResult
    func complete(machine: String, _ result: JSONValue = [:]) throws -> [Fact] {
        let task = try #require(state.tasks.inOrder.first { $0.machineID == machine })
        return give(.outcome(TaskOutcome(taskID: task.id, ending: .completed(result: JSONView(result)), attempt: 1)))
    }

    @discardableResult
    func fail(_ type: String, code: String? = nil, reason: String = "because") throws -> [Fact] {
        give(.outcome(TaskOutcome(taskID: try task(type).id, ending: .failed(code: code, reason: reason), attempt: 1)))
    }

    @discardableResult
    func cancelTask(_ type: String) throws -> [Fact] {
        give(.outcome(TaskOutcome(taskID: try task(type).id, ending: .cancelled, attempt: 1)))
    }

    /// Lets time go on; what is due fires in order, each at its time.
    func advance(_ span: TimeSpan) {
        let end = now + span
        while let timer = state.timers.inOrder.min(by: { $0.dueAt < $1.dueAt }), timer.dueAt <= end {
            now = max(now, timer.dueAt)
            give(.timer(TimerFired(timerID: timer.id, machineID: timer.machineID, dueAt: timer.dueAt)))
        }
        now = end
    }

    /// An operator retries an open incident of an input.
    @discardableResult
    func retry(_ incident: Incident) throws -> [Fact] {
        ordinal += 1
        let versions = [incident.inputVersion].compactMap { $0 } + state.waitingInputs
        let recorded: [RetriedInput] = versions.compactMap { version in
            if case .event(let event) = entries[Int(version) - 1].record { .trigger(.event(event)) } else { nil }
        }
        return give(
            .resolve(
                IncidentResolved(incidentID: incident.id, resolution: .retry, requestID: "r\(ordinal)"), result: nil,
                recorded: recorded))
    }

    // MARK: Reading

    var types: [String] { entries.map(\.record.type) }
    var openTasks: [String] { state.tasks.inOrder.map(\.type) }
    var data: JSONValue {
        .object(JSONObject(uniqueMembers: state.data.inOrder.map { (name: $0.name, value: $0.value.value) }))
    }

    func at(_ machine: String) -> String? { state.machines[machine]?.state }

    var planned: [TransitionPlanned] {
        last.compactMap { if case .transitionPlanned(let fact) = $0 { fact } else { nil } }
    }

    var commands: [CommandIssued] {
        last.compactMap { if case .commandIssued(let fact) = $0 { fact } else { nil } }
    }
}

enum Samples {
    static func text(_ name: String) throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Samples/\(name).json")
        return try String(contentsOf: file, encoding: .utf8)
    }

    static func definition(_ name: String) throws -> Definition {
        try Definition.load(Array(text(name).utf8)).definition
    }
}
