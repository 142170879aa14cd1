import Engine
import EventSourcing
import Foundation
import ProcessManagement
import Testing

@testable import SQLiteStore

@Suite("SQLite: the WAL in large pieces")
struct WriteAheadFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func fill(_ store: SQLiteStore, _ name: String, count: Int = 400) throws {
        for number in 0..<count {
            var row = processRow("\(name)-\(number)")
            row.key = String(repeating: name, count: 1500)
            _ = try store.insertProcess(row)
        }
    }

    private func isWhole() throws -> Bool {
        try PlainConnection(directory.file()).text("PRAGMA integrity_check") == "ok"
    }

    @Test("a transaction larger than the cache is read while it is open, and gone when it is rolled back")
    func spills() throws {
        let store = try SQLiteStore(path: directory.file(), options: SQLiteOptions(cacheKiB: 64))
        try store.write { try fill(store, "a") }
        try store.begin()
        try fill(store, "b")
        #expect(try store.process(UniqueID(name: "a-0"), tenant: "acme") != nil)
        #expect(try store.process(UniqueID(name: "b-0"), tenant: "acme")?.row.key.first == "b")
        #expect(try store.process(UniqueID(name: "b-399"), tenant: "acme") != nil)
        store.rollback()
        #expect(try store.process(UniqueID(name: "b-0"), tenant: "acme") == nil)
        // Takes the places in the file at which the rolled back one had begun to write.
        try store.write { try fill(store, "c") }
        let plain = try PlainConnection(directory.file())
        #expect(try plain.text("SELECT count(*) FROM processes") == "800")
        #expect(try plain.text("SELECT count(*) FROM processes WHERE key LIKE 'b%'") == "0")
        #expect(try isWhole())
    }

    @Test("every committed transaction is in the file when the commit returns")
    func isWritten() throws {
        let store = try SQLiteStore(path: directory.file())
        for number in 0..<20 {
            try store.write { try fill(store, "p\(number)", count: 1 + number * 7) }
            let copy = directory.file("copy-\(number).db")
            try FileManager.default.copyItem(atPath: directory.file(), toPath: copy)
            try FileManager.default.copyItem(atPath: directory.file() + "-wal", toPath: copy + "-wal")
            let left = try SQLiteStore(path: copy)
            defer { left.close() }
            #expect(try left.process(UniqueID(name: "p\(number)-\(number * 7)"), tenant: "acme") != nil)
        }
        #expect(try isWhole())
    }

    @Test("a WAL that starts anew is read correctly by others, with and without checkpoints in between")
    func startsAnew() throws {
        let store = try SQLiteStore(path: directory.file(), options: SQLiteOptions(cacheKiB: 64, backstopPages: 200))
        let plain = try PlainConnection(directory.file())
        var count = 0
        for round in 0..<12 {
            try store.write { try fill(store, "r\(round)", count: 60) }
            count += 60
            #expect(try plain.text("SELECT count(*) FROM processes") == "\(count)")
        }
        #expect(try isWhole())
        store.close()
        #expect(try isWhole())
    }

    @Test("values that do not fit into a statement's own memory are written and found like others")
    func longValues() throws {
        let store = try SQLiteStore(path: directory.file())
        for length in [0, 1, 511, 512, 513, 4000] {
            let text = String(repeating: "k", count: length)
            let key = LocationKey(tenant: "acme", definition: "order", name: text, value: text + "-value")
            let process = try store.write { () -> RowHandle in
                let process = try store.insertProcess(processRow("of \(length)"))
                try store.addLocation(key, process: process)
                return process
            }
            #expect(try store.locate(key) == LocatedProcess(handle: process, running: true))
        }
    }
}
