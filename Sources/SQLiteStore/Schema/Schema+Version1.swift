extension Schema {
    /// What a transaction costs is the number of distinct pages it changes, so rows refer to each other by small
    /// integers, and what arrives together lies together. The only random places an event touches are those that
    /// uniqueness demands: the inbox key (unless ids are time-ordered), the business key, the ids of new processes and
    /// tasks.
    ///
    /// Columns of type ANY hold 16 bytes for a lower-case UUID and any other text as text.
    static let version1 = """
        -- Texts that recur, by a number. kind: 0 tenant, 1 scope, 2 source, 3 queue, 4 type (see Names); parent: the
        -- tenant of a scope, source or queue, else 0. Never deleted, so that caches stay true.
        CREATE TABLE names (
            id INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            parent INTEGER NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (kind, parent, name)
        ) STRICT;

        -- stream: number of the owner << 2 | 0 process, 1 task, 2 general stream, 3 what a
        -- process published; scope: tenant and category.
        -- What scans look at comes first, so that they need not read the payload.
        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,
            version INTEGER NOT NULL,
            scope INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            type INTEGER NOT NULL,
            id ANY NOT NULL,
            source TEXT,
            time TEXT,
            correlation ANY,
            causation ANY,
            traceparent TEXT,
            extensions BLOB,
            observed BLOB,
            data BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX events_stream ON events (stream, version);
        -- Repeated appends to general streams are known again by id; facts of processes and tasks have no entry here.
        CREATE INDEX events_general_id ON events (stream, id) WHERE stream & 3 = 2;

        CREATE TABLE streams (
            handle INTEGER PRIMARY KEY,
            scope INTEGER NOT NULL,
            id BLOB NOT NULL,
            version INTEGER NOT NULL,
            UNIQUE (scope, id)
        ) STRICT;

        -- position: the highest ever given, at the last deletion of events. No position is given twice.
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE inbox (
            source INTEGER NOT NULL,
            id ANY NOT NULL,
            received_at INTEGER NOT NULL,
            content_hash INTEGER NOT NULL,
            answer BLOB NOT NULL,
            PRIMARY KEY (source, id)
        ) STRICT, WITHOUT ROWID;

        -- status: see StoredStatus.
        CREATE TABLE processes (
            handle INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            scope INTEGER NOT NULL,
            definition_version INTEGER NOT NULL,
            status INTEGER NOT NULL,
            suspended INTEGER NOT NULL,
            version INTEGER NOT NULL,
            incidents INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            ended_at INTEGER,
            key TEXT NOT NULL,
            snapshot_version INTEGER,
            snapshot BLOB
        ) STRICT;
        CREATE INDEX processes_running ON processes (scope, definition_version) WHERE status < 4;
        CREATE INDEX processes_with_incidents ON processes (scope) WHERE incidents > 0;

        -- released: 0 while the process runs, then the place in the order in which the key was released.
        CREATE TABLE locations (
            scope INTEGER NOT NULL,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            released INTEGER NOT NULL,
            process INTEGER NOT NULL,
            PRIMARY KEY (scope, name, value, released)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX locations_process ON locations (process);

        CREATE TABLE tasks (
            handle INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            process INTEGER NOT NULL,
            queue INTEGER NOT NULL,
            status INTEGER NOT NULL,
            parked INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            attempts_before INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL,
            reopened INTEGER NOT NULL,
            planned_at INTEGER NOT NULL,
            scheduled_at INTEGER NOT NULL,
            ready_at INTEGER NOT NULL,
            deadline INTEGER,
            due_at INTEGER,
            lease_number INTEGER NOT NULL,
            stream_version INTEGER NOT NULL,
            steps INTEGER NOT NULL,
            worker TEXT,
            claim TEXT,
            lease_started_at INTEGER,
            lease_expires_at INTEGER,
            lease_length INTEGER,
            attempt_ends_at INTEGER,
            progress BLOB
        ) STRICT;
        -- status and parked are the same in every entry; they are there so that counting needs only the index.
        CREATE INDEX tasks_claimable ON tasks (queue, status, parked, priority DESC, ready_at)
            WHERE status = 0 AND parked = 0;
        CREATE INDEX tasks_leased ON tasks (worker, claim) WHERE status = 1;
        CREATE INDEX tasks_delayed ON tasks (queue, status, parked) WHERE status = 2;
        CREATE INDEX tasks_due ON tasks (due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX tasks_open ON tasks (process) WHERE status < 3;
        CREATE INDEX tasks_ended ON tasks (process) WHERE status > 2;

        CREATE TABLE timers (
            handle INTEGER PRIMARY KEY,
            process INTEGER NOT NULL,
            id BLOB NOT NULL,
            due_at INTEGER NOT NULL,
            parked INTEGER NOT NULL,
            UNIQUE (process, id)
        ) STRICT;
        CREATE INDEX timers_due ON timers (due_at) WHERE parked = 0;

        CREATE TABLE held (
            handle INTEGER PRIMARY KEY AUTOINCREMENT,
            scope INTEGER NOT NULL,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            type INTEGER NOT NULL,
            id ANY NOT NULL,
            source TEXT,
            time TEXT,
            correlation ANY,
            causation ANY,
            traceparent TEXT,
            extensions BLOB,
            observed BLOB,
            data BLOB NOT NULL
        ) STRICT;
        CREATE INDEX held_location ON held (scope, name, value);
        CREATE INDEX held_expiry ON held (expires_at);

        CREATE TABLE unmatched (
            handle INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant INTEGER NOT NULL,
            reason TEXT NOT NULL,
            definition TEXT,
            received_at INTEGER NOT NULL,
            type INTEGER NOT NULL,
            id ANY NOT NULL,
            source TEXT,
            time TEXT,
            correlation ANY,
            causation ANY,
            traceparent TEXT,
            extensions BLOB,
            observed BLOB,
            data BLOB NOT NULL
        ) STRICT;
        CREATE INDEX unmatched_tenant ON unmatched (tenant);

        -- Inputs of our own that did not fit into their transaction: what a process published, children to start or
        -- to cancel, ends of children.
        CREATE TABLE input_queue (
            handle INTEGER PRIMARY KEY,
            queued_at INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE outbox (
            handle INTEGER PRIMARY KEY AUTOINCREMENT,
            process INTEGER NOT NULL,
            id BLOB NOT NULL,
            command TEXT NOT NULL,
            position INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (process, id)
        ) STRICT;

        CREATE TABLE definitions (
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            content BLOB NOT NULL,
            UNIQUE (name, version)
        ) STRICT;

        CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """
}
