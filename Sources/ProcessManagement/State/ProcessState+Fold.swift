import Chrono
import EventSourcing
import JSON

/// What a process stream holds: the accepted events themselves and the facts decided from them.
public enum ProcessRecord: Sendable, Equatable {
    indirect case event(Event)
    case fact(Fact)

    public var type: String {
        switch self {
        case .event(let event): event.type
        case .fact(let fact): fact.type
        }
    }

    public var isInput: Bool {
        switch self {
        case .event: true
        case .fact(let fact): fact.isInput
        }
    }
}

extension ProcessState {
    /// Takes in the next record of the stream. Total: every record that was ever written can be folded, whatever the
    /// definition says today.
    public mutating func fold(_ record: ProcessRecord, at now: Instant) {
        version += 1
        updatedAt = now
        if record.isInput { settled = nil }
        switch record {
        case .event(let event):
            correlationID = event.correlationID ?? correlationID
            // What follows from an event bears its trace or none; the first rules took that of an earlier event.
            if event.observed?["rules"] != nil {
                (traceparent, tracestate) = (event.traceparent, event.tracestate)
            } else {
                traceparent = event.traceparent ?? traceparent
            }
            if version == 2 { parent = ParentTask(requestedBy: event) }
            if awaitsStart, version > 2 { waitingInputs.append(version) }
        case .fact(let fact): fold(fact, at: now)
        }
    }

    private mutating func fold(_ fact: Fact, at now: Instant) {
        switch fact {
        case .processStarted(let fact):
            status = .running
            startedAt = now
            definitionVersion = fact.definitionVersion
            write(fact.data)
            for correlation in fact.correlations { correlations[correlation] = correlation }
        case .transitionPlanned(let fact): fold(fact)
        case .taskCompleted(let fact):
            settle(fact.taskID)
            if let task = settled, task.undo != nil {
                // It may be there already, from an earlier attempt whose end nobody knows.
                undoStack.remove(task.id)
                undoStack[task.id] = UndoableTask(task: task, result: fact.result)
            }
        case .taskFailed(let fact):
            settle(fact.taskID)
            // A task that no worker ever had has done nothing.
            if fact.attempts > 0, let code = fact.code, Self.unknownEndings.contains(code) { pushUnknown() }
        case .taskCancelled(let fact):
            settle(fact.taskID)
            if fact.unknown { pushUnknown() }
        case .eventDeferred(let fact): putOff(fact)
        case .deferredEventOffered(let fact): if fact.result != .deferred { endWaiting(fact) }
        case .stepContinued: break
        case .timerScheduled(let fact):
            insert(
                PendingTimer(
                    id: fact.timerID, machineID: fact.machineID, dueAt: fact.dueAt, state: fact.state,
                    index: fact.index, name: fact.name))
        case .timerFired(let fact): removeTimer(fact.timerID)
        case .commandIssued: break
        case .incidentRaised(let fact):
            insert(
                Incident(
                    id: fact.incidentID, kind: fact.kind, message: fact.message,
                    task: settled.flatMap { $0.id == fact.taskID ? $0 : nil },
                    undecided: fact.inputVersion == nil ? nil : settled, inputVersion: fact.inputVersion,
                    pointer: fact.pointer, machineID: fact.machineID, raisedAt: now))
            if let machineID = fact.machineID { machines.update(machineID) { $0.hasFailingAlways = true } }
        case .incidentResolved(let fact): fold(fact)
        case .cancellationRequested(let fact): fold(fact)
        case .suspended:
            suspended = true
            suspendedAt = now
        case .resumed:
            suspended = false
            suspendedAt = nil
        case .processMigrated(let fact): fold(fact)
        case .compensationStarted(let end):
            status = .compensating
            ending = end
            removeAllTimers()
        case .processCancelled(let reason): end(.cancelled, reason: reason, at: now)
        case .processCompleted(let result):
            self.result = result
            end(.completed, reason: nil, at: now)
        case .processFailed(let reason): end(.failed, reason: reason, at: now)
        }
    }

    /// Failure codes of our own after which nobody knows what the worker did.
    private static let unknownEndings: Set<String> = ["lease_expired", "attempt_timeout", "total_timeout"]

    private mutating func fold(_ fact: TransitionPlanned) {
        if let fromState = fact.fromState {
            if !fact.stays { leave(fact.machineID, fromState, for: fact.toState) }
        } else {
            machines[fact.machineID] = Machine(
                id: fact.machineID, name: fact.machine, state: fact.toState, item: fact.item, enteredAt: version)
            counts.add(1, of: fact.machine, in: fact.toState)
            if fact.machineID.utf8.count != fact.machine.utf8.count { spawnedCount += 1 }
            waitingInputs = []
        }
        if !fact.stays, fact.result != nil || machines[fact.machineID]?.result != nil {
            machines.update(fact.machineID) { $0.result = fact.result }
        }
        if let set = fact.set { write(set) }
        for correlation in fact.correlations { correlations[correlation] = correlation }
        if let undone = fact.undoes { undoStack.remove(undone) }
        guard let task = fact.task else { return }
        tasks[task.id] = OpenTask(
            id: task.id, type: task.type, transitionID: fact.transitionID, machineID: fact.machineID,
            input: task.input, pointer: task.pointer, definitionVersion: fact.definitionVersion,
            isStateTask: task.isStateTask,
            enteredAt: machines[fact.machineID]?.enteredAt ?? version, undo: task.undo, undoes: fact.undoes)
        if task.undo == .whenUnknown { unknowableTasks += 1 }
        if task.isStateTask { machines.update(fact.machineID) { $0.stateTask = task.id } }
    }

    /// Nothing is left and nothing entered: tasks, incidents and what was put off stay with their machines.
    private mutating func fold(_ fact: ProcessMigrated) {
        definitionVersion = fact.toVersion
        isMigrated = true
        if !fact.moves.isEmpty {
            for machine in machines.inOrder {
                guard let state = fact.target(of: machine), state != machine.state else { continue }
                counts.add(-1, of: machine.name, in: machine.state)
                counts.add(1, of: machine.name, in: state)
                machines.update(machine.id) { $0.state = state }
            }
        }
        for id in fact.timersDropped { removeTimer(id) }
        for kept in fact.timersKept {
            guard let timer = timers[kept.timerID], let machineID = timer.machineID else { continue }
            timers[kept.timerID] = PendingTimer(
                id: timer.id, machineID: machineID, dueAt: timer.dueAt, state: machines[machineID]?.state,
                index: kept.index, name: kept.name)
        }
    }

    /// Leaving a state silences its timers and closes the open incidents of its task and its `always` as obsolete.
    private mutating func leave(_ machineID: String, _ fromState: String, for toState: String) {
        guard let machine = machines[machineID] else { return }
        counts.add(-1, of: machine.name, in: fromState)
        counts.add(1, of: machine.name, in: toState)
        for timer in machine.timers { timers.remove(timer) }
        for incident in machine.incidents { incidents.remove(incident) }
        let entry = version
        machines.update(machineID) {
            $0.state = toState
            $0.enteredAt = entry
            $0.stateTask = nil
            $0.hasFailingAlways = false
            $0.timers = []
            $0.incidents = []
        }
    }

    /// Replaces whole members of the data.
    private mutating func write(_ members: JSONView) {
        for (name, value) in members.members {
            if let old = data[name] { dataBytes -= old.size }
            let member = NamedValue(name: name, value: value)
            data[name] = member
            dataBytes += member.size
        }
    }

    private mutating func settle(_ taskID: TaskID) {
        settled = tasks.remove(taskID)
        if settled?.undo == .whenUnknown { unknowableTasks -= 1 }
        if let task = settled, task.isStateTask {
            machines.update(task.machineID) { if $0.stateTask == taskID { $0.stateTask = nil } }
        }
    }

    private mutating func pushUnknown() {
        guard let task = settled, task.undo == .whenUnknown else { return }
        undoStack[task.id] = UndoableTask(task: task, result: .null)
    }

    mutating func insert(_ timer: PendingTimer) {
        timers[timer.id] = timer
        if let machineID = timer.machineID { machines.update(machineID) { $0.timers.append(timer.id) } }
    }

    private mutating func removeTimer(_ id: TimerID) {
        guard let timer = timers.remove(id), let machineID = timer.machineID else { return }
        machines.update(machineID) { $0.timers.removeAll { $0 == id } }
    }

    private mutating func removeAllTimers() {
        for timer in timers.inOrder {
            guard let machineID = timer.machineID else { continue }
            machines.update(machineID) { $0.timers = [] }
        }
        timers.removeAll()
    }

    mutating func insert(_ incident: Incident) {
        incidents[incident.id] = incident
        if let machineID = incident.endsWith { machines.update(machineID) { $0.incidents.append(incident.id) } }
    }

    private mutating func removeAllIncidents() {
        for incident in incidents.inOrder {
            guard let machineID = incident.endsWith else { continue }
            machines.update(machineID) { $0.incidents = [] }
        }
        incidents.removeAll()
    }

    private mutating func fold(_ fact: IncidentResolved) {
        guard let incident = incidents.remove(fact.incidentID) else { return }
        if let data = fact.data {
            self.data.removeAll()
            dataBytes = 0
            write(data)
        }
        if let set = fact.set { write(set) }
        if let input = fact.input, let version = incident.inputVersion {
            corrections[version] = InputCorrection(version: version, value: input)
            if let task = incident.undecided, var undoable = undoStack[task.id] {
                undoable.result = input
                undoStack[task.id] = undoable
            }
        }
        if fact.always, let machineID = incident.machineID {
            machines.update(machineID) { $0.hasFailingAlways = false }
        }
        if let machineID = incident.endsWith {
            machines.update(machineID) { $0.incidents.removeAll { $0 == incident.id } }
        }
        settled = incident.undecided
        guard var task = incident.task, fact.resolution != .obsolete, fact.taskID != nil else { return }
        // Both a retry and a given result open the task again; the result settles it with the next fact.
        if fact.resolution == .retry { task.reopened += 1 }
        if let input = fact.input { task.input = input }
        tasks[task.id] = task
        if task.undo == .whenUnknown { unknowableTasks += 1 }
        if task.isStateTask { machines.update(task.machineID) { $0.stateTask = task.id } }
    }

    private mutating func fold(_ fact: CancellationRequested) {
        switch (status, fact.mode) {
        case (.compensating, _):
            ending = PlannedEnd(kind: .cancelled, reason: fact.reason, compensate: fact.compensate)
        case (_, .cooperative):
            status = .cancelling
            ending = PlannedEnd(kind: .cancelled, reason: fact.reason, compensate: fact.compensate)
            removeAllTimers()
        case (_, .hard):
            ending = PlannedEnd(kind: .cancelled, reason: fact.reason, compensate: fact.compensate)
            removeAllTimers()
        }
    }

    private mutating func end(_ status: ProcessStatus, reason: String?, at now: Instant) {
        self.status = status
        self.reason = reason
        endedAt = now
        ending = nil
        suspended = false
        suspendedAt = nil
        tasks.removeAll()
        unknowableTasks = 0
        removeAllTimers()
        removeAllIncidents()
        undoStack.removeAll()
        waitingInputs = []
    }
}
