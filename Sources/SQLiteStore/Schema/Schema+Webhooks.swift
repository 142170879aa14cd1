extension Schema {
    /// Endpoints, what they are sent, and what came of each attempt. From here on the outbox holds only commands that no
    /// endpoint wanted.
    static let webhooks = """
        -- status: see StoredStatus; configuration: JSON; secrets and headers as they were sealed.
        CREATE TABLE webhooks (
            handle INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            tenant INTEGER NOT NULL,
            status INTEGER NOT NULL,
            disabled_reason TEXT,
            failing_since INTEGER,
            backlog INTEGER,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            request_hash INTEGER NOT NULL,
            configuration BLOB NOT NULL,
            headers BLOB NOT NULL,
            secret BLOB NOT NULL,
            previous_secret BLOB,
            previous_expires_at INTEGER,
            previous_rotation BLOB
        ) STRICT;

        -- kind: 0 command, 1 cancelled task, 2 test; status: see StoredStatus. Only pending ones are due; one that waits
        -- for the one before it is not.
        CREATE TABLE deliveries (
            handle INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            webhook INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            process INTEGER,
            position INTEGER,
            status INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            manual INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            next_attempt_at INTEGER,
            ended_at INTEGER,
            type TEXT NOT NULL
        ) STRICT;
        CREATE INDEX deliveries_status ON deliveries (webhook, status);
        CREATE INDEX deliveries_pending ON deliveries (webhook, process) WHERE status = 0;
        CREATE INDEX deliveries_due ON deliveries (webhook, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
        CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;

        CREATE TABLE delivery_attempts (
            handle INTEGER PRIMARY KEY,
            delivery INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            duration INTEGER NOT NULL,
            status INTEGER,
            error TEXT,
            answer BLOB NOT NULL
        ) STRICT;
        CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery);
        """
}
