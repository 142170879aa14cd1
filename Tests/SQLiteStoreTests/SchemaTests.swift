import Engine
import EventSourcing
import Testing

@testable import SQLiteStore

@Suite("SQLite: files of earlier releases")
struct SchemaTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func schema(_ path: String) throws -> String {
        try PlainConnection(path).text(
            "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)")
    }

    @Test(
        "a file of every version opens as one of the current version, with what it holds",
        arguments: 1...Schema.migrations.count)
    func opens(_ version: Int) throws {
        let old = directory.file("old\(version).db")
        do {
            let plain = try PlainConnection(old)
            for migration in Schema.migrations.prefix(version) { try plain.execute(migration) }
            try plain.execute("PRAGMA application_id = \(Schema.applicationID)")
            try plain.execute("PRAGMA user_version = \(version)")
            try plain.execute(
                """
                INSERT INTO outbox (process, id, command, position, created_at)
                VALUES (1, x'00112233445566778899aabbccddeeff', 'notify', 7, 1000)
                """)
        }
        let store = try SQLiteStore(path: old)
        #expect(try store.undeliveredCommands(after: 0, limit: 9).map(\.row.command) == ["notify"])
        #expect(try store.webhooks().isEmpty)
        store.close()
        #expect(try PlainConnection(old).text("PRAGMA user_version") == "\(Schema.currentVersion)")

        let new = directory.file("new\(version).db")
        try SQLiteStore(path: new).close()
        #expect(try schema(old) == schema(new))
    }
}
