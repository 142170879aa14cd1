import JSON
import ProcessManagement

// `always`: tried once when its state is entered, and again only when something that it reads has changed.

/// What changed in a step, and when, counted in transitions.
struct StepChanges {
    struct Attempt: Hashable {
        let machineID: String
        let index: Int
    }

    /// Ticks with every transition.
    private(set) var clock = 0
    /// When a machine entered its state in this step.
    private var entered: [ExactText: Int] = [:]
    private var changed: [StateRead: Int] = [:]
    private var tried: [Attempt: Int] = [:]
    /// Spawned machines that have something to try, whatever else changes.
    private(set) var fresh: [String] = []

    /// To be called before the transition is folded.
    mutating func note(_ machine: MachineFacts, from: String?, to: String?, set: JSONView?, _ state: ProcessState) {
        clock += 1
        if let set {
            for (name, value) in set.members where state.data[name]?.value != value {
                changed[.data(ExactText(name))] = clock
                changed[.allData] = clock
            }
        }
        guard let to else { return }
        entered[machine.id] = clock
        markFresh(machine.id)
        guard from != to else { return }
        for place in [from, to].compactMap({ $0 }) {
            changed[.count(machine: machine.name, state: place)] = clock
        }
        if from == nil { changed[.count(machine: machine.name, state: "total")] = clock }
        changed[.counts(machine: machine.name)] = clock
        changed[.allCounts] = clock
        changed[.machines] = clock
    }

    /// Another version says what is tried, and states have other names: everything is to be tried once.
    mutating func noteMigration(of machineIDs: [String]) {
        clock += 1
        for id in machineIDs {
            entered[id] = clock
            fresh.append(id)
        }
    }

    mutating func markFresh(_ machineID: String) {
        if fresh.last != machineID { fresh.append(machineID) }
    }

    mutating func takeFresh() -> [String] {
        defer { fresh = [] }
        return fresh
    }

    /// When anything of this last changed; 0 for never in this step.
    func last(_ reads: [StateRead]) -> Int {
        reads.reduce(0) { max($0, changed[$1] ?? 0) }
    }

    /// Whether a transition is to be tried; it then counts as tried.
    mutating func isDue(_ attempt: Attempt, _ reads: [StateRead]) -> Bool {
        guard max(entered[attempt.machineID] ?? 0, last(reads)) > tried[attempt] ?? 0 else { return false }
        tried[attempt] = clock
        return true
    }
}

extension StepInterpreter {
    /// One pass of `always` over all machines, static ones first, each taking the first of its own that holds.
    /// False when there was nothing to try.
    mutating func sweep(_ context: inout ProcessContext) throws(DecisionFault) -> Bool {
        guard definition.hasAlways, changes.clock > sweptAt else { return false }
        let since = sweptAt
        sweptAt = changes.clock
        let machines = candidates(since: since, context.state)
        guard !machines.isEmpty else { return false }
        try beginRound()
        for id in machines where context.requestedEnd == nil { try tryAlways(id, &context) }
        return true
    }

    private mutating func candidates(since: Int, _ state: ProcessState) -> [String] {
        var ids: [String] = []
        for machine in definition.machines where machine.hasAlways && machine.spawn == nil { ids.append(machine.name) }
        let fresh = changes.takeFresh()
        guard definition.hasSpawnedAlways else { return ids }
        let isWalk = definition.machines.contains { machine in
            machine.spawn != nil
                && machine.states.contains { declared in
                    declared.always.contains { changes.last($0.reads) > since }
                        && state.count(of: machine.name, in: declared.name) > 0
                }
        }
        if isWalk {
            for machine in state.machines.inOrder where isSpawnedWithAlways(machine.name) { ids.append(machine.id) }
        } else {
            var wanted: Set<ExactText> = []
            for id in fresh where state.machines[id].map({ isSpawnedWithAlways($0.name) }) ?? false {
                wanted.insert(id)
            }
            if wanted.count > 1 {
                for machine in state.machines.inOrder where wanted.contains(machine.id) { ids.append(machine.id) }
            } else {
                ids += wanted.map(\.text)
            }
        }
        return ids
    }

    private func isSpawnedWithAlways(_ name: String) -> Bool {
        definition.machine(named: name).map { $0.spawn != nil && $0.hasAlways } ?? false
    }

    private mutating func tryAlways(_ id: String, _ context: inout ProcessContext) throws(DecisionFault) {
        guard let machine = context.state.machines[id], let declaration = definition.machine(named: machine.name),
            let state = declaration.state(named: machine.state)
        else { return }
        let facts = MachineFacts(machine)
        for (index, transition) in state.always.enumerated() {
            guard changes.isDue(.init(machineID: id, index: index), transition.reads) else { continue }
            let prepared: PreparedTransition
            do throws(DecisionFault) {
                guard try transition.when?.holds(frame(context, facts), &budget) ?? true else { continue }
                prepared = try prepare(transition, facts, declaration, context)
            } catch {
                try raiseOnce(error, machine, &context)
                continue
            }
            try take(prepared, transition, facts, &context)
            // The rest of the list is tried in the next pass.
            changes.markFresh(id)
            return
        }
    }

    /// Counts as false; an operator hears of it once for each stay in the state.
    private func raiseOnce(
        _ fault: DecisionFault, _ machine: Machine, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        guard context.state.machines[machine.id]?.hasFailingAlways == false else { return }
        try context.record(
            .incidentRaised(
                IncidentRaised(
                    incidentID: context.ids.next(.incident), kind: fault.kind, message: fault.message,
                    machineID: machine.id, pointer: fault.pointer)))
    }
}
