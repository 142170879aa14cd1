import Chrono
import Engine
import EventSourcing
import JSON

extension SQLiteStore: OutboxTable {
    public func insertOutbox(_ row: OutboxRow) throws(StoreError) {
        let session = try open
        var insert = try session.connection.prepare(
            """
            INSERT INTO outbox (process, id, command, position, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """)
        insert.bind(row.process)
        insert.bind(row.id)
        insert.bind(row.command)
        insert.bind(row.position)
        insert.bind(row.createdAt)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("command \(row.id) is in the outbox already") }
    }
}

extension SQLiteStore: InputQueueTable {
    public func enqueue(_ input: QueuedInput) throws(StoreError) {
        var insert = try open.connection.prepare("INSERT INTO input_queue (queued_at, content) VALUES (?, ?)")
        insert.bind(input.queuedAt)
        try insert.run(borrowing: input.content)
    }

    public func queuedInputs(limit: Int) throws(StoreError) -> [QueuedInput] {
        var query = try open.connection.prepare(
            "SELECT handle, queued_at, content FROM input_queue ORDER BY handle LIMIT ?")
        query.bind(max(0, limit))
        var found: [QueuedInput] = []
        var fill = PageFill()
        while try query.step() {
            let input = QueuedInput(handle: query.int64(0), content: query.bytes(2), queuedAt: query.instant(1))
            guard fill.takes(input.content.count) else { break }
            found.append(input)
        }
        return found
    }

    public func removeQueued(_ handle: RowHandle) throws(StoreError) {
        var delete = try open.connection.prepare("DELETE FROM input_queue WHERE handle = ?")
        delete.bind(handle)
        try delete.run()
    }

    public func nextQueued() throws(StoreError) -> Instant? {
        let query = try open.connection.prepare("SELECT queued_at FROM input_queue ORDER BY handle LIMIT 1")
        return try query.step() ? query.instant(0) : nil
    }
}

extension SQLiteStore: DefinitionTable {
    public func definitions() throws(StoreError) -> [DefinitionRow] {
        try open.definitions()
    }

    public func insertDefinition(_ row: DefinitionRow) throws(StoreError) {
        let session = try open
        var insert = try session.connection.prepare(
            "INSERT INTO definitions (name, version, created_at, content) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        insert.bind(row.name)
        insert.bind(row.version)
        insert.bind(row.createdAt)
        try insert.run(borrowing: row.content)
        guard session.connection.changes == 1 else {
            throw .duplicate("version \(row.version) of definition \(row.name) is there already")
        }
    }
}

extension SQLiteStore {
    public func deleteDefinition(name: String, version: Int) throws(StoreError) {
        var delete = try open.connection.prepare("DELETE FROM definitions WHERE name = ? AND version = ?")
        delete.bind(name)
        delete.bind(version)
        try delete.run()
    }
}

extension SQLiteStore: SettingTable {
    public func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        try open.setting(name)
    }

    public func setSetting(_ name: String, _ value: [UInt8]) throws(StoreError) {
        var insert = try open.connection.prepare(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
        insert.bind(name)
        try insert.run(borrowing: value)
    }
}
