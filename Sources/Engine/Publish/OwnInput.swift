import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What the engine gives to itself: the next input of some process, which follows from a step of another one.
struct OwnInput: Equatable {
    enum Content: Equatable {
        /// A published event, by its place in the global order.
        case deliver(tenant: String, position: Int64)
        /// The child that does a task begins.
        case startChild(tenant: String, task: TaskID)
        /// The parent waits no more, or is being cancelled itself.
        case cancelChild(tenant: String, task: TaskID, ChildCancel)
        /// The end of a child is the outcome of its parent's task.
        case childEnded(child: RowHandle)
    }

    var content: Content
    /// How many links lead to it from what came from outside.
    var depth: Int

    init(_ content: Content, depth: Int) {
        self.content = content
        self.depth = depth
    }
}

/// How a parent's end, or its cancel, is passed on.
struct ChildCancel: Equatable {
    var mode: CancelMode
    var reason: String
    /// The request for the parent asked to undo what was done.
    var compensate: Bool
    /// How often the task had been reopened: which child is meant.
    var reopened: Int
}

// As it waits in the store: a JSON list of the kind, the depth and what it is about.
extension OwnInput {
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        switch content {
        case .deliver(let tenant, let position):
            writer.value("deliver")
            writer.value(Int64(depth))
            writer.value(tenant)
            writer.value(position)
        case .startChild(let tenant, let task):
            writer.value("start")
            writer.value(Int64(depth))
            writer.value(tenant)
            writer.value(task)
        case .cancelChild(let tenant, let task, let cancel):
            writer.value("cancel")
            writer.value(Int64(depth))
            writer.value(tenant)
            writer.value(task)
            writer.value(cancel.mode.rawValue)
            writer.value(cancel.reason)
            writer.value(cancel.compensate)
            writer.value(Int64(cancel.reopened))
        case .childEnded(let child):
            writer.value("ended")
            writer.value(Int64(depth))
            writer.value(child)
        }
        writer.endArray()
        return writer.finish()
    }

    /// Nil for anything that `encoded` did not write.
    init?(decoding bytes: [UInt8]) {
        guard let view = try? JSONDocument.parse(bytes).root, let depth = view[1]?.int64Value else { return nil }
        self.depth = Int(depth)
        let task = view[3]?.stringValue.flatMap { UniqueID($0) }
        switch view[0]?.stringValue {
        case "deliver":
            guard let tenant = view[2]?.stringValue, let position = view[3]?.int64Value else { return nil }
            content = .deliver(tenant: tenant, position: position)
        case "start":
            guard let tenant = view[2]?.stringValue, let task else { return nil }
            content = .startChild(tenant: tenant, task: task)
        case "cancel":
            guard let tenant = view[2]?.stringValue, let task, let reason = view[5]?.stringValue,
                let mode = view[4]?.stringValue.flatMap(CancelMode.init(rawValue:)),
                let compensate = view[6]?.boolValue, let reopened = view[7]?.int64Value
            else { return nil }
            content = .cancelChild(
                tenant: tenant, task: task,
                ChildCancel(mode: mode, reason: reason, compensate: compensate, reopened: Int(reopened)))
        case "ended":
            guard let child = view[2]?.int64Value else { return nil }
            content = .childEnded(child: child)
        default: return nil
        }
    }
}

extension ProcessEngine {
    func take(_ input: OwnInput, in chain: inout InputChain) throws(EngineError) {
        switch input.content {
        case .deliver(let tenant, let position): try deliverPublished(tenant, position, in: &chain)
        case .startChild(let tenant, let task): try startChild(tenant, task, in: &chain)
        case .cancelChild(let tenant, let task, let cancel): try cancelChild(tenant, task, cancel, in: &chain)
        case .childEnded(let child): try settleParent(of: child, in: &chain)
        }
    }

    // MARK: The queue of those that did not fit

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
        hasQueued = false
        var chain = InputChain(at: now)
        for row in waiting {
            try stored { () throws(StoreError) in try store.removeQueued(row.handle) }
            guard let input = OwnInput(decoding: row.content) else {
                throw .store(.unreadable("the queued input \(row.handle)"))
            }
            chain.own.append(input)
        }
        try follow(&chain)
        hasQueued = true
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
