import Chrono
import Engine
import EventSourcing

extension SQLiteStore: InboxTable {
    public func inboxEntry(_ key: InboxKey) throws(StoreError) -> InboxEntry? {
        let session = try open
        guard let source = try session.names.find(.source, key.source, tenant: key.tenant) else { return nil }
        var query = try session.connection.prepare(
            "SELECT content_hash, received_at, answer FROM inbox WHERE source = ? AND id = ?")
        query.bind(source)
        query.bind(key.id)
        guard try query.step() else { return nil }
        return InboxEntry(
            contentHash: UInt64(bitPattern: query.int64(0)), answer: query.bytes(2), receivedAt: query.instant(1))
    }

    public func insertInboxEntry(_ entry: InboxEntry, for key: InboxKey) throws(StoreError) {
        let session = try open
        let source = try session.names.intern(.source, key.source, tenant: key.tenant)
        var insert = try session.connection.prepare(
            """
            INSERT INTO inbox (source, id, received_at, content_hash, answer) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """)
        insert.bind(source)
        insert.bind(key.id)
        insert.bind(entry.receivedAt)
        insert.bind(Int64(bitPattern: entry.contentHash))
        try insert.run(borrowing: entry.answer)
        guard session.connection.changes == 1 else {
            throw .duplicate("event \(key.id) of source \(key.source) was handled already")
        }
    }
}
