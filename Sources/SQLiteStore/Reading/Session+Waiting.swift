import Chrono
import Engine
import EventSourcing
import ProcessManagement

extension Session {
    func timers(of process: RowHandle) throws(StoreError) -> [TimerRow] {
        var query = try connection.prepare(
            "SELECT process, id, due_at, parked FROM timers WHERE process = ? ORDER BY handle")
        query.bind(process)
        return try timers(query)
    }

    func timers(_ query: borrowing Statement) throws(StoreError) -> [TimerRow] {
        var found: [TimerRow] = []
        while try query.step() {
            found.append(
                TimerRow(
                    id: try query.uniqueID(1), process: query.int64(0), dueAt: query.instant(2), parked: query.bool(3)))
        }
        return found
    }

    func heldEvents(tenant: String, after handle: RowHandle, limit: Int) throws(StoreError) -> [HeldEvent] {
        guard limit > 0, let tenant = try names.find(.tenant, tenant) else { return [] }
        var query = try connection.prepare(
            """
            SELECT handle, scope, name, value, received_at, expires_at, type, id, source, time, correlation, causation,
                traceparent, extensions, observed, data
            FROM held
            WHERE handle > ? AND +scope IN (SELECT id FROM names WHERE kind = 1 AND parent = ?) ORDER BY handle LIMIT ?
            """)
        query.bind(handle)
        query.bind(tenant)
        query.bind(limit)
        return try heldEvents(query)
    }

    func heldEvents(_ query: borrowing Statement) throws(StoreError) -> [HeldEvent] {
        var found: [HeldEvent] = []
        var fill = PageFill()
        while try query.step() {
            let scope = try names.owned(query.int64(1))
            let held = HeldEvent(
                handle: query.int64(0),
                location: LocationKey(
                    tenant: scope.tenant, definition: scope.name, name: query.text(2), value: query.text(3)),
                event: try query.event(6, names), receivedAt: query.instant(4), expiresAt: query.instant(5))
            guard fill.takes(held.byteCount) else { break }
            found.append(held)
        }
        return found
    }

    func unmatched(tenant: String, after handle: RowHandle, limit: Int) throws(StoreError) -> [UnmatchedEvent] {
        guard limit > 0, let number = try names.find(.tenant, tenant) else { return [] }
        var query = try connection.prepare(
            """
            SELECT handle, reason, definition, received_at, type, id, source, time, correlation, causation, traceparent,
                extensions, observed, data
            FROM unmatched WHERE tenant = ? AND handle > ? ORDER BY handle LIMIT ?
            """)
        query.bind(number)
        query.bind(handle)
        query.bind(limit)
        var found: [UnmatchedEvent] = []
        var fill = PageFill()
        while try query.step() {
            let unmatched = try unmatchedEvent(query, tenant: tenant)
            guard fill.takes(unmatched.byteCount) else { break }
            found.append(unmatched)
        }
        return found
    }

    func unmatchedEvent(_ query: borrowing Statement, tenant: String) throws(StoreError) -> UnmatchedEvent {
        guard let reason = UnmatchedEvent.Reason(rawValue: query.text(1)) else {
            throw .unreadable("unknown reason \(query.text(1)) of an unmatched event")
        }
        return UnmatchedEvent(
            handle: query.int64(0), tenant: tenant, event: try query.event(4, names), reason: reason,
            definition: query.optionalText(2), receivedAt: query.instant(3))
    }

    func outbox(of process: RowHandle) throws(StoreError) -> [OutboxRow] {
        var query = try connection.prepare(
            "SELECT id, process, command, position, created_at FROM outbox WHERE process = ? ORDER BY handle")
        query.bind(process)
        var found: [OutboxRow] = []
        while try query.step() {
            found.append(
                OutboxRow(
                    id: try query.uniqueID(0), process: query.int64(1), command: query.text(2),
                    position: query.int64(3), createdAt: query.instant(4)))
        }
        return found
    }

    func definitions() throws(StoreError) -> [DefinitionRow] {
        try definitions(
            try connection.prepare("SELECT name, version, created_at, content FROM definitions ORDER BY name, version"))
    }

    func definitions(named name: String) throws(StoreError) -> [DefinitionRow] {
        var query = try connection.prepare(
            "SELECT name, version, created_at, content FROM definitions WHERE name = ? ORDER BY version")
        query.bind(name)
        return try definitions(query)
    }

    private func definitions(_ query: borrowing Statement) throws(StoreError) -> [DefinitionRow] {
        var found: [DefinitionRow] = []
        while try query.step() {
            found.append(
                DefinitionRow(
                    name: query.text(0), version: query.int(1), content: try query.json(3), createdAt: query.instant(2))
            )
        }
        return found
    }

    func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        var query = try connection.prepare("SELECT value FROM settings WHERE name = ?")
        query.bind(name)
        return try query.step() ? query.bytes(0) : nil
    }
}
