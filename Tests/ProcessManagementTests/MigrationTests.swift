import Chrono
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Migration of a process")
struct MigrationTests {
    /// Two machines, one of which is made for an item; each has a task and timers.
    private struct Pair: ProcessManager {
        let name = "pair"
        var version = 1
        var states: [String: DeclaredState] = [:]

        func decide(
            _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
        ) throws(DecisionFault) -> Decision {
            guard case .event = trigger else { return context.decision }
            for machine in ["main", "item/x"] {
                try context.plan(
                    machine: machine, named: machine == "main" ? "main" : "item", to: "Open", as: "start",
                    task: TaskPlan(type: "work", input: .null, undo: .whenCompleted))
                for (index, name) in [nil, "late", "gone"].enumerated() {
                    try context.schedule(machine: machine, at: context.now + .hours(1), index: index, name: name)
                }
            }
            return context.decision
        }

        func declaredState(_ state: String, of machine: String) -> DeclaredState? { states["\(machine) \(state)"] }

        func enter(_ machineIDs: [String], _ context: inout ProcessContext) throws(DecisionFault) -> Decision {
            for id in machineIDs {
                try context.plan(
                    machine: id, to: context.state.machines[id]?.state, as: "migrated",
                    task: TaskPlan(type: "again", input: .null))
            }
            return context.decision
        }
    }

    private static let now = Instant(milliseconds: 1_700_000_000_000)

    private static func started() -> ProcessState {
        let state = ProcessState(
            processID: UniqueID(name: Array("p".utf8)), tenant: "default", definition: "pair", definitionVersion: 1,
            key: "k")
        let event = Event(id: EventID("e1"), type: "Start", source: "", data: JSONView([:]))
        return Pair().step(state, .event(event), at: now).state
    }

    /// The same states, with other timers.
    private static let second = Pair(
        version: 2,
        states: [
            "main Opened": DeclaredState(timers: [.init(index: 0, name: "late"), .init(index: 1)]),
            "item Open": DeclaredState(isSpawned: true, timers: [.init(index: 0, name: "first")]),
        ])

    private static let map = StateMap(machines: ["main": ["Open": "Opened"]])

    private static func migrated(enter: Bool = false) throws -> (ProcessMigrated, Step) {
        let state = started()
        guard case .possible(let fact) = state.migration(to: second, by: map, enter: enter, requestID: "r") else {
            throw Refused()
        }
        return (fact, second.step(state, .migrate(fact), at: now + .minutes(1)))
    }

    private struct Refused: Error {}

    @Test("moves machines without entering anything; timers follow their names, else their places")
    func moves() throws {
        let (fact, step) = try Self.migrated()
        #expect(fact.moves == [.init(machine: "main", from: "Open", to: "Opened")])
        #expect(step.facts == [.processMigrated(fact)])
        let state = step.state
        #expect(state.definitionVersion == 2)
        #expect(state.isMigrated)
        #expect(state.machines["main"]?.state == "Opened")
        #expect(state.machines["main"]?.enteredAt == Self.started().machines["main"]?.enteredAt)
        #expect(state.machines["item/x"]?.state == "Open")
        #expect(state.count(of: "main", in: "Opened") == 1)
        #expect(state.count(of: "main", in: "Open") == 0)
        #expect(state.tasks.inOrder.map(\.definitionVersion) == [1, 1])
        // main: "late" is first now, the others by place: the unnamed one had place 0, which bears a name that is taken.
        let main = state.timers.inOrder.filter { $0.machineID == "main" }
        #expect(main.map(\.name).contains("late"))
        #expect(main.allSatisfy { $0.state == "Opened" })
        #expect(main.first { $0.name == "late" }?.index == 0)
        // item: "first" has no namesake and stands where the unnamed one stood.
        let item = state.timers.inOrder.filter { $0.machineID == "item/x" }
        #expect(item.map(\.name) == ["first"])
        #expect(fact.timersKept.count + fact.timersDropped.count == 6)
        #expect(Set(fact.timersKept.map(\.timerID)).isDisjoint(with: fact.timersDropped))
    }

    @Test("no two timers of a machine go on as the same entry")
    func distinct() throws {
        let (_, step) = try Self.migrated()
        for machine in ["main", "item/x"] {
            let places = step.state.timers.inOrder.filter { $0.machineID == machine }.map(\.index)
            #expect(Set(places).count == places.count, "\(machine): \(places)")
        }
    }

    @Test("refolding and the snapshot give the same state")
    func refolds() throws {
        for enter in [false, true] {
            let (_, step) = try Self.migrated(enter: enter)
            var refolded = Self.started()
            for entry in step.entries { refolded.fold(entry.record, at: Self.now + .minutes(1)) }
            #expect(refolded == step.state)
            let snapshot = step.state.snapshot()
            let read = try #require(ProcessState(snapshot: snapshot))
            #expect(read.snapshot() == snapshot)
            #expect(read.isMigrated)
            #expect(read.tasks.inOrder == step.state.tasks.inOrder)
        }
    }

    @Test("with enter, mapped machines enter their states, others do not")
    func enters() throws {
        let (fact, step) = try Self.migrated(enter: true)
        #expect(fact.enter)
        #expect(step.facts.map(\.type) == ["ProcessMigrated", "TaskCancelled", "TransitionPlanned"])
        guard case .transitionPlanned(let planned) = step.facts[2] else { throw Refused() }
        #expect(planned.machineID == "main")
        #expect(planned.definitionVersion == 2)
        #expect(step.state.tasks.inOrder.map(\.definitionVersion).sorted() == [1, 2])
        #expect(step.state.timers.inOrder.allSatisfy { $0.machineID != "main" })
    }

    @Test("what the other version lacks is named with its place")
    func refuses() {
        let state = Self.started()
        func faults(_ manager: Pair, _ map: StateMap) -> [String] {
            guard case .refused(let faults) = state.migration(to: manager, by: map, requestID: "r") else { return [] }
            return faults.map(\.pointer)
        }
        #expect(faults(Self.second, StateMap()) == ["/state_map"])
        #expect(faults(Self.second, StateMap(everywhere: ["Open": "Opened"])) == ["/state_map/Open"])
        #expect(faults(Self.second, StateMap(machines: ["main": ["Open": "Shut"]])) == ["/state_map/main/Open"])
        #expect(faults(Pair(version: 2), StateMap()) == ["/state_map", "/state_map"])
        var other = Self.second
        other.states["item Open"]?.isSpawned = false
        #expect(faults(other, Self.map) == [""])
    }
}
