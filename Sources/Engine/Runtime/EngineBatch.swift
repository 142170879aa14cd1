import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What a batch answers: to each request in order, and to claims that waited.
public struct BatchResult: Sendable {
    public var answers: [EngineAnswer]
    public var served: [ServedClaim]
    /// More is due at once than one batch takes.
    public var hasMoreDue: Bool
    /// Claims wait for tasks that are there; the answers of this batch were large enough.
    public var hasMoreClaims = false
    /// The commit worked.
    public var isHealthy = true
    /// Why it did not.
    public var failure: String?
    /// There was something to commit.
    public var hasChanged = false
    /// Deliveries became due, or endpoints changed.
    public var changedDeliveries = false
    /// Endpoints changed.
    public var changedEndpoints = false
}

/// The answer to a claim that waited.
public struct ServedClaim: Sendable {
    public var ticket: Int64
    public var tasks: [ClaimedTask]
}

extension ProcessEngine {
    /// Handles what is due and then the requests, in one transaction with one commit.
    ///
    /// A refused request leaves no trace and does not touch the others. If what is in memory turns out not to be what the
    /// store has, it is dropped and the batch decided anew, up to five times. If the store then still refuses to write
    /// one request's process, the batch is done again without it. If the commit fails, nothing is kept, in the store or in memory,
    /// and every request is answered `store_unavailable`.
    ///
    /// A batch ends early when its answers become large: then there are fewer answers than requests, at least one, and
    /// the others are still to be run.
    public func run(
        _ requests: [EngineRequest], at now: Instant, wallClock: Instant, steady: Instant? = nil, dueLimit: Int = 256
    ) -> BatchResult {
        self.wallClock = wallClock
        steadyClock = steady ?? wallClock
        var refused: [Int: EngineAnswer] = [:]
        var conflicts: [Int: Int] = [:]
        var dueLimit = dueRestsUntil.map { steadyClock < $0 } == true ? 0 : dueLimit
        while true {
            let attempt = runOnce(requests, skipping: refused, at: now, dueLimit: dueLimit)
            switch attempt {
            case .done(let result): return result
            case .dueFailed:
                // One process that cannot be read must not stop the others: its work rests a while, theirs goes on.
                dueRestsUntil = steadyClock + .seconds(1)
                if let workInHand, restingWork.count < Self.restingLimit {
                    restingWork[workInHand] = steadyClock + .seconds(60)
                } else {
                    dueLimit = 0
                }
                workInHand = nil
            case .conflicted(let index, let answer):
                conflicts[index, default: 0] += 1
                if conflicts[index] ?? 0 > Self.conflictLimit { refused[index] = answer }
            case .poisoned(let index, let answer): refused[index] = answer
            case .failed(let error): return failed(requests, error)
            }
        }
    }

    /// With more than this resting, all due work rests.
    private static let restingLimit = 100

    /// What all answers of one batch may hold, so that a commit is not followed by more than its callers can take.
    static let answerBytesPerBatch = 16 * 1_048_576

    /// How often a request that met a conflict is decided anew.
    private static let conflictLimit = 5

    private enum Attempt {
        case done(BatchResult)
        /// The store has another version of a process than memory had; memory has been emptied.
        case conflicted(index: Int, EngineAnswer)
        /// One request cannot be written; the others can.
        case poisoned(index: Int, EngineAnswer)
        /// Something that is due cannot be done; the requests can.
        case dueFailed
        case failed(StoreError)
    }

    private func runOnce(
        _ requests: [EngineRequest], skipping refused: [Int: EngineAnswer], at now: Instant, dueLimit: Int
    ) -> Attempt {
        var result = BatchResult(answers: [], served: [], hasMoreDue: false)
        result.answers.reserveCapacity(requests.count)
        var current = -1
        var isDoingDue = false
        do throws(EngineError) {
            let store = store
            queueIsBehind = false
            hasMoreTimers = false
            answerBytes = 0
            leftReady = []
            newlyReady.formUnion(unserved)
            try stored { () throws(StoreError) in try store.begin() }
            isDoingDue = true
            let done = dueLimit > 0 && mayBeDue(at: now) ? try runDue(at: now, limit: dueLimit) : 0
            isDoingDue = false
            result.hasMoreDue = done > 0 && done >= dueLimit
            result.hasChanged = done > 0 || !requests.isEmpty
            for (index, request) in requests.enumerated() {
                if index > 0, answerBytes >= Self.answerBytesPerBatch { break }
                current = index
                if let answer = refused[index] {
                    result.answers.append(answer)
                } else {
                    result.answers.append(try answer(request, at: now))
                }
            }
            current = -1
            result.served = try serveWaiting(at: now)
            try giveBacklog(at: now)
            if hasPostponed || hasQueued || hasMoreTimers || outgoing.hasBacklog, dueLimit > 0 {
                result.hasMoreDue = true
            }
            result.hasMoreClaims = !leftReady.isEmpty
            let soonest = try stored { () throws(StoreError) in try storedNextDue() }
            let keys = try stored { () throws(StoreError) in try changedKeys() }
            let begun = stopwatch?()
            try stored { () throws(StoreError) in try store.commit() }
            soonestDue = .known(soonest)
            if let begun, let ended = stopwatch?() { tally.commitTime.add(ended - begun) }
            if let keys { publish(keys) }
        } catch {
            forget()
            guard case .store(let failure) = error else { return .failed(.unavailable("unexpected refusal")) }
            if case .conflict = failure { cache.removeAll() }
            if isDoingDue, failure.concernsOneRow { return .dueFailed }
            if current >= 0, case .unreadable = failure { return .poisoned(index: current, Self.answer(to: failure)) }
            if current >= 0, case .conflict = failure { return .conflicted(index: current, Self.answer(to: failure)) }
            if current >= 0, case .duplicate = failure { return .poisoned(index: current, Self.answer(to: failure)) }
            return .failed(failure)
        }
        result.changedDeliveries = outgoing.changedDeliveries
        result.changedEndpoints = outgoing.changedEndpoints
        committed()
        tally.commits += 1
        tally.batchSize.add(Int64(result.answers.count))
        return .done(result)
    }

    /// What the transaction did in memory stays.
    func committed() {
        cache.committed()
        waiters.commit()
        outgoing.committed()
        unserved = leftReady
        pendingManagers.removeAll()
        removedManagers.removeAll()
    }

    /// Takes back what the open transaction did in memory.
    func forget() {
        store.rollback()
        soonestDue = .unknown
        cache.rolledBack()
        // Their positions may be given again.
        plans.removeAll()
        waiters.rollback()
        newlyReady.removeAll()
        replaced.removeAll()
        outgoing.rolledBack()
        // What was delivered may be waiting again.
        hasPostponed = true
        hasQueued = true
        retaining.hasRemoved = true
        retaining.nextLook = nil
        for manager in pendingManagers { registry.remove(manager) }
        pendingManagers.removeAll()
        for manager in removedManagers { registry.add(manager) }
        removedManagers.removeAll()
    }

    private func failed(_ requests: [EngineRequest], _ error: StoreError) -> BatchResult {
        tally.commitFailures += 1
        cache.removeAll()
        soonestDue = .unknown
        // Whether it worked shows at the next batch; until then nothing is promised to anybody.
        try? store.reopen()
        // The commit may have worked although it was said not to: nobody shall get in by a key that is revoked on disk.
        if let keys = try? changedKeys() { publish(keys) }
        return BatchResult(
            answers: requests.map { _ in Self.answer(to: error) }, served: [], hasMoreDue: false, isHealthy: false,
            failure: error.explanation)
    }

    private static func answer(to error: StoreError) -> EngineAnswer {
        switch error {
        case .conflict(let what), .duplicate(let what): .problem(Problem(.conflict, what))
        case .unknown(let what), .unreadable(let what), .unavailable(let what):
            .problem(Problem(.storeUnavailable, what))
        case .closed: .problem(Problem(.storeUnavailable, "the store is closed"))
        case .unusable(let what, _): .problem(Problem(.storeUnavailable, what))
        }
    }

    /// When to look for due work again after it failed, by the steady clock.
    public var duePause: Instant? { dueRestsUntil }

    /// When the first waiting claim has waited long enough, by the steady clock.
    public var nextWaitEnd: Instant? { waiters.nextEnd }

    /// Takes out the waiting claims that have waited long enough, and returns their tickets.
    public func endWaits(at steady: Instant) -> [Int64] {
        waiters.ended(at: steady)
    }

    /// Nothing can be done afterwards.
    public func close() {
        store.close()
    }

    /// One request. Problems are answers; only a store that does not work is thrown.
    func answer(
        _ request: EngineRequest, by actor: Actor? = nil, at now: Instant
    ) throws(EngineError) -> EngineAnswer {
        do throws(EngineError) {
            switch request {
            case .post(let events):
                return .posted(try each(events) { event throws(EngineError) in try accept(event, at: now) })
            case .claim(let request, let caller): return try claim(request, caller, at: now)
            case .outcomes(let requests):
                return .outcomes(try each(requests) { request throws(EngineError) in try take(request, at: now) })
            case .heartbeat(let request): return .heartbeat(try heartbeat(request, at: now))
            case .recordStep(let request): return .step(try recordStep(request, at: now))
            case .release(let request):
                try release(request, at: now)
                return .released
            case .operate(let request): return .process(try operate(request, at: now))
            case .migrate(let processes, let request):
                return .migrated(
                    try each(processes) { id throws(EngineError) in try migrate(id, request, at: now) })
            case .deleteVersion(let request):
                try delete(request)
                return .done
            case .webhook(let request): return try operate(request, at: now)
            case .reportDeliveries(let reports):
                try take(reports, at: now)
                return .done
            case .deleteProcess(let id, let tenant):
                try delete(id, tenant: tenant, at: now)
                return .done
            case .redeliver(let tenant, let unmatched):
                return .posted([.success(try redeliver(tenant: tenant, unmatched: unmatched, at: now))])
            case .discard(let tenant, let unmatched):
                return .discarded(try discard(unmatched, tenant: tenant))
            case .storeDefinition(let request): return .definition(try store(request, at: now))
            case .subscriptions(let request): return .subscription(try subscribe(request, at: now))
            case .once(let request): return try once(request, at: now)
            case .clock where hasTestClock: return .clock(now)
            case .clock, .advanceClock: return .problem(Problem(.noTestClock, "start the service with --test-clock"))
            case .recordAdvance: return .clock(now)
            case .keys(let request): return try change(request, by: actor?.name)
            case .audited(let request, let actor):
                let answer = try answer(request, by: actor, at: now)
                try audit(request, answer, by: actor, at: now)
                return answer
            case .polls(let tenant): return .polls(waiters.lastPolls(tenant: tenant))
            case .abandon(let ticket):
                waiters.remove(ticket)
                return .done
            }
        } catch {
            if case .problem(let problem) = error { return .problem(problem) }
            throw error
        }
    }

    /// Items of one request, each with a result of its own.
    private func each<Item, Receipt>(
        _ items: [Item], _ body: (Item) throws(EngineError) -> Receipt
    ) throws(EngineError) -> [Result<Receipt, Problem>] {
        var results: [Result<Receipt, Problem>] = []
        results.reserveCapacity(items.count)
        for item in items {
            do throws(EngineError) {
                results.append(.success(try body(item)))
            } catch {
                switch error {
                case .problem(let problem): results.append(.failure(problem))
                case .repeated(let receipt):
                    if let receipt = receipt as? Receipt { results.append(.success(receipt)) }
                case .store: throw error
                }
            }
        }
        return results
    }
}

extension StoreError {
    /// A row is damaged or not as expected; the store itself works.
    fileprivate var concernsOneRow: Bool {
        switch self {
        case .unreadable, .conflict, .unknown, .duplicate: true
        case .closed, .unavailable, .unusable: false
        }
    }
}
