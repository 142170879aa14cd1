import Engine

/// What makes a file a file of ours, and how an older one becomes a current one.
enum Schema {
    /// "prcs", in the head of the file (`PRAGMA application_id`).
    static let applicationID: Int64 = 0x7072_6373

    /// Step n, counted from 1, takes a file of version n - 1 to version n (`PRAGMA user_version`). Steps that were
    /// released never change.
    static let migrations = [
        version1, webhooks, accessKeys, subscriptions, requestKeys, retention, rules, givenLeases, snapshots,
    ]

    /// Nothing but a number: from here on records say by which rules they were decided, and a release that does not know
    /// of rules would decide them otherwise.
    private static let rules = "SELECT 1"

    static var currentVersion: Int64 { Int64(migrations.count) }

    /// Brings the file to the current version, in one transaction.
    ///
    /// - Throws: `.unusable` for a file that is not ours or from a newer release; it is left as it was.
    static func prepare(_ connection: Connection, path: String) throws(StoreError) {
        let version = try check(connection, path: path)
        guard version < currentVersion else { return }
        do {
            try connection.execute("BEGIN IMMEDIATE")
            // Another process may have been faster.
            let version = try check(connection, path: path)
            for migration in migrations.dropFirst(Int(version)) { try connection.execute(migration) }
            try connection.execute("PRAGMA application_id = \(applicationID)")
            try connection.execute("PRAGMA user_version = \(currentVersion)")
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// The version of the file; 0 for an empty one.
    static func check(_ connection: Connection, path: String) throws(StoreError) -> Int64 {
        let application = try connection.integer("PRAGMA application_id")
        let version = try connection.integer("PRAGMA user_version")
        let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
        if application == 0, version == 0, isEmpty { return 0 }
        guard application == applicationID else {
            throw .unusable("\(path) is a database of another application", hint: "check the path")
        }
        guard (1...currentVersion).contains(version) else {
            throw .unusable(
                "\(path) has schema version \(version), this release knows versions up to \(currentVersion)",
                hint: "start the release that wrote it, or a newer one")
        }
        return version
    }
}
