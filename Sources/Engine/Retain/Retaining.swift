import Chrono
import EventSourcing
import ProcessManagement

// Making room: a bounded piece at a time, each in the transaction of some batch, with a pause in between, so that no
// request waits for it.

extension ProcessEngine {
    private static let pause = TimeSpan.milliseconds(10)
    private static let recordsAtOnce = 200
    private static let processesAtOnce = 20
    private static let rowsAtOnce = 500

    /// For how long what is over is kept. To be set before the engine runs.
    public var retention: RetentionPolicy {
        get { retaining.policy }
        set {
            retaining.policy = newValue
            retaining.nextLook = nil
            soonestDue = .unknown
        }
    }

    /// When there may be something to remove; nil for never.
    var nextRetention: Instant? {
        if retaining.policy.isForEver, !retaining.hasRemoved { return nil }
        return retaining.nextLook ?? Instant(milliseconds: .min)
    }

    /// Removes a process at the request of an operator.
    func delete(_ id: ProcessID, tenant: String, at now: Instant) throws(EngineError) {
        let store = store
        guard let found = try stored({ () throws(StoreError) in try store.process(id, tenant: tenant) }) else {
            throw .problem(Problem(.processNotFound, "there is no process \(id)"))
        }
        guard found.row.status.isEnd else {
            throw .problem(
                Problem(.processNotEnded, "process \(id) is \(found.row.status.rawValue): cancel it first"))
        }
        // Its parent may still have to hear of its end, and others of what it published.
        try drainQueueBeforeEvent(at: now)
        try remove(found.handle)
        retaining.nextLook = now
    }

    private func remove(_ process: RowHandle) throws(EngineError) {
        let store = store
        try stored { () throws(StoreError) in try store.removeProcess(process) }
        cache.remove(process)
        retaining.hasRemoved = true
        tally.processesRemoved += 1
    }

    /// One piece of everything that is kept too long.
    func retain(at now: Instant) throws(EngineError) {
        guard let due = nextRetention, due <= now else { return }
        let policy = retaining.policy
        var looks: [Instant] = []
        if retaining.hasRemoved { looks.append(try purge(at: now)) }
        if let span = policy.ended { looks.append(try removeEnded(after: span, at: now)) }
        if let span = policy.unmatched { looks.append(try removeUnmatched(after: span, at: now)) }
        if let span = policy.requests { looks.append(try removeRequests(after: span, at: now)) }
        if let span = policy.inbox { looks.append(try sweepInbox(after: span, at: now)) }
        retaining.nextLook = looks.min() ?? now + .hours(1)
    }

    /// Records of removed processes, and what the inbox knows of their events.
    private func purge(at now: Instant) throws(EngineError) -> Instant {
        let store = store
        let records = try stored { () throws(StoreError) in try store.purgeRecords(limit: Self.recordsAtOnce) }
        for record in records {
            guard let source = record.source else { continue }
            try forgetEvent(InboxKey(tenant: record.tenant, id: record.eventID, from: source))
        }
        retaining.hasRemoved = records.count == Self.recordsAtOnce
        return now + Self.pause
    }

    /// An event whose processes are all gone is not known again; one that another process has, is.
    private func forgetEvent(_ key: InboxKey) throws(EngineError) {
        let store = store
        let answer: RememberedAnswer? = try stored { () throws(StoreError) in
            guard let entry = try store.inboxEntry(key) else { return nil }
            return RememberedAnswer(decoding: entry.answer)
        }
        guard let answer else { return }
        if !answer.isVague, try isKnown(key, answer) { return }
        try stored { () throws(StoreError) in try store.removeInboxEntry(key) }
    }

    private func removeEnded(after span: TimeSpan, at now: Instant) throws(EngineError) -> Instant {
        // An end that was not told yet is told first.
        if try waitsInQueue() { return now + Self.pause }
        let store = store
        let ended = try stored { () throws(StoreError) in
            try store.endedProcesses(through: now - span, limit: Self.processesAtOnce)
        }
        for process in ended { try remove(process) }
        if !ended.isEmpty { return now + Self.pause }
        let earliest = try stored { () throws(StoreError) in try store.earliestEnd() }
        return (earliest ?? now) + span
    }

    private func removeUnmatched(after span: TimeSpan, at now: Instant) throws(EngineError) -> Instant {
        let store = store
        let oldest = try stored { () throws(StoreError) in try store.oldestUnmatched(limit: Self.processesAtOnce) }
        for event in oldest {
            guard event.receivedAt + span <= now else { return event.receivedAt + span }
            try forget(event)
        }
        return oldest.isEmpty ? now + span : now + Self.pause
    }

    /// An operator throws an unmatched event away. If nothing else has it, its id is free, as after its time.
    func discard(_ id: Int64, tenant: String) throws(EngineError) -> EventID {
        let event = try unmatched(id, tenant: tenant)
        try forget(event)
        return event.event.id
    }

    private func forget(_ event: UnmatchedEvent) throws(EngineError) {
        let store = store
        try stored { () throws(StoreError) in try store.removeUnmatched(event.handle) }
        try forgetEvent(InboxKey(tenant: event.tenant, event: event.event))
    }

    private func removeRequests(after span: TimeSpan, at now: Instant) throws(EngineError) -> Instant {
        let store = store
        return try stored { () throws(StoreError) in
            let count = try store.pruneRequestKeys(through: now - span, limit: Self.rowsAtOnce)
            if count == Self.rowsAtOnce { return now + Self.pause }
            // Some may have come within the last moment of the span.
            return max((try store.oldestRequestKey() ?? now) + span, now + .seconds(1))
        }
    }

    /// The inbox is in no order of time, so that posting an event stays cheap; it is gone through piece by piece.
    private func sweepInbox(after span: TimeSpan, at now: Instant) throws(EngineError) -> Instant {
        if let next = retaining.nextInboxSweep, now < next { return next }
        let (store, place) = (store, retaining.inboxPlace)
        retaining.inboxPlace = try stored { () throws(StoreError) in
            try store.pruneInbox(through: now - span, after: place, limit: Self.rowsAtOnce)
        }
        if retaining.inboxPlace != nil { return now + Self.pause }
        // A tenth of the span is how much longer than that an entry may stay.
        let next = now + max(.seconds(1), .milliseconds(span.milliseconds / 10))
        retaining.nextInboxSweep = next
        return next
    }
}
