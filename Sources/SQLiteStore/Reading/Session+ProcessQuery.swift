import Engine
import ProcessManagement

extension Session {
    /// As many index entries as there are such processes.
    func processesWithIncidents() throws(StoreError) -> Int {
        let query = try connection.prepare(
            "SELECT count(*) FROM processes INDEXED BY processes_with_incidents WHERE incidents > 0")
        return try query.step() ? Int(query.int64(0)) : 0
    }

    /// Walks over handles only, without a look at what the rows say.
    func lowestProcess(ofNewest count: Int, below handle: RowHandle?) throws(StoreError) -> RowHandle? {
        var query = try connection.prepare(
            "SELECT min(handle) FROM (SELECT handle FROM processes WHERE handle < ? ORDER BY handle DESC LIMIT ?)")
        query.bind(handle ?? RowHandle.max)
        query.bind(max(0, count))
        return try query.step() ? query.optionalInt64(0) : nil
    }

    /// The processes of a list, newest first, without their snapshots: a page of them would have no bound.
    ///
    /// A key or an open incident is found through an index; anything else is a walk over the processes from the newest
    /// on, which ends when the page is full, or with `from`.
    func processes(_ wanted: ProcessQuery) throws(StoreError) -> [StoredProcess] {
        guard wanted.limit > 0, let tenant = try names.find(.tenant, wanted.tenant) else { return [] }
        var query = try connection.prepare(once: Self.text(of: wanted))
        query.bind(tenant)
        if let definition = wanted.definition { query.bind(definition) }
        if let key = wanted.key {
            query.bind(key)
            query.bind(key)
        }
        if let suspended = wanted.suspended { query.bind(suspended) }
        for bound in [wanted.startedAfter, wanted.startedBefore, wanted.updatedAfter, wanted.updatedBefore] {
            if let bound { query.bind(bound) }
        }
        if let before = wanted.before { query.bind(before) }
        if let from = wanted.from { query.bind(from) }
        query.bind(wanted.limit)
        var found: [StoredProcess] = []
        while try query.step() { found.append(try storedProcess(query)) }
        return found
    }

    /// Parameters stand in the order in which they are bound above.
    private static func text(of wanted: ProcessQuery) -> String {
        let scopes =
            "SELECT id FROM names WHERE kind = 1 AND parent = ?" + (wanted.definition == nil ? "" : " AND name = ?")
        // The sign keeps the walk in the order of handles.
        var conditions = ["+scope IN wanted"]
        if wanted.key != nil {
            conditions.append(
                "handle IN (SELECT process FROM locations WHERE scope IN wanted AND name = '' AND value = ?)")
            conditions.append("key = ?")
        }
        if !wanted.status.isEmpty {
            conditions.append("status IN (\(wanted.status.map { String($0.stored) }.joined(separator: ", ")))")
        }
        if let hasIncident = wanted.hasIncident { conditions.append(hasIncident ? "incidents > 0" : "incidents = 0") }
        if wanted.suspended != nil { conditions.append("suspended = ?") }
        if wanted.startedAfter != nil { conditions.append("started_at > ?") }
        if wanted.startedBefore != nil { conditions.append("started_at < ?") }
        if wanted.updatedAfter != nil { conditions.append("updated_at > ?") }
        if wanted.updatedBefore != nil { conditions.append("updated_at < ?") }
        if wanted.before != nil { conditions.append("handle < ?") }
        if wanted.from != nil { conditions.append("handle >= ?") }
        return """
            WITH wanted (id) AS (\(scopes))
            SELECT handle, id, scope, definition_version, status, suspended, version, incidents, started_at, updated_at,
                ended_at, key, NULL, NULL
            FROM processes \(wanted.hasIncident == true ? "INDEXED BY processes_with_incidents" : "")
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY handle DESC LIMIT ?
            """
    }
}
