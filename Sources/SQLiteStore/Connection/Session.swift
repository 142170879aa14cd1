import Engine

/// A connection together with what is remembered for it, and the queries that the store and its readers share.
final class Session {
    let connection: Connection
    let names: Names
    var processScopes = RecentScopes()
    var taskScopes = RecentScopes()
    /// See `highestGiven`.
    var highestHandles: [Counter: Int64] = [:]
    /// See `hasGeneralStreams`.
    var scopeWithoutGeneralStreams: Int64?

    /// A session that writes. The file is created, migrated or refused here.
    init(writing path: String, options: SQLiteOptions) throws(StoreError) {
        connection = try Connection(
            path: path, mode: .readWrite, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
        names = Names(connection)
        // Before anything is changed: a file that is not ours stays as it is.
        _ = try Schema.check(connection, path: path)
        try Self.configure(connection, path: path, options: options)
        try Schema.prepare(connection, path: path)
        // Reads the newest page of the largest table: a file cut short is refused now and not in the first batch.
        _ = try lastPosition()
    }

    /// A session that reads a file which a writing one has prepared.
    init(reading path: String, options: SQLiteOptions) throws(StoreError) {
        connection = try Connection(
            path: path, mode: .readOnly, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
        names = Names(connection)
        guard try Schema.check(connection, path: path) == Schema.currentVersion else {
            throw .unusable("\(path) is not prepared for this release", hint: "start the server on it once")
        }
    }

    /// - Throws: `.unusable` if commits would not be durable.
    private static func configure(
        _ connection: Connection, path: String, options: SQLiteOptions
    ) throws(StoreError) {
        guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
            throw .unusable("\(path) cannot be used in WAL mode", hint: "use a file on a local disk")
        }
        try connection.execute("PRAGMA synchronous = FULL")
        guard try connection.integer("PRAGMA synchronous") == 2 else {
            throw .unusable("\(path) cannot be written durably: synchronous=FULL was refused", hint: "check SQLite")
        }
        try connection.execute("PRAGMA foreign_keys = OFF")
        try connection.execute("PRAGMA trusted_schema = OFF")
        try connection.execute("PRAGMA cache_size = -\(options.cacheKiB)")
        // A WAL that a backup or a long read made large is cut when it starts anew.
        try connection.execute("PRAGMA journal_size_limit = 67108864")
    }

    func commit() throws(StoreError) {
        scopeWithoutGeneralStreams = nil
        try connection.commit()
        names.commit()
    }

    func rollback() {
        scopeWithoutGeneralStreams = nil
        connection.rollback()
        names.rollback()
        // Their handles may be given again.
        processScopes.removeAll()
        taskScopes.removeAll()
        highestHandles.removeAll()
    }
}
