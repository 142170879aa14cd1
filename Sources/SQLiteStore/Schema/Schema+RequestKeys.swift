extension Schema {
    static let requestKeys = """
        -- Requests that their callers named (Idempotency-Key). They come in order of age.
        CREATE TABLE request_keys (
            handle INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant INTEGER NOT NULL,
            key TEXT NOT NULL,
            fingerprint INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            answer BLOB,
            UNIQUE (tenant, key)
        ) STRICT;
        """
}
