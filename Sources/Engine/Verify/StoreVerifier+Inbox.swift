import EventSourcing
import JSON
import ProcessManagement

// What the inbox knows of the events that the streams hold: the same content, and where they went.

extension StoreVerifier {
    private static let pageSize = 500

    /// An event that a process stream holds is the one that was posted.
    func compareWithInbox(_ event: Event, tenant: String) throws(StoreError) -> String? {
        // Entries may have been removed by age.
        guard let entry = try reader.inboxEntry(InboxKey(tenant: tenant, event: event)) else { return nil }
        return IncomingEvent(tenant: tenant, event: event).contentHash == entry.contentHash
            ? nil : "the event \(event.id) is not what was posted under this id"
    }

    /// An event that no machine was asked about, or that waited when its process ended, is somewhere else.
    func compareWhereabouts(
        of event: Event, at version: Int64, in process: StoredProcess, tenant: String
    ) throws(StoreError) -> String? {
        guard try !reader.hasQueuedInputs(),
            let entry = try reader.inboxEntry(InboxKey(tenant: tenant, event: event))
        else { return nil }
        let answer = RememberedAnswer(decoding: entry.answer)
        if answer.isEarlier || answer.deliveries.contains(where: { $0.isLater && $0.process != process.handle }) {
            return nil
        }
        for handle in answer.kept {
            // A row that is gone was seen to; one that another definition has is not about this process.
            guard let row = try unmatched(handle, tenant: tenant), row.event.id == event.id,
                let definition = row.definition, !ExactText.sameBytes(definition, process.row.definition)
            else { return nil }
        }
        return "the event of version \(version) waited in vain: it is neither in another process nor unmatched"
    }

    private func unmatched(_ handle: RowHandle, tenant: String) throws(StoreError) -> UnmatchedEvent? {
        try reader.unmatched(tenant: tenant, after: handle - 1, limit: 1).first { $0.handle == handle }
    }

    /// What is remembered, of one tenant or of all, is about something that is stored.
    func verifyInbox(of tenant: String? = nil) throws(StoreError) -> String? {
        // Until the records of a removed process are gone, its events are known.
        guard try !reader.hasRemovedRecords() else { return nil }
        var place: InboxKey?
        while true {
            let page = try reader.inbox(after: place, limit: Self.pageSize)
            for (key, entry) in page where tenant.map({ ExactText.sameBytes(key.tenant, $0) }) ?? true {
                let answer = RememberedAnswer(decoding: entry.answer)
                if answer.isEarlier { continue }
                let isKnown = try answer.isKnown(
                    as: key,
                    unmatched: { handle throws(StoreError) in try unmatched(handle, tenant: key.tenant) },
                    process: { handle throws(StoreError) in try reader.process(handle) })
                if !isKnown {
                    return "the event \(key.id) of source '\(key.source)' is known, but all that it reached is gone"
                }
            }
            guard page.count == Self.pageSize, let last = page.last else { return nil }
            place = last.key
        }
    }
}
