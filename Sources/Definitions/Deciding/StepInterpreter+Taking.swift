import CEL
import Chrono
import EventSourcing
import JSON
import ProcessManagement

// Taking a transition: everything that can fail is computed first, then it is recorded.

extension StepInterpreter {
    /// What a transition is about to do.
    struct PreparedTransition {
        var set: JSONView?
        var correlations: [Correlation] = []
        var task: TaskPlan?
        var isStateTask = false
        /// What the machine ends with, in the final state that it enters.
        var result: JSONView?
        var timers: [(due: Instant, index: Int, name: String?)] = []
        var commands: [(command: String, payload: JSONView)] = []
        var raised: [(type: String, data: JSONView)] = []
        var published: [(type: String, data: JSONView)] = []
        var end: PreparedEnd?
    }

    enum PreparedEnd {
        case complete(JSONView)
        case cancel(String, compensate: Bool)
        case fail(String, compensate: Bool)
    }

    mutating func take(
        _ transition: TransitionDeclaration, as trigger: String, _ machine: MachineFacts,
        _ declaration: MachineDeclaration, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        let prepared = try prepare(transition, machine, declaration, context)
        try record(
            prepared, machine: machine, to: transition.to, as: transition.name ?? trigger, isBirth: false, &context)
    }

    mutating func take(
        _ prepared: PreparedTransition, _ transition: TransitionDeclaration, _ machine: MachineFacts,
        _ context: inout ProcessContext
    ) throws(DecisionFault) {
        try record(
            prepared, machine: machine, to: transition.to, as: transition.name ?? "always", isBirth: false, &context)
    }

    /// A machine comes into being in its initial state.
    mutating func bear(
        _ machine: MachineFacts, _ declaration: MachineDeclaration, as trigger: String,
        _ context: inout ProcessContext
    ) throws(DecisionFault) {
        var prepared = PreparedTransition()
        if let state = declaration.state(named: machine.state) {
            let frame = entryFrame(machine, from: nil, to: state, written: nil, context)
            try prepareEntry(state, frame, &prepared)
        }
        try record(prepared, machine: machine, to: machine.state, as: trigger, isBirth: true, &context)
    }

    /// Machines enter the states that they are in, after a migration.
    mutating func enter(_ machineIDs: [String], _ context: inout ProcessContext) throws(DecisionFault) {
        try beginRound()
        for id in machineIDs where context.requestedEnd == nil {
            guard let machine = context.state.machines[id],
                let state = definition.machine(named: machine.name)?.state(named: machine.state)
            else { continue }
            let facts = MachineFacts(machine)
            var prepared = PreparedTransition()
            try prepareEntry(
                state, entryFrame(facts, from: machine.state, to: state, written: nil, context), &prepared)
            try record(prepared, machine: facts, to: machine.state, as: "migrated", isBirth: false, &context)
        }
        if definition.hasAlways { changes.noteMigration(of: alwaysMachines(context.state)) }
        try settle(&context)
    }

    // MARK: Computing

    /// All templates of the transition see the state before its own `set`; those of the state it enters see it after.
    mutating func prepare(
        _ transition: TransitionDeclaration, _ machine: MachineFacts, _ declaration: MachineDeclaration,
        _ context: borrowing ProcessContext
    ) throws(DecisionFault) -> PreparedTransition {
        let frame = frame(context, machine)
        var prepared = PreparedTransition()
        prepared.set = try transition.set?.renderObject(frame, &budget)
        for correlation in transition.correlate {
            if let value = try self.correlation(correlation, frame) { prepared.correlations.append(value) }
        }
        if let task = transition.task { prepared.task = try plan(task, frame) }
        for command in transition.commands {
            prepared.commands.append((command.command, try command.payload.render(frame, &budget)))
        }
        for event in transition.raises { prepared.raised.append((event.type, try event.data.render(frame, &budget))) }
        for event in transition.publishes {
            prepared.published.append((event.type, try event.data.render(frame, &budget)))
        }
        switch transition.end {
        case .complete(let result)?: prepared.end = .complete(try result.render(frame, &budget))
        case .cancel(let reason, let compensate)?:
            prepared.end = .cancel(try reason.renderText(frame, &budget), compensate: compensate)
        case .fail(let reason, let compensate)?:
            prepared.end = .fail(try reason.renderText(frame, &budget), compensate: compensate)
        case nil: break
        }
        guard let to = transition.to, let state = declaration.state(named: to),
            state.task != nil || !state.after.isEmpty || state.result != nil
        else { return prepared }
        var entered = machine
        entered.state = to
        try prepareEntry(
            state, entryFrame(entered, from: machine.state, to: state, written: prepared.set, context), &prepared)
        return prepared
    }

    /// What the templates of an entered state see: the data with `set`, and the machine in its new state.
    private func entryFrame(
        _ machine: MachineFacts, from fromState: String?, to state: StateDeclaration, written: JSONView?,
        _ context: borrowing ProcessContext
    ) -> Frame {
        var frame = frame(context, machine)
        if state.readsMachinesOnEntry {
            // The counts and the list of machines have to show the move, so it is made on a copy.
            frame.state.fold(
                .fact(
                    .transitionPlanned(
                        TransitionPlanned(
                            transitionID: context.state.processID, transition: "", machineID: machine.id,
                            machine: machine.name, fromState: fromState, toState: state.name, item: machine.item,
                            set: written, definitionVersion: definition.version))), at: context.now)
        } else {
            frame.written = written
        }
        return frame
    }

    private mutating func prepareEntry(
        _ state: StateDeclaration, _ frame: borrowing Frame, _ prepared: inout PreparedTransition
    ) throws(DecisionFault) {
        if let task = state.task {
            prepared.task = try plan(task, frame)
            prepared.isStateTask = true
        }
        if rules >= .second, let result = state.result { prepared.result = try result.render(frame, &budget) }
        for after in state.after {
            let due = try self.due(after, frame)
            prepared.timers.append((due, after.index, after.transition.name))
        }
    }

    private mutating func plan(_ task: TaskDeclaration, _ frame: borrowing Frame) throws(DecisionFault) -> TaskPlan {
        let input = try task.input.render(frame, &budget)
        guard let child = task.child else {
            return TaskPlan(
                type: task.type, input: input, mode: task.mode, pointer: task.pointer, undo: task.undo?.rule)
        }
        return TaskPlan(
            child: try child.process(frame, &budget), data: input, pointer: task.pointer, undo: task.undo?.rule)
    }

    private mutating func due(_ after: AfterDeclaration, _ frame: borrowing Frame) throws(DecisionFault) -> Instant {
        switch after.due {
        case .delay(let span): return frame.now + span
        case .computedDelay(let template):
            guard let span = try template.renderSpan(frame, &budget) else {
                throw DecisionFault(.expressionFailed, "'delay' does not give a duration", pointer: template.pointer)
            }
            return frame.now + span
        case .at(let expression):
            switch try expression.evaluate(frame, &budget) {
            case .timestamp(let time): return time.instant
            case .string(let text):
                if let instant = Instant(rfc3339: text) { return instant }
            default: break
            }
            throw DecisionFault(.expressionFailed, "'at' does not give a timestamp", pointer: expression.pointer)
        }
    }

    private mutating func correlation(
        _ declaration: CorrelationDeclaration, _ frame: borrowing Frame
    ) throws(DecisionFault) -> Correlation? {
        let view = try declaration.value.render(frame, &budget)
        // Null is no key.
        if view.isNull { return nil }
        guard let value = KeyText.of(view, by: rules) else {
            throw DecisionFault(
                .expressionFailed, "a correlation has to be a string or an integer", pointer: declaration.value.pointer)
        }
        return Correlation(name: declaration.name, value: value)
    }

    // MARK: Recording

    private mutating func record(
        _ prepared: PreparedTransition, machine: MachineFacts, to: String?, as name: String, isBirth: Bool,
        _ context: inout ProcessContext
    ) throws(DecisionFault) {
        if definition.hasAlways {
            changes.note(
                machine, from: isBirth ? nil : machine.state, to: to, set: prepared.set, context.state)
        }
        let taskID = try context.plan(
            machine: machine.id, named: machine.name, to: to, as: name, item: isBirth ? machine.item : nil,
            set: prepared.set, result: prepared.result, correlations: prepared.correlations, task: prepared.task,
            isStateTask: prepared.isStateTask)
        if let taskID, prepared.task?.mode == .sync { syncTasks.append(taskID) }
        for timer in prepared.timers {
            try context.schedule(machine: machine.id, at: timer.due, index: timer.index, name: timer.name)
        }
        for command in prepared.commands { try context.issue(command.command, payload: command.payload) }
        for event in prepared.published {
            try countEvent()
            try context.publish(event.type, data: event.data)
        }
        for event in prepared.raised { try raise(event.type, event.data, context.now, &context) }
        switch prepared.end {
        case .complete(let result)?: context.complete(result: result)
        case .cancel(let reason, let compensate)?: context.cancel(reason: reason, compensate: compensate)
        case .fail(let reason, let compensate)?: context.fail(reason: reason, compensate: compensate)
        case nil:
            guard to != nil else { return }
            if rules >= .second {
                try offerWaiting(machine.id, &context)
            } else {
                try offerDeferred(machine.id, &context)
            }
        }
    }

    private mutating func raise(
        _ type: String, _ data: JSONView, _ now: Instant, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        try countEvent()
        raised.append(
            Event(
                id: EventID(context.ids.next(.record)), type: type, source: "procession", time: now.rfc3339,
                data: data, correlationID: event?.correlationID))
    }
}

extension ChildDeclaration {
    /// Which process it is now.
    func process(_ frame: borrowing Frame, _ budget: inout Budget) throws(DecisionFault) -> ChildProcess {
        guard let key = KeyText.of(try key.evaluate(frame, &budget), by: frame.rules) else {
            throw DecisionFault(
                .expressionFailed, "the key of a child process has to be a string or an integer",
                pointer: key.pointer)
        }
        return ChildProcess(definition: definition, key: key)
    }
}

extension StepInterpreter {
    /// Raised and published ones together.
    private mutating func countEvent() throws(DecisionFault) {
        eventCount += 1
        guard eventCount <= StepLimits.raisedEvents else {
            throw DecisionFault(.limitExceeded, "one step may raise or publish \(StepLimits.raisedEvents) events")
        }
    }
}

extension StateDeclaration {
    /// What is computed on entry sees other machines, too.
    var readsMachinesOnEntry: Bool {
        task?.input.readsMachines == true
            || task?.child.map { $0.key.reads(.counts) || $0.key.reads(.machines) || $0.key.reads(.results) } == true
            || result?.readsMachines == true
            || after.contains {
                switch $0.due {
                case .delay: false
                case .computedDelay(let template): template.readsMachines
                case .at(let expression):
                    expression.reads(.counts) || expression.reads(.machines) || expression.reads(.results)
                }
            }
    }
}
