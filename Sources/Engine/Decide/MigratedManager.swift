import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// Decides for a process that has run on several versions: as the present one says, but what an earlier one planned is
/// undone as that one says.
struct MigratedManager: ProcessManager {
    let present: any ProcessManager
    let registry: ManagerRegistry

    var name: String { present.name }
    var version: Int { present.version }
    var cancelDefaults: CancelDefaults { present.cancelDefaults }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        try present.decide(state, trigger, &context)
    }

    func enter(_ machineIDs: [String], _ context: inout ProcessContext) throws(DecisionFault) -> Decision {
        try present.enter(machineIDs, &context)
    }

    func goOn(with work: RemainingWork, _ context: inout ProcessContext) throws(DecisionFault) -> Decision {
        try present.goOn(with: work, &context)
    }

    func awaitsEvents(_ state: ProcessState) -> Bool { present.awaitsEvents(state) }

    func undoTask(
        for undone: UndoableTask, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> TaskPlan {
        let version = undone.task.definitionVersion
        guard version != present.version else {
            return try present.undoTask(for: undone, of: state, at: now, by: rules)
        }
        guard let planner = registry.manager(name, version: version) else {
            throw DecisionFault(
                .definitionMissing,
                "version \(version) of \(name), which says how to undo \(undone.task.type), is not stored",
                pointer: undone.task.pointer)
        }
        return try planner.undoTask(for: undone, of: state, at: now, by: rules)
    }

    func initialData(for event: Event, of state: ProcessState, at now: Instant, by rules: DecisionRules)
        throws(DecisionFault) -> JSONView
    {
        try present.initialData(for: event, of: state, at: now, by: rules)
    }

    func initialCorrelations(
        for event: Event, of state: ProcessState, at now: Instant
    ) throws(DecisionFault) -> [Correlation] {
        try present.initialCorrelations(for: event, of: state, at: now)
    }

    func policy(ofTaskAt pointer: String) -> TaskPolicy? { present.policy(ofTaskAt: pointer) }

    func declaredState(_ state: String, of machine: String) -> DeclaredState? {
        present.declaredState(state, of: machine)
    }
}

extension ManagerRegistry {
    /// Who decides this input of a process; nil if that version is not there.
    func deciding(_ input: ProcessInput, of state: ProcessState, startingAt version: Int? = nil) -> (
        any ProcessManager
    )? {
        let version = version ?? input.definitionVersion(in: state)
        guard let present = manager(state.definition, version: version) else { return nil }
        // An input that migrates plans nothing that an earlier version would have to undo.
        return state.isMigrated ? MigratedManager(present: present, registry: self) : present
    }
}
