import Chrono
import Engine
import EventSourcing
import ProcessManagement

extension SQLiteStore: TimerTable {
    public func insertTimer(_ row: TimerRow) throws(StoreError) {
        let session = try open
        var insert = try session.connection.prepare(
            "INSERT INTO timers (process, id, due_at, parked) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        insert.bind(row.process)
        insert.bind(row.id)
        insert.bind(row.dueAt)
        insert.bind(row.parked)
        try insert.run()
        guard session.connection.changes == 1 else { throw .duplicate("timer \(row.id) is there already") }
    }

    public func removeTimer(_ id: TimerID, of process: RowHandle) throws(StoreError) {
        var delete = try open.connection.prepare("DELETE FROM timers WHERE process = ? AND id = ?")
        delete.bind(process)
        delete.bind(id)
        try delete.run()
    }

    public func timers(of process: RowHandle) throws(StoreError) -> [TimerRow] {
        try open.timers(of: process)
    }

    public func parkTimers(of process: RowHandle, _ parked: Bool) throws(StoreError) {
        var update = try open.connection.prepare("UPDATE timers SET parked = ? WHERE process = ?")
        update.bind(parked)
        update.bind(process)
        try update.run()
    }

    public func dueTimers(at now: Instant, limit: Int) throws(StoreError) -> [TimerRow] {
        let session = try open
        var query = try session.connection.prepare(
            """
            SELECT process, id, due_at, parked FROM timers INDEXED BY timers_due
            WHERE due_at <= ? AND parked = 0 ORDER BY due_at, handle LIMIT ?
            """)
        query.bind(now)
        query.bind(max(0, limit))
        return try session.timers(query)
    }

    public func nextTimerDue() throws(StoreError) -> Instant? {
        let query = try open.connection.prepare(
            "SELECT due_at FROM timers INDEXED BY timers_due WHERE parked = 0 ORDER BY due_at LIMIT 1")
        return try query.step() ? query.instant(0) : nil
    }
}
