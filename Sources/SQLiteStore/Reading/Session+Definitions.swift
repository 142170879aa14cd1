import Engine

// Lists of definitions: SQLite takes the description out of the content, which need not be read as a whole here.
extension Session {
    func newestDefinitions() throws(StoreError) -> [DefinitionSummary] {
        // With a single max() the other columns are those of its row.
        let query = try connection.prepare(
            """
            SELECT name, max(version), created_at, json_extract(CAST(content AS TEXT), '$.description')
            FROM definitions GROUP BY name ORDER BY name
            """)
        return try summaries(query)
    }

    func definitionVersions(named name: String) throws(StoreError) -> [DefinitionSummary] {
        var query = try connection.prepare(
            """
            SELECT name, version, created_at, json_extract(CAST(content AS TEXT), '$.description')
            FROM definitions WHERE name = ? ORDER BY version
            """)
        query.bind(name)
        return try summaries(query)
    }

    private func summaries(_ query: borrowing Statement) throws(StoreError) -> [DefinitionSummary] {
        var found: [DefinitionSummary] = []
        while try query.step() {
            found.append(
                DefinitionSummary(
                    name: query.text(0), version: query.int(1), description: query.optionalText(3),
                    createdAt: query.instant(2)))
        }
        return found
    }
}
