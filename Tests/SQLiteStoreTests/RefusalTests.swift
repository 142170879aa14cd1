import Engine
import Foundation
import SQLiteStore
import Testing

@Suite("SQLite: refusals")
struct RefusalTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory.file() }

    private func contents() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    /// The message and hint, which are one line each.
    private func refusal(sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let lock = path + ".lock"
        let wasLocked = FileManager.default.fileExists(atPath: lock)
        defer {
            // Nothing of ours stays beside a file that is not ours.
            #expect(FileManager.default.fileExists(atPath: lock) == wasLocked, sourceLocation: sourceLocation)
        }
        let error = #expect(throws: StoreError.self, sourceLocation: sourceLocation) {
            try SQLiteStore(path: path).close()
        }
        guard case .unusable(let message, let hint) = error else {
            Issue.record("\(String(describing: error))", sourceLocation: sourceLocation)
            return ""
        }
        #expect(!message.contains("\n") && !hint.contains("\n"), sourceLocation: sourceLocation)
        #expect(!hint.isEmpty, sourceLocation: sourceLocation)
        return message
    }

    @Test("a database of another application is refused and left as it was")
    func foreign() throws {
        try PlainConnection(path).execute("CREATE TABLE theirs (x); PRAGMA application_id = 7")
        let before = try contents()
        #expect(try refusal().contains("another application"))
        #expect(try contents() == before)
    }

    @Test("a database without a mark that holds tables is refused")
    func unmarked() throws {
        try PlainConnection(path).execute("CREATE TABLE theirs (x)")
        #expect(try refusal().contains("another application"))
    }

    @Test("a file of a newer release is refused and left as it was")
    func newer() throws {
        try SQLiteStore(path: path).close()
        try PlainConnection(path).execute("PRAGMA user_version = 4711")
        let before = try contents()
        #expect(try refusal().contains("4711"))
        #expect(try contents() == before)
        #expect(throws: StoreError.self) { _ = try SQLiteEventStore(path: path) }
    }

    @Test("a file that is no database is refused and left as it was")
    func noDatabase() throws {
        let text = Data(String(repeating: "not a database\n", count: 500).utf8)
        try text.write(to: URL(fileURLWithPath: path))
        #expect(try refusal().contains("not an SQLite database"))
        #expect(try contents() == text)
    }

    @Test("a file that was cut short is refused")
    func cutShort() throws {
        let store = try SQLiteStore(path: path)
        let process = try store.write { try store.insertProcess(processRow("p")) }
        for version in 1...200 { try store.advance(process, "p", to: Int64(version)) }
        store.close()
        let whole = try contents()
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
        #expect(try refusal().contains("damaged"))
    }

    @Test("a second store on the file is refused as long as the first is open")
    func second() throws {
        let first = try SQLiteStore(path: path)
        #expect(try refusal().contains("in use"))
        try first.reopen()
        #expect(try refusal().contains("in use"))
        first.close()
        try SQLiteStore(path: path).close()
    }

    @Test("another name of the file meets the same lock")
    func secondByAnotherName() throws {
        let first = try SQLiteStore(path: path)
        let link = directory.file("link.db")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(throws: StoreError.self) { try SQLiteStore(path: link).close() }
        first.close()
    }

    @Test("a place where no file can be is unavailable")
    func noPlace() throws {
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore(path: directory.file("missing/store.db")).close()
        }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
