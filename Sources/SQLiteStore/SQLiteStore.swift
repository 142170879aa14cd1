import CSQLite
import Engine

/// The engine's store in one SQLite file, in WAL mode with every commit synced to disk.
///
/// For one thread: the engine's. Readers, the event store and maintenance have connections of their own and work beside
/// it, from other threads and processes too. A second `SQLiteStore` on the same file is refused while this one is open.
public final class SQLiteStore: ProcessStore {
    public let path: String
    public let options: SQLiteOptions

    private var session: Session?
    private var lock: FileLock?
    private(set) var checkpoints: CheckpointThread?
    private let fileWatch: FileWatch
    /// Of the newest event, uncommitted ones included; read anew at every `begin`, as others may append too.
    var position: Int64 = 0
    /// Whether any event is held, as most often none is; nil while that is not known. Only this store holds events.
    var holdsEvents: Bool?

    /// Opens the file, which is created if there is none.
    ///
    /// - Throws: `.unusable` for a file that is damaged, of another application, from a newer release or in use by
    ///   another server; `.unavailable` if the system refuses.
    public init(path: String, options: SQLiteOptions = SQLiteOptions()) throws(StoreError) {
        self.path = path
        self.options = options
        let lock = try FileLock(forDatabase: path)
        let (session, fileWatch): (Session, FileWatch)
        do throws(StoreError) {
            try FileState.check(path, known: lock.known)
            session = try Session(writing: path, options: options)
            fileWatch = try FileWatch(
                path: path, lock: lock, pageSize: try session.connection.integer("PRAGMA page_size"),
                logLimit: options.logLimit)
        } catch {
            lock.undo()
            throw error
        }
        session.connection.watch = fileWatch
        checkpoints = try CheckpointThread(path: path, options: options, watch: fileWatch)
        self.lock = lock
        (self.session, self.fileWatch) = (session, fileWatch)
        watchTheLog()
    }

    deinit { close() }

    public func begin() throws(StoreError) {
        let session = try open
        try fileWatch.refuse()
        do throws(StoreError) {
            try session.connection.beginWriting()
            position = try session.lastPosition()
        } catch {
            session.rollback()
            throw error
        }
    }

    public func commit() throws(StoreError) {
        let session = try open
        do throws(StoreError) {
            // SQLite may have rolled back by itself after a failed write.
            guard session.connection.isInTransaction else { throw StoreError.unavailable("no transaction is open") }
            try session.commit()
            if holdsEvents == true { holdsEvents = nil }
        } catch {
            rollback()
            if case .unusable = error { throw error }
            throw .unavailable("the transaction could not be committed: \(error.explanation)")
        }
    }

    public func rollback() {
        session?.rollback()
        holdsEvents = nil
    }

    public func reopen() throws(StoreError) {
        guard lock != nil else { throw .closed }
        rollback()
        // Another file, or none, must not be taken for this one.
        fileWatch.look()
        try fileWatch.refuse()
        session = nil
        session = try Session(writing: path, options: options)
        session?.connection.watch = fileWatch
        watchTheLog()
    }

    public func close() {
        guard lock != nil else { return }
        session?.rollback()
        fileWatch.look()
        // First the thread, then the writer: the last connection to close empties the WAL and removes it.
        checkpoints?.stop()
        checkpoints = nil
        session = nil
        lock?.release()
        lock = nil
    }

    public func makeReader() throws(StoreError) -> any ProcessReader { try makeSQLiteReader() }

    /// The same as `makeReader`.
    public func makeSQLiteReader() throws(StoreError) -> SQLiteReader {
        _ = try open
        let reader = try SQLiteReader(path: path, options: options)
        reader.watch(fileWatch)
        return reader
    }

    /// The file's streams for library users, on a connection of its own.
    ///
    /// Its appends wait for the engine's open transaction, and the engine's for them.
    public func makeEventStore() throws(StoreError) -> SQLiteEventStore {
        _ = try open
        return try SQLiteEventStore(path: path, options: options)
    }

    public var watch: (any StoreWatch)? { fileWatch }

    public var maintenance: SQLiteMaintenance { SQLiteMaintenance(path: path) }

    var open: Session {
        get throws(StoreError) {
            guard let session else {
                // A failed `reopen` leaves the store open in name: the engine tries again.
                throw lock == nil ? .closed : .unavailable("the store could not be reopened")
            }
            return session
        }
    }

    /// After each commit SQLite says how many pages the WAL has.
    private func watchTheLog() {
        guard let session, let checkpoints else { return }
        sqlite3_wal_hook(
            session.connection.handle,
            { context, database, _, pages in
                guard let context else { return SQLITE_OK }
                let thread = Unmanaged<CheckpointThread>.fromOpaque(context).takeUnretainedValue()
                thread.writerCommitted(database, pagesInLog: Int(pages))
                return SQLITE_OK
            },
            // Lives longer than the connection: see `close`.
            Unmanaged.passUnretained(checkpoints).toOpaque())
    }
}
