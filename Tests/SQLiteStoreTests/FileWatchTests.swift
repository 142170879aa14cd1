import CSQLite
import Chrono
import Engine
import EventSourcing
import Foundation
import Glibc
import ProcessManagement
import Testing

@testable import SQLiteStore

@Suite("SQLite: a file that is not what it was", .serialized)
struct FileWatchTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func quick() -> SQLiteOptions {
        var options = SQLiteOptions(checkpointPages: 20)
        options.lookEvery = .milliseconds(20)
        return options
    }

    private func wait(_ store: SQLiteStore, until isSo: (StoreCondition) -> Bool) throws -> StoreCondition {
        let watch = try #require(store.watch)
        for _ in 0..<500 where !isSo(watch.condition) { usleep(10_000) }
        return watch.condition
    }

    /// What can be done to a file under a running service, and whether it passes when it is undone.
    enum Harm: String, CaseIterable, Sendable {
        case unlinked, renamed, replaced, linked, cut, unlocked, logCut
    }

    @Test(
        "is refused within a moment, at every transaction, and its WAL is left for the next start",
        arguments: Harm.allCases)
    func harmed(harm: Harm) throws {
        let (path, other) = (directory.file(), directory.file("other.db"))
        let store = try SQLiteStore(path: path, options: quick())
        let process = try store.write { try store.insertProcess(processRow("p")) }
        try store.advance(process, "p", to: 1)
        let files = FileManager.default
        switch harm {
        case .unlinked: try files.removeItem(atPath: path)
        case .renamed: try files.moveItem(atPath: path, toPath: other)
        case .replaced:
            try files.copyItem(atPath: path, toPath: other)
            #expect(rename(other, path) == 0)
        case .linked: #expect(link(path, other) == 0)
        case .cut:
            // It has to have been seen as long as it was: a checkpoint writes it, and then it is looked at.
            for _ in 0..<500 where (try? files.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 == 0 {
                usleep(10_000)
            }
            usleep(200_000)
            #expect(truncate(path, 0) == 0)
        case .unlocked: try files.removeItem(atPath: path + ".lock")
        case .logCut:
            #expect(truncate(path + "-wal", 0) == 0)
            // The next commit writes on behind the hole; the checkpoint after it sees that.
            for version in 2...60 { try? store.advance(process, "p", to: Int64(version)) }
        }
        let condition = try wait(store) { $0.failure != nil }
        #expect(condition.failure?.contains(path) == true, "\(harm): \(condition)")
        #expect(throws: StoreError.self) { try store.begin() }
        #expect(throws: StoreError.self) { try store.reopen() }
        #expect(throws: StoreError.self) { try store.begin() }
        if harm == .renamed {
            try files.moveItem(atPath: other, toPath: path)
            #expect(try wait(store) { $0.failure == nil }.failure == nil)
            try store.reopen()
            try store.advance(process, "p", to: 2)
            store.close()
            return
        }
        store.close()
        #expect(files.fileExists(atPath: path + "-wal"))
    }

    @Test("away, emptied, cut or with two names, is refused at the start, and its WAL stays")
    func refusedAtStart() throws {
        let path = directory.file()
        let store = try SQLiteStore(path: path)
        _ = try store.write { try store.insertProcess(processRow("p")) }
        let copy = directory.file("copy.db")
        func fresh() throws {
            for suffix in ["", "-wal", "-shm", ".lock"] { unlink(copy + suffix) }
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            try FileManager.default.copyItem(atPath: path + "-wal", toPath: copy + "-wal")
        }
        func expectRefusal(_ harm: () throws -> Void) throws {
            try fresh()
            try harm()
            let log = try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.size] as? Int
            let error = #expect(throws: StoreError.self) { try SQLiteStore(path: copy) }
            guard case .unusable(let message, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(message.contains(copy))
            #expect(try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.size] as? Int == log)
        }
        try expectRefusal { unlink(copy) }
        try expectRefusal { truncate(copy, 0) }
        try expectRefusal { link(copy, directory.file("name.db")) }
        // Cut after a life of its own.
        try fresh()
        try SQLiteStore(path: copy).close()
        #expect(truncate(copy, 8192) == 0)
        #expect(throws: StoreError.self) { try SQLiteStore(path: copy) }
        unlink(copy)
        #expect(throws: StoreError.self) { try SQLiteStore(path: copy) }
    }

    @Test("a WAL that a reader holds beyond its bound refuses transactions until the reader ends")
    func longLog() throws {
        var options = quick()
        options.logLimit = 200_000
        let store = try SQLiteStore(path: directory.file(), options: options)
        let process = try store.write { try store.insertProcess(processRow("p")) }
        let plain = try PlainConnection(directory.file())
        try plain.execute("BEGIN; SELECT count(*) FROM processes")
        var version: Int64 = 0
        while version < 2000, (try? store.advance(process, "p", to: version + 1)) != nil { version += 1 }
        #expect(version < 2000)
        #expect(try wait(store) { $0.failure != nil }.isFinal == false)
        try plain.execute("COMMIT")
        #expect(try wait(store) { $0.failure == nil }.failure == nil)
        try store.advance(process, "p", to: version + 1)
    }

    @Test("a checkpoint that fails is told, and nothing is written or copied after it; the next start has everything")
    func failedCheckpoint() throws {
        let path = directory.file()
        let store = try SQLiteStore(path: path, options: quick())
        let process = try store.write { try store.insertProcess(processRow("p")) }
        let faults = FaultyCalls.shared
        faults.failWrites(to: path)
        defer { faults.heal() }
        var version: Int64 = 0
        while version < 2000, (try? store.advance(process, "p", to: version + 1)) != nil { version += 1 }
        let condition = try wait(store) { $0.failure != nil }
        #expect(condition.isFinal && condition.checkpointFailures == 1, "\(condition)")
        faults.heal()
        #expect(throws: StoreError.self) { try store.reopen() }
        store.close()
        #expect(try directory.files.contains("store.db-wal"))
        let next = try SQLiteStore(path: path)
        #expect(try next.process(process)?.row.version == version)
        next.close()
    }

    @Test("an open that fails at any of its calls ends in an error")
    func failedOpen() throws {
        let path = directory.file()
        do {
            let store = try SQLiteStore(path: path)
            _ = try store.write { try store.insertProcess(processRow("p")) }
            store.close()
        }
        let faults = FaultyCalls.shared
        defer { faults.heal() }
        for number in 1...200 {
            faults.failCall(number, of: path)
            var store: SQLiteStore?
            do {
                store = try SQLiteStore(path: path)
            } catch {
                // A disk that does not answer says nothing of what is on it.
                guard case .unavailable(let message) = error else {
                    Issue.record("call \(number): \(error)")
                    continue
                }
                #expect(message.contains(path), "call \(number): \(message)")
            }
            let hasFailed = faults.hasFailed
            faults.heal()
            store?.close()
            if !hasFailed { break }
        }
        let store = try SQLiteStore(path: path)
        #expect(try store.process(UniqueID(name: "p"), tenant: "acme") != nil)
        store.close()
    }
}
