import JSON

/// What an operator says about states that another version calls otherwise.
public struct StateMap: Sendable, Equatable {
    /// Old state → new state, for machines of every name.
    public var everywhere: [ExactText: String]
    /// Machine name → old state → new state; goes before `everywhere`.
    public var machines: [ExactText: [ExactText: String]]

    public init(everywhere: [ExactText: String] = [:], machines: [ExactText: [ExactText: String]] = [:]) {
        self.everywhere = everywhere
        self.machines = machines
    }

    func target(machine: String, state: String) -> String? {
        machines[machine]?[state] ?? everywhere[state]
    }
}

/// A reason why a process cannot go on under another version.
public struct MigrationFault: Sendable, Equatable {
    /// Into the request: the entry of its map that leads nowhere, or the map that lacks one.
    public var pointer: String
    public var message: String

    public init(pointer: String, message: String) {
        self.pointer = pointer
        self.message = message
    }
}

extension ProcessState {
    public enum Migration: Sendable, Equatable {
        case possible(ProcessMigrated)
        case refused([MigrationFault])
    }

    /// How this process would go on under the version that `manager` is. Pure: the same state, map and version give the
    /// same fact.
    public func migration(
        to manager: some ProcessManager, by map: StateMap, enter: Bool = false, reason: String? = nil,
        requestedBy by: String? = nil, requestID: String
    ) -> Migration {
        var migrated = ProcessMigrated(
            fromVersion: definitionVersion, toVersion: manager.version, enter: enter, reason: reason, by: by,
            requestID: requestID)
        var places: [Place: DeclaredState] = [:]
        var faults: [MigrationFault] = []
        for machine in machines.inOrder {
            let place = Place(machine)
            guard places[place] == nil else { continue }
            let target = map.target(machine: machine.name, state: machine.state)
            places[place] = DeclaredState()
            guard let state = manager.declaredState(target ?? place.state, of: place.machine) else {
                faults.append(
                    .missing(target ?? machine.state, of: place, isMapped: target != nil, map, manager.version))
                continue
            }
            guard state.isSpawned == place.isSpawned else {
                faults.append(.otherKind(of: place, manager.version))
                continue
            }
            places[place] = state
            if let target { migrated.moves.append(.init(machine: place.machine, from: place.state, to: target)) }
        }
        guard faults.isEmpty else { return .refused(faults) }
        migrated.moves = Self.grouped(migrated.moves)
        keepTimers(&migrated, places)
        // Ids make a list of timers that outgrows a fact long before anything else does.
        guard Fact.processMigrated(migrated).encoded(in: processID).rawByteCount <= StepLimits.bytes else {
            return .refused([
                MigrationFault(pointer: "", message: "the process has more timers than one fact can list")
            ])
        }
        return .possible(migrated)
    }

    /// Where machines of one name are.
    fileprivate struct Place: Hashable {
        let machine: String
        let state: String
        let isSpawned: Bool

        init(_ machine: Machine) {
            self.machine = machine.name
            state = machine.state
            isSpawned = machine.id != machine.name
        }
    }

    private static func grouped(_ moves: [ProcessMigrated.Move]) -> [ProcessMigrated.Move] {
        var names: [String] = []
        for move in moves where !names.contains(move.machine) { names.append(move.machine) }
        return names.flatMap { name in moves.filter { $0.machine == name } }
    }

    /// A timer goes on under its name; one that has none there, at its index, unless another goes on there or both have
    /// names: then they mean two different things.
    private func keepTimers(_ migrated: inout ProcessMigrated, _ places: [Place: DeclaredState]) {
        var claimed: [ExactText: Set<Int>] = [:]
        for timer in timers.inOrder {
            guard let machineID = timer.machineID, let name = timer.name,
                let entry = declaredTimers(of: timer, places).first(where: { $0.name == name })
            else { continue }
            claimed[machineID, default: []].insert(entry.index)
        }
        for timer in timers.inOrder {
            // The deadline of a cancel belongs to no machine and to no version.
            guard let machineID = timer.machineID else { continue }
            let declared = declaredTimers(of: timer, places)
            let match =
                declared.first { $0.name != nil && $0.name == timer.name }
                ?? declared.first {
                    $0.index == timer.index && ($0.name == nil || timer.name == nil)
                        && claimed[machineID]?.contains($0.index) != true
                }
            if let match {
                migrated.timersKept.append(.init(timerID: timer.id, index: match.index, name: match.name))
            } else {
                migrated.timersDropped.append(timer.id)
            }
        }
    }

    private func declaredTimers(of timer: PendingTimer, _ places: [Place: DeclaredState]) -> [DeclaredState.Timer] {
        guard let machine = timer.machineID.flatMap({ machines[$0] }) else { return [] }
        return places[Place(machine)]?.timers ?? []
    }
}

extension MigrationFault {
    fileprivate static func missing(
        _ state: String, of place: ProcessState.Place, isMapped: Bool, _ map: StateMap, _ version: Int
    ) -> MigrationFault {
        let isNamed = map.machines[place.machine]?[place.state] != nil
        let pointer =
            !isMapped
            ? "/state_map" : isNamed ? "/state_map/\(place.machine)/\(place.state)" : "/state_map/\(place.state)"
        let advice = isMapped ? "" : "; map it to one that it has"
        return MigrationFault(
            pointer: pointer,
            message: "version \(version) has no state '\(state)' of machine '\(place.machine)'\(advice)")
    }

    fileprivate static func otherKind(of place: ProcessState.Place, _ version: Int) -> MigrationFault {
        MigrationFault(
            pointer: "",
            message: place.isSpawned
                ? "machine '\(place.machine)' is spawned, in version \(version) it starts with the process"
                : "machine '\(place.machine)' started with the process, in version \(version) it is spawned")
    }
}
