import CEL
import JSON
import ProcessManagement

extension DefinitionReader {
    mutating func machine(_ name: String, _ fields: Fields) -> MachineDeclaration {
        let what = "a machine"
        let known = names.states(of: name)
        var initial = requiredString("initial", in: fields, of: what) ?? ""
        if fields["initial"]?.stringValue != nil, !known.contains(initial) {
            unknownState(initial, at: fields.pointer(to: "initial"), of: name)
            initial = known.first ?? ""
        }
        let spawn = fields["spawn"].flatMap { self.spawn($0, at: fields.pointer(to: "spawn")) }
        var states: [StateDeclaration] = []
        let pointer = fields.pointer(to: "states")
        if let view = fields["states"], view.kind == .object, view.count > 0 {
            for (state, view) in view.members {
                let pointer = JSONPointer.child(pointer, state)
                if !NameRules.isName(state) {
                    fault(pointer, "'\(state)' is no name", hint: Self.nameHint)
                } else if state == "total" {
                    fault(pointer, "no state can be named 'total': 'counts' has it")
                }
                if let state = self.state(state, view, at: pointer, of: name) { states.append(state) }
            }
        } else {
            fault(
                fields.has("states") ? pointer : fields.pointer,
                "\(what) needs 'states', an object with at least one state")
        }
        return MachineDeclaration(
            pointer: fields.pointer, name: name, spawn: spawn, initial: initial, states: states)
    }

    mutating func unknownState(_ state: String, at pointer: String, of machine: String) {
        let known = names.states(of: machine)
        fault(
            pointer, "there is no state '\(state)'",
            hint: Hints.didYouMean(state, among: known)
                ?? (known.isEmpty || known.count > 12 ? nil : "there are \(known.joined(separator: ", "))"))
    }

    mutating func knownEvent(_ type: String, at pointer: String) {
        guard !names.events.contains(type), !names.raised.contains(type), type != ChildProcess.startEvent else {
            return
        }
        let known = names.events + names.raised
        fault(
            pointer, "'\(type)' is no event of this definition",
            hint: Hints.didYouMean(type, among: known + NameRules.outcomes)
                ?? "an event type is listed under 'events', or raised by a transition")
    }

    private mutating func spawn(_ view: JSONView, at pointer: String) -> Spawn? {
        let what = "'spawn'"
        guard let fields = fields(view, at: pointer, of: what, known: ["on", "for_each", "id"]) else { return nil }
        let on = requiredString("on", in: fields, of: what)
        if let on { knownEvent(on, at: fields.pointer(to: "on")) }
        let forEach = requiredExpression("for_each", in: fields, of: what, scope: .forEach)
        if let forEach {
            switch forEach.program.type {
            case .list, .dyn: break
            default: wrongResult(forEach, "'for_each' has to give a list")
            }
        }
        let id =
            fields.has("id")
            ? requiredExpression("id", in: fields, of: what, scope: .spawnID)
            : expression("item", at: pointer, in: .spawnID)
        if let id {
            switch id.program.type {
            case .string, .int, .uint, .dyn: break
            default: wrongResult(id, "an id has to be a string or an integer")
            }
        }
        guard let on, let forEach, let id else { return nil }
        return Spawn(pointer: pointer, on: on, forEach: forEach, id: id)
    }

    private mutating func state(
        _ name: String, _ view: JSONView, at pointer: String, of machine: String
    ) -> StateDeclaration? {
        guard
            let fields = fields(
                view, at: pointer, of: "a state",
                known: ["task", "on", "after", "always", "defer", "final", "result"])
        else { return nil }
        let isFinal = flag("final", in: fields, default: false)
        if isFinal {
            for name in ["task", "on", "after", "always", "defer"] where fields.has(name) {
                fault(fields.pointer(to: name), "a final state has no '\(name)': nothing happens in it any more")
            }
        } else if fields.has("result") {
            fault(fields.pointer(to: "result"), "only a final state has a 'result'")
        }
        return StateDeclaration(
            pointer: pointer, name: name,
            task: fields["task"].flatMap { task($0, at: fields.pointer(to: "task")) },
            on: triggers(fields, of: machine), after: timers(fields, of: machine),
            always: always(fields, of: machine), deferred: deferred(fields), isFinal: isFinal,
            result: fields["result"].map { template($0, at: fields.pointer(to: "result")) })
    }

    private mutating func triggers(_ fields: Fields, of machine: String) -> [ExactText: [TransitionDeclaration]] {
        guard let view = fields["on"] else { return [:] }
        let pointer = fields.pointer(to: "on")
        guard let on = view.kind == .object ? Fields(view: view, pointer: pointer) : nil else {
            fault(pointer, "'on' has to be an object")
            return [:]
        }
        var triggers: [ExactText: [TransitionDeclaration]] = [:]
        for (trigger, _) in view.members {
            checkTrigger(trigger, at: on.pointer(to: trigger))
            var transitions: [TransitionDeclaration] = []
            for (view, pointer) in list(trigger, in: on) {
                if let transition = transition(view, at: pointer, of: machine) { transitions.append(transition) }
            }
            triggers[trigger] = transitions
        }
        return triggers
    }

    private mutating func checkTrigger(_ trigger: String, at pointer: String) {
        guard let colon = trigger.firstIndex(of: ":") else {
            if !NameRules.outcomes.contains(trigger) { knownEvent(trigger, at: pointer) }
            return
        }
        let outcome = String(trigger[..<colon])
        if !NameRules.outcomes.contains(outcome) {
            fault(
                pointer, "'\(outcome)' is no outcome of a task",
                hint: Hints.didYouMean(outcome, among: NameRules.outcomes))
        }
        if !NameRules.isType(String(trigger[trigger.index(after: colon)...])) {
            fault(pointer, "a task type has up to 255 visible characters")
        }
    }

    private mutating func timers(_ fields: Fields, of machine: String) -> [AfterDeclaration] {
        var timers: [AfterDeclaration] = []
        for (index, entry) in list("after", in: fields).enumerated() {
            guard entry.view.kind == .object else {
                fault(entry.pointer, "a timer has to be an object")
                continue
            }
            let own = Fields(view: entry.view, pointer: entry.pointer)
            let due = self.due(own)
            let transition = transition(entry.view, at: entry.pointer, of: machine, beside: ["delay", "at"])
            guard let due, let transition else { continue }
            timers.append(AfterDeclaration(pointer: entry.pointer, index: index, due: due, transition: transition))
        }
        return timers
    }

    private mutating func due(_ fields: Fields) -> AfterDeclaration.Due? {
        switch (fields["delay"], fields["at"]) {
        case (nil, nil):
            fault(fields.pointer, "a timer needs 'delay' or 'at'")
            return nil
        case (_?, _?):
            fault(fields.pointer, "a timer has 'delay' or 'at', not both")
            return nil
        case (nil, _?):
            guard let at = requiredExpression("at", in: fields, of: "a timer", scope: .step) else { return nil }
            switch at.program.type {
            case .timestamp, .string, .dyn: return .at(at)
            default:
                wrongResult(at, "'at' has to give a timestamp")
                return nil
            }
        case (let view?, nil):
            let pointer = fields.pointer(to: "delay")
            guard view.kind == .string else {
                fault(pointer, "'delay' has to be a duration", hint: "durations are written 250ms, 30s, 1h30m, 72h")
                return nil
            }
            let template = template(view, at: pointer)
            guard case .literal = template.root else {
                if case .hole(let expression) = template.root {
                    switch expression.program.type {
                    case .duration, .string, .dyn: break
                    default: wrongResult(ofHole: expression, "'delay' has to give a duration")
                    }
                }
                return .computedDelay(template)
            }
            return duration("delay", in: fields).map(AfterDeclaration.Due.delay)
        }
    }

    private mutating func always(_ fields: Fields, of machine: String) -> [TransitionDeclaration] {
        var transitions: [TransitionDeclaration] = []
        for (view, pointer) in list("always", in: fields) {
            if let transition = transition(view, at: pointer, of: machine, condition: .alwaysCondition) {
                transitions.append(transition)
            }
        }
        return transitions
    }

    private mutating func deferred(_ fields: Fields) -> [String] {
        guard let view = fields["defer"] else { return [] }
        let pointer = fields.pointer(to: "defer")
        guard view.kind == .array else {
            fault(pointer, "'defer' has to be a list of event types")
            return []
        }
        var types: [String] = []
        for (index, element) in view.elements.enumerated() {
            guard let type = element.stringValue else {
                fault("\(pointer)/\(index)", "an event type has to be a string")
                continue
            }
            if !names.events.contains(type) {
                if names.raised.contains(type) {
                    fault("\(pointer)/\(index)", "a raised event is never deferred")
                } else {
                    knownEvent(type, at: "\(pointer)/\(index)")
                }
            }
            types.append(type)
        }
        return types
    }
}
