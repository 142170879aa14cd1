import CEL
import Chrono
import EventSourcing
import JSON
import ProcessManagement

// The host objects that expressions read. Every member is always there, null where it has no value.

struct EventRecord: CELRecord {
    let event: Event

    static let names = ["id", "type", "source", "time", "data", "correlation_id"]
    var memberNames: [String] { Self.names }

    func member(_ name: String) -> CELValue? {
        switch name {
        case "id": .string(event.id.description)
        case "type": .string(event.type)
        case "source": event.source.map(CELValue.string) ?? .null
        case "time": event.time.flatMap(CELTimestamp.init(rfc3339:)).map(CELValue.timestamp) ?? .null
        case "data": CELValue(exactly: event.data)
        case "correlation_id": event.correlationID.map(CELValue.string) ?? .null
        default: nil
        }
    }
}

struct DataRecord: CELRecord {
    let data: OrderedTable<ExactText, NamedValue>
    /// Members that take the place of those in `data`, or stand behind them.
    let written: JSONView?

    init(_ frame: borrowing Frame) {
        data = frame.state.data
        written = frame.written
    }

    var memberNames: [String] {
        var names = data.inOrder.map(\.name)
        if let written { names += written.members.map(\.name).filter { data[$0] == nil } }
        return names
    }

    func member(_ name: String) -> CELValue? {
        (written?[name] ?? data[name]?.value).map { CELValue(exactly: $0) }
    }
}

struct ProcessFactsRecord: CELRecord {
    let state: ProcessState
    let now: Instant

    static let names = ["id", "key", "started_at", "status", "definition", "definition_version"]
    var memberNames: [String] { Self.names }

    func member(_ name: String) -> CELValue? {
        switch name {
        case "id": .string(state.processID.description)
        case "key": .string(state.key)
        case "started_at": CELValue(state.status == .new ? now : state.startedAt)
        case "status": .string(state.status.rawValue)
        case "definition": .string(state.definition)
        case "definition_version": .int(Int64(state.definitionVersion))
        default: nil
        }
    }
}

struct MachineRecord: CELRecord {
    let machine: MachineFacts

    static let names = ["id", "name", "state", "item", "result"]
    var memberNames: [String] { Self.names }

    func member(_ name: String) -> CELValue? {
        switch name {
        case "id": .string(machine.id)
        case "name": .string(machine.name)
        case "state": .string(machine.state)
        case "item": machine.item.map { CELValue(exactly: $0) } ?? .null
        case "result": machine.result.map { CELValue(exactly: $0) } ?? .null
        default: nil
        }
    }
}

struct TaskRecord: CELRecord {
    let facts: TaskFacts

    static let names = ["id", "type", "input", "result", "code", "reason", "attempts", "last_code", "last_reason"]
    var memberNames: [String] { Self.names }

    func member(_ name: String) -> CELValue? {
        switch name {
        case "id": .string(facts.task.id.description)
        case "type": .string(facts.task.type)
        case "input": CELValue(exactly: facts.task.input)
        case "result": facts.result.map { CELValue(exactly: $0) } ?? .null
        case "code": facts.code.map(CELValue.string) ?? .null
        case "reason": facts.reason.map(CELValue.string) ?? .null
        case "attempts": .int(Int64(facts.attempts))
        case "last_code": facts.lastCode.map(CELValue.string) ?? .null
        case "last_reason": facts.lastReason.map(CELValue.string) ?? .null
        default: nil
        }
    }
}

/// What spawned machines ended with: a list for each name, in the order of spawning, null where one is not over.
struct ResultsRecord: CELRecord {
    let state: ProcessState
    let shape: CountsShape

    var memberNames: [String] { shape.spawned }

    func member(_ name: String) -> CELValue? {
        guard shape.spawned.contains(where: { $0 == name }) else { return nil }
        return .list(CELList(ResultList(machines: state.machines.inOrder.filter { $0.name == name })))
    }
}

struct ResultList: CELHostList {
    let machines: [Machine]

    var count: Int { machines.count }

    func element(at position: Int) -> CELValue { machines[position].result.map { CELValue(exactly: $0) } ?? .null }
}

/// How many machines are in which state: every machine and every state of the definition, 0 where there is none.
struct CountsRecord: CELRecord {
    let state: ProcessState
    let shape: CountsShape

    var memberNames: [String] { shape.machines.map(\.name) }

    func member(_ name: String) -> CELValue? {
        guard let position = shape.index[name] else { return nil }
        return .map(CELMap(MachineCountsRecord(state: state, shape: shape, position: position)))
    }
}

private struct MachineCountsRecord: CELRecord {
    let state: ProcessState
    let shape: CountsShape
    let position: Int

    var memberNames: [String] { shape.machines[position].states + ["total"] }

    func member(_ name: String) -> CELValue? {
        let machine = shape.machines[position]
        if name == "total" {
            return .int(machine.states.reduce(0) { $0 + Int64(state.count(of: machine.name, in: $1)) })
        }
        guard machine.states.contains(name) else { return nil }
        return .int(Int64(state.count(of: machine.name, in: name)))
    }
}

/// The machines and states that `counts` has.
final class CountsShape: Sendable {
    let machines: [(name: String, states: [String])]
    let index: [ExactText: Int]
    /// The names of the machines that are made for items.
    let spawned: [String]

    init(_ machines: [(name: String, states: [String])], spawned: [String] = []) {
        self.machines = machines
        self.spawned = spawned
        var index: [ExactText: Int] = [:]
        for (position, machine) in machines.enumerated() { index[machine.name] = position }
        self.index = index
    }
}

/// All machines of the process, in the order in which they came into being.
struct MachineList: CELHostList {
    let machines: [Machine]

    var count: Int { machines.count }

    func element(at position: Int) -> CELValue {
        .map(CELMap(MachineRecord(machine: MachineFacts(machines[position]))))
    }
}
