extension Schema {
    static let givenLeases = """
        -- How long the last lease or heartbeat gave, which may be less than lease_length, what was asked for.
        ALTER TABLE tasks ADD COLUMN lease_given INTEGER;
        """
}
