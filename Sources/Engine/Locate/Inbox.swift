import Chrono
import EventSourcing
import ProcessManagement

extension ProcessEngine {
    /// The first answer, if this source and id were handled before.
    func answerOfRepeat(_ incoming: IncomingEvent) throws(EngineError) -> EventReceipt? {
        let store = store
        let key = InboxKey(incoming)
        guard let entry = try stored({ () throws(StoreError) in try store.inboxEntry(key) }) else { return nil }
        let remembered = RememberedAnswer(decoding: entry.answer)
        guard try isKnown(key, remembered) else {
            try stored { () throws(StoreError) in try store.removeInboxEntry(key) }
            return nil
        }
        guard entry.contentHash == incoming.contentHash else {
            throw .problem(
                Problem(
                    .eventIDReused, "an event with another type or other data was posted as '\(incoming.event.id)'"))
        }
        tally.eventsRepeated += 1
        var receipt = EventReceipt(
            eventID: incoming.event.id, duplicate: true, deliveries: [], held: remembered.held,
            unmatched: remembered.unmatched)
        for delivery in remembered.deliveries where !delivery.isLater {
            guard let process = try stored({ () throws(StoreError) in try store.process(delivery.process) }) else {
                continue
            }
            receipt.deliveries.append(
                EventReceipt.Delivery(
                    processID: process.row.id, definition: process.row.definition,
                    definitionVersion: process.row.definitionVersion, key: process.row.key, effect: delivery.effect,
                    handle: process.handle))
        }
        return receipt
    }

    /// An event is known as long as a process that it reached is stored, or it is held, or its row among the unmatched
    /// ones is there.
    func isKnown(_ key: InboxKey, _ answer: RememberedAnswer) throws(EngineError) -> Bool {
        let store = store
        return try stored { () throws(StoreError) in
            try answer.isKnown(
                as: key, unmatched: { handle throws(StoreError) in try store.unmatched(handle, tenant: key.tenant) },
                process: { handle throws(StoreError) in try store.process(handle) })
        }
    }

    /// The event came somewhere after its first answer was given, or while it is being given.
    func note(_ move: EventMove, of event: Event, tenant: String) throws(EngineError) {
        let store = store
        let key = InboxKey(tenant: tenant, event: event)
        let isRemembered = try stored { () throws(StoreError) in
            guard var entry = try store.inboxEntry(key) else { return false }
            var answer = RememberedAnswer(decoding: entry.answer)
            answer.note(move)
            entry.answer = answer.encoded
            try store.removeInboxEntry(key)
            try store.insertInboxEntry(entry, for: key)
            return true
        }
        if !isRemembered, let index = inHand.lastIndex(where: { $0.key == key }) { inHand[index].moves.append(move) }
    }

    /// Remembers the answer that a delivery gives, with all that became of the event meanwhile.
    func remembering(
        _ incoming: IncomingEvent, at now: Instant, _ deliver: () throws(EngineError) -> EventReceipt
    ) throws(EngineError) -> EventReceipt {
        inHand.append(EventInHand(key: InboxKey(incoming)))
        defer { inHand.removeLast() }
        let receipt = try deliver()
        var answer = RememberedAnswer(receipt)
        for move in inHand[inHand.count - 1].moves { answer.note(move) }
        try remember(incoming, answer, at: now)
        return receipt
    }

    private func remember(
        _ incoming: IncomingEvent, _ answer: RememberedAnswer, at now: Instant
    ) throws(EngineError) {
        tally.eventsAccepted += 1
        // What a definition wants to be ignored after an end leaves nothing behind.
        if !answer.deliveries.isEmpty, answer.kept.isEmpty,
            answer.deliveries.allSatisfy({ $0.effect.ignored == .ended })
        {
            return
        }
        let store = store
        let entry = InboxEntry(contentHash: incoming.contentHash, answer: answer.encoded, receivedAt: now)
        try stored { () throws(StoreError) in try store.insertInboxEntry(entry, for: InboxKey(incoming)) }
    }
}

/// An event whose first answer is not remembered yet.
struct EventInHand {
    let key: InboxKey
    var moves: [EventMove] = []
}
