import Chrono
import JSON
import ProcessManagement

/// A process definition, checked and compiled: immutable, and all that deciding needs.
///
/// It and the larger of its parts are shared by reference: a step passes them on many times, and a copy of so many
/// members would cost more than what it decides.
public final class Definition: Sendable {
    public let name: String
    public let version: Int
    public let description: String?
    /// In the order of the document.
    public let events: [EventDeclaration]
    /// The process data of a new process; nil for an empty object.
    public let data: Template?
    /// In the order of the document. Top-level `states` are one static machine, `main`.
    public let machines: [MachineDeclaration]
    /// A start event after the end starts another process under the same key.
    public let restart: Bool
    public let onCancel: CancelDefaults
    /// The document with every default written in: what is stored, and what tells a new version from the same one.
    public let canonical: JSONValue

    /// Every task and undo task that it declares, by JSON Pointer.
    let tasks: [ExactText: TaskDeclaration]
    let undos: [ExactText: UndoDeclaration]
    let machineIndex: [ExactText: Int]
    let spawnEvents: [ExactText: [Int]]
    let hasAlways: Bool
    let hasSpawnedAlways: Bool

    init(
        name: String, version: Int, description: String?, events: [EventDeclaration], data: Template?,
        machines: [MachineDeclaration], restart: Bool, onCancel: CancelDefaults, canonical: JSONValue
    ) {
        self.name = name
        self.version = version
        self.description = description
        self.events = events
        self.data = data
        self.machines = machines
        self.restart = restart
        self.onCancel = onCancel
        self.canonical = canonical
        var tasks: [ExactText: TaskDeclaration] = [:]
        var undos: [ExactText: UndoDeclaration] = [:]
        for task in machines.flatMap(\.states).flatMap(\.tasks) {
            tasks[task.pointer] = task
            if let undo = task.undo { undos[undo.pointer] = undo }
        }
        self.tasks = tasks
        self.undos = undos
        var index: [ExactText: Int] = [:]
        var spawnEvents: [ExactText: [Int]] = [:]
        for (position, machine) in machines.enumerated() {
            index[machine.name] = position
            if let spawn = machine.spawn { spawnEvents[spawn.on, default: []].append(position) }
        }
        machineIndex = index
        self.spawnEvents = spawnEvents
        hasAlways = machines.contains { $0.hasAlways }
        hasSpawnedAlways = machines.contains { $0.hasAlways && $0.spawn != nil }
    }

    /// The machine declared under a name.
    public func machine(named name: String) -> MachineDeclaration? {
        machineIndex[name].map { machines[$0] }
    }

    /// Whether two documents say the same: members in any order, defaults written or not.
    public func isSame(as other: Definition) -> Bool { canonical == other.canonical }
}

/// An event type that the definition listens to.
public struct EventDeclaration: Sendable {
    public let pointer: String
    public let type: String
    public let key: CompiledExpression
    public let route: EventRoute
}

/// A state machine: one that starts with the process, or one made for each item of a list.
public final class MachineDeclaration: Sendable {
    public let pointer: String
    public let name: String
    public let spawn: Spawn?
    public let initial: String
    /// In the order of the document.
    public let states: [StateDeclaration]

    let stateIndex: [ExactText: Int]
    /// Event type → the states that take it or put it off.
    let listeners: [ExactText: [String]]
    let hasAlways: Bool

    init(pointer: String, name: String, spawn: Spawn?, initial: String, states: [StateDeclaration]) {
        self.pointer = pointer
        self.name = name
        self.spawn = spawn
        self.initial = initial
        self.states = states
        var index: [ExactText: Int] = [:]
        var listeners: [ExactText: [String]] = [:]
        for (position, state) in states.enumerated() {
            index[state.name] = position
            guard !state.isFinal else { continue }
            for trigger in Set(state.on.keys).union(state.deferred.map { ExactText($0) }).sorted() {
                listeners[trigger, default: []].append(state.name)
            }
        }
        stateIndex = index
        self.listeners = listeners
        hasAlways = states.contains { !$0.always.isEmpty }
    }

    public func state(named name: String) -> StateDeclaration? {
        stateIndex[name].map { states[$0] }
    }
}

extension StateDeclaration {
    func defers(_ type: String) -> Bool { deferred.contains { ExactText.sameBytes($0, type) } }
}

/// How machines of a name come into being while the process runs.
public struct Spawn: Sendable {
    public let pointer: String
    /// The event type.
    public let on: String
    /// Gives the list.
    public let forEach: CompiledExpression
    /// Gives the id of the machine for one `item`.
    public let id: CompiledExpression
}

public final class StateDeclaration: Sendable {
    public let pointer: String
    public let name: String
    public let task: TaskDeclaration?
    /// Trigger → the transitions that may answer it, the first that holds is taken.
    public let on: [ExactText: [TransitionDeclaration]]
    public let after: [AfterDeclaration]
    public let always: [TransitionDeclaration]
    /// Event types that are put off until the next state change.
    public let deferred: [String]
    public let isFinal: Bool
    public let result: Template?

    init(
        pointer: String, name: String, task: TaskDeclaration?, on: [ExactText: [TransitionDeclaration]],
        after: [AfterDeclaration], always: [TransitionDeclaration], deferred: [String], isFinal: Bool,
        result: Template?
    ) {
        self.pointer = pointer
        self.name = name
        self.task = task
        self.on = on
        self.after = after
        self.always = always
        self.deferred = deferred
        self.isFinal = isFinal
        self.result = result
    }
}
