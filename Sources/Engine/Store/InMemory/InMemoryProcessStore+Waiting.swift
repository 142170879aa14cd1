import Chrono
import EventSourcing
import ProcessManagement

extension InMemoryProcessStore {
    public func insertHeld(_ held: HeldEvent) throws(StoreError) {
        try write { $0.held.insert(held) }
    }

    public func heldEvents(for key: LocationKey, after handle: RowHandle) throws(StoreError) -> [HeldEvent] {
        try read { $0.held.waiting(for: key, after: handle) }
    }

    public func removeHeld(_ handle: RowHandle) throws(StoreError) {
        try write { $0.held.remove(handle) }
    }

    public func expiredHeld(at now: Instant, limit: Int) throws(StoreError) -> [HeldEvent] {
        try read { $0.held.expired(at: now, limit: limit) }
    }

    public func nextHeldExpiry() throws(StoreError) -> Instant? {
        try read { $0.held.nextExpiry }
    }

    @discardableResult
    public func insertUnmatched(_ event: UnmatchedEvent) throws(StoreError) -> RowHandle {
        try write { $0.unmatched.insert(event) }
    }

    public func unmatched(_ handle: RowHandle, tenant: String) throws(StoreError) -> UnmatchedEvent? {
        try read { $0.unmatched.find(handle, tenant: tenant) }
    }

    public func removeUnmatched(_ handle: RowHandle) throws(StoreError) {
        try write { $0.unmatched.remove(handle) }
    }

    public func insertOutbox(_ row: OutboxRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.outbox.insert(row) }
    }

    public func enqueue(_ input: QueuedInput) throws(StoreError) {
        try write { $0.enqueue(input) }
    }

    public func queuedInputs(limit: Int) throws(StoreError) -> [QueuedInput] {
        try read { $0.queue.ascending().lazy.map(\.value).page(of: limit) { $0.content.count } }
    }

    public func removeQueued(_ handle: RowHandle) throws(StoreError) {
        try write { $0.removeQueued(handle) }
    }

    public func nextQueued() throws(StoreError) -> Instant? {
        try read { $0.queue.first?.value.queuedAt }
    }

    public func definitions() throws(StoreError) -> [DefinitionRow] {
        try read { $0.definitions }
    }

    public func insertDefinition(_ row: DefinitionRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.insertDefinition(row) }
    }

    public func deleteDefinition(name: String, version: Int) throws(StoreError) {
        try write { $0.deleteDefinition(name: name, version: version) }
    }

    public func accessKeys() throws(StoreError) -> [AccessKeyRow] {
        try read { $0.accessKeys.inOrder }
    }

    public func accessKey(_ id: UniqueID) throws(StoreError) -> AccessKeyRow? {
        try read { $0.accessKeys[id] }
    }

    public func insertAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.insertAccessKey(row) }
    }

    public func updateAccessKey(_ row: AccessKeyRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.updateAccessKey(row) }
    }

    public func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        try read { $0.setting(name) }
    }

    public func setSetting(_ name: String, _ value: [UInt8]) throws(StoreError) {
        try write { $0.setSetting(name, value) }
    }
}
