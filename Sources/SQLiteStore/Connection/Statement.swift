import CSQLite
import Chrono
import Engine
import EventSourcing
import JSON

/// One use of a prepared statement: values are bound in the order of its parameters, then it is stepped.
///
/// When the use ends the statement is reset and its bindings are dropped, whatever happened in between; a statement
/// left un-reset would keep its read transaction open, and the WAL with it.
struct Statement: ~Copyable {
    let handle: OpaquePointer
    private let isOwned: Bool
    private var parameter: Int32 = 0
    private var failure = SQLITE_OK
    /// What is left of the memory for bound values.
    private var memory: UnsafeMutableRawBufferPointer

    /// One that goes back to its connection.
    init(_ prepared: PreparedStatements.Entry) {
        handle = prepared.handle
        memory = prepared.memory
        isOwned = false
    }

    /// One that ends with this use.
    init(once handle: OpaquePointer) {
        self.handle = handle
        memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        isOwned = true
    }

    deinit {
        if isOwned {
            sqlite3_finalize(handle)
        } else {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
    }

    private var database: OpaquePointer? { sqlite3_db_handle(handle) }

    private func error(_ code: Int32) -> StoreError { StoreError(sqlite: code, database: database) }

    /// True if there is a row to read, false at the end.
    func step() throws(StoreError) -> Bool {
        if failure != SQLITE_OK { throw error(failure) }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    /// Runs a statement that writes.
    ///
    /// Some failures make SQLite roll back by itself; writing on would then commit each statement for itself, so
    /// nothing is written without a transaction.
    func run() throws(StoreError) {
        try requireTransaction()
        _ = try step()
    }

    /// Runs a statement that writes and whose last parameter is these bytes, without copying them.
    mutating func run(borrowing view: JSONView) throws(StoreError) {
        try requireTransaction()
        let code = view.withRawBytes { execute(borrowing: $0) }
        if code != SQLITE_DONE { throw error(code) }
    }

    /// The same for an array.
    mutating func run(borrowing bytes: [UInt8]) throws(StoreError) {
        try requireTransaction()
        let code = bytes.withUnsafeBufferPointer { execute(borrowing: $0) }
        if code != SQLITE_DONE { throw error(code) }
    }

    private func requireTransaction() throws(StoreError) {
        guard sqlite3_get_autocommit(database) == 0 else { throw .unavailable("no transaction is open") }
    }

    private mutating func execute(borrowing bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        bind(borrowing: UnsafeRawBufferPointer(bytes))
        return failure == SQLITE_OK ? sqlite3_step(handle) : failure
    }
}

extension Statement {
    private mutating func note(_ code: Int32) {
        if code != SQLITE_OK { failure = code }
    }

    private mutating func next() -> Int32 {
        parameter += 1
        return parameter
    }

    mutating func bind(_ value: Int64) { note(sqlite3_bind_int64(handle, next(), value)) }

    mutating func bind(_ value: Int) { bind(Int64(value)) }

    mutating func bind(_ value: Bool) { bind(value ? 1 : 0 as Int64) }

    mutating func bind(_ value: Instant) { bind(value.milliseconds) }

    /// What was never bound is NULL (https://sqlite.org/c3ref/bind_blob.html), and nothing is bound when a use begins.
    mutating func bindNull() { parameter += 1 }

    mutating func bind(_ value: Int64?) {
        if let value { bind(value) } else { bindNull() }
    }

    mutating func bind(_ value: Instant?) { bind(value?.milliseconds) }

    mutating func bind(_ text: String) {
        var text = text
        let index = next()
        let code = text.withUTF8 { bytes in
            let (start, lifetime) = keep(UnsafeRawBufferPointer(bytes))
            return sqlite3_bind_text64(
                handle, index, start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), lifetime,
                UInt8(SQLITE_UTF8))
        }
        note(code)
    }

    /// Copies a value to where it stays as long as it is bound. One that does not fit SQLite has to copy itself.
    private mutating func keep(_ bytes: UnsafeRawBufferPointer) -> (UnsafeRawPointer, sqlite3_destructor_type?) {
        guard let source = bytes.baseAddress, let start = memory.baseAddress, bytes.count <= memory.count else {
            return (bytes.baseAddress ?? Self.noBytes, procession_sqlite_transient())
        }
        start.copyMemory(from: source, byteCount: bytes.count)
        memory = UnsafeMutableRawBufferPointer(rebasing: memory[bytes.count...])
        return (UnsafeRawPointer(start), procession_sqlite_static())
    }

    mutating func bind(_ text: String?) {
        if let text { bind(text) } else { bindNull() }
    }

    mutating func bind(_ id: UniqueID) {
        var words = (id.high.bigEndian, id.low.bigEndian)
        withUnsafeBytes(of: &words) { bind(copying: $0) }
    }

    /// A text that is most often a UUID: 16 bytes if it is one in lower case, else the text.
    mutating func bindID(_ text: String) {
        if let id = UniqueID(canonical: text) { bind(id) } else { bind(text) }
    }

    mutating func bindID(_ text: String?) {
        if let text { bindID(text) } else { bindNull() }
    }

    mutating func bind(_ id: EventID) {
        switch id.form {
        case .unique(let id): bind(id)
        case .text(let text): bind(text.text)
        }
    }

    mutating func bind(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bind(copying: $0) }
    }

    mutating func bind(_ view: JSONView?) {
        if let view {
            view.withRawBytes { bind(copying: UnsafeRawBufferPointer($0)) }
        } else {
            bindNull()
        }
    }

    private mutating func bind(copying bytes: UnsafeRawBufferPointer) {
        let (start, lifetime) = keep(bytes)
        note(sqlite3_bind_blob64(handle, next(), start, UInt64(bytes.count), lifetime))
    }

    private mutating func bind(borrowing bytes: UnsafeRawBufferPointer) {
        let start = bytes.baseAddress ?? Self.noBytes
        note(sqlite3_bind_blob64(handle, next(), start, UInt64(bytes.count), procession_sqlite_static()))
    }

    /// Stands for the address of nothing: nil would bind NULL.
    private static var noBytes: UnsafeRawPointer { UnsafeRawPointer(StaticString("").utf8Start) }
}
