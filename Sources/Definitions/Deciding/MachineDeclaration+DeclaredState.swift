import JSON
import ProcessManagement

extension MachineDeclaration {
    /// What moving a process into this state of the machine has to know.
    func declared(_ state: StateDeclaration) -> DeclaredState {
        DeclaredState(
            isSpawned: spawn != nil,
            timers: state.after.map { DeclaredState.Timer(index: $0.index, name: $0.transition.name) },
            nextTasks: nextTasks(of: state))
    }

    private func nextTasks(of state: StateDeclaration) -> [DeclaredState.NextTask] {
        guard !state.isFinal else { return [] }
        var found: [DeclaredState.NextTask] = []
        for trigger in state.on.keys.sortedTexts {
            for transition in state.on[trigger] ?? [] { note(transition, on: trigger, in: &found) }
        }
        for after in state.after { note(after.transition, on: "after", timer: after.index, in: &found) }
        for transition in state.always { note(transition, on: "always", in: &found) }
        return found
    }

    private func note(
        _ transition: TransitionDeclaration, on trigger: String, timer: Int? = nil,
        in found: inout [DeclaredState.NextTask]
    ) {
        let entered = transition.to.flatMap { state(named: $0)?.task }
        for task in [transition.task, entered].compactMap({ $0 }) {
            let next = DeclaredState.NextTask(on: trigger, taskType: task.type, timer: timer)
            if !found.contains(next) { found.append(next) }
        }
    }
}
