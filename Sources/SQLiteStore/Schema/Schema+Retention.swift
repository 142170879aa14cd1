extension Schema {
    static let retention = """
        -- Streams of removed processes whose events are still to be purged; no read shows them.
        CREATE TABLE removals (stream INTEGER PRIMARY KEY) STRICT;
        CREATE INDEX processes_ended ON processes (ended_at) WHERE ended_at IS NOT NULL;
        """
}
