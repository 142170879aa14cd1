extension Schema {
    /// API keys by the hash of their secret. scopes: their names, separated by spaces.
    static let accessKeys = """
        CREATE TABLE access_keys (
            handle INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            hash BLOB NOT NULL UNIQUE,
            name TEXT NOT NULL,
            tenant TEXT,
            scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT,
            expires_at INTEGER,
            revoked_at INTEGER,
            last_used_at INTEGER
        ) STRICT;
        """
}
