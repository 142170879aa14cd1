import Chrono
import EventSourcing
import JSON

/// What a process is now: the fold of its recorded facts, and nothing else.
///
/// A value with shared parts: a copy is cheap however large the process is. Only folding changes it.
public struct ProcessState: Sendable, Equatable {
    private var content: Content

    /// A process that has no facts yet.
    public init(processID: ProcessID, tenant: String, definition: String, definitionVersion: Int, key: String) {
        content = Content(
            Fields(
                processID: processID, tenant: tenant, definition: definition, key: key,
                definitionVersion: definitionVersion))
    }

    public var streamID: StreamID { .process(processID, of: definition) }
    public var isCancelled: Bool { status == .cancelled }

    /// How many machines of this name are in this state.
    public func count(of machine: String, in state: String) -> Int {
        counts.count(of: machine, in: state)
    }

    /// The first step could not be decided; everything waits for its retry.
    public var awaitsStart: Bool {
        status == .running && machines.isEmpty && incidents.inOrder.contains { $0.inputVersion == 2 }
    }

    public static func == (left: ProcessState, right: ProcessState) -> Bool {
        left.content === right.content || left.content.fields == right.content.fields
    }
}

// MARK: What it consists of

extension ProcessState {
    public var processID: ProcessID { content.fields.processID }
    public var tenant: String { content.fields.tenant }
    public var definition: String { content.fields.definition }
    public internal(set) var definitionVersion: Int {
        get { content.fields.definitionVersion }
        _modify { yield &fields.definitionVersion }
    }
    public var key: String { content.fields.key }
    /// Version of the last folded record; the expected version of the next append. 0 before the first.
    public internal(set) var version: Int64 {
        get { content.fields.version }
        _modify { yield &fields.version }
    }
    public internal(set) var status: ProcessStatus {
        get { content.fields.status }
        _modify { yield &fields.status }
    }
    /// Its tasks are not handed out and its timers wait.
    public internal(set) var suspended: Bool {
        get { content.fields.suspended }
        _modify { yield &fields.suspended }
    }
    public internal(set) var suspendedAt: Instant? {
        get { content.fields.suspendedAt }
        _modify { yield &fields.suspendedAt }
    }
    public internal(set) var startedAt: Instant {
        get { content.fields.startedAt }
        _modify { yield &fields.startedAt }
    }
    public internal(set) var updatedAt: Instant {
        get { content.fields.updatedAt }
        _modify { yield &fields.updatedAt }
    }
    public internal(set) var endedAt: Instant? {
        get { content.fields.endedAt }
        _modify { yield &fields.endedAt }
    }
    /// Why it was cancelled or failed.
    public internal(set) var reason: String? {
        get { content.fields.reason }
        _modify { yield &fields.reason }
    }
    /// What it completed with.
    public internal(set) var result: JSONView? {
        get { content.fields.result }
        _modify { yield &fields.result }
    }
    /// The members of the process data, each with its bytes as written.
    public internal(set) var data: OrderedTable<ExactText, NamedValue> {
        get { content.fields.data }
        _modify { yield &fields.data }
    }
    /// The size of names and values in `data`.
    public internal(set) var dataBytes: Int {
        get { content.fields.dataBytes }
        _modify { yield &fields.dataBytes }
    }
    public internal(set) var machines: OrderedTable<ExactText, Machine> {
        get { content.fields.machines }
        _modify { yield &fields.machines }
    }
    /// Kept by the fold, so that a join costs no walk.
    var counts: StateCounts {
        get { content.fields.counts }
        _modify { yield &fields.counts }
    }
    /// How many events machines have put off, one counted for each machine.
    public internal(set) var deferredCount: Int {
        get { content.fields.deferredCount }
        _modify { yield &fields.deferredCount }
    }
    /// The events that machines have put off.
    public internal(set) var waitingEvents: OrderedTable<Int64, WaitingEvent> {
        get { content.fields.waitingEvents }
        _modify { yield &fields.waitingEvents }
    }
    /// By the version of an input: what an operator put in the place of what was recorded.
    public internal(set) var corrections: OrderedTable<Int64, InputCorrection> {
        get { content.fields.corrections }
        _modify { yield &fields.corrections }
    }
    /// How many machines were made for items; the others are there from the start.
    public internal(set) var spawnedCount: Int {
        get { content.fields.spawnedCount }
        _modify { yield &fields.spawnedCount }
    }
    public internal(set) var tasks: OrderedTable<TaskID, OpenTask> {
        get { content.fields.tasks }
        _modify { yield &fields.tasks }
    }
    public internal(set) var timers: OrderedTable<TimerID, PendingTimer> {
        get { content.fields.timers }
        _modify { yield &fields.timers }
    }
    public internal(set) var incidents: OrderedTable<IncidentID, Incident> {
        get { content.fields.incidents }
        _modify { yield &fields.incidents }
    }
    public internal(set) var correlations: OrderedTable<Correlation, Correlation> {
        get { content.fields.correlations }
        _modify { yield &fields.correlations }
    }
    /// Finished tasks that can be undone, the next to undo last.
    public internal(set) var undoStack: OrderedTable<TaskID, UndoableTask> {
        get { content.fields.undoStack }
        _modify { yield &fields.undoStack }
    }
    /// It ran on another version before: what that one planned is undone as that one says.
    public internal(set) var isMigrated: Bool {
        get { content.fields.isMigrated }
        _modify { yield &fields.isMigrated }
    }
    /// How a compensation or a cooperative cancel is to end.
    public internal(set) var ending: PlannedEnd? {
        get { content.fields.ending }
        _modify { yield &fields.ending }
    }
    /// Inputs recorded while the first step waits for an operator, to be decided after it.
    public internal(set) var waitingInputs: [Int64] {
        get { content.fields.waitingInputs }
        _modify { yield &fields.waitingInputs }
    }
    /// Open tasks with an `undo` also for an unknown end; while there are any, a decision has to know who holds what.
    public internal(set) var unknowableTasks: Int {
        get { content.fields.unknowableTasks }
        _modify { yield &fields.unknowableTasks }
    }
    /// The business transaction, from the last event that named one.
    public internal(set) var correlationID: String? {
        get { content.fields.correlationID }
        _modify { yield &fields.correlationID }
    }
    /// The trace of the last event; from the last that carried one where that is of the first rules.
    public internal(set) var traceparent: String? {
        get { content.fields.traceparent }
        _modify { yield &fields.traceparent }
    }
    /// What goes with `traceparent`.
    public internal(set) var tracestate: String? {
        get { content.fields.tracestate }
        _modify { yield &fields.tracestate }
    }
    /// The task of another process that this one does.
    public internal(set) var parent: ParentTask? {
        get { content.fields.parent }
        _modify { yield &fields.parent }
    }
    /// The task that the last folded outcome was for.
    public internal(set) var settled: OpenTask? {
        get { content.fields.settled }
        _modify { yield &fields.settled }
    }

    /// To be changed: this state's own from now on.
    private var fields: Fields {
        get { content.fields }
        _modify {
            if !isKnownUniquelyReferenced(&content) { content = Content(content.fields) }
            yield &content.fields
        }
    }

    /// Shared by all copies: a state goes through many hands in each step, and a copy costs one retain instead of thirty.
    private final class Content: @unchecked Sendable {  // changed only while a single state refers to it
        /// Its state has exclusive access to itself already.
        @exclusivity(unchecked) var fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    private struct Fields: Sendable, Equatable {
        let processID: ProcessID
        let tenant: String
        let definition: String
        let key: String
        var definitionVersion: Int
        var version: Int64 = 0
        var status: ProcessStatus = .new
        var suspended = false
        var suspendedAt: Instant?
        var startedAt = Instant(milliseconds: 0)
        var updatedAt = Instant(milliseconds: 0)
        var endedAt: Instant?
        var reason: String?
        var result: JSONView?
        var data = OrderedTable<ExactText, NamedValue>()
        var dataBytes = 0
        var machines = OrderedTable<ExactText, Machine>()
        var counts = StateCounts()
        var deferredCount = 0
        var waitingEvents = OrderedTable<Int64, WaitingEvent>()
        var corrections = OrderedTable<Int64, InputCorrection>()
        var spawnedCount = 0
        var tasks = OrderedTable<TaskID, OpenTask>()
        var timers = OrderedTable<TimerID, PendingTimer>()
        var incidents = OrderedTable<IncidentID, Incident>()
        var correlations = OrderedTable<Correlation, Correlation>()
        var undoStack = OrderedTable<TaskID, UndoableTask>()
        var isMigrated = false
        var ending: PlannedEnd?
        var waitingInputs: [Int64] = []
        var unknowableTasks = 0
        var correlationID: String?
        var traceparent: String?
        var tracestate: String?
        var parent: ParentTask?
        var settled: OpenTask?
    }
}

/// A member of the process data.
public struct NamedValue: Sendable, Equatable {
    public let name: String
    public let value: JSONView

    public init(name: String, value: JSONView) {
        self.name = name
        self.value = value
    }
}

extension NamedValue {
    var size: Int { name.utf8.count + value.rawByteCount }
}

/// A further key under which events find a process.
public struct Correlation: Sendable, Hashable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// By their bytes, like all texts of users.
    public static func == (left: Correlation, right: Correlation) -> Bool {
        ExactText.sameBytes(left.value, right.value) && ExactText.sameBytes(left.name, right.name)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(name))
        hasher.combine(ExactText(value))
    }

    /// Those of one name together, as they are recorded, so that what is folded at once and what is read back later
    /// come in the same order.
    static func grouped(_ correlations: [Correlation]) -> [Correlation] {
        guard correlations.count > 2 else { return correlations }
        var names: [String] = []
        for correlation in correlations where !names.contains(where: { ExactText.sameBytes($0, correlation.name) }) {
            names.append(correlation.name)
        }
        return names.flatMap { name in correlations.filter { ExactText.sameBytes($0.name, name) } }
    }
}

/// The end that a compensation or a cooperative cancel leads to.
public struct PlannedEnd: Sendable, Equatable {
    public enum Kind: String, Sendable, Hashable {
        case cancelled = "Cancelled"
        case failed = "Failed"
    }

    public var kind: Kind
    public var reason: String
    /// The undo stack runs before the end.
    public var compensate: Bool

    public init(kind: Kind, reason: String, compensate: Bool) {
        self.kind = kind
        self.reason = reason
        self.compensate = compensate
    }
}
