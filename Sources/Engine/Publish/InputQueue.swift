import Chrono
import EventSourcing
import ProcessManagement

// Inputs of our own that did not fit into the transaction of what led to them. First in first out, ahead of events that
// come from outside.

extension ProcessEngine {
    /// How many drains one event waits for before it is refused.
    private static let drainsBeforeEvent = 20

    /// Something is in the queue. What may be there after a rollback is looked for.
    func waitsInQueue() throws(EngineError) -> Bool {
        guard hasQueued else { return false }
        let store = store
        hasQueued = try stored { () throws(StoreError) in try store.nextQueued() } != nil
        return hasQueued
    }

    /// The rest of a chain waits in the store.
    func enqueue(_ chain: inout InputChain) throws(EngineError) {
        let rest = chain.own
        let now = chain.now
        chain.own = []
        guard !rest.isEmpty else { return }
        let store = store
        try stored { () throws(StoreError) in
            for input in rest { try store.enqueue(QueuedInput(content: input.encoded, queuedAt: now)) }
        }
        hasQueued = true
    }

    /// Takes as many of the waiting inputs as may share a transaction, oldest first. What follows from them goes to the
    /// end of the queue.
    ///
    /// - Returns: how many there were.
    func drainQueue(at now: Instant) throws(EngineError) -> Int {
        guard hasQueued else { return 0 }
        let store = store
        let waiting = try stored { () throws(StoreError) in try store.queuedInputs(limit: StepLimits.rounds) }
        var chain = InputChain(at: now)
        for row in waiting {
            try stored { () throws(StoreError) in try store.removeQueued(row.handle) }
            guard let input = OwnInput(decoding: row.content) else {
                throw .store(.unreadable("the queued input \(row.handle)"))
            }
            try begin(input, in: &chain)
            try follow(&chain)
        }
        _ = try waitsInQueue()
        return waiting.count
    }

    /// What is queued goes ahead of an event that comes from outside.
    ///
    /// - Throws: `overloaded` if that is too much to wait for.
    func drainQueueBeforeEvent(at now: Instant) throws(EngineError) {
        guard hasQueued else { return }
        if !queueIsBehind {
            for _ in 0..<Self.drainsBeforeEvent {
                _ = try drainQueue(at: now)
                if !hasQueued { return }
            }
            // The next batch tries again; the events of this one need not.
            queueIsBehind = true
        }
        throw .problem(Problem(.overloaded, "what processes published has to be delivered first"))
    }
}
