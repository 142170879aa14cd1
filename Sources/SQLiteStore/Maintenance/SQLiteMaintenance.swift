import CSQLite
import Engine
import Glibc

/// Backup and check of a file, also while a server uses it. Every call has connections of its own.
public struct SQLiteMaintenance: Sendable {
    public let path: String

    /// The file is opened by the calls.
    public init(path: String) { self.path = path }

    /// Copies the file as of one moment, while the server goes on writing.
    ///
    /// The copy is made beside the destination and gets its name when it is complete and on disk. While it is made the
    /// WAL of the source grows, as the moment must stay readable.
    ///
    /// - Throws: `.conflict` if the destination exists; it is not touched. `.unusable` for a file that is not ours.
    public func backup(to destination: String) throws(StoreError) {
        guard access(destination, F_OK) != 0 else { throw .conflict("\(destination) exists already") }
        let partial = try Partial(besides: destination)
        defer { partial.release() }
        try copy(to: partial.path)
        try Self.sync(partial.path)
        // Not a plain rename, which would replace a file that came into being meanwhile.
        guard procession_rename_to_new(partial.path, destination) == 0 else {
            throw errno == EEXIST
                ? StoreError.conflict("\(destination) exists already") : Self.refusal("cannot name \(destination)")
        }
        try Self.sync(Partial.folder(of: destination))
    }

    /// What SQLite finds wrong with the file's structure; empty if nothing. Reads all of it.
    public func integrityCheck() throws(StoreError) -> [String] {
        let connection = try openOurs()
        let check = try connection.prepare(once: "PRAGMA integrity_check")
        var findings: [String] = []
        do throws(StoreError) {
            while try check.step() { findings.append(check.text(0)) }
        } catch {
            // Some damage ends the check itself; it is found all the same.
            guard case .unusable(let message, _) = error else { throw error }
            findings.append(message)
        }
        guard findings != ["ok"] else { return [] }
        // SQLite lists pages that it could not read, too.
        if let reason = StoreError.failedRead(connection.handle) {
            throw .unavailable("\(path) cannot be read: \(reason)")
        }
        return findings
    }

    private func openOurs() throws(StoreError) -> Connection {
        try FileState.check(path, known: nil)
        let connection = try Connection(path: path, mode: .readOnly, busyTimeoutMilliseconds: 5000)
        guard try Schema.check(connection, path: path) > 0 else {
            throw .unusable("\(path) is an empty database", hint: "check the path")
        }
        return connection
    }

    private func copy(to partial: String) throws(StoreError) {
        let source = try openOurs()
        // Holds the moment: otherwise every commit of the server would make the copy start from the beginning.
        try source.beginReading()
        defer { source.rollback() }
        _ = try source.integer("SELECT count(*) FROM sqlite_schema")
        let target = try Connection(path: partial, mode: .readWrite, busyTimeoutMilliseconds: 5000)
        // An incomplete copy is thrown away, and a complete one synced as a whole.
        try target.execute("PRAGMA synchronous = OFF")
        guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
            throw StoreError(sqlite: sqlite3_extended_errcode(target.handle), database: target.handle)
        }
        var code = SQLITE_OK
        while code == SQLITE_OK { code = sqlite3_backup_step(backup, 1000) }
        sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE else {
            // Which of the two files it is.
            let failed = StoreError.failedRead(source.handle) == nil ? target : source
            throw StoreError(sqlite: code, database: failed.handle)
        }
    }

    private static func sync(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw refusal("cannot open \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw refusal("cannot sync \(path)") }
    }

    private static func refusal(_ what: String) -> StoreError {
        .unavailable("\(what): \(String(cString: strerror(errno)))")
    }
}
