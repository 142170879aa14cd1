import Chrono
import Engine
import EventSourcing

extension SQLiteStore: WaitingTable {
    public func insertHeld(_ held: HeldEvent) throws(StoreError) {
        let session = try open
        let scope = try session.names.intern(.scope, held.location.definition, tenant: held.location.tenant)
        let type = try session.names.intern(.type, held.event.type)
        var insert = try session.connection.prepare(
            """
            INSERT INTO held (scope, name, value, received_at, expires_at, type, id, source, time, correlation,
                causation, traceparent, extensions, observed, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(scope)
        insert.bind(held.location.name)
        insert.bind(held.location.value)
        insert.bind(held.receivedAt)
        insert.bind(held.expiresAt)
        try insert.run(held.event, type: type)
        holdsEvents = true
    }

    public func heldEvents(for key: LocationKey, after handle: RowHandle) throws(StoreError) -> [HeldEvent] {
        let session = try open
        guard try holdsAnyEvent(),
            let scope = try session.names.find(.scope, key.definition, tenant: key.tenant)
        else { return [] }
        var query = try session.connection.prepare(
            """
            SELECT handle, scope, name, value, received_at, expires_at, type, id, source, time, correlation, causation,
                traceparent, extensions, observed, data
            FROM held WHERE scope = ? AND name = ? AND value = ? AND handle > ? ORDER BY handle
            """)
        query.bind(scope)
        query.bind(key.name)
        query.bind(key.value)
        query.bind(handle)
        return try session.heldEvents(query)
    }

    private func holdsAnyEvent() throws(StoreError) -> Bool {
        if let holdsEvents { return holdsEvents }
        let query = try open.connection.prepare("SELECT EXISTS (SELECT 1 FROM held)")
        let holds = try query.step() && query.int64(0) == 1
        holdsEvents = holds
        return holds
    }

    public func removeHeld(_ handle: RowHandle) throws(StoreError) {
        var delete = try open.connection.prepare("DELETE FROM held WHERE handle = ?")
        delete.bind(handle)
        try delete.run()
    }

    public func expiredHeld(at now: Instant, limit: Int) throws(StoreError) -> [HeldEvent] {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT handle, scope, name, value, received_at, expires_at, type, id, source, time, correlation, causation,
                traceparent, extensions, observed, data
            FROM held WHERE expires_at <= ? ORDER BY expires_at, handle LIMIT ?
            """)
        query.bind(now)
        query.bind(max(0, limit))
        return try session.heldEvents(query)
    }

    public func nextHeldExpiry() throws(StoreError) -> Instant? {
        let query = try open.connection.prepare("SELECT min(expires_at) FROM held")
        return try query.step() ? query.optionalInstant(0) : nil
    }

    @discardableResult
    public func insertUnmatched(_ event: UnmatchedEvent) throws(StoreError) -> RowHandle {
        let session = try open
        let tenant = try session.names.intern(.tenant, event.tenant)
        let type = try session.names.intern(.type, event.event.type)
        var insert = try session.connection.prepare(
            """
            INSERT INTO unmatched (tenant, reason, definition, received_at, type, id, source, time, correlation,
                causation, traceparent, extensions, observed, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(tenant)
        insert.bind(event.reason.rawValue)
        insert.bind(event.definition)
        insert.bind(event.receivedAt)
        try insert.run(event.event, type: type)
        return session.connection.lastInsertedRow
    }

    public func unmatched(_ handle: RowHandle, tenant: String) throws(StoreError) -> UnmatchedEvent? {
        let session = try open
        guard let number = try session.names.find(.tenant, tenant) else { return nil }
        var query = try session.connection.prepare(
            """
            SELECT handle, reason, definition, received_at, type, id, source, time, correlation, causation, traceparent,
                extensions, observed, data
            FROM unmatched WHERE handle = ? AND tenant = ?
            """)
        query.bind(handle)
        query.bind(number)
        return try query.step() ? try session.unmatchedEvent(query, tenant: tenant) : nil
    }

    public func removeUnmatched(_ handle: RowHandle) throws(StoreError) {
        var delete = try open.connection.prepare("DELETE FROM unmatched WHERE handle = ?")
        delete.bind(handle)
        try delete.run()
    }
}
