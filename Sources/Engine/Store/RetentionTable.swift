import Chrono
import EventSourcing

/// A record that nobody can read any more, as its process was removed.
public struct RemovedRecord: Sendable, Equatable {
    public var position: Int64
    public var tenant: String
    /// Nil for a fact of our own.
    public var source: String?
    public var eventID: EventID

    public init(position: Int64, tenant: String, source: String?, eventID: EventID) {
        self.position = position
        self.tenant = tenant
        self.source = source
        self.eventID = eventID
    }
}

/// What makes room: every call is bounded, so that removing much is many small transactions.
public protocol RetentionTable {
    /// Processes of all tenants that ended at `time` or before, earliest first.
    func endedProcesses(through time: Instant, limit: Int) throws(StoreError) -> [RowHandle]
    /// When the one that ended first did so.
    func earliestEnd() throws(StoreError) -> Instant?
    /// Removes an ended process: its row, keys, timers, tasks and outbox. Its records, those of its tasks and what it
    /// published are in no read from now on, and are purged in pieces. Neither its handle nor those of its tasks nor any
    /// position is ever given again. Nothing happens without it.
    func removeProcess(_ handle: RowHandle) throws(StoreError)
    /// Whether records of removed processes are still to be purged.
    func hasRemovedRecords() throws(StoreError) -> Bool
    /// Purges records of removed processes.
    ///
    /// - Returns: those that were purged; fewer than `limit` means that none are left.
    func purgeRecords(limit: Int) throws(StoreError) -> [RemovedRecord]

    /// Nothing happens without it.
    func removeInboxEntry(_ key: InboxKey) throws(StoreError)
    /// Looks at the next entries behind `place` in an order of the store's own, and removes those that came at `time` or
    /// before.
    ///
    /// - Returns: where to go on; nil at the end.
    func pruneInbox(through time: Instant, after place: InboxKey?, limit: Int) throws(StoreError) -> InboxKey?
    /// Unmatched events of all tenants, those listed first first.
    func oldestUnmatched(limit: Int) throws(StoreError) -> [UnmatchedEvent]
}
