import Chrono
import EventSourcing
import ProcessManagement

extension ProcessEngine {
    /// The first answer, if this source and id were handled before.
    func answerOfRepeat(_ incoming: IncomingEvent) throws(EngineError) -> EventReceipt? {
        let store = store
        let key = InboxKey(incoming)
        guard let entry = try stored({ () throws(StoreError) in try store.inboxEntry(key) }) else { return nil }
        guard entry.contentHash == incoming.contentHash else {
            throw .problem(
                Problem(
                    .eventIDReused, "an event with another type or other data was posted as '\(incoming.event.id)'"))
        }
        tally.eventsRepeated += 1
        let remembered = RememberedAnswer(decoding: entry.answer)
        guard try isKnown(key, remembered) else {
            try stored { () throws(StoreError) in try store.removeInboxEntry(key) }
            return nil
        }
        var receipt = EventReceipt(
            eventID: incoming.event.id, duplicate: true, deliveries: [], held: false, unmatched: false)
        receipt.held = remembered.held
        receipt.unmatched = remembered.unmatched
        for delivery in remembered.deliveries where !delivery.isLater {
            guard let process = try stored({ () throws(StoreError) in try store.process(delivery.process) }) else {
                continue
            }
            var answered = EventReceipt.Delivery(
                processID: process.row.id, definition: process.row.definition,
                definitionVersion: process.row.definitionVersion, key: process.row.key, version: delivery.version,
                status: delivery.status, started: delivery.started, ignored: delivery.ignored)
            answered.taken = delivery.taken
            answered.deferred = delivery.deferred
            answered.queued = delivery.queued
            answered.incident = delivery.incident
            answered.incidents = delivery.incidents
            receipt.deliveries.append(answered)
        }
        return receipt
    }

    /// An event is known as long as a process that it reached is stored, or its row among the unmatched ones. One that
    /// reached none is known until that row, or the hold, is over.
    func isKnown(_ key: InboxKey, _ answer: RememberedAnswer) throws(EngineError) -> Bool {
        if answer.deliveries.isEmpty { return true }
        let store = store
        return try stored { () throws(StoreError) in
            try answer.isKnown(
                as: key, unmatched: { handle throws(StoreError) in try store.unmatched(handle, tenant: key.tenant) },
                process: { handle throws(StoreError) in try store.process(handle) })
        }
    }

    /// The event reached a process after its first answer was given: as long as that one is stored, it is known.
    func noteLater(_ process: RowHandle, of event: Event, tenant: String) throws(EngineError) {
        try changeAnswer(to: event, tenant: tenant) { answer in
            var later = RememberedAnswer.Delivery(process: process, version: 0, status: .running, started: false)
            later.isLater = true
            answer.deliveries.append(later)
        }
    }

    /// The event has come into the unmatched list, or is held (0), after its first answer was given.
    func noteKept(_ row: RowHandle, of event: Event, tenant: String) throws(EngineError) {
        try changeAnswer(to: event, tenant: tenant) { $0.kept.append(row) }
    }

    private func changeAnswer(
        to event: Event, tenant: String, _ change: (inout RememberedAnswer) -> Void
    ) throws(EngineError) {
        let store = store
        let key = InboxKey(tenant: tenant, event: event)
        try stored { () throws(StoreError) in
            guard var entry = try store.inboxEntry(key) else { return }
            var answer = RememberedAnswer(decoding: entry.answer)
            change(&answer)
            entry.answer = answer.encoded
            try store.removeInboxEntry(key)
            try store.insertInboxEntry(entry, for: key)
        }
    }

    func remember(_ incoming: IncomingEvent, _ receipt: EventReceipt, at now: Instant) throws(EngineError) {
        let store = store
        // What a definition wants to be ignored after an end leaves nothing behind.
        if !receipt.deliveries.isEmpty, receipt.kept.isEmpty, !receipt.held,
            receipt.deliveries.allSatisfy({ $0.ignored == .ended })
        {
            tally.eventsAccepted += 1
            return
        }
        let answer = RememberedAnswer(receipt)
        let entry = InboxEntry(contentHash: incoming.contentHash, answer: answer.encoded, receivedAt: now)
        try stored { () throws(StoreError) in try store.insertInboxEntry(entry, for: InboxKey(incoming)) }
        tally.eventsAccepted += 1
    }
}
