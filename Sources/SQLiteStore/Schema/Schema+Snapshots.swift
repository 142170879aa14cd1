extension Schema {
    static let snapshots = """
        -- Beside the processes: SQLite reads a row as a whole to change a column of it, and each input changes one. Snapshots of
        -- earlier releases stay in their rows until the next one of the process, so that no file has to be rewritten.
        CREATE TABLE snapshots (
            process INTEGER PRIMARY KEY,
            at_version INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        """
}
