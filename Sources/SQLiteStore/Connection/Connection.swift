import CSQLite
import Engine

/// A connection to the file, with its prepared statements. For one thread at a time.
final class Connection {
    enum Mode {
        /// Creates the file if there is none. The WAL is written through `WriteAheadFile`.
        case readWrite
        /// For files that exist. Only what other connections committed is seen, nothing is ever written.
        case readOnly
    }

    let handle: OpaquePointer
    private var statements = PreparedStatements()
    /// Who says whether the WAL may be copied and removed when this is the last connection to be closed.
    var watch: FileWatch?

    /// Once, before the first connection.
    static let configured: Void = {
        procession_sqlite_drop_memory_statistics()
        _ = PageCache.isInUse
    }()

    init(path: String, mode: Mode, busyTimeoutMilliseconds: Int32) throws(StoreError) {
        Self.configured
        if mode == .readWrite { WriteAheadFile.registered }
        // NOMUTEX: the caller keeps each connection to one thread, so SQLite need not lock at every call.
        let access = mode == .readWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            mode == .readWrite ? WriteAheadFile.vfsName.characters : nil)
        guard code == SQLITE_OK, let opened else {
            let error = StoreError(sqlite: code, database: opened, path: path)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_busy_timeout(handle, busyTimeoutMilliseconds)
        // A reader opens read-write, as the first one after a crash has to recover the WAL; then it is bound to read.
        if mode == .readOnly { try execute("PRAGMA query_only = ON") }
    }

    deinit {
        statements.finalize()
        if watch?.keepsLog == true { procession_sqlite_keep_log(handle) }
        // v2: a failure to close would leak; this one waits for whatever is still in use.
        sqlite3_close_v2(handle)
    }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Rows the last INSERT, UPDATE or DELETE changed.
    var changes: Int { Int(sqlite3_changes64(handle)) }

    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// The statement of a literal, prepared once. It must not be in use already.
    func prepare(_ sql: StaticString) throws(StoreError) -> Statement {
        if let known = statements[sql] {
            assert(sqlite3_stmt_busy(known.handle) == 0, "in use: \(sql)")
            return Statement(known)
        }
        let handle = try compile(
            sql.characters, count: sql.utf8CodeUnitCount, flags: UInt32(SQLITE_PREPARE_PERSISTENT))
        return Statement(statements.add(handle, for: sql))
    }

    /// A statement for one use, for queries that are put together as they are needed.
    func prepare(once sql: String) throws(StoreError) -> Statement {
        Statement(once: try compile(sql, count: sql.utf8.count, flags: 0))
    }

    /// Runs a statement that returns nothing of interest.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw StoreError(sqlite: code, database: handle) }
    }

    func integer(_ sql: String) throws(StoreError) -> Int64 {
        let statement = try prepare(once: sql)
        return try statement.step() ? statement.int64(0) : 0
    }

    func text(_ sql: String) throws(StoreError) -> String {
        let statement = try prepare(once: sql)
        return try statement.step() ? statement.text(0) : ""
    }

    /// Whether every statement is reset.
    var isIdle: Bool {
        var statement = sqlite3_next_stmt(handle, nil)
        while let current = statement {
            if sqlite3_stmt_busy(current) != 0 { return false }
            statement = sqlite3_next_stmt(handle, current)
        }
        return true
    }

    private func compile(_ sql: UnsafePointer<CChar>, count: Int, flags: UInt32) throws(StoreError) -> OpaquePointer {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, Int32(count), flags, &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw StoreError(sqlite: code, database: handle) }
        return prepared
    }
}

/// The four statements of transactions.
extension Connection {
    /// Takes the write lock at once, so that nothing fails later for another writer.
    func beginWriting() throws(StoreError) { _ = try prepare("BEGIN IMMEDIATE").step() }

    func beginReading() throws(StoreError) { _ = try prepare("BEGIN").step() }

    func commit() throws(StoreError) { _ = try prepare("COMMIT").step() }

    func rollback() {
        guard isInTransaction, let rollback = try? prepare("ROLLBACK") else { return }
        // A rollback that fails has been done by SQLite already.
        _ = try? rollback.step()
    }
}

extension StaticString {
    /// Ends with a 0, as C wants it.
    var characters: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}
