import Chrono
import Engine
import EventSourcing

extension SQLiteStore: InboxTable {
    public func inboxEntry(_ key: InboxKey) throws(StoreError) -> InboxEntry? {
        try open.inboxEntry(key)
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

extension Session {
    func inboxEntry(_ key: InboxKey) throws(StoreError) -> InboxEntry? {
        guard let source = try names.find(.source, key.source, tenant: key.tenant) else { return nil }
        var query = try connection.prepare(
            "SELECT content_hash, received_at, answer FROM inbox WHERE source = ? AND id = ?")
        query.bind(source)
        query.bind(key.id)
        guard try query.step() else { return nil }
        return InboxEntry(
            contentHash: UInt64(bitPattern: query.int64(0)), answer: query.bytes(2), receivedAt: query.instant(1))
    }

    /// In the order of the table, which is none that means anything.
    func inbox(after place: InboxKey?, limit: Int) throws(StoreError) -> [(key: InboxKey, entry: InboxEntry)] {
        var query = try connection.prepare(
            """
            SELECT source, id, content_hash, received_at, answer FROM inbox WHERE (source, id) > (?, ?)
            ORDER BY source, id LIMIT ?
            """)
        if let place {
            query.bind(try names.find(.source, place.source, tenant: place.tenant) ?? 0)
            query.bind(place.id)
        } else {
            query.bind(0 as Int64)
            query.bind("")
        }
        query.bind(max(0, limit))
        var page: [(key: InboxKey, entry: InboxEntry)] = []
        while try query.step() {
            let source = try names.owned(query.int64(0))
            page.append(
                (
                    InboxKey(tenant: source.tenant, source: source.name, id: try query.eventID(1)),
                    InboxEntry(
                        contentHash: UInt64(bitPattern: query.int64(2)), answer: query.bytes(4),
                        receivedAt: query.instant(3))
                ))
        }
        return page
    }
}
