import JSON
import ProcessManagement

// What the end of the process takes away before anybody gets it: tasks that are cancelled as soon as they are planned,
// and raised events that no machine is left for.

extension DefinitionReader {
    mutating func findEndSmells(_ definition: Definition) {
        let isOnly = definition.machines.count == 1
        for machine in definition.machines {
            for state in machine.states {
                for transition in state.transitions { findLostTask(transition, of: machine, isOnly: isOnly) }
            }
            findLostRaises(machine, isLast: isOnly && machine.spawn == nil)
        }
    }

    /// A side task on the way into the end.
    private mutating func findLostTask(
        _ transition: TransitionDeclaration, of machine: MachineDeclaration, isOnly: Bool
    ) {
        guard let task = transition.task, task.mode != .sync else { return }
        let hint = "let a state of its own wait for the task, or issue a command, which outlives the process"
        if transition.end != nil {
            warn(task.pointer, "the transition ends the process, and that cancels this task at once", hint: hint)
        } else if isOnly, let to = transition.to, machine.state(named: to)?.isFinal == true {
            let which = machine.spawn == nil ? "" : " with the last of these machines"
            warn(
                task.pointer, "the process completes in '\(to)'\(which), and that cancels this task at once",
                hint: hint)
        }
    }

    /// Raised events come after the `always` transitions, which may have completed the process by then.
    ///
    /// It looks along the chain of the machine that raises. `isLast` says that the process completes with it.
    private mutating func findLostRaises(_ machine: MachineDeclaration, isLast: Bool) {
        func isEnd(_ to: String?) -> Bool {
            isLast && to.flatMap { machine.state(named: $0)?.isFinal } == true
        }
        // State → an event that may still be waiting when the machine is there.
        var waiting: [ExactText: String] = [:]
        var open: [String] = []
        func reach(_ state: String, _ type: String) {
            guard waiting[ExactText(state)] == nil else { return }
            waiting[ExactText(state)] = type
            open.append(state)
        }
        for state in machine.states {
            for transition in state.transitions {
                guard let raise = transition.raises.first else { continue }
                if isEnd(transition.to) {
                    warn(
                        raise.pointer, "no machine is left that could take '\(raise.type)'",
                        hint: "the only machine is in a final state by then; raise it before")
                } else if let to = transition.to {
                    reach(to, raise.type)
                } else if transition.set != nil {
                    // Staying, and without a change of the data, no `always` is tried.
                    reach(state.name, raise.type)
                }
            }
        }
        while let name = open.popLast() {
            guard let type = waiting[ExactText(name)] else { continue }
            for to in machine.state(named: name)?.always.compactMap(\.to) ?? [] { reach(to, type) }
        }
        for state in machine.states {
            guard let type = waiting[ExactText(state.name)] else { continue }
            for transition in state.always where transition.completes || isEnd(transition.to) {
                warn(
                    transition.pointer, "this may complete the process before the raised '\(type)' is taken",
                    hint: "'always' comes before raised events; complete in the transition that takes '\(type)'")
            }
        }
    }
}

extension TransitionDeclaration {
    fileprivate var completes: Bool {
        if case .complete? = end { true } else { false }
    }
}
