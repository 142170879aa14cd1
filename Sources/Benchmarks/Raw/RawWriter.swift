import CSQLite
import Glibc

/// Writes the rows that the service wrote, in batches of the same size, with nothing but SQLite: the ceiling.
///
/// The rows and the schema come from the service's own file, so that both sides write the same bytes to the same
/// indexes. What the ceiling does not do: look anything up, update a row, decide, speak HTTP.
final class RawWriter {
    private struct Table {
        let name: String
        let columns: Int
        var rows: [[Value]]
        var statement: OpaquePointer?
    }

    private enum Value {
        case null
        case integer(Int64)
        case text([UInt8])
        case blob([UInt8])
    }

    private let schema: [String]
    private var tables: [Table] = []
    private let events: Int

    /// Reads the rows of the newest `events` posts that each started one process.
    init(copying path: String, events: Int) throws {
        var database: OpaquePointer?
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
            throw BenchmarkError("cannot open \(path)")
        }
        defer { sqlite3_close_v2(database) }
        self.events = events
        schema = try Self.rows(
            database, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
        .compactMap { if case .text(let bytes) = $0[0] { String(decoding: bytes, as: UTF8.self) } else { nil } }
        let orders = [
            ("events", "position"), ("processes", "handle"), ("tasks", "handle"), ("locations", "process"),
            ("inbox", "received_at"), ("timers", "handle"),
        ]
        for (name, order) in orders {
            let rows = try Self.rows(database, "SELECT * FROM \(name) ORDER BY \(order)")
            guard let first = rows.first else { continue }
            tables.append(Table(name: name, columns: first.count, rows: rows))
        }
        guard let processes = tables.first(where: { $0.name == "processes" }), processes.rows.count >= events else {
            throw BenchmarkError("the service wrote too little to copy")
        }
    }

    /// Rows written for one event, over all tables.
    var rowsPerEvent: Double {
        let processes = tables.first { $0.name == "processes" }?.rows.count ?? 1
        return Double(tables.reduce(0) { $0 + $1.rows.count }) / Double(processes)
    }

    /// Events per second with `batch` events to a transaction, for at most so long.
    func measure(batch: Int, seconds: Double, in folder: String) throws -> (
        perSecond: Double, commitMilliseconds: Double
    ) {
        let path = "\(folder)/raw-\(batch)-\(microseconds()).db"
        var database: OpaquePointer?
        guard sqlite3_open(path, &database) == SQLITE_OK else { throw BenchmarkError("cannot open \(path)") }
        defer {
            for index in tables.indices { sqlite3_finalize(tables[index].statement) }
            sqlite3_close_v2(database)
            for suffix in ["", "-wal", "-shm"] { remove(path + suffix) }
        }
        try Self.execute(
            database,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4000"
        )
        for sql in schema { try Self.execute(database, sql) }
        for index in tables.indices {
            let marks = Array(repeating: "?", count: tables[index].columns).joined(separator: ",")
            let sql = "INSERT INTO \(tables[index].name) VALUES (\(marks))"
            guard sqlite3_prepare_v2(database, sql, -1, &tables[index].statement, nil) == SQLITE_OK else {
                throw BenchmarkError(String(cString: sqlite3_errmsg(database)))
            }
        }
        let processes = tables.first { $0.name == "processes" }?.rows.count ?? 1
        var written = 0
        let begun = microseconds()
        while written + batch <= events, Double(microseconds() - begun) < seconds * 1e6 {
            try Self.execute(database, "BEGIN IMMEDIATE")
            for event in written..<(written + batch) {
                for table in tables {
                    let perEvent = table.rows.count / processes
                    for row in table.rows[(event * perEvent)..<((event + 1) * perEvent)] { try insert(row, table) }
                }
            }
            try Self.execute(database, "COMMIT")
            written += batch
        }
        let taken = Double(microseconds() - begun)
        return (Double(written) / taken * 1e6, taken / 1000 / Double(max(1, written / batch)))
    }

    private func insert(_ row: [Value], _ table: Table) throws {
        let statement = table.statement
        for (index, value) in row.enumerated() {
            let place = Int32(index + 1)
            switch value {
            case .null: sqlite3_bind_null(statement, place)
            case .integer(let number): sqlite3_bind_int64(statement, place, number)
            case .text(let bytes):
                _ = bytes.withUnsafeBytes {
                    sqlite3_bind_text(
                        statement, place, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count),
                        procession_sqlite_transient())
                }
            case .blob(let bytes):
                _ = bytes.withUnsafeBytes {
                    sqlite3_bind_blob(
                        statement, place, $0.baseAddress, Int32($0.count), procession_sqlite_transient())
                }
            }
        }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw BenchmarkError("cannot insert into \(table.name)") }
        sqlite3_reset(statement)
    }

    private static func execute(_ database: OpaquePointer?, _ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
            throw BenchmarkError("\(String(cString: sqlite3_errmsg(database))): \(sql)")
        }
    }

    private static func rows(_ database: OpaquePointer?, _ sql: String) throws -> [[Value]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else {
            throw BenchmarkError("\(String(cString: sqlite3_errmsg(database))): \(sql)")
        }
        defer { sqlite3_finalize(statement) }
        var rows: [[Value]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append((0..<sqlite3_column_count(statement)).map { value(statement, $0) })
        }
        return rows
    }

    private static func value(_ statement: OpaquePointer?, _ column: Int32) -> Value {
        let bytes: () -> [UInt8] = {
            let count = Int(sqlite3_column_bytes(statement, column))
            return Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, column), count: count))
        }
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT: return .text(bytes())
        case SQLITE_BLOB: return .blob(bytes())
        default: return .null
        }
    }
}
