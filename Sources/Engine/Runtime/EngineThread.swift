import Chrono
import EventSourcing
import Glibc
import JSON
import ProcessManagement
import Synchronization

/// Runs an engine on a thread of its own, which alone touches the engine and its store.
///
/// Requests come through a bounded mailbox. Whatever arrived while the last batch was committed is the next batch: one
/// transaction, one commit, then all answers. With nothing to do the thread sleeps until the next thing is due.
public final class EngineThread: Sendable {
    public typealias Reply = @Sendable (EngineAnswer) -> Void

    private struct Job: Sendable {
        var request: EngineRequest
        /// Of its content, as it came in.
        var bytes = 0
        var reply: Reply
    }

    /// What others want to be called for. They stand in a structure because a closure that is itself the value of a
    /// `Mutex` is wrapped once more each time it is read there: the calls would grow without end.
    private struct Hooks: Sendable {
        var commit: (@Sendable () -> Void)?
        var deliveries: (@Sendable (Bool) -> Void)?
        var health: (@Sendable (String?) -> Void)?
        var answers: (@Sendable (() -> Void) -> Void)?
    }

    /// At most this many requests share a commit, so that none of them waits long for the others.
    private static let batchLimit = 512
    /// And this many bytes of content, but for the first.
    private static let batchBytes = 16 * 1_048_576

    private let mailbox: Mailbox<Job>
    private let status = Mutex(EngineStatus())
    private let thread = Mutex<OSThread?>(nil)
    private let tickets = Atomic<Int64>(1)
    private let hooks = Mutex(Hooks())
    private let watch = Mutex<(any StoreWatch)?>(nil)

    public init(mailboxLimit: Int = 10_000) {
        mailbox = Mailbox(limit: mailboxLimit)
    }

    /// Takes over the engine. `testClock`: time stands still until it is advanced.
    public func start(_ engine: sending ProcessEngine, testClock: Instant? = nil) {
        let storeWatch = engine.store.watch
        watch.withLock { $0 = storeWatch }
        let owned = Owned(engine)
        let thread = OSThread(name: "engine") { [self] in
            var loop = EngineLoop(engine: owned.engine, testClock: testClock, thread: self)
            loop.run()
        }
        self.thread.withLock { $0 = thread }
    }

    /// Hands a request over; the answer comes on the engine's thread, where `reply` must not block.
    ///
    /// With a full mailbox, or after `stop`, the answer is a problem and comes at once, on the caller's thread.
    ///
    /// `bytes`: how large its content is, which bounds what shares a commit. Who submits large ones bounds how many wait.
    public func submit(_ request: EngineRequest, bytes: Int = 0, reply: @escaping Reply) {
        switch mailbox.put(Job(request: request, bytes: bytes, reply: reply)) {
        case .accepted: break
        case .full: reply(.problem(Problem(.overloaded, "too many requests are waiting")))
        case .closed: reply(.problem(Problem(.shuttingDown, "the service is stopping")))
        }
    }

    /// Hands a request over and blocks until it is answered: for the start of a service and for tests. Never call it on
    /// the engine's thread or on Swift's cooperative pool.
    public func ask(_ request: EngineRequest) -> EngineAnswer {
        let answers = Mailbox<EngineAnswer>(limit: 1)
        submit(request) { _ = answers.put($0) }
        var taken: [EngineAnswer] = []
        _ = answers.takeAll(into: &taken, until: nil)
        return taken.first ?? .problem(Problem(.shuttingDown, "the service is stopping"))
    }

    /// A claim, and a ticket with which it can be abandoned while it waits.
    @discardableResult
    public func submit(
        _ request: ClaimRequest, isGone: @escaping @Sendable () -> Bool, reply: @escaping Reply
    ) -> Int64 {
        let ticket = tickets.add(1, ordering: .relaxed).oldValue
        submit(.claim(request, ClaimCaller(ticket: ticket, isGone: isGone)), reply: reply)
        return ticket
    }

    /// Ends the wait of a claim. If it still waits, it is answered without tasks.
    public func abandon(ticket: Int64) {
        // Frees memory, so it may go beyond the limit.
        _ = mailbox.put(Job(request: .abandon(ticket: ticket), reply: { _ in }), beyondLimit: true)
    }

    /// `body` is called on the engine's thread after each commit, when its answers were handed over. It must not block.
    public func onCommit(_ body: @escaping @Sendable () -> Void) {
        hooks.withLock { $0.commit = body }
    }

    /// `body` is called on the engine's thread after each commit that made deliveries due or changed endpoints, and after
    /// a test clock was advanced; its argument is whether endpoints changed. It must not block.
    public func onDeliveries(_ body: @escaping @Sendable (Bool) -> Void) {
        hooks.withLock { $0.deliveries = body }
    }

    /// `body` is called on the engine's thread when a commit fails after one that worked, with the reason, and with nil
    /// when one works again. It must not block.
    public func onHealthChange(_ body: @escaping @Sendable (String?) -> Void) {
        hooks.withLock { $0.health = body }
    }

    /// The answers of a batch are given inside of `scope`, which has to call what it is given, once: whoever carries them
    /// on can wait for all of them.
    public func answerInside(_ scope: @escaping @Sendable (() -> Void) -> Void) {
        hooks.withLock { $0.answers = scope }
    }

    public var currentStatus: EngineStatus {
        var current = status.withLock { $0 }
        current.mailboxDepth = mailbox.count
        current.store = watch.withLock { $0 }?.condition
        return current
    }

    /// Takes no more requests, answers those that are there, ends waiting claims with no tasks, closes the store.
    /// Returns when the thread has ended.
    public func stop() {
        mailbox.close()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// How many of the jobs that wait may share a transaction.
    private static func shared(by jobs: ArraySlice<Job>) -> Int {
        var bytes = 0
        var count = 0
        for job in jobs.prefix(batchLimit) {
            bytes += job.bytes
            if count > 0, bytes > batchBytes { break }
            count += 1
        }
        return count
    }

    /// Carries the engine into its thread, once.
    private struct Owned: @unchecked Sendable {  // `sending`: the caller keeps no reference, only the new thread reads
        let engine: ProcessEngine

        init(_ engine: sending ProcessEngine) {
            self.engine = engine
        }
    }

    /// The thread's own state.
    private struct EngineLoop {
        let engine: ProcessEngine
        var testClock: Instant?
        let thread: EngineThread
        /// Replies of waiting claims, by ticket.
        var waiting: [Int64: Reply] = [:]
        var batch: [Job] = []
        var hasMoreDue = false
        /// After a failed commit, due work waits until then, so that a full disk is not asked without end.
        var pausedUntil: Int64 = 0
        /// The last commit worked. If it did not, an empty one is tried now and then, so that who waits for the service
        /// to be ready hears of it.
        var isHealthy = true

        init(engine: ProcessEngine, testClock: Instant?, thread: EngineThread) {
            self.engine = engine
            self.testClock = testClock
            self.thread = thread
        }

        mutating func run() {
            engine.stopwatch = SystemClock.monotonicMicroseconds
            report()
            engine.hasTestClock = testClock != nil
            hasMoreDue = engine.hasQueued || engine.outgoing.hasBacklog
            while takeJobs() {
                var rest = batch[...]
                repeat {
                    let part = rest.prefix(EngineThread.shared(by: rest))
                    rest = rest.dropFirst(part.count)
                    runBatch(part)
                } while !rest.isEmpty
                batch.removeAll(keepingCapacity: true)
            }
            for ticket in waiting.keys.sorted() { waiting[ticket]?(.claimed([])) }
            engine.close()
        }

        /// When to wake up, by the steady clock: `exactly` for what is measured by it; `due` for what is due by the wall
        /// clock as that runs now.
        private func nextWork() -> (exactly: Int64?, due: Int64?) {
            let steady = SystemClock.steadyMilliseconds()
            if hasMoreDue { return (steady, nil) }
            var exactly = engine.nextWaitEnd?.milliseconds
            if !isHealthy { exactly = min(exactly ?? pausedUntil, pausedUntil) }
            guard testClock == nil, let due = try? engine.nextDue()?.milliseconds else { return (exactly, nil) }
            let wall = SystemClock.wallMilliseconds()
            let begin = steady + min(max(due, wall) - wall, Self.farAway)
            return (exactly, max(begin, engine.duePause?.milliseconds ?? 0, pausedUntil))
        }

        /// Sleeps until there is something to do; false once the mailbox is closed and empty.
        ///
        /// While something will be due, the wall clock is looked at every second, as it may be set meanwhile.
        private mutating func takeJobs() -> Bool {
            while true {
                let (exactly, due) = nextWork()
                let look = due.map { min($0, SystemClock.steadyMilliseconds() + Self.lookEvery) }
                let deadline = [exactly, look].compactMap { $0 }.min()
                guard thread.mailbox.takeAll(into: &batch, until: deadline.map { $0 * 1000 }) else { return false }
                if !batch.isEmpty { return true }
                let next = nextWork()
                if let time = [next.exactly, next.due].compactMap({ $0 }).min(),
                    time <= SystemClock.steadyMilliseconds()
                {
                    return true
                }
            }
        }

        /// In milliseconds.
        private static let lookEvery: Int64 = 1000
        private static let farAway: Int64 = 86_400_000

        private mutating func runBatch(_ jobs: ArraySlice<Job>) {
            var ordinary: [Job] = []
            for job in jobs {
                // Moving the clock is many transactions, so it stands between batches.
                if let clock = testClock, let (span, actor) = job.request.clockAdvance {
                    runTransaction(ordinary)
                    ordinary = []
                    advance(clock, by: span, for: actor, reply: job.reply)
                } else {
                    ordinary.append(job)
                }
            }
            runTransaction(ordinary)
        }

        /// A batch whose answers are large ends early; then the rest is the next one.
        private mutating func runTransaction(_ jobs: [Job]) {
            var rest = jobs[...]
            repeat { rest = rest.dropFirst(commit(rest)) } while !rest.isEmpty
        }

        /// How many of the jobs are answered.
        private mutating func commit(_ jobs: ArraySlice<Job>) -> Int {
            let wallClock = Instant(milliseconds: SystemClock.wallMilliseconds())
            let steady = Instant(milliseconds: SystemClock.steadyMilliseconds())
            let result = engine.run(
                jobs.map(\.request), at: testClock ?? wallClock, wallClock: wallClock, steady: steady)
            hasMoreDue = result.hasMoreDue || result.hasMoreClaims
            if isHealthy != result.isHealthy { thread.hooks.withLock { $0.health }?(result.failure) }
            isHealthy = result.isHealthy
            if !isHealthy { pausedUntil = steady.milliseconds + 1000 }
            let ended = engine.endWaits(at: steady).map { ServedClaim(ticket: $0, tasks: []) }
            // First, so that nobody has an answer and reads figures from before it.
            report(isHealthy: result.isHealthy)
            if let scope = thread.hooks.withLock({ $0.answers }) {
                scope { answer(jobs, result, ended) }
            } else {
                answer(jobs, result, ended)
            }
            let count = waiting.count
            thread.status.withLock { $0.waitingClaims = count }
            if result.isHealthy, result.hasChanged { thread.hooks.withLock { $0.commit }?() }
            if result.isHealthy, result.changedDeliveries {
                thread.hooks.withLock { $0.deliveries }?(result.changedEndpoints)
            }
            return jobs.isEmpty ? 0 : result.answers.count
        }

        private mutating func answer(_ jobs: ArraySlice<Job>, _ result: BatchResult, _ ended: [ServedClaim]) {
            for (job, answer) in zip(jobs, result.answers) {
                switch (job.request, answer) {
                case (.claim(_, let caller), .waiting): waiting[caller.ticket] = job.reply
                case (.abandon(let ticket), _): waiting.removeValue(forKey: ticket)?(.claimed([]))
                default: job.reply(answer)
                }
            }
            reply(to: result.served)
            reply(to: ended)
        }

        private mutating func advance(_ clock: Instant, by span: TimeSpan, for actor: Actor?, reply: @escaping Reply) {
            let wallClock = Instant(milliseconds: SystemClock.wallMilliseconds())
            let advance = engine.advanceClock(
                from: clock, by: span, wallClock: wallClock,
                steady: Instant(milliseconds: SystemClock.steadyMilliseconds()))
            testClock = advance.now
            report()
            self.reply(to: advance.served)
            if let actor, case .clock = advance.answer {
                let request = EngineRequest.audited(.recordAdvance(span), by: actor)
                runTransaction([Job(request: request, reply: { _ in reply(advance.answer) })])
            } else {
                reply(advance.answer)
            }
            thread.hooks.withLock { $0.commit }?()
            // Endpoints may have been given up meanwhile.
            thread.hooks.withLock { $0.deliveries }?(true)
        }

        private mutating func reply(to served: [ServedClaim]) {
            for claim in served {
                let reply = waiting.removeValue(forKey: claim.ticket)
                reply?(.claimed(claim.tasks))
            }
        }

        private func report(isHealthy: Bool? = nil) {
            let (tally, testClock) = (engine.tally, testClock)
            thread.status.withLock { status in
                status.tally = tally
                status.testClock = testClock
                if let isHealthy { status.isHealthy = isHealthy }
            }
        }
    }
}

extension EngineRequest {
    /// A request to move the clock, and who is to be named in the record of it.
    fileprivate var clockAdvance: (TimeSpan, Actor?)? {
        switch self {
        case .advanceClock(let span): (span, nil)
        case .audited(.advanceClock(let span), let actor): (span, actor)
        default: nil
        }
    }
}
