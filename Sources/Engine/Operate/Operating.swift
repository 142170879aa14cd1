import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// An operator's action is an input of the process, recorded with who asked for it. Repeats that change nothing are
    /// answered with the process and record nothing.
    func operate(_ request: OperatorRequest, at now: Instant) throws(EngineError) -> ProcessView {
        let store = store
        guard
            let found = try stored({ () throws(StoreError) in
                try store.process(request.processID, tenant: request.tenant)
            })
        else { throw .problem(Problem(.processNotFound, "there is no process \(request.processID)")) }
        let process = try load(.stored(found.handle))
        if request.isNamed, try wasRecorded(request.requestID, as: request.action.factType, process) {
            return try view(of: found.handle)
        }
        if let input = try input(of: request, for: process, at: now) {
            var chain = InputChain(at: now)
            let input = try obsolete(input, process, in: chain) ?? input
            try advance(.stored(found.handle), input, in: &chain)
            if case .resume = input { try fireOverdue(of: found.handle, in: &chain) }
            try follow(&chain)
        }
        return try view(of: found.handle)
    }

    /// The stream holds what this very request asked for.
    func wasRecorded(
        _ requestID: String, as type: String, _ process: LoadedProcess
    ) throws(EngineError) -> Bool {
        var wasRecorded = false
        try walk(process) { record in
            if record.event.type == type, record.event.source == nil,
                record.event.data["request_id"]?.stringValue == requestID
            {
                wasRecorded = true
            }
        }
        return wasRecorded
    }

    /// A retry for which no machine is left, as they all have moved on since, closes its incident as obsolete.
    private func obsolete(
        _ input: ProcessInput, _ process: LoadedProcess, in chain: InputChain
    ) throws(EngineError) -> ProcessInput? {
        let state = process.state
        guard case .resolve(var resolution, _, let recorded) = input, resolution.resolution == .retry,
            let version = state.incidents[resolution.incidentID]?.inputVersion, state.status == .running,
            case .trigger(let trigger)? = recorded.first
        else { return nil }
        let hasMoved =
            switch trigger {
            case .event: !state.machines.isEmpty && state.machines.inOrder.allSatisfy { $0.enteredAt > version }
            case .outcome(let task, _): state.machines[task.machineID].map { $0.enteredAt > version } ?? false
            case .timer(let timer):
                timer.machineID.flatMap { state.machines[$0] }.map { $0.enteredAt > version } ?? false
            }
        // An event may also bring new machines into being.
        guard hasMoved, try decide(process, input, in: chain).0.facts.count == 1 else { return nil }
        resolution.resolution = .obsolete
        return .resolve(resolution, result: nil, recorded: [])
    }

    /// The records of the process's stream, in order.
    private func walk(_ process: LoadedProcess, _ body: (RecordedEvent) -> Void) throws(EngineError) {
        var version: Int64 = 1
        while version <= process.state.version {
            let store = store
            let records = try stored { () throws(StoreError) in
                try store.processStream(process.handle, from: version, limit: FoldedProcess.pageSize)
            }
            guard let last = records.last else { return }
            for record in records { body(record) }
            version = last.version + 1
        }
    }

    func view(of process: RowHandle) throws(EngineError) -> ProcessView {
        let state = try load(.stored(process)).state
        let store = store
        let tasks = try stored { () throws(StoreError) in try store.openTasks(of: process) }
        return ProcessView(state: state, tasks: tasks.map(\.row))
    }

    /// The input that the request amounts to; nil if there is nothing to record.
    private func input(
        of request: OperatorRequest, for process: LoadedProcess, at now: Instant
    ) throws(EngineError) -> ProcessInput? {
        let state = process.state
        switch request.action {
        case .cancel(let reason, let mode, let compensate, let deadline):
            return try cancel(
                state, request, reason: reason, mode: mode, compensate: compensate, deadline: deadline, at: now)
        case .suspend(let reason):
            try checkRunning(state)
            if state.suspended { return nil }
            return .suspend(OperatorNote(reason: reason, by: request.by, requestID: request.requestID))
        case .resume(let reason):
            try checkRunning(state)
            if !state.suspended { return nil }
            return .resume(OperatorNote(reason: reason, by: request.by, requestID: request.requestID))
        case .retryIncident(let id, let mend): return try retry(id, with: mend, request, process)
        case .resolveIncident(let id, let result):
            guard let incident = try incident(id, process, for: request.action) else { return nil }
            if let result, incident.undecided != nil {
                return try retry(id, with: IncidentMend(input: result), request, process)
            }
            try checkClosable(incident, state, result: result)
            // An undo task whose incident is closed counts as done: nothing else would let the compensation go on.
            let result = result ?? (incident.task?.undoes == nil ? nil : .null)
            return .resolve(
                IncidentResolved(
                    incidentID: id, resolution: .resolve, taskID: result == nil ? nil : incident.task?.id,
                    by: request.by, requestID: request.requestID),
                result: incident.task == nil ? nil : result, recorded: [])
        }
    }

    private func cancel(
        _ state: ProcessState, _ request: OperatorRequest, reason: String?, mode: CancelMode?, compensate: Bool?,
        deadline: TimeSpan?, at now: Instant
    ) throws(EngineError) -> ProcessInput? {
        if state.status == .cancelled { return nil }
        try checkRunning(state)
        let defaults =
            registry.manager(state.definition, version: state.definitionVersion)?.cancelDefaults ?? CancelDefaults()
        let mode = mode ?? defaults.mode
        if mode == .cooperative, state.status == .cancelling { return nil }
        // Undoing that has begun is ended by a request that says so itself, never by a default.
        let isCutOff = compensate == false
        let compensate = compensate ?? (state.status == .compensating ? true : defaults.compensate)
        if state.status == .compensating, state.ending?.kind == .cancelled, mode == .cooperative || !isCutOff {
            return nil
        }
        let span = deadline ?? defaults.deadline
        return .cancel(
            CancellationRequested(
                reason: reason ?? "cancelled by an operator", mode: mode, compensate: compensate,
                explicit: isCutOff, deadlineAt: mode == .cooperative ? span.map { now + $0 } : nil, by: request.by,
                requestID: request.requestID))
    }

    /// Where deciding again is all that can let the process go on, its incident is not just closed, and a result is
    /// taken only where there is something that it can be the result of.
    private func checkClosable(_ incident: Incident, _ state: ProcessState, result: JSONView?) throws(EngineError) {
        let isStart = state.awaitsStart && incident.inputVersion == 2
        let isWayToEnd =
            incident.inputVersion != nil && (state.status == .cancelling || state.status == .compensating)
            && state.tasks.isEmpty
        let isDropped = result != nil && incident.task == nil
        let isLeftStuck = result == nil && isStuck(without: incident, state)
        guard isStart || isWayToEnd || isDropped || isLeftStuck else { return }
        let reason =
            isDropped
            ? "there is no task that the result could be of; retry with an 'input' to mend a value"
            : "without a retry nothing would ever happen in process \(state.processID) again"
        throw .problem(Problem(.incidentNeedsRetry, reason, members: Self.members(state)))
    }

    /// With this incident closed there would be no task, no timer, no incident and no event that could move the process.
    private func isStuck(without incident: Incident, _ state: ProcessState) -> Bool {
        guard state.status == .running, state.tasks.isEmpty, state.timers.isEmpty, state.incidents.count == 1,
            let manager = registry.manager(state.definition, version: state.definitionVersion)
        else { return false }
        return !manager.awaitsEvents(state)
    }

    private static func members(_ state: ProcessState) -> JSONObject {
        [
            "process_id": .string(state.processID.description), "process_status": .string(state.status.rawValue),
        ]
    }

    func checkRunning(_ state: ProcessState) throws(EngineError) {
        guard state.status.isEnd else { return }
        throw .problem(
            Problem(
                .processEnded, "process \(state.processID) is \(state.status.rawValue)",
                members: Self.members(state)))
    }

    /// The open incident; nil if the very same was done about it before.
    private func incident(
        _ id: IncidentID, _ process: LoadedProcess, for action: OperatorRequest.Action
    ) throws(EngineError) -> Incident? {
        try checkRunning(process.state)
        if let open = process.state.incidents[id] { return open }
        // Closed or never there: the stream knows.
        var wasRaised = false
        var earlier = EarlierResolution()
        try walk(process) { record in
            if record.event.type == "IncidentRaised", record.event.id == EventID(id) { wasRaised = true }
            earlier.take(record, of: id)
        }
        if earlier.isSame(as: action) { return nil }
        if wasRaised { throw .problem(Problem(.incidentClosed, "incident \(id) is closed")) }
        throw .problem(Problem(.incidentNotFound, "process \(process.state.processID) has no incident \(id)"))
    }

    /// A task's incident reopens the task; any other decides its recorded input again.
    private func retry(
        _ id: IncidentID, with mend: IncidentMend, _ request: OperatorRequest, _ process: LoadedProcess
    ) throws(EngineError) -> ProcessInput? {
        guard let incident = try incident(id, process, for: request.action) else { return nil }
        let state = process.state
        if let task = incident.task, task.undoes == nil, state.status == .cancelling || state.status == .compensating {
            // Nothing new is begun on the way to an end.
            throw .problem(
                Problem(
                    .processEnding,
                    "process \(state.processID) is \(state.status.rawValue); only tasks that undo something are retried",
                    members: Self.members(state)))
        }
        var recorded: [RetriedInput] = []
        if let version = incident.inputVersion {
            let versions = [version] + (version == 2 ? process.state.waitingInputs : [])
            for version in versions {
                if let input = try retriedInput(at: version, of: process) { recorded.append(input) }
            }
        }
        try check(mend, incident, recorded.first, state)
        // An `always` that failed has no input of its own.
        let isAlways = incident.task == nil && incident.inputVersion == nil && incident.machineID != nil
        return .resolve(
            IncidentResolved(
                incidentID: id, resolution: .retry, taskID: incident.task?.id, always: isAlways,
                machineID: isAlways ? incident.machineID : nil, pointer: isAlways ? incident.pointer : nil,
                input: mend.input, set: mend.set, reason: mend.reason, by: request.by, requestID: request.requestID),
            result: nil, recorded: recorded)
    }

    /// A mended value has to be the value of something.
    private func check(
        _ mend: IncidentMend, _ incident: Incident, _ recorded: RetriedInput?, _ state: ProcessState
    ) throws(EngineError) {
        if mend.set != nil, state.awaitsStart, incident.inputVersion == 2 {
            throw .problem(
                Problem(
                    .incidentNotMendable,
                    "the start of process \(state.processID) computes its data: mend the event with 'input'",
                    members: Self.members(state)))
        }
        guard mend.input != nil, incident.task == nil else { return }
        switch recorded {
        case .trigger(.event)?, .trigger(.outcome)?: return
        case .trigger(.timer)?, .work?, nil:
            throw .problem(
                Problem(
                    .incidentNotMendable, "what incident \(incident.id) is about has no input that could be replaced",
                    members: Self.members(state)))
        }
    }

    private func retriedInput(at version: Int64, of process: LoadedProcess) throws(EngineError) -> RetriedInput? {
        let store = store
        let process = process
        return try stored { () throws(StoreError) in
            guard let row = try store.process(process.handle) else { return nil }
            return try RecordedInput.retried(at: version, of: row) { from, limit throws(StoreError) in
                try store.processStream(process.handle, from: from, limit: limit)
            }
        }
    }

    /// On resume, timers that are overdue fire at once, in order of due time.
    private func fireOverdue(of process: RowHandle, in chain: inout InputChain) throws(EngineError) {
        let store = store
        let now = chain.now
        let overdue = try stored { () throws(StoreError) in try store.timers(of: process) }
            .filter { $0.dueAt <= now }.sorted { $0.dueAt < $1.dueAt }
        let state = try load(.stored(process)).state
        for timer in overdue {
            guard let pending = state.timers[timer.id] else { continue }
            let fired = TimerFired(timerID: pending.id, machineID: pending.machineID, dueAt: pending.dueAt)
            chain.dueAtOnce.append(
                InputChain.DueTimer(process: process, timer: fired, depth: chain.depth + 1))
        }
    }
}

extension OperatorRequest.Action {
    /// Under what it is recorded.
    fileprivate var factType: String {
        switch self {
        case .cancel: "ProcessCancellationRequested"
        case .suspend: "ProcessSuspended"
        case .resume: "ProcessResumed"
        case .retryIncident, .resolveIncident: "IncidentResolved"
        }
    }
}

/// What an operator did about an incident that is closed, read from the stream.
private struct EarlierResolution {
    private var resolved: IncidentResolved?
    /// The given result is the record after the resolution.
    private var result: JSONView?
    private var resultVersion: Int64 = 0

    mutating func take(_ record: RecordedEvent, of id: IncidentID) {
        guard case .fact(let fact)? = try? ProcessRecord(record.event) else { return }
        switch fact {
        case .incidentResolved(let fact) where fact.incidentID == id:
            resolved = fact
            resultVersion = record.version + 1
        case .taskCompleted(let fact) where record.version == resultVersion: result = fact.result
        default: break
        }
    }

    /// A task that was resolved without a result has none, or null where it was to be undone.
    func isSame(as action: OperatorRequest.Action) -> Bool {
        switch (action, resolved?.resolution) {
        case (.retryIncident(_, let mend), .retry?): mend.input == resolved?.input && mend.set == resolved?.set
        case (.retryIncident, .obsolete?): true
        case (.resolveIncident(_, let given), .retry?): given != nil && given == resolved?.input
        case (.resolveIncident(_, let given), .resolve?): given ?? .null == result ?? .null
        default: false
        }
    }
}
