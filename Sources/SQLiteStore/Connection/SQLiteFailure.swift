import CSQLite
import Engine
import Glibc

extension StoreError {
    /// What a result code of SQLite means to the engine (https://sqlite.org/rescode.html), for people.
    ///
    /// `database` must be the connection on which the failed call was made, before any other call on it. `path` names the
    /// file where the connection does not know it.
    init(sqlite code: Int32, database: OpaquePointer?, path: String = "the database file") {
        let known = database.flatMap { sqlite3_db_filename($0, "main") }.map { String(cString: $0) } ?? ""
        let name = known.isEmpty ? path : known
        // The connection may not know of the failure, as a copy's source does not.
        let knows = database.map { sqlite3_errcode($0) & 0xFF == code & 0xFF } ?? false
        let text = (knows ? database.flatMap(sqlite3_errmsg) : sqlite3_errstr(code)).map { String(cString: $0) }
        let explanation = text ?? "no explanation"
        let reading = database.flatMap(Self.failedRead)
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: self = .conflict("\(name): \(explanation)")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            if let reading {
                // SQLite may take what it could not read for what is wrong. A disk that does not answer says nothing of
                // what is on it.
                self = .unavailable("\(name) cannot be read: \(reading) (SQLite error \(code))")
            } else if code & 0xFF == SQLITE_CORRUPT {
                self = .unusable("\(name) is damaged: \(explanation)", hint: Self.damagedHint)
            } else {
                self = .unusable("\(name) is not an SQLite database, or its head is damaged", hint: Self.damagedHint)
            }
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            let reason = database.map(sqlite3_system_errno) ?? 0
            let why = reason == 0 ? "" : ": \(String(cString: strerror(reason)))"
            self = .unavailable("\(name): \(explanation)\(why) (SQLite error \(code))")
        default: self = .unavailable("\(name): \(explanation) (SQLite error \(code))")
        }
    }

    /// Why the last call on the database or on its WAL failed that the system refused; nil if none was.
    static func failedRead(_ database: OpaquePointer) -> String? {
        for pointer in [SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER] {
            var file: UnsafeMutablePointer<sqlite3_file>?
            guard sqlite3_file_control(database, "main", pointer, &file) == SQLITE_OK, let file,
                let methods = file.pointee.pMethods
            else { continue }
            var reason: Int32 = 0
            if methods.pointee.xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason) == SQLITE_OK, reason != 0 {
                return String(cString: strerror(reason))
            }
        }
        return nil
    }

    private static let damagedHint = "check the path; restore the file from a backup if it is the right one"
}
