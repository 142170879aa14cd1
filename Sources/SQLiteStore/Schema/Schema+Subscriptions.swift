extension Schema {
    static let subscriptions = """
        -- Readers of the global order whose place is kept here. types: a JSON list; empty for all.
        CREATE TABLE subscriptions (
            handle INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant INTEGER NOT NULL,
            name TEXT NOT NULL,
            category TEXT,
            types BLOB NOT NULL,
            position INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            lease_number INTEGER NOT NULL,
            lease_expires_at INTEGER,
            lease_length INTEGER,
            lease_through INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (tenant, name)
        ) STRICT;
        CREATE INDEX subscriptions_leased ON subscriptions (lease_expires_at) WHERE lease_expires_at IS NOT NULL;
        """
}
