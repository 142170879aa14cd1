import JSON

// What every process does whatever its manager: ask the manager while it runs, cancel, compensate, end.

extension ProcessContext {
    /// Decides what follows from an input that is folded already.
    mutating func advance(
        _ manager: some ProcessManager, _ input: ProcessInput, timer: PendingTimer?
    ) throws(DecisionFault) {
        switch input {
        case .event(let event): try ask(manager, .event(event))
        case .outcome(let outcome): try advance(manager, outcome)
        case .timer:
            // One that was dropped in the meantime is nobody's.
            guard let timer else { return }
            if timer.machineID != nil {
                try ask(manager, .timer(timer))
            } else if state.status == .cancelling {
                try cancelTasks { _ in true }
                try finishCancelling(manager)
            }
        case .cancel(let request): try cancel(manager, request)
        case .suspend, .resume: break
        case .continued(let fact):
            try goOn(manager, with: .waitingEvents(of: fact.machines))
        case .migrate:
            guard state.status == .running, !state.awaitsStart else { return }
            _ = try manager.enter(entering, &self)
            if let end = requestedEnd { try finish(manager, end) }
        case .resolve(let resolution, let result, let recorded):
            try resolve(manager, resolution, result: result, recorded: recorded)
        }
    }

    /// Asks the manager, unless the process no longer listens; then ends the process if that is what was decided.
    private mutating func ask(_ manager: some ProcessManager, _ trigger: Trigger) throws(DecisionFault) {
        guard state.status == .running, !state.awaitsStart else { return }
        _ = try manager.decide(state, trigger, &self)
        if let end = requestedEnd { try finish(manager, end) }
    }

    /// The same for what an earlier step left.
    private mutating func goOn(_ manager: some ProcessManager, with work: RemainingWork) throws(DecisionFault) {
        guard state.status == .running else { return }
        _ = try manager.goOn(with: work, &self)
        if let end = requestedEnd { try finish(manager, end) }
    }

    private mutating func advance(_ manager: some ProcessManager, _ outcome: TaskOutcome) throws(DecisionFault) {
        guard let task = state.settled, task.id == outcome.taskID else { return }
        switch state.status {
        case .running: try offer(manager, task, outcome)
        case .compensating:
            guard case .completed = outcome.ending else { return try raiseUnhandled(task, outcome) }
            // Another task may have been reopened by an operator; the undo task under way goes on.
            if task.undoes != nil { try undoNext(manager) }
        case .cancelling: try finishCancelling(manager)
        case .new, .completed, .cancelled, .failed: break
        }
    }

    /// Asks the manager about an outcome; a failure waits for an operator if no transition takes it while the machine is
    /// still in the state in which the task was planned.
    private mutating func offer(
        _ manager: some ProcessManager, _ task: OpenTask, _ outcome: TaskOutcome
    ) throws(DecisionFault) {
        let entry = state.machines[task.machineID]?.enteredAt
        let before = facts.count
        try ask(manager, .outcome(task, outcome))
        let taken = facts[before...].contains { fact in
            if case .transitionPlanned(let planned) = fact {
                ExactText.sameBytes(planned.machineID, task.machineID)
            } else {
                false
            }
        }
        if !taken, requestedEnd == nil, task.enteredAt == entry { try raiseUnhandled(task, outcome) }
    }

    /// A failure that nobody takes waits for an operator; a completion that nobody takes is just recorded.
    private mutating func raiseUnhandled(_ task: OpenTask, _ outcome: TaskOutcome) throws(DecisionFault) {
        let message: String
        switch outcome.ending {
        case .completed: return
        case .failed(let code, let reason):
            message = "\(task.type) failed\(code.map { " (\($0))" } ?? ""): \(reason)"
        case .cancelled: message = "\(task.type) was cancelled\(task.isChild ? "" : " by its worker")"
        }
        try record(
            .incidentRaised(
                IncidentRaised(incidentID: ids.next(.incident), kind: .taskFailed, message: message, taskID: task.id)))
    }

    private mutating func cancel(
        _ manager: some ProcessManager, _ request: CancellationRequested
    ) throws(DecisionFault) {
        switch (request.mode, state.status) {
        case (.cooperative, .cancelling):
            let held = observations.held
            try cancelTasks { !held.contains($0.id) }
            if let deadline = request.deadlineAt, !state.tasks.isEmpty {
                try schedule(machine: nil, at: deadline, name: "cancel deadline")
            }
            try finishCancelling(manager)
        case (.hard, .compensating) where request.compensate: try cancelTasks { $0.undoes == nil }
        case (.hard, _):
            try cancelTasks { _ in true }
            if let end = state.ending { try finish(manager, .planned(end)) }
        case (.cooperative, _): break
        }
    }

    /// A cooperative cancel goes on when nobody holds a task any more.
    private mutating func finishCancelling(_ manager: some ProcessManager) throws(DecisionFault) {
        guard state.tasks.isEmpty, let end = state.ending else { return }
        try finish(manager, .planned(end))
    }

    private mutating func resolve(
        _ manager: some ProcessManager, _ resolution: IncidentResolved, result: JSONView?, recorded: [RetriedInput]
    ) throws(DecisionFault) {
        if resolution.resolution == .resolve, let result, let task = state.settled, task.id == resolution.taskID {
            try advance(manager, TaskOutcome(taskID: task.id, ending: .completed(result: result), attempt: 0))
            return
        }
        if resolution.resolution == .retry, resolution.always, let machineID = resolution.machineID {
            return try goOn(manager, with: .always(of: machineID))
        }
        guard resolution.resolution == .retry, let retriedVersion else { return }
        // On its way to an end, a process is offered nothing any more: what could not be decided was how to go on with
        // that. A running one was to be cancelled if the input was nothing to offer.
        if let end = state.ending, state.status != .running || recorded.isEmpty {
            return try goOn(manager, to: end)
        }
        // Taken before the first of them is decided, which may start the process and so empty the list.
        let versions = [retriedVersion] + state.waitingInputs
        if state.machines.isEmpty {
            self.retriedVersion = nil
            if case .trigger(let first)? = recorded.first,
                case .event(let event) = first.corrected(by: state.corrections[retriedVersion])
            {
                owedCorrelations = try manager.initialCorrelations(for: event, of: state, at: now)
                    .filter { state.correlations[$0] == nil }
            }
        }
        for (input, version) in zip(recorded, versions) {
            guard requestedEnd == nil else {
                unoffered.append(version)
                continue
            }
            inputVersion = version
            switch input {
            case .work(let work):
                // It goes on from the present states, whenever they were entered.
                self.retriedVersion = nil
                try goOn(manager, with: work)
            case .trigger(let trigger): try again(manager, trigger.corrected(by: state.corrections[version]))
            }
            // Those that waited are new to every machine.
            self.retriedVersion = nil
        }
    }

    private mutating func again(_ manager: some ProcessManager, _ trigger: Trigger) throws(DecisionFault) {
        if case .outcome(let task, let outcome) = trigger {
            try offer(manager, task, outcome)
        } else {
            try ask(manager, trigger)
        }
    }

    private mutating func goOn(_ manager: some ProcessManager, to end: PlannedEnd) throws(DecisionFault) {
        switch state.status {
        case .running: try finish(manager, .planned(end))
        case .cancelling:
            let held = observations.held
            try cancelTasks { !held.contains($0.id) }
            try finishCancelling(manager)
        case .compensating: if state.tasks.isEmpty { try undoNext(manager) }
        case .new, .completed, .cancelled, .failed: break
        }
    }

    /// Records the end, or the way to it: what is open is cancelled in the order in which it was planned.
    private mutating func finish(_ manager: some ProcessManager, _ end: RequestedEnd) throws(DecisionFault) {
        isEnding = true
        try cancelTasks { _ in true }
        switch end {
        case .completed(let result): try record(.processCompleted(result: result))
        case .planned(let planned):
            if planned.compensate, !state.undoStack.isEmpty {
                if state.status != .compensating { try record(.compensationStarted(planned)) }
                try undoNext(manager)
            } else {
                try recordEnd(planned)
            }
        }
    }

    /// Plans the next undo task, one at a time and the last finished first; with none left, the process ends.
    private mutating func undoNext(_ manager: some ProcessManager) throws(DecisionFault) {
        guard let undone = state.undoStack.last else {
            if let end = state.ending { try recordEnd(end) }
            return
        }
        let task = try manager.undoTask(for: undone, of: state, at: now, by: observations.rules)
        try plan(
            machine: undone.task.machineID, as: "undo", task: task, isStateTask: false, undoing: undone.task.id)
    }

    private mutating func recordEnd(_ end: PlannedEnd) throws(DecisionFault) {
        switch end.kind {
        case .cancelled: try record(.processCancelled(reason: end.reason))
        case .failed: try record(.processFailed(reason: end.reason))
        }
    }

    private mutating func cancelTasks(where isMeant: (OpenTask) -> Bool) throws(DecisionFault) {
        for task in state.tasks.inOrder where isMeant(task) { try cancelTask(task.id) }
    }

    /// The whole step is replaced by an incident.
    mutating func raise(_ fault: DecisionFault, inputVersion: Int64) {
        let incident = IncidentRaised(
            incidentID: ids.next(.incident), kind: fault.kind, message: fault.message, inputVersion: inputVersion,
            pointer: fault.pointer)
        // The first fact of a fresh context is within every limit.
        try? record(.incidentRaised(incident))
    }
}

extension ProcessContext {
    /// What the step leaves to the next one, if it does and the process still runs.
    func continuation(of input: ProcessInput, recordedAs version: Int64) -> StepContinued? {
        guard !leftOver.isEmpty, state.status == .running else { return nil }
        if case .continued(let fact) = input {
            return StepContinued(of: fact.of, number: fact.number + 1, machines: leftOver)
        }
        return StepContinued(of: version, number: 1, machines: leftOver)
    }
}
