import Chrono
import EventSourcing
import JSON

/// One accepted input and all that was decided from it: the batch that is appended to the process stream as a whole.
public struct Step: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public let id: EventID
        public let record: ProcessRecord
    }

    /// `ProcessStarted` if the process is new, the input, then the decided facts.
    public let entries: [Entry]
    /// The fold of everything up to and including the entries.
    public let state: ProcessState
    /// What it gives back to the service, in order; recorded in the process's `published` stream.
    public let published: [PublishedEvent]
    /// The input that has to be decided next, before any other of the process; nil for none.
    public let continuation: StepContinued?
    /// Some machine took the event of the step, or was made by it.
    public let isTaken: Bool
    /// The version under which the input is recorded.
    public let inputVersion: Int64
    /// Recorded events that waited for a start and that nobody was asked about, as the process ended.
    public let unoffered: [Int64]
    /// A recorded event that the decision wanted and was not given.
    public let wanted: Int64?

    public var facts: [Fact] {
        entries.compactMap { if case .fact(let fact) = $0.record { fact } else { nil } }
    }

    /// The definitions of the child processes that the step plans.
    public var childDefinitions: [String] {
        var names: [String] = []
        for entry in entries {
            if case .fact(.transitionPlanned(let planned)) = entry.record, let name = planned.task?.child?.definition {
                names.append(name)
            }
        }
        return names
    }

    /// Correlations that the process gains in this step.
    public var gainedCorrelations: [Correlation] {
        var gained: [Correlation] = []
        for entry in entries {
            switch entry.record {
            case .fact(.processStarted(let started)): gained += started.correlations
            case .fact(.transitionPlanned(let planned)): gained += planned.correlations
            default: break
            }
        }
        return gained
    }
}

extension ProcessManager {
    /// The pure heart of the engine: state and input in, facts and next state out.
    ///
    /// Never fails: an input that cannot be decided is recorded with an incident. Deciding the same recorded input
    /// again, with the same observations and time, gives the same step. With `fault` the input is not decided, only
    /// recorded with that incident.
    ///
    /// `recorded` holds the events under `state.deferredVersions`, by version; a machine that is offered one that is
    /// missing here raises an incident.
    public func step(
        _ state: ProcessState, _ input: ProcessInput, observing observations: Observations = Observations(),
        recalling recorded: [Int64: Event] = [:], at now: Instant, failing fault: DecisionFault? = nil
    ) -> Step {
        let prelude = Prelude(manager: self, state: state, input: input, observing: observations, now: now)
        let inputID = input.id(in: state)
        var context = ProcessContext(
            state: prelude.state, inputID: inputID, at: now, observing: observations, recalling: recorded,
            definitionVersion: prelude.state.definitionVersion)
        // Nothing to record, nothing to decide: the outcome of a task that is not open.
        guard !prelude.records.isEmpty else { return Step(prelude, context) }
        context.retriedVersion = prelude.retriedVersion
        context.inputVersion = prelude.inputVersion
        context.entering = prelude.entering
        do throws(DecisionFault) {
            if let fault = fault ?? prelude.fault { throw fault }
            try context.advance(self, prelude.input, timer: prelude.timer)
        } catch {
            if context.wanted != nil { return Step(prelude, context) }
            context = ProcessContext(
                state: prelude.state, inputID: inputID, at: now, observing: observations,
                definitionVersion: prelude.state.definitionVersion)
            context.raise(error, inputVersion: prelude.retriedVersion ?? prelude.inputVersion)
        }
        return Step(prelude, context)
    }
}

/// What is recorded before anything is decided: the start of a new process, and the input.
struct Prelude {
    var records: [ProcessRecord] = []
    var state: ProcessState
    /// The version under which the input is recorded.
    let inputVersion: Int64
    /// The input as it is decided: a resolution with what the retry computed before.
    var input: ProcessInput
    /// The version of the recorded input that an operator's retry decides again.
    var retriedVersion: Int64?
    /// Machines that a migration makes enter their states, in order.
    var entering: [String] = []
    /// What a firing timer was.
    var timer: PendingTimer?
    /// The data of the new process could not be computed, or its correlations are not free.
    var fault: DecisionFault?

    init(
        manager: some ProcessManager, state: ProcessState, input: ProcessInput, observing observations: Observations,
        now: Instant
    ) {
        self.state = state
        self.input = input
        if state.status == .new, case .event(let event) = input {
            var started = ProcessStarted(
                processID: state.processID, definition: state.definition, definitionVersion: state.definitionVersion,
                key: state.key, data: JSONView(.object(JSONObject())))
            do throws(DecisionFault) {
                try Self.fill(&started, for: event, manager, state, observations, at: now)
            } catch {
                fault = error
            }
            records.append(.fact(.processStarted(started)))
        }
        if case .timer(let fired) = input { timer = state.timers[fired.timerID] }
        if case .resolve(let resolution, _, _) = input {
            retriedVersion = state.incidents[resolution.incidentID]?.inputVersion
            if observations.rules >= .second, state.awaitsStart, retriedVersion == 2 {
                do throws(DecisionFault) {
                    self.input = try Self.startAgain(input, manager, state, at: now, by: observations.rules)
                } catch {
                    fault = error
                }
            }
        }
        if case .migrate(let fact) = input, fact.enter {
            entering = state.machines.inOrder.filter { fact.target(of: $0) != nil }.map(\.id)
        }
        if case .event(var event) = self.input {
            // As it will be recorded.
            event.observed = observations.encoded
            self.input = .event(event)
        }
        records += Self.records(of: self.input, in: state)
        inputVersion = state.version + Int64(records.count)
        for record in records { self.state.fold(record, at: now) }
    }

    /// A start that is decided again computes the data of the process again.
    private static func startAgain(
        _ input: ProcessInput, _ manager: some ProcessManager, _ state: ProcessState, at now: Instant,
        by rules: DecisionRules
    ) throws(DecisionFault) -> ProcessInput {
        guard case .resolve(var resolution, let result, let recorded) = input, resolution.resolution == .retry,
            case .trigger(.event(var event))? = recorded.first
        else { return input }
        if let data = resolution.input ?? state.corrections[2]?.value { event.data = data }
        resolution.data = try data(for: event, manager, state, at: now, by: rules)
        return .resolve(resolution, result: result, recorded: recorded)
    }

    private static func data(
        for event: Event, _ manager: some ProcessManager, _ state: ProcessState, at now: Instant,
        by rules: DecisionRules
    ) throws(DecisionFault) -> JSONView {
        let data = try manager.initialData(for: event, of: state, at: now, by: rules)
        guard data.rawByteCount <= StepLimits.bytes else {
            throw DecisionFault(.limitExceeded, "the data of a process may have \(StepLimits.bytes) bytes")
        }
        return data
    }

    /// What the manager knows at the start. Where it fails, what was found before stays.
    private static func fill(
        _ started: inout ProcessStarted, for event: Event, _ manager: some ProcessManager, _ state: ProcessState,
        _ observations: Observations, at now: Instant
    ) throws(DecisionFault) {
        started.data = try data(for: event, manager, state, at: now, by: observations.rules)
        let correlations = try manager.initialCorrelations(for: event, of: state, at: now)
        if let other = correlations.first(where: observations.taken.contains) { throw .taken(other) }
        started.correlations = Correlation.grouped(correlations)
    }

    private static func records(of input: ProcessInput, in state: ProcessState) -> [ProcessRecord] {
        switch input {
        case .event(let event): [.event(event)]
        case .outcome(let outcome): state.tasks[outcome.taskID].map { [.fact(fact(of: outcome, for: $0))] } ?? []
        case .timer(let fired): [.fact(.timerFired(fired))]
        case .cancel(let request): [.fact(.cancellationRequested(request))]
        case .suspend(let note): [.fact(.suspended(note))]
        case .resume(let note): [.fact(.resumed(note))]
        case .migrate(let fact): [.fact(.processMigrated(fact))]
        case .continued(let fact): [.fact(.stepContinued(fact))]
        case .resolve(let resolution, let result, _):
            resolve(resolution, result: result, task: state.incidents[resolution.incidentID]?.task)
        }
    }

    /// An operator's result is recorded as the task's own completion, right after the resolution.
    private static func resolve(
        _ resolution: IncidentResolved, result: JSONView?, task: OpenTask?
    ) -> [ProcessRecord] {
        var records: [ProcessRecord] = [.fact(.incidentResolved(resolution))]
        if resolution.resolution == .resolve, let task, let result {
            records.append(
                .fact(
                    .taskCompleted(
                        TaskCompleted(
                            taskID: task.id, transitionID: task.transitionID, machineID: task.machineID,
                            result: result, attempt: 0))))
        }
        return records
    }

    private static func fact(of outcome: TaskOutcome, for task: OpenTask) -> Fact {
        switch outcome.ending {
        case .completed(let result):
            .taskCompleted(
                TaskCompleted(
                    taskID: task.id, transitionID: task.transitionID, machineID: task.machineID, result: result,
                    attempt: outcome.attempt))
        case .failed(let code, let reason):
            .taskFailed(
                TaskFailed(
                    taskID: task.id, transitionID: task.transitionID, machineID: task.machineID, code: code,
                    reason: reason, attempts: outcome.attempt, lastCode: outcome.lastCode,
                    lastReason: outcome.lastReason))
        case .cancelled:
            .taskCancelled(
                TaskCancelled(
                    taskID: task.id, transitionID: task.transitionID, machineID: task.machineID,
                    attempt: outcome.attempt, unknown: outcome.unknown))
        }
    }
}

extension Step {
    fileprivate init(_ prelude: Prelude, _ context: ProcessContext) {
        var ids = context.ids
        entries = (prelude.records + context.facts.map(ProcessRecord.fact)).map { record in
            Entry(id: Self.recordID(of: record, &ids), record: record)
        }
        state = context.state
        published = context.published
        isTaken = context.isTaken
        inputVersion = prelude.inputVersion
        unoffered =
            !context.state.status.isEnd
            ? [] : context.state.machines.isEmpty ? prelude.state.waitingInputs : context.unoffered
        wanted = context.wanted
        continuation = context.continuation(of: prelude.input, recordedAs: prelude.inputVersion)
    }

    /// A record that is about one thing with an id of its own bears that id.
    private static func recordID(of record: ProcessRecord, _ ids: inout DeterministicIDs) -> EventID {
        switch record {
        case .event(let event): event.id
        case .fact(.transitionPlanned(let fact)): EventID(fact.transitionID)
        case .fact(.timerScheduled(let fact)): EventID(fact.timerID)
        case .fact(.commandIssued(let fact)): EventID(fact.commandID)
        case .fact(.incidentRaised(let fact)): EventID(fact.incidentID)
        case .fact: EventID(ids.next(.record))
        }
    }
}
