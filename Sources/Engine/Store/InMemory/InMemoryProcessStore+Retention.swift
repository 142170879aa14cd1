import Chrono

extension InMemoryProcessStore {
    public func endedProcesses(through time: Instant, limit: Int) throws(StoreError) -> [RowHandle] {
        try read { $0.processes.ended(through: time, limit: limit) }
    }

    public func earliestEnd() throws(StoreError) -> Instant? {
        try read { $0.processes.earliestEnd }
    }

    public func removeProcess(_ handle: RowHandle) throws(StoreError) {
        try write { $0.removeProcess(handle) }
    }

    public func hasRemovedRecords() throws(StoreError) -> Bool {
        try read { $0.streams.hasRemoved }
    }

    public func purgeRecords(limit: Int) throws(StoreError) -> [RemovedRecord] {
        try write { $0.streams.purge(limit: limit) }
    }

    public func removeInboxEntry(_ key: InboxKey) throws(StoreError) {
        try write { $0.removeInboxEntry(key) }
    }

    /// All of it at once.
    public func pruneInbox(through time: Instant, after place: InboxKey?, limit: Int) throws(StoreError) -> InboxKey? {
        try write { $0.pruneInbox(through: time) }
        return nil
    }

    public func oldestUnmatched(limit: Int) throws(StoreError) -> [UnmatchedEvent] {
        try read { $0.unmatched.oldest(limit: limit) }
    }
}
