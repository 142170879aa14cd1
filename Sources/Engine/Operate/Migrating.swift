import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// Moves one process to another version of its definition, or says what that would make of it.
    ///
    /// A process that is on that version is answered as it is. What is refused leaves no trace, a dry run neither.
    func migrate(
        _ id: ProcessID, _ request: MigrationRequest, at now: Instant
    ) throws(EngineError) -> MigrationReceipt {
        let store = store
        guard
            let found = try stored({ () throws(StoreError) in try store.process(id, tenant: request.tenant) })
        else { throw .problem(Problem(.processNotFound, "there is no process \(id)")) }
        let process = try load(.stored(found.handle))
        let state = process.state
        var wasDone = false
        if request.isNamed, !request.dryRun {
            wasDone = try wasRecorded(request.requestID, as: "ProcessMigrated", process)
        }
        let isThere = state.definitionVersion == request.toVersion
        guard let manager = registry.manager(state.definition, version: request.toVersion) else {
            throw .problem(
                Problem(
                    .definitionNotFound, "there is no version \(request.toVersion) of \(state.definition)"))
        }
        if wasDone || isThere {
            return receipt(try view(of: found.handle), nil)
        }
        try checkRunning(state)
        try checkNotEnding(state)
        let migrated = try plan(request, for: state, manager)
        var chain = InputChain(at: now)
        let (step, _) = try decide(process, .migrate(migrated), in: chain)
        try checkDecided(step)
        guard !request.dryRun else {
            let tasks = try stored { () throws(StoreError) in try store.openTasks(of: found.handle) }
            return receipt(ProcessView(state: step.state, tasks: tasks.map(\.row)), migrated)
        }
        try advance(.stored(found.handle), .migrate(migrated), in: &chain)
        try follow(&chain)
        return receipt(try view(of: found.handle), migrated)
    }

    private func plan(
        _ request: MigrationRequest, for state: ProcessState, _ manager: any ManagedDefinition
    ) throws(EngineError) -> ProcessMigrated {
        let plan = state.migration(
            to: manager, by: request.stateMap, enter: request.enter, reason: request.reason, requestedBy: request.by,
            requestID: request.requestID)
        switch plan {
        case .possible(let migrated): return migrated
        case .refused(let faults):
            throw refusal(state, "version \(request.toVersion) cannot go on with this process", faults)
        }
    }

    /// A state that cannot be entered refuses the migration: nobody could retry it on the version it came from.
    private func checkDecided(_ step: Step) throws(EngineError) {
        for case .incidentRaised(let raised) in step.facts where raised.inputVersion != nil {
            throw refusal(
                step.state, "a state cannot be entered",
                [MigrationFault(pointer: raised.pointer ?? "", message: raised.message)])
        }
    }

    private func checkNotEnding(_ state: ProcessState) throws(EngineError) {
        guard state.status == .cancelling || state.status == .compensating else { return }
        throw .problem(
            Problem(
                .processEnding,
                "process \(state.processID) is \(state.status.rawValue), and ends as its present version says"))
    }

    private func refusal(_ state: ProcessState, _ detail: String, _ faults: [MigrationFault]) -> EngineError {
        let errors = faults.map { fault in
            JSONValue.object(["pointer": .string(fault.pointer), "message": .string(fault.message)])
        }
        return .problem(
            Problem(
                .migrationRefused, detail,
                members: ["process_id": .string(state.processID.description), "errors": .array(errors)]))
    }

    private func receipt(_ view: ProcessView, _ migrated: ProcessMigrated?) -> MigrationReceipt {
        let manager = registry.manager(view.state.definition, version: view.state.definitionVersion)
        return MigrationReceipt(
            view: view, migrated: migrated, wouldPlan: manager.map { nextTasks(of: view.state, $0) } ?? [])
    }

    /// A timer counts only while it is running.
    private func nextTasks(
        of state: ProcessState, _ manager: any ManagedDefinition
    ) -> [MigrationReceipt.PlannedNext] {
        guard state.status == .running else { return [] }
        var timers: [ExactText: Set<Int>] = [:]
        for timer in state.timers.inOrder {
            if let machineID = timer.machineID { timers[machineID, default: []].insert(timer.index) }
        }
        var known: [ExactText: [DeclaredState.NextTask]] = [:]
        var found: [MigrationReceipt.PlannedNext] = []
        for machine in state.machines.inOrder {
            let place = "\(machine.name) \(machine.state)"
            let next = known[place] ?? manager.declaredState(machine.state, of: machine.name)?.nextTasks ?? []
            known[place] = next
            for task in next {
                if let timer = task.timer, timers[machine.id]?.contains(timer) != true { continue }
                guard found.count < MigrationReceipt.wouldPlanLimit else { return found }
                found.append(.init(machineID: machine.id, on: task.on, taskType: task.taskType))
            }
        }
        return found
    }

    /// Takes a stored version away that no process runs on or ran on to its end. Whether one was migrated away from it
    /// only streams tell: the caller has looked there.
    func delete(_ request: VersionRequest) throws(EngineError) {
        let store = store
        let isStored = try stored { () throws(StoreError) in try store.definitions() }
            .contains { $0.name == request.name && $0.version == request.version }
        guard isStored, let manager = registry.manager(request.name, version: request.version) else {
            if registry.manager(request.name, version: request.version) != nil {
                throw .problem(Problem(.definitionIsCode, "\(request.name) is a manager written in Swift"))
            }
            throw .problem(Problem(.definitionNotFound, "there is no version \(request.version) of \(request.name)"))
        }
        let isInUse = try stored { () throws(StoreError) in
            try store.hasProcess(of: request.name, version: request.version)
        }
        guard !isInUse else { throw .problem(.versionInUse(request)) }
        try stored { () throws(StoreError) in
            try store.deleteDefinition(name: request.name, version: request.version)
        }
        registry.remove(manager)
        if let index = pendingManagers.firstIndex(where: { $0.name == request.name && $0.version == request.version }) {
            // Nobody outside this transaction has seen it.
            pendingManagers.remove(at: index)
        } else {
            removedManagers.append(manager)
        }
    }
}

extension Problem {
    public static func versionInUse(_ request: VersionRequest) -> Problem {
        Problem(
            .versionInUse, "a process that runs or ran on version \(request.version) of \(request.name) is stored")
    }
}
