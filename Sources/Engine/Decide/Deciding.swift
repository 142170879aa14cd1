import Chrono
import EventSourcing
import ProcessManagement

extension ProcessEngine {
    /// What follows from the input. Pure but for what the decision may observe: who holds tasks, whose correlations are
    /// taken; both are recorded with the input.
    func decide(
        _ process: LoadedProcess, _ input: ProcessInput, handedOn: Int = 0, in chain: InputChain
    ) throws(EngineError) -> (Step, Observations) {
        let state = process.state
        let now = max(chain.now, state.updatedAt)
        let manager: any ProcessManager = registry.deciding(input, of: state) ?? MissingManager(state)
        var observed = try unsettledTasks(of: process, for: input)
        let fault =
            chain.isTooLong
            ? DecisionFault(.tooManyRounds, "one input led to more than \(StepLimits.rounds) others") : nil
        observed.handedOn = handedOn
        var recalled: [Int64: Event] = [:]
        var step = manager.step(state, input, observing: observed, recalling: recalled, at: now, failing: fault)
        while let version = step.wanted {
            // Most steps want the oldest only; one that wants more gets four times as many with each look.
            recalled.merge(try deferredEvents(of: process, from: version, limit: max(4, recalled.count * 3))) { $1 }
            guard recalled[version] != nil else { break }
            step = manager.step(state, input, observing: observed, recalling: recalled, at: now, failing: fault)
        }
        observed.taken = try takenCorrelations(among: step.gainedCorrelations, by: process)
        observed.missing = step.childDefinitions.filter { registry.newest($0) == nil }
        if !observed.taken.isEmpty || !observed.missing.isEmpty {
            step = manager.step(state, input, observing: observed, recalling: recalled, at: now, failing: fault)
        }
        tally.decisions += 1
        return (step, observed)
    }

    /// The recorded events that machines put off: the step may offer them again.
    private func deferredEvents(
        of process: LoadedProcess, from version: Int64, limit: Int
    ) throws(EngineError) -> [Int64: Event] {
        let store = store
        let versions = process.state.deferredVersions.filter { $0 >= version }.prefix(limit)
        return try Engine.stored { () throws(StoreError) in
            try RecordedInput.events(at: Array(versions)) { version, limit throws(StoreError) in
                try store.processStream(process.handle, from: version, limit: limit)
            }
        }
    }

    /// Open tasks that a worker holds, or held when its attempt ran out. Only a cancel and the rule for unknown ends
    /// depend on it.
    private func unsettledTasks(
        of process: LoadedProcess, for input: ProcessInput
    ) throws(EngineError) -> Observations {
        var observed = Observations()
        let state = process.state
        guard process.handle != 0, !state.tasks.isEmpty else { return observed }
        var isNeeded = state.unknowableTasks > 0
        switch input {
        case .cancel: isNeeded = true
        // An operator's retry may go on with a cancel.
        case .resolve where state.status == .cancelling: isNeeded = true
        default: break
        }
        guard isNeeded else { return observed }
        let store = store
        for task in try Engine.stored({ () throws(StoreError) in try store.openTasks(of: process.handle) }) {
            let id = task.row.id
            if task.row.status == .leased {
                observed.unsettled.append(id)
            } else if state.tasks[id]?.undo == .whenUnknown, try hasExpiredAttempt(task) {
                observed.unsettled.append(id)
                observed.expired.append(id)
            }
        }
        return observed
    }

    private func takenCorrelations(
        among gained: [Correlation], by process: LoadedProcess
    ) throws(EngineError) -> [Correlation] {
        var taken: [Correlation] = []
        for correlation in gained {
            let key = LocationKey(process.state, correlation)
            let store = store
            let owner = try Engine.stored { () throws(StoreError) in try store.locate(key) }
            if let owner, owner.running, owner.handle != process.handle { taken.append(correlation) }
        }
        return taken
    }
}

extension LocationKey {
    init(_ state: ProcessState, _ correlation: Correlation) {
        self.init(
            tenant: state.tenant, definition: state.definition, name: correlation.name, value: correlation.value)
    }

    /// The key that the process was started with.
    init(keyOf state: ProcessState) {
        self.init(tenant: state.tenant, definition: state.definition, value: state.key)
    }
}

/// Stands in for a definition that is gone: every input is recorded with an incident.
private struct MissingManager: ProcessManager {
    let name: String
    let version: Int

    init(_ state: ProcessState) {
        name = state.definition
        version = state.definitionVersion
    }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        throw DecisionFault(.definitionMissing, "version \(version) of \(name) is not stored")
    }
}
