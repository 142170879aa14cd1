import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// The engine: takes inputs one after the other and makes processes of them.
///
/// Not safe to share: one thread owns it, with its store. It has no clock and starts no thread; `EngineThread` gives it
/// the time and its work. What it writes belongs to the transaction that its owner opened; until that is committed,
/// nothing it answers may leave.
public final class ProcessEngine {
    let store: any ProcessStore
    let factory: any ManagerFactory
    let sealer: SecretSealer
    var registry = ManagerRegistry()
    var cache: ProcessCache
    /// By the position of the record; of uncommitted ones too.
    var plans: RecentlyUsed<Int64, RecordedPlan>
    var tokens: LeaseTokens
    var waiters = WaitingClaims()
    /// Managers of definitions that the open transaction stores.
    var pendingManagers: [any ManagedDefinition] = []
    /// Managers of definitions that the open transaction deletes.
    var removedManagers: [any ManagedDefinition] = []
    /// Held events that did not fit into their transaction wait, ahead of what is posted later.
    var hasPostponed = false
    /// Timers that are due already were left for the next transaction.
    var hasMoreTimers = false
    /// Inputs of our own wait in the store, ahead of what is posted later.
    var hasQueued = false
    /// There are more of them than the events of this batch can wait for.
    var queueIsBehind = false
    /// Waiting claims whose place a newer one with the same id took.
    var replaced: [Int64] = []
    /// Events that are being delivered, the innermost last.
    var inHand: [EventInHand] = []
    /// Time stands still until it is advanced.
    public var hasTestClock = false
    /// Real time after which an advance of the test clock stops, as far as there is a `stopwatch`.
    public var advanceTime = ProcessEngine.usualAdvanceTime
    public static let usualAdvanceTime = TimeSpan.seconds(10)
    /// Reads a monotonic clock in microseconds; only measures.
    public var stopwatch: (() -> Int64)?
    /// Task types that became claimable since waiting claims were last served.
    var newlyReady: Set<ExactText> = []
    /// Those of them that this batch had no room for in its answers.
    var leftReady: Set<ExactText> = []
    /// Those that the last committed batch had no room for.
    var unserved: Set<ExactText> = []
    /// What the answers of this batch hold so far.
    var answerBytes = 0
    /// Real time, also on a test clock.
    var wallClock = Instant(milliseconds: 0)
    /// A clock that nobody sets, for how long something waits. Its beginning means nothing.
    var steadyClock = Instant(milliseconds: 0)
    /// As of the last commit.
    var soonestDue = SoonestDue.unknown
    /// Due work failed and is looked for again then, by the steady clock.
    var dueRestsUntil: Instant?
    /// What is due but could not be done, by when it is tried again, by the steady clock.
    var restingWork: [DueWorkName: Instant] = [:]
    /// What is being done because it is due.
    var workInHand: DueWorkName?
    /// Until then, by the steady clock, no time limit of a ready task ends: workers get time to be heard again after a start.
    var graceEndsAt: Instant?
    var outgoing = OutgoingState()
    var retaining = RetentionState()
    public internal(set) var tally = EngineTally()
    /// Is given all API keys after each commit that changed some, before the answers of its batch.
    public var onKeys: (@Sendable ([AccessKeyRow]) -> Void)?
    /// Keys were changed that `onKeys` was not told of.
    var keysAreStale = false

    /// Opens the engine on a store: reads definitions and the store's secret.
    ///
    /// `managers` written in Swift stand beside the stored definitions; a stored definition of the same name is refused.
    /// `sealer` seals the secrets of endpoints.
    ///
    /// - Throws: `.unusable` if the store's secrets were sealed with another key.
    public init(
        store: any ProcessStore, factory: any ManagerFactory, managers: [any ManagedDefinition] = [],
        sealer: SecretSealer = SecretSealer(), makeSecret: () -> [UInt8], cache bounds: CacheBounds = CacheBounds()
    ) throws(StoreError) {
        self.store = store
        self.factory = factory
        self.sealer = sealer
        cache = ProcessCache(limit: bounds.count, bytes: bounds.stateBytes)
        plans = RecentlyUsed(limit: bounds.count, bytes: bounds.planBytes)
        tokens = LeaseTokens(secret: [])
        for manager in managers { registry.add(manager) }
        try open(makeSecret: makeSecret)
    }

    // MARK: The straight line

    /// An event's way: is it a repeat, which processes does it concern, and then for each of them the line of `advance`.
    func accept(_ incoming: IncomingEvent, at now: Instant) throws(EngineError) -> EventReceipt {
        try checkNotReserved(incoming.event)
        if let first = try answerOfRepeat(incoming) { return first }
        if dueRestsUntil.map({ $0 <= steadyClock }) ?? true {
            if hasPostponed { try deliverPostponed(at: now) }
            try drainQueueBeforeEvent(at: now)
        }
        let places = try locate(incoming.event, tenant: incoming.tenant, at: now)
        return try remembering(incoming, at: now) { () throws(EngineError) in
            try deliver(incoming.event, tenant: incoming.tenant, to: places, at: now)
        }
    }

    /// The line that every input of a process takes: load → decide → append → publish → return.
    @discardableResult
    func advance(
        _ subject: Subject, _ input: ProcessInput, task: StoredTask? = nil, handedOn: Int = 0,
        following trace: StepTrace? = nil, in chain: inout InputChain
    ) throws(EngineError) -> AdvancedProcess {
        let process = try load(subject)
        let (step, observed) = try decide(process, input, handedOn: handedOn, in: chain)
        let trace = if let trace { trace } else { try self.trace(of: input, for: task, process) }
        let appended = try append(step, observing: observed, from: process, task: task, trace: trace, at: chain.now)
        publish(appended, from: process.state, in: &chain)
        var advanced = AdvancedProcess(process: appended.process, step: step)
        // What did not fit into the step follows before anything else of this process.
        if let rest = step.continuation {
            let next = try advance(.stored(appended.process.handle), .continued(rest), following: trace, in: &chain)
            advanced.process = next.process
            advanced.continued = [next.step] + next.continued
        }
        return advanced
    }
}
