import CSQLite
import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

@testable import SQLiteStore

func processRow(_ name: String, version: Int64 = 0) -> ProcessRow {
    ProcessRow(
        id: UniqueID(name: name), tenant: "acme", definition: "order", definitionVersion: 1, key: name,
        status: .running, suspended: false, version: version, incidents: 0, startedAt: Instant(milliseconds: 1),
        updatedAt: Instant(milliseconds: 1), endedAt: nil)
}

func event(_ id: String, data: JSONView = .null) -> Event {
    Event(id: EventID(id), type: "Counted", source: "/tests", data: data)
}

extension SQLiteStore {
    /// One committed transaction.
    @discardableResult
    func write<Answer>(_ body: () throws -> Answer) throws -> Answer {
        try begin()
        let answer = try body()
        try commit()
        return answer
    }

    /// Appends one event to the process's stream and says so in its row, in one transaction.
    func advance(_ process: RowHandle, _ name: String, to version: Int64) throws {
        try write {
            _ = try append([event("e\(version)")], toProcess: process, version: version, at: Instant(milliseconds: 1))
            try updateProcess(process, processRow(name, version: version), snapshot: nil)
        }
    }
}

/// A connection that knows nothing of the store.
final class PlainConnection {
    private let handle: OpaquePointer

    init(_ path: String) throws {
        // As SQLite takes no settings once it is in use, whichever test is the first.
        Connection.configured
        var opened: OpaquePointer?
        let code = sqlite3_open(path, &opened)
        handle = try #require(opened)
        try #require(code == SQLITE_OK)
    }

    deinit { sqlite3_close(handle) }

    func execute(_ sql: String) throws { try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK) }

    func text(_ sql: String) throws -> String {
        var prepared: OpaquePointer?
        try #require(sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK)
        defer { sqlite3_finalize(prepared) }
        try #require(sqlite3_step(prepared) == SQLITE_ROW)
        return sqlite3_column_text(prepared, 0).map { String(cString: $0) } ?? ""
    }
}
