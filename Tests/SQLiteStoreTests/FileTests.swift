import Chrono
import Engine
import EventSourcing
import Foundation
import ProcessManagement
import Testing

@testable import SQLiteStore

@Suite("SQLite: the file")
struct FileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("is in WAL mode, marked as ours, of the current version, and every table is strict")
    func head() throws {
        let store = try SQLiteStore(path: directory.file())
        let plain = try PlainConnection(directory.file())
        #expect(try plain.text("PRAGMA journal_mode") == "wal")
        #expect(try plain.text("PRAGMA application_id") == "\(Schema.applicationID)")
        #expect(try plain.text("PRAGMA user_version") == "\(Schema.currentVersion)")
        let tables = "FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%'"
        #expect(try plain.text("SELECT count(*) \(tables) ESCAPE '\\' AND strict = 0") == "0")
        #expect(try #require(Int(try plain.text("SELECT count(*) \(tables) ESCAPE '\\'"))) > 10)
        store.close()
    }

    @Test("of each older version is brought to the current one, and keeps what is in it")
    func upgrades() throws {
        for version in 1..<Int(Schema.currentVersion) {
            let path = directory.file("version-\(version).db")
            let plain = try PlainConnection(path)
            for step in Schema.migrations[..<version] { try plain.execute(step) }
            try plain.execute("PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(version)")
            try plain.execute("INSERT INTO settings VALUES ('kept', x'07')")
            let store = try SQLiteStore(path: path)
            defer { store.close() }
            #expect(try store.setting("kept") == [7])
            #expect(try store.accessKeys().isEmpty)
            #expect(try plain.text("PRAGMA user_version") == "\(Schema.currentVersion)")
        }
    }

    @Test("is synced to disk at every commit")
    func durability() throws {
        let store = try SQLiteStore(path: directory.file())
        #expect(try store.open.connection.integer("PRAGMA synchronous") == 2)
        try store.reopen()
        #expect(try store.open.connection.integer("PRAGMA synchronous") == 2)
        #expect(try store.open.connection.text("PRAGMA journal_mode") == "wal")
    }

    @Test("shows a transaction to other connections after the commit, and not before")
    func visibility() throws {
        let store = try SQLiteStore(path: directory.file())
        let plain = try PlainConnection(directory.file())
        let count = "SELECT (SELECT count(*) FROM processes) + (SELECT count(*) FROM events)"
        try store.begin()
        let process = try store.insertProcess(processRow("p"))
        _ = try store.append([event("a")], toProcess: process, version: 1, at: Instant(milliseconds: 1))
        #expect(try plain.text(count) == "0")
        try store.commit()
        #expect(try plain.text(count) == "2")
    }

    @Test("left behind by a crash holds what was committed and nothing of an open transaction")
    func crash() throws {
        let store = try SQLiteStore(path: directory.file())
        let process = try store.write { try store.insertProcess(processRow("p")) }
        try store.advance(process, "p", to: 1)
        try store.begin()
        _ = try store.insertProcess(processRow("lost"))
        _ = try store.append([event("lost")], toProcess: process, version: 2, at: Instant(milliseconds: 1))
        // What is on the disk now is what a crash would leave.
        let copy = directory.file("copy.db")
        try FileManager.default.copyItem(atPath: directory.file(), toPath: copy)
        try FileManager.default.copyItem(atPath: directory.file() + "-wal", toPath: copy + "-wal")
        let left = try SQLiteStore(path: copy)
        #expect(try left.process(process)?.row == processRow("p", version: 1))
        #expect(try left.process(UniqueID(name: "lost"), tenant: "acme") == nil)
        #expect(try left.processStream(process, from: 1, limit: 9).map(\.event.id.description) == ["e1"])
        try left.advance(process, "p", to: 2)
    }

    @Test("a full disk fails the transaction as a whole; after reopening the store works on")
    func fullDisk() throws {
        let store = try SQLiteStore(path: directory.file())
        let process = try store.write { try store.insertProcess(processRow("p")) }
        let pages = try store.open.connection.integer("PRAGMA page_count")
        _ = try store.open.connection.integer("PRAGMA max_page_count = \(pages + 2)")
        try store.begin()
        let error = #expect(throws: StoreError.self) {
            _ = try store.insertProcess(processRow("lost"))
            try store.updateProcess(
                process, processRow("p"), snapshot: .init(version: 1, bytes: [UInt8](repeating: 1, count: 1 << 20)))
            try store.commit()
        }
        guard case .unavailable = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        // Whatever the engine does next, nothing of the transaction may be committed.
        #expect(throws: StoreError.self) {
            try store.commit()
        }
        try store.reopen()
        #expect(try store.process(process) == StoredProcess(handle: process, row: processRow("p")))
        #expect(try store.process(UniqueID(name: "lost"), tenant: "acme") == nil)
        try store.advance(process, "p", to: 1)
        #expect(try store.makeReader().lastPosition() == 1)
    }

    @Test("names that a rolled back transaction introduced get numbers of their own later")
    func namesAfterRollback() throws {
        let store = try SQLiteStore(path: directory.file())
        try store.begin()
        var row = processRow("p")
        row.definition = "first"
        _ = try store.insertProcess(row)
        store.rollback()
        row.definition = "second"
        let handle = try store.write { try store.insertProcess(row) }
        row.id = UniqueID(name: "q")
        row.definition = "first"
        let other = try store.write { try store.insertProcess(row) }
        let reader = try store.makeReader()
        #expect(try reader.process(handle)?.row.definition == "second")
        #expect(try reader.process(other)?.row.definition == "first")
    }

    @Test("no statement stays open: the WAL could not start anew")
    func idle() throws {
        let store = try SQLiteStore(path: directory.file())
        let process = try store.write { try store.insertProcess(processRow("p")) }
        try store.advance(process, "p", to: 1)
        _ = try store.process(process)
        _ = try store.processStream(process, from: 1, limit: 1)
        _ = try store.locate(LocationKey(tenant: "acme", definition: "order", value: "k"))
        _ = try store.runningVersions(of: "order", tenant: "acme")
        #expect(try store.open.connection.isIdle)
    }

    @Test("the WAL is copied by the checkpoint thread, and gone after closing")
    func checkpoints() throws {
        let store = try SQLiteStore(path: directory.file(), options: SQLiteOptions(checkpointPages: 20))
        let process = try store.write { try store.insertProcess(processRow("p")) }
        for version in 1...40 { try store.advance(process, "p", to: Int64(version)) }
        #expect(try #require(store.checkpoints).waitUntilDone() > 0)
        #expect(try directory.files.contains("store.db-wal"))
        store.close()
        #expect(try directory.files == ["store.db", "store.db.lock"])
    }

    @Test("the WAL does not grow without bound under a writer that never pauses")
    func backstop() throws {
        let options = SQLiteOptions(checkpointPages: 20, backstopPages: 60)
        let store = try SQLiteStore(path: directory.file(), options: options)
        let process = try store.write { try store.insertProcess(processRow("p")) }
        for version in 1...300 { try store.advance(process, "p", to: Int64(version)) }
        let log = try FileManager.default.attributesOfItem(atPath: directory.file() + "-wal")
        // 300 commits of several pages of 4 KiB each went through it.
        #expect(try #require(log[.size] as? Int) < 400 * 4120)
    }
}
