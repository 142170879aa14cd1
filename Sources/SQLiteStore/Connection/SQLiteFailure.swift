import CSQLite
import Engine

extension StoreError {
    /// What a result code of SQLite means to the engine (https://sqlite.org/rescode.html).
    ///
    /// `database` must be the connection on which the failed call was made, before any other call on it.
    init(sqlite code: Int32, database: OpaquePointer?) {
        let explanation = database.flatMap(sqlite3_errmsg) ?? sqlite3_errstr(code)
        self.init(sqlite: code, explanation: explanation.map { String(cString: $0) } ?? "no explanation")
    }

    init(sqlite code: Int32, explanation: String) {
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: self = .conflict(explanation)
        case SQLITE_CORRUPT:
            self = .unusable("the database file is damaged: \(explanation)", hint: Self.damagedHint)
        case SQLITE_NOTADB:
            self = .unusable("the file is not an SQLite database, or its head is damaged", hint: Self.damagedHint)
        default: self = .unavailable("SQLite error \(code): \(explanation)")
        }
    }

    private static let damagedHint = "check the path; restore the file from a backup if it is the right one"
}
