import CEL
import EventSourcing
import JSON
import ProcessManagement

// Who is asked, and in which order.

extension StepInterpreter {
    mutating func startMachines(_ event: Event, _ context: inout ProcessContext) throws(DecisionFault) {
        self.event = event
        context.isTaken = true
        for machine in definition.machines where machine.spawn == nil {
            let born = MachineFacts(id: machine.name, name: machine.name, state: machine.initial, item: nil)
            try bear(born, machine, as: event.type, &context)
        }
    }

    /// Spawns what the event spawns, then offers it to every machine that is not final and that could care: static ones
    /// in the order of the definition, then spawned ones in the order of spawning. Raised events have no version.
    mutating func offer(
        _ event: Event, version: Int64?, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        self.event = event
        let isPosted = version != nil
        for position in definition.spawnEvents[event.type] ?? [] where context.requestedEnd == nil {
            let before = context.state.spawnedCount
            try spawn(definition.machines[position], for: event, &context)
            if isPosted, context.state.spawnedCount > before { context.isTaken = true }
        }
        var puttingOff: [String] = []
        for machineID in listeners(to: event.type, context.state) {
            guard context.requestedEnd == nil else { return }
            guard let machine = context.state.machines[machineID], !isStale(machine) else { continue }
            // A deferred event that was offered in between is another event.
            self.event = event
            if try offer(event.type, to: machine, &context) {
                if isPosted { context.isTaken = true }
                continue
            }
            guard let version, putsOff(event.type, version: version, machine) else { continue }
            if rules >= .second {
                puttingOff.append(machineID)
            } else {
                try context.record(.eventDeferred(EventDeferred(eventVersion: version, machineID: machineID)))
            }
        }
        self.event = event
        guard let version else { return }
        // Last, when it is known whether somebody took the event.
        for machineID in puttingOff {
            try context.record(
                .eventDeferred(
                    EventDeferred(
                        eventVersion: version, machineID: machineID, eventType: event.type, taken: context.isTaken)))
        }
    }

    /// The machines in states that take or put off the event. Spawned machines are walked only if one of them is in
    /// such a state, which `counts` tells.
    private func listeners(to type: String, _ state: ProcessState) -> [String] {
        var ids: [String] = []
        var spawned: [String] = []
        for machine in definition.machines {
            guard let states = machine.listeners[type] else { continue }
            if machine.spawn == nil {
                ids.append(machine.name)
            } else if states.contains(where: { state.count(of: machine.name, in: $0) > 0 }) {
                spawned.append(machine.name)
            }
        }
        guard !spawned.isEmpty else { return ids }
        for machine in state.machines.inOrder where spawned.contains(machine.name) { ids.append(machine.id) }
        return ids
    }

    /// An outcome goes to the machine that planned the task, in whatever state it is now.
    mutating func offer(
        _ trigger: String, ofTask task: OpenTask, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        guard let machine = context.state.machines[task.machineID], !isStale(machine) else { return }
        _ = try offer(trigger, to: machine, &context)
    }

    mutating func offer(_ timer: PendingTimer, _ context: inout ProcessContext) throws(DecisionFault) {
        guard let machineID = timer.machineID, let machine = context.state.machines[machineID], !isStale(machine),
            machine.state == timer.state,
            let declaration = definition.machine(named: machine.name),
            let state = declaration.state(named: machine.state),
            let after = state.after.first(where: { $0.index == timer.index })
        else { return }
        let facts = MachineFacts(machine)
        guard try after.transition.when?.holds(frame(context, facts), &budget) ?? true else { return }
        try take(after.transition, as: "after", facts, declaration, &context)
    }

    /// Takes the first transition whose condition holds; false if none does.
    mutating func offer(
        _ trigger: String, to machine: Machine, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Bool {
        guard let declaration = definition.machine(named: machine.name),
            let state = declaration.state(named: machine.state), !state.isFinal,
            let transitions = state.on[trigger]
        else { return false }
        let facts = MachineFacts(machine)
        for transition in transitions {
            guard try transition.when?.holds(frame(context, facts), &budget) ?? true else { continue }
            try take(transition, as: trigger, facts, declaration, &context)
            return true
        }
        return false
    }

    // MARK: Spawning

    private mutating func spawn(
        _ machine: MachineDeclaration, for event: Event, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        guard let spawn = machine.spawn else { return }
        for item in try items(spawn, context) {
            var frame = frame(context, nil)
            frame.item = item
            let text = try spawnedID(spawn, frame)
            let id = "\(machine.name)/\(text)"
            guard context.state.machines[id] == nil, !isOneByFirstRules(id, context.state) else { continue }
            let born = MachineFacts(id: id, name: machine.name, state: machine.initial, item: item.detached())
            try bear(born, machine, as: event.type, &context)
        }
    }

    /// The first rules took ids for one that Swift takes for equal, the two forms of an umlaut for instance.
    private func isOneByFirstRules(_ id: String, _ state: ProcessState) -> Bool {
        rules == .first && state.machines.inOrder.contains { $0.id == id }
    }

    private mutating func items(
        _ spawn: Spawn, _ context: borrowing ProcessContext
    ) throws(DecisionFault) -> [JSONView] {
        let frame = frame(context, nil)
        if let view = spawn.forEach.path?.resolve(frame), view.kind == .array { return Array(view.elements) }
        let value = try spawn.forEach.evaluate(frame, &budget)
        guard case .list = value else {
            throw DecisionFault(.expressionFailed, "'for_each' does not give a list", pointer: spawn.forEach.pointer)
        }
        var writer = JSONWriter()
        do {
            try value.write(to: &writer)
        } catch {
            throw spawn.forEach.fault(error)
        }
        return Array(writer.document.root.elements)
    }

    private mutating func spawnedID(_ spawn: Spawn, _ frame: borrowing Frame) throws(DecisionFault) -> String {
        let text: String?
        if let view = spawn.id.path?.resolve(frame) {
            text = KeyText.of(view, by: rules)
        } else {
            text = KeyText.of(try spawn.id.evaluate(frame, &budget), by: rules)
        }
        guard let text, !text.isEmpty, text.utf8.count <= 200, !text.utf8.contains(UInt8(ascii: "/")) else {
            throw DecisionFault(
                .expressionFailed,
                "the id of a machine has to be a string or an integer, of 1 to 200 bytes without '/'",
                pointer: spawn.id.pointer)
        }
        return text
    }

    // MARK: Deferral

    /// The state, which is the one the event was offered in, puts it off.
    private func putsOff(_ type: String, version: Int64, _ machine: Machine) -> Bool {
        guard let state = definition.machine(named: machine.name)?.state(named: machine.state), !state.isFinal else {
            return false
        }
        return state.defers(type) && !machine.deferred.contains(version)
    }

    /// After a machine entered a state, what it put off is offered to that state, oldest first; where one leads to
    /// another state, the rest is offered there. What no state takes and this one puts off goes on waiting, without a
    /// record. After so many the rest is left to a step of its own.
    mutating func offerWaiting(_ machineID: String, _ context: inout ProcessContext) throws(DecisionFault) {
        guard !isOffering, context.state.machines[machineID]?.deferred.isEmpty == false else { return }
        isOffering = true
        let outer = event
        defer {
            event = outer
            isOffering = false
        }
        while try offerToPresentState(of: machineID, &context) {}
    }

    /// True when the machine entered another state on the way, to which the rest is to be offered.
    private mutating func offerToPresentState(
        of machineID: String, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Bool {
        guard context.requestedEnd == nil, let machine = context.state.machines[machineID],
            let declaration = definition.machine(named: machine.name),
            let state = declaration.state(named: machine.state), !state.isFinal
        else { return false }
        let facts = MachineFacts(machine)
        for version in machine.deferred {
            if let type = context.state.waitingEvents[version]?.type, state.on[type] == nil,
                state.defers(type)
            {
                continue
            }
            let isFull = offeredAgain >= StepLimits.offeredAgain || budget.left < Budget.perStep / 2
            guard !isFull || offeredAgain == 0 else {
                context.leaveOver(machineID)
                return false
            }
            let waiting = try event(recordedAs: version, &context)
            event = waiting
            var taken: TransitionDeclaration?
            for transition in state.on[waiting.type] ?? [] {
                guard try transition.when?.holds(frame(context, facts), &budget) ?? true else { continue }
                taken = transition
                break
            }
            if taken == nil, state.defers(waiting.type) { continue }
            offeredAgain += 1
            try context.record(
                .deferredEventOffered(
                    DeferredEventOffered(
                        eventVersion: version, machineID: machineID, result: taken == nil ? .dropped : .taken)))
            guard let taken else { continue }
            try take(taken, as: waiting.type, facts, declaration, &context)
            if taken.to != nil { return true }
            guard context.requestedEnd == nil else { return false }
        }
        return false
    }

    /// The same by the first rules, which record each offer and ask every state again.
    mutating func offerDeferred(_ machineID: String, _ context: inout ProcessContext) throws(DecisionFault) {
        guard let entered = context.state.machines[machineID], !entered.deferred.isEmpty else { return }
        let (outerEvent, outerVersion) = (event, entered.enteredAt)
        defer { event = outerEvent }
        for version in entered.deferred {
            guard context.requestedEnd == nil, let machine = context.state.machines[machineID],
                machine.enteredAt == outerVersion, machine.deferred.contains(version),
                let declaration = definition.machine(named: machine.name),
                let state = declaration.state(named: machine.state), !state.isFinal
            else { return }
            let deferred = try event(recordedAs: version, &context)
            event = deferred
            let facts = MachineFacts(machine)
            var taken: TransitionDeclaration?
            for transition in state.on[deferred.type] ?? [] {
                guard try transition.when?.holds(frame(context, facts), &budget) ?? true else { continue }
                taken = transition
                break
            }
            let result: DeferredEventOffered.Result =
                taken != nil ? .taken : state.defers(deferred.type) ? .deferred : .dropped
            try context.record(
                .deferredEventOffered(
                    DeferredEventOffered(eventVersion: version, machineID: machineID, result: result)))
            if let taken { try take(taken, as: deferred.type, facts, declaration, &context) }
        }
    }

    // MARK: Sync tasks

    /// The outcomes of the sync tasks that the pass before planned, in the order in which they were planned.
    mutating func settleSyncTasks(_ context: inout ProcessContext) throws(DecisionFault) {
        let planned = syncTasks
        syncTasks = []
        for id in planned where context.requestedEnd == nil {
            // Gone if the state was left in the meantime.
            guard let open = context.state.tasks[id] else { continue }
            let machine = context.state.machines[open.machineID].map(MachineFacts.init)
            let result =
                try definition.tasks[open.pointer]?.result?.render(frame(context, machine), &budget) ?? JSONView([:])
            try context.record(
                .taskCompleted(
                    TaskCompleted(
                        taskID: id, transitionID: open.transitionID, machineID: open.machineID, result: result,
                        attempt: 0, computed: true)))
            task = TaskFacts(open, result: result)
            let trigger = open.isStateTask ? "completed" : "completed:\(open.type)"
            try offer(trigger, ofTask: open, &context)
        }
    }
}
