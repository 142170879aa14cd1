import Chrono
import EventSourcing
import JSON

/// What a manager decides with: the time, deterministic ids, and the ways to say what is to happen.
///
/// Everything said here becomes a fact at once and is folded into `state`. After `complete`, `cancel` or `fail` nothing
/// follows: later calls in the same decision do nothing.
public struct ProcessContext: Sendable {
    /// When the input was accepted. There is no other clock.
    public let now: Instant
    /// Ids made from the input: the same input gives the same ids.
    public var ids: DeterministicIDs
    /// The state as left by everything decided so far.
    public private(set) var state: ProcessState
    /// What was decided so far.
    public private(set) var facts: [Fact] = []
    /// What the process gives back to the service, in order.
    public private(set) var published: [PublishedEvent] = []
    /// What else the decision may read.
    public let observations: Observations
    /// Set while a recorded input is decided again: only machines that have not moved since may take it.
    public internal(set) var retriedVersion: Int64?
    /// The version under which the input that is decided about is recorded.
    public internal(set) var inputVersion: Int64
    /// Recorded events by version: those that machines put off.
    public let recalled: [Int64: Event]
    /// The version of an event that the decision needs and that is not among `recalled`: it is decided again with it.
    public private(set) var wanted: Int64?
    /// Machines whose waiting events are left for the next step, as this one has enough.
    public private(set) var leftOver: [String] = []
    /// Versions of the events that waited for the start and that an end came before.
    var unoffered: [Int64] = []
    /// Some machine took the event that is decided about, or came into being with it.
    public var isTaken = false

    /// How the process is to end once this decision is recorded.
    public private(set) var requestedEnd: RequestedEnd?
    /// Set when the end is being recorded: what belongs to it is all that may still be said.
    var isEnding = false
    /// Machines that a migration makes enter their states.
    var entering: [String] = []
    /// Correlations known at the start that the process gains with its first machine, because they were not free then.
    var owedCorrelations: [Correlation] = []

    public enum RequestedEnd: Sendable, Equatable {
        case completed(result: JSONView?)
        case planned(PlannedEnd)
    }

    let definitionVersion: Int

    /// A context for deciding `input` on `state`, which has the input folded already. Managers are given theirs; tests
    /// make their own.
    public init(
        state: ProcessState, inputID: InputID, at now: Instant, observing observations: Observations = Observations(),
        recalling recalled: [Int64: Event] = [:], definitionVersion: Int? = nil
    ) {
        self.state = state
        self.now = now
        self.observations = observations
        self.recalled = recalled
        inputVersion = state.version
        self.definitionVersion = definitionVersion ?? state.definitionVersion
        ids = DeterministicIDs(processID: state.processID, inputID: inputID)
    }

    public var decision: Decision { Decision(facts: facts) }

    /// Which rules are decided by.
    public var rules: DecisionRules { observations.rules }

    /// A recorded event that a machine put off, as an operator may have corrected it.
    ///
    /// - Throws: a fault if it is not at hand; the step is then decided again with it.
    public mutating func recall(_ version: Int64) throws(DecisionFault) -> Event {
        guard var event = recalled[version] else {
            wanted = version
            throw DecisionFault(.definitionMissing, "the deferred event of version \(version) is not at hand")
        }
        if let correction = state.corrections[version] { event.data = correction.value }
        return event
    }

    /// The machine's waiting events are offered in a step of their own, right after this one.
    public mutating func leaveOver(_ machineID: String) {
        if !leftOver.contains(machineID) { leftOver.append(machineID) }
    }

    /// Records a transition of a machine.
    ///
    /// With `to`, the present state is left: its open task is cancelled, its timers fall silent; then `to` is entered,
    /// also when it is the same state. Without `to` nothing is left or entered. A machine that does not exist yet comes
    /// into being in `to`; `item` is what it is made for.
    ///
    /// - Returns: the id of the task it plans, if any.
    /// - Throws: a fault when a correlation is taken or the step grows beyond its limits.
    @discardableResult
    public mutating func plan(
        machine machineID: String, named name: String? = nil, to: String? = nil, as transition: String,
        item: JSONView? = nil, set: JSONView? = nil, result: JSONView? = nil, correlations: [Correlation] = [],
        task: TaskPlan? = nil,
        isStateTask: Bool? = nil, undoing undone: TaskID? = nil
    ) throws(DecisionFault) -> TaskID? {
        guard isOpen else { return nil }
        var correlations = correlations
        if !owedCorrelations.isEmpty {
            correlations.insert(contentsOf: owedCorrelations, at: 0)
            owedCorrelations = []
        }
        for correlation in correlations where observations.taken.contains(correlation) {
            throw .taken(correlation)
        }
        if let child = task?.child {
            if observations.missing.contains(child.definition) { throw .missing(child, at: task?.pointer) }
        } else if let type = task?.type, ChildProcess.isTaskType(type) {
            throw DecisionFault(.expressionFailed, "a task for a worker cannot have the type '\(type)'")
        }
        let machine = state.machines[machineID]
        // What an earlier version planned is undone as that one declares it.
        let version = undone.flatMap { state.undoStack[$0]?.task.definitionVersion } ?? definitionVersion
        guard let toState = to ?? machine?.state else {
            throw DecisionFault(.expressionFailed, "there is no machine '\(machineID)'")
        }
        if to != nil, let open = machine?.stateTask { try cancelTask(open) }
        let planned = task.map { plan in
            PlannedTask(
                id: ids.next(.task), type: plan.type, mode: plan.mode, input: plan.input, childKey: plan.child?.key,
                pointer: plan.pointer, isStateTask: isStateTask ?? (to != nil), undo: plan.undo, policy: plan.policy)
        }
        let gained = Correlation.grouped(correlations.filter { state.correlations[$0] == nil })
        try record(
            .transitionPlanned(
                TransitionPlanned(
                    transitionID: ids.next(.transition), transition: transition, machineID: machineID,
                    machine: machine?.name ?? name ?? machineID, fromState: machine?.state, toState: toState,
                    stays: machine != nil && to == nil, item: item, set: set, result: result, correlations: gained,
                    definitionVersion: version, undoes: undone, task: planned)))
        return planned?.id
    }

    /// Starts a timer that belongs to the machine's present state entry. A time in the past fires at once, as the next
    /// input.
    @discardableResult
    public mutating func schedule(
        machine machineID: String?, at dueAt: Instant, index: Int = 0, name: String? = nil
    ) throws(DecisionFault) -> TimerID {
        let id = ids.next(.timer)
        guard isOpen else { return id }
        try record(
            .timerScheduled(
                TimerScheduled(
                    timerID: id, machineID: machineID, dueAt: dueAt,
                    state: machineID.flatMap { state.machines[$0]?.state }, index: index, name: name)))
        return id
    }

    /// Issues a command: it leaves the process through the outbox, at least once.
    public mutating func issue(_ command: String, payload: JSONView) throws(DecisionFault) {
        guard isOpen else { return }
        try record(.commandIssued(CommandIssued(commandID: ids.next(.command), command: command, payload: payload)))
    }

    /// Gives an event back to the service: it is appended to the process's `published` stream and located like one that
    /// was posted, for this process too.
    ///
    /// - Throws: a fault for a type that is reserved, and when the step publishes too much.
    public mutating func publish(_ type: String, data: JSONView) throws(DecisionFault) {
        guard isOpen else { return }
        guard !ReservedNames.isReserved(type: type) else {
            throw DecisionFault(.expressionFailed, "an event of the reserved type '\(type)' cannot be published")
        }
        guard published.count < StepLimits.raisedEvents else {
            throw DecisionFault(.limitExceeded, "one step may publish \(StepLimits.raisedEvents) events")
        }
        guard data.rawByteCount <= StepLimits.bytes else {
            throw DecisionFault(.limitExceeded, "a published event may have \(StepLimits.bytes) bytes: \(type)")
        }
        published.append(PublishedEvent(id: EventID(ids.next(.published)), type: type, data: data))
    }

    /// Cancels an open task; a later outcome for it is refused.
    public mutating func cancelTask(_ id: TaskID) throws(DecisionFault) {
        guard isOpen, let task = state.tasks[id] else { return }
        try record(
            .taskCancelled(
                TaskCancelled(
                    taskID: id, transitionID: task.transitionID, machineID: task.machineID,
                    unknown: observations.unsettled.contains(id))))
    }

    /// Ends the process well. What could be undone stays done.
    public mutating func complete(result: JSONView? = nil) {
        if requestedEnd == nil { requestedEnd = .completed(result: result) }
    }

    /// Ends the process as cancelled; with `compensate`, after what was done is undone.
    public mutating func cancel(reason: String, compensate: Bool = false) {
        end(PlannedEnd(kind: .cancelled, reason: reason, compensate: compensate))
    }

    /// Ends the process as failed; with `compensate`, after what was done is undone.
    public mutating func fail(reason: String, compensate: Bool = false) {
        end(PlannedEnd(kind: .failed, reason: reason, compensate: compensate))
    }

    private mutating func end(_ end: PlannedEnd) {
        if requestedEnd == nil { requestedEnd = .planned(end) }
    }

    /// Records any other fact that is decided. The input was recorded before the decision, so that a fact which records
    /// one is a fault.
    public mutating func record(_ fact: Fact) throws(DecisionFault) {
        guard isOpen else { return }
        guard fact.isDecided else {
            throw DecisionFault(.expressionFailed, "a decision cannot record \(fact.type), which is an input")
        }
        guard facts.count < StepLimits.facts else {
            throw DecisionFault(.limitExceeded, "one step may record \(StepLimits.facts) facts")
        }
        guard !fact.isTooLarge(in: state.processID) else {
            throw DecisionFault(.limitExceeded, "a fact may have \(StepLimits.bytes) bytes: \(fact.type)")
        }
        facts.append(fact)
        state.fold(.fact(fact), at: now)
        guard state.spawnedCount <= StepLimits.machines else {
            throw DecisionFault(
                .limitExceeded, "a process may have \(StepLimits.machines) spawned machines beside its static ones")
        }
        guard state.deferredCount <= StepLimits.deferredEvents else {
            throw DecisionFault(
                .limitExceeded, "a process may have \(StepLimits.deferredEvents) deferred events")
        }
        guard state.dataBytes <= StepLimits.bytes else {
            throw DecisionFault(.limitExceeded, "the data of a process may have \(StepLimits.bytes) bytes")
        }
    }

    /// Nothing follows an end, neither the decision to end nor the fact itself.
    private var isOpen: Bool { (requestedEnd == nil || isEnding) && !state.status.isEnd }
}

extension Fact {
    /// It is neither an input nor the start, which come before every decision.
    fileprivate var isDecided: Bool {
        if case .processStarted = self { return false }
        return !isInput
    }

    /// Of one fact as it is written.
    fileprivate func isTooLarge(in processID: ProcessID) -> Bool {
        // What comes on top of the values it carries is small, so that nearly all facts need not be written to be measured.
        guard carriedBytes > StepLimits.bytes - 16_384 else { return false }
        return encoded(in: processID).rawByteCount > StepLimits.bytes
    }

    /// The size of the values and texts in it that can be large.
    private var carriedBytes: Int {
        switch self {
        case .transitionPlanned(let fact): fact.contentBytes
        case .taskCompleted(let fact): fact.result.rawByteCount
        case .commandIssued(let fact): fact.payload.rawByteCount
        case .processCompleted(let result): result?.rawByteCount ?? 0
        case .processCancelled(let reason), .processFailed(let reason): reason.utf8.count
        case .compensationStarted(let end): end.reason.utf8.count
        case .processStarted, .taskFailed, .taskCancelled, .eventDeferred, .deferredEventOffered, .timerScheduled,
            .stepContinued, .timerFired, .incidentRaised, .incidentResolved, .cancellationRequested, .suspended,
            .resumed,
            .processMigrated:
            0
        }
    }
}

/// Bounds that keep one step, and one process, finite.
public enum StepLimits {
    public static let facts = 20_000
    public static let machines = 10_000
    public static let deferredEvents = 1_000
    public static let raisedEvents = 1_000
    public static let rounds = 100
    /// How many waiting events one step offers again before it leaves the rest to another.
    public static let offeredAgain = 250
    /// Of the process data, and of any one fact.
    public static let bytes = 1 << 20
}
