import Engine
import EventSourcing
import Foundation
import ProcessManagement
import Synchronization
import Testing

@testable import SQLiteStore

@Suite("SQLite: backup and check")
struct BackupTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("removes what killed ones left in the folder, and neither what another one is making nor what is not ours")
    func abandoned() throws {
        let store = try SQLiteStore(path: directory.file())
        defer { store.close() }
        let (dead, ours) = (directory.file("monday.db.1f.partial"), directory.file("theirs.partial"))
        let alive = try Partial(besides: directory.file("copy.db"))
        let mark = try Data(contentsOf: URL(fileURLWithPath: alive.path + ".lock"))
        for path in [dead, dead + "-journal", ours, ours + ".lock", alive.path] {
            try Data([1]).write(to: URL(fileURLWithPath: path))
        }
        try mark.write(to: URL(fileURLWithPath: dead + ".lock"))
        try store.maintenance.backup(to: directory.file("copy.db"))
        let left = try directory.files.filter { !$0.hasPrefix("store.db") }
        let making = URL(fileURLWithPath: alive.path).lastPathComponent
        #expect(left == ["copy.db", making, making + ".lock", "theirs.partial", "theirs.partial.lock"])
        alive.release()
        #expect(try directory.files.filter { $0.hasPrefix("copy.db.") } == [])
    }

    @Test("made while the store goes on writing, a backup is of one moment and opens as a store")
    func whileWriting() throws {
        let path = directory.file()
        let store = try SQLiteStore(path: path)
        let process = try store.write { try store.insertProcess(processRow("p")) }
        for version in 1...50 { try store.advance(process, "p", to: Int64(version)) }

        let copies = (1...3).map { directory.file("copy\($0).db") }
        let thread = BackupThread(store.maintenance, copies)
        thread.start()
        var written: Int64 = 50
        while !thread.isDone {
            written += 1
            try store.advance(process, "p", to: written)
        }
        #expect(thread.failure == nil)
        let last = try #require(try store.process(process)?.row.version)
        store.close()

        var before: Int64 = 50
        for copy in copies {
            #expect(try SQLiteMaintenance(path: copy).integrityCheck() == [])
            let copied = try SQLiteStore(path: copy)
            let version = try #require(try copied.process(process)?.row.version)
            #expect(version >= before && version <= last)
            before = version
            #expect(try copied.processStream(process, from: 1, limit: .max).count == Int(version))
            #expect(try copied.makeReader().lastPosition() == version)
            try copied.advance(process, "p", to: version + 1)
            copied.close()
        }
    }

    @Test("copies to one place at the same time: one gets the name, the others hear so, nothing is left behind")
    func atTheSameTime() throws {
        let store = try SQLiteStore(path: directory.file())
        let process = try store.write { try store.insertProcess(processRow("p")) }
        for version in 1...200 { try store.advance(process, "p", to: Int64(version)) }
        let copy = directory.file("copy.db")
        // What another run under way has beside the destination is not ours.
        try Data("theirs".utf8).write(to: URL(fileURLWithPath: copy + ".partial"))
        let threads = (1...4).map { _ in BackupThread(store.maintenance, [copy]) }
        for thread in threads { thread.start() }
        for thread in threads { thread.wait() }
        let failures = threads.compactMap(\.failure)
        #expect(failures.count == 3)
        #expect(failures.allSatisfy { $0.hasPrefix("conflict") }, "\(failures)")
        store.close()
        #expect(try SQLiteMaintenance(path: copy).integrityCheck() == [])
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy + ".partial")) == Data("theirs".utf8))
        #expect(try directory.files == ["copy.db", "copy.db.partial", "store.db", "store.db.lock"])
    }

    @Test("does not touch a file that is there, and leaves nothing behind when it fails")
    func destinationExists() throws {
        let store = try SQLiteStore(path: directory.file())
        let taken = directory.file("taken.db")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: taken))
        let error = #expect(throws: StoreError.self) { try store.maintenance.backup(to: taken) }
        guard case .conflict = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: taken)) == Data("mine".utf8))
        #expect(throws: StoreError.self) { try store.maintenance.backup(to: directory.file("missing/copy.db")) }
        store.close()
        #expect(try directory.files == ["store.db", "store.db.lock", "taken.db"])
    }

    @Test("a file that is not ours is neither copied nor checked")
    func foreign() throws {
        let path = directory.file("theirs.db")
        try PlainConnection(path).execute("CREATE TABLE theirs (x)")
        let maintenance = SQLiteMaintenance(path: path)
        #expect(throws: StoreError.self) { try maintenance.backup(to: directory.file("copy.db")) }
        #expect(throws: StoreError.self) { _ = try maintenance.integrityCheck() }
        #expect(throws: StoreError.self) { _ = try SQLiteMaintenance(path: directory.file("none.db")).integrityCheck() }
        #expect(try directory.files == ["theirs.db"])
    }

    @Test("the check finds a damaged page")
    func damage() throws {
        let path = directory.file()
        let store = try SQLiteStore(path: path)
        let process = try store.write { try store.insertProcess(processRow("p")) }
        for version in 1...300 { try store.advance(process, "p", to: Int64(version)) }
        store.close()
        #expect(try SQLiteMaintenance(path: path).integrityCheck() == [])
        let page = try #require(
            Int(
                try PlainConnection(path).text(
                    "SELECT rootpage FROM sqlite_schema WHERE name = 'events_stream'")))
        let size = try #require(Int(try PlainConnection(path).text("PRAGMA page_size")))
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64((page - 1) * size))
        try file.write(contentsOf: Data(repeating: 0xFF, count: 64))
        try file.close()
        #expect(try !SQLiteMaintenance(path: path).integrityCheck().isEmpty)
    }
}

/// Makes copies, one after the other, on a thread of its own.
private final class BackupThread: Sendable {
    private let maintenance: SQLiteMaintenance
    private let copies: [String]
    private let state = Mutex<(isDone: Bool, failure: String?)>((false, nil))

    init(_ maintenance: SQLiteMaintenance, _ copies: [String]) {
        self.maintenance = maintenance
        self.copies = copies
    }

    private let ended = DispatchSemaphore(value: 0)

    /// Once.
    func wait() { ended.wait() }

    var isDone: Bool { state.withLock { $0.isDone } }
    var failure: String? { state.withLock { $0.failure } }

    func start() {
        Thread.detachNewThread { [self] in
            for copy in copies {
                do { try maintenance.backup(to: copy) } catch { state.withLock { $0.failure = "\(error)" } }
            }
            state.withLock { $0.isDone = true }
            ended.signal()
        }
    }
}
