import Chrono
import EventSourcing
import JSON

/// What a process is now: the fold of its recorded facts, and nothing else.
///
/// A value with shared parts: a copy is cheap however large the process is. Only folding changes it.
public struct ProcessState: Sendable, Equatable {
    public let processID: ProcessID
    public let tenant: String
    public let definition: String
    public internal(set) var definitionVersion: Int
    public let key: String

    /// Version of the last folded record; the expected version of the next append. 0 before the first.
    public internal(set) var version: Int64 = 0
    public internal(set) var status: ProcessStatus = .new
    /// Its tasks are not handed out and its timers wait.
    public internal(set) var suspended = false
    public internal(set) var suspendedAt: Instant?
    public internal(set) var startedAt = Instant(milliseconds: 0)
    public internal(set) var updatedAt = Instant(milliseconds: 0)
    public internal(set) var endedAt: Instant?
    /// Why it was cancelled or failed.
    public internal(set) var reason: String?
    /// What it completed with.
    public internal(set) var result: JSONView?

    /// The members of the process data, each with its bytes as written.
    public internal(set) var data = OrderedTable<String, NamedValue>()
    /// The size of names and values in `data`.
    public internal(set) var dataBytes = 0
    public internal(set) var machines = OrderedTable<String, Machine>()
    /// Kept by the fold, so that a join costs no walk.
    var counts = StateCounts()
    /// How many events machines have put off, one counted for each machine.
    public internal(set) var deferredCount = 0
    public internal(set) var tasks = OrderedTable<TaskID, OpenTask>()
    public internal(set) var timers = OrderedTable<TimerID, PendingTimer>()
    public internal(set) var incidents = OrderedTable<IncidentID, Incident>()
    public internal(set) var correlations = OrderedTable<Correlation, Correlation>()
    /// Finished tasks that can be undone, the next to undo last.
    public internal(set) var undoStack = OrderedTable<TaskID, UndoableTask>()
    /// It ran on another version before: what that one planned is undone as that one says.
    public internal(set) var isMigrated = false
    /// How a compensation or a cooperative cancel is to end.
    public internal(set) var ending: PlannedEnd?
    /// Inputs recorded while the first step waits for an operator, to be decided after it.
    public internal(set) var waitingInputs: [Int64] = []
    /// Open tasks with an `undo` also for an unknown end; while there are any, a decision has to know who holds what.
    public internal(set) var unknowableTasks = 0
    /// The business transaction, from the last event that named one.
    public internal(set) var correlationID: String?
    /// The trace, from the last event that carried one.
    public internal(set) var traceparent: String?
    /// The task of another process that this one does.
    public internal(set) var parent: ParentTask?
    /// The task that the last folded outcome was for.
    public internal(set) var settled: OpenTask?

    /// A process that has no facts yet.
    public init(processID: ProcessID, tenant: String, definition: String, definitionVersion: Int, key: String) {
        self.processID = processID
        self.tenant = tenant
        self.definition = definition
        self.definitionVersion = definitionVersion
        self.key = key
    }

    public var streamID: StreamID { .process(processID, of: definition) }
    public var isCancelled: Bool { status == .cancelled }

    /// How many machines of this name are in this state.
    public func count(of machine: String, in state: String) -> Int {
        counts.count(of: machine, in: state)
    }

    /// The versions of the events that machines have put off, in increasing order: what a step may have to recall.
    public var deferredVersions: [Int64] {
        guard deferredCount > 0 else { return [] }
        return Set(machines.inOrder.flatMap(\.deferred)).sorted()
    }

    /// The first step could not be decided; everything waits for its retry.
    public var awaitsStart: Bool {
        status == .running && machines.isEmpty && incidents.inOrder.contains { $0.inputVersion == 2 }
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

    /// Those of one name together, as they are recorded, so that what is folded at once and what is read back later
    /// come in the same order.
    static func grouped(_ correlations: [Correlation]) -> [Correlation] {
        guard correlations.count > 2 else { return correlations }
        var names: [String] = []
        for correlation in correlations where !names.contains(correlation.name) { names.append(correlation.name) }
        return names.flatMap { name in correlations.filter { $0.name == name } }
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
