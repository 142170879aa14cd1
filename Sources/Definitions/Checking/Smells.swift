import CEL
import JSON
import ProcessManagement

// What is allowed, and yet probably a mistake.

extension DefinitionReader {
    mutating func findSmells(_ definition: Definition) {
        findIdleEvents(definition)
        for machine in definition.machines {
            findUnreachable(machine)
            for state in machine.states {
                findUnhandledOutcomes(state, of: machine)
                findTraps(state)
                findWalks(state, of: machine)
            }
        }
    }

    private mutating func findIdleEvents(_ definition: Definition) {
        if !definition.events.isEmpty, !definition.events.contains(where: { $0.route.kind == .start }) {
            warn("/events", "no event starts this process", hint: "only a parent process can start it then")
        }
        for event in definition.events where event.route.kind != .start {
            let isTaken = definition.machines.contains { machine in
                machine.spawn?.on == event.type || machine.states.contains { $0.on[event.type] != nil }
            }
            if !isTaken { warn(event.pointer, "no state takes the event '\(event.type)'") }
        }
    }

    private mutating func findUnreachable(_ machine: MachineDeclaration) {
        var reached: Set<String> = [machine.initial]
        var open = [machine.initial]
        while let name = open.popLast() {
            for to in machine.state(named: name)?.transitions.compactMap(\.to) ?? []
            where reached.insert(to).inserted {
                open.append(to)
            }
        }
        for state in machine.states where !reached.contains(state.name) {
            warn(state.pointer, "nothing leads to the state '\(state.name)'")
        }
    }

    private mutating func findUnhandledOutcomes(_ state: StateDeclaration, of machine: MachineDeclaration) {
        if let task = state.task {
            let missing = ["completed", "failed"].filter {
                state.on[$0] == nil && !(task.mode == .sync && $0 == "failed")
            }
            for outcome in missing {
                warn(task.pointer, "no transition takes '\(outcome)' of this task")
            }
        } else {
            for outcome in NameRules.outcomes where state.on[outcome] != nil {
                warn(
                    JSONPointer.child("\(state.pointer)/on", outcome),
                    "the state has no task of its own", hint: "a side task answers to '\(outcome):<task type>'")
            }
        }
        for task in state.transitions.compactMap(\.task) {
            for outcome in ["completed", "failed"] where !(task.mode == .sync && outcome == "failed") {
                let trigger = "\(outcome):\(task.type)"
                if !machine.states.contains(where: { $0.on[trigger] != nil }) {
                    warn(task.pointer, "no state takes '\(trigger)'")
                }
            }
        }
    }

    private mutating func findTraps(_ state: StateDeclaration) {
        guard !state.isFinal, !state.transitions.contains(where: { $0.to != nil || $0.end != nil }) else { return }
        warn(state.pointer, "nothing leaves the state '\(state.name)', and it is not final")
    }

    private mutating func findWalks(_ state: StateDeclaration, of machine: MachineDeclaration) {
        guard machine.spawn != nil else { return }
        for transition in state.always where transition.when.map({ $0.reads(.counts) || $0.reads(.machines) }) == true {
            warn(
                transition.pointer,
                "every change of any machine makes all machines '\(machine.name)' in this state try this again",
                hint: "let one static machine wait for all of them")
        }
    }
}
