import CEL
import JSON
import ProcessManagement

// What is allowed, and yet probably a mistake.

extension DefinitionReader {
    mutating func findSmells(_ definition: Definition) {
        findIdleEvents(definition)
        findDataSmells(definition)
        findEndSmells(definition)
        for machine in definition.machines {
            findUnreachable(machine)
            let planned = Set(machine.states.flatMap(\.transitions).compactMap { $0.task.map { ExactText($0.type) } })
            for state in machine.states {
                findUnhandledOutcomes(state, of: machine, planning: planned)
                findTraps(state)
                findShadowed(state)
                findNamesakes(state)
                findWalks(state, of: machine)
            }
        }
    }

    private mutating func findIdleEvents(_ definition: Definition) {
        if !definition.events.isEmpty, !definition.events.contains(where: { $0.route.kind == .start }) {
            warn("/events", "no event starts this process", hint: "only a parent process can start it then")
        }
        func isTaken(_ type: String) -> Bool {
            definition.machines.contains { machine in
                // A state that only puts it off listens, too, and does not take it.
                machine.spawn?.on == type
                    || machine.listeners[type]?.contains { machine.state(named: $0)?.on[type] != nil } == true
            }
        }
        for event in definition.events where event.route.kind != .start && !isTaken(event.type) {
            warn(event.pointer, "no state takes the event '\(event.type)'")
        }
        for transition in definition.machines.flatMap(\.states).flatMap(\.transitions) {
            for raise in transition.raises where !isTaken(raise.type) {
                warn(raise.pointer, "no state takes the raised event '\(raise.type)'")
            }
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

    /// `planned` are the types of all side tasks of the machine.
    private mutating func findUnhandledOutcomes(
        _ state: StateDeclaration, of machine: MachineDeclaration, planning planned: Set<ExactText>
    ) {
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
        for trigger in state.on.keys.sortedTexts {
            let parts = trigger.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, !planned.contains(ExactText(String(parts[1]))) else { continue }
            warn(
                JSONPointer.child("\(state.pointer)/on", trigger),
                "no transition of this machine plans a side task '\(parts[1])'",
                hint: Hints.didYouMean(String(parts[1]), among: planned.sorted().map(\.text))
                    ?? (state.task?.type == String(parts[1]) ? "the state's own task answers to '\(parts[0])'" : nil))
        }
        for task in state.transitions.compactMap(\.task) {
            for outcome in ["completed", "failed"] where !(task.mode == .sync && outcome == "failed") {
                let trigger = "\(outcome):\(task.type)"
                if machine.listeners[trigger] == nil {
                    warn(task.pointer, "no state takes '\(trigger)'")
                }
            }
        }
    }

    /// Of several transitions the first that holds is taken.
    private mutating func findShadowed(_ state: StateDeclaration) {
        for (trigger, transitions) in state.on.sorted(by: { $0.key < $1.key }) + [("always", state.always)] {
            // An `always` that stays in the state lets the next one have its turn.
            guard
                let first = transitions.firstIndex(where: {
                    $0.alwaysHolds && (trigger != "always" || $0.to != nil || $0.end != nil)
                })
            else { continue }
            for transition in transitions[(first + 1)...] {
                warn(
                    transition.pointer, "never taken: a transition before it always holds",
                    hint: "the first transition that holds is taken; put the one without a condition last")
            }
        }
    }

    /// Timers are told apart by their names.
    private mutating func findNamesakes(_ state: StateDeclaration) {
        var names: Set<ExactText> = []
        for timer in state.after {
            guard let name = timer.transition.name, !names.insert(ExactText(name)).inserted else { continue }
            warn(
                JSONPointer.child(timer.pointer, "name"), "another timer of this state has the name '\(name)'",
                hint: "the records tell timers apart by their names")
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
