import CSQLite
import Chrono
import Engine
import EventSourcing
import JSON

/// Reading the row a statement stands on. Columns count from 0.
extension Statement {
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

    func bool(_ column: Int32) -> Bool { sqlite3_column_int64(handle, column) != 0 }

    func instant(_ column: Int32) -> Instant { Instant(milliseconds: int64(column)) }

    func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

    func optionalInstant(_ column: Int32) -> Instant? { isNull(column) ? nil : instant(column) }

    func text(_ column: Int32) -> String { String(decoding: raw(column), as: UTF8.self) }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func bytes(_ column: Int32) -> [UInt8] { Array(raw(column)) }

    func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

    func uniqueID(_ column: Int32) throws(StoreError) -> UniqueID {
        let bytes = raw(column)
        guard bytes.count == 16 else { throw .unreadable("an id of \(bytes.count) bytes instead of 16") }
        return UniqueID(
            high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// What `bindID` wrote.
    func optionalID(_ column: Int32) throws(StoreError) -> String? {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_NULL: nil
        case SQLITE_BLOB: try uniqueID(column).description
        default: text(column)
        }
    }

    func eventID(_ column: Int32) throws(StoreError) -> EventID {
        sqlite3_column_type(handle, column) == SQLITE_BLOB ? EventID(try uniqueID(column)) : EventID(text(column))
    }

    func json(_ column: Int32) throws(StoreError) -> JSONView {
        do {
            // What was stored had passed the limits of its time; nothing is gained by checking other ones.
            return try JSONDocument.parse(bytes(column), limits: JSONLimits(maximumDepth: 512)).root
        } catch {
            throw .unreadable("a stored value is not JSON: \(error)")
        }
    }

    func optionalJSON(_ column: Int32) throws(StoreError) -> JSONView? {
        isNull(column) ? nil : try json(column)
    }

    /// Valid until the statement is stepped again; the value has to be asked for before its length.
    private func raw(_ column: Int32) -> UnsafeRawBufferPointer {
        let start =
            sqlite3_column_type(handle, column) == SQLITE_TEXT
            ? UnsafeRawPointer(sqlite3_column_text(handle, column)) : sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
