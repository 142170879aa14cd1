import CSQLite

/// The WAL of the writing connection, written in large pieces.
///
/// SQLite writes each page of a transaction with two calls, 24 bytes and the page, one behind the other
/// (https://sqlite.org/fileformat2.html#the_write_ahead_log). For a batch of events that is hundreds of system calls,
/// each of which makes the kernel look up the same page of its cache again. This file gathers what follows on each other
/// and writes it at once: when a transaction ends, when something else is done with the file, when the memory is full.
///
/// A shim in SQLite's sense (https://sqlite.org/vfs.html#shims): everything but that is done by the file it stands
/// before, and all other files are that one's alone. Other connections see nothing of it: they read only what the index
/// of the WAL says is committed, and that is written by then.
enum WriteAheadFile {
    /// The name under which a connection asks for it.
    static let vfsName: StaticString = "procession"

    /// Registers it with SQLite, once.
    static let registered: Void = { _ = sqlite3_vfs_register(vfs, 0) }()

    /// One byte less than the most that SQLite's own file writes at once: of exactly that size it would write nothing
    /// (`nBuf &= 0x1ffff` in os_unix.c).
    private static let capacity = 0x1FFFF

    /// As SQLite lays it out: the methods first, then what is ours; the real file lies behind.
    private struct File {
        var base: sqlite3_file
        let real: UnsafeMutablePointer<sqlite3_file>
        let memory: UnsafeMutableRawPointer
        /// How many bytes wait in `memory`, and where in the file they belong.
        var count = 0
        var start: Int64 = 0
        /// The last header was that of a frame that ends a transaction: its page is written at once.
        var isEnding = false

        var realMethods: sqlite3_io_methods { real.pointee.pMethods.pointee }

        mutating func write(_ bytes: UnsafeRawPointer, _ amount: Int, at offset: Int64) -> Int32 {
            if count > 0, offset != start + Int64(count) || count + amount > WriteAheadFile.capacity {
                let code = flush()
                if code != SQLITE_OK { return code }
            }
            guard amount <= WriteAheadFile.capacity else {
                return realMethods.xWrite(real, bytes, Int32(amount), offset)
            }
            if count == 0 { start = offset }
            memory.advanced(by: count).copyMemory(from: bytes, byteCount: amount)
            count += amount
            if amount == Self.headerSize {
                // The second word of a frame's header is the size of the database after a commit, and else 0.
                isEnding = bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self) != 0
                return SQLITE_OK
            }
            return isEnding ? flush() : SQLITE_OK
        }

        private static let headerSize = 24

        mutating func flush() -> Int32 {
            guard count > 0 else { return SQLITE_OK }
            let code = realMethods.xWrite(real, memory, Int32(count), start)
            // What could not be written is not tried again: SQLite gives the transaction up.
            count = 0
            return code
        }
    }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>?) -> UnsafeMutablePointer<File>? {
        UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: File.self)
    }

    /// Whatever waits is written first.
    private static func flushed(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ body: (sqlite3_io_methods, UnsafeMutablePointer<sqlite3_file>) -> Int32
    ) -> Int32 {
        let code = of(file)?.pointee.flush() ?? SQLITE_MISUSE
        return code == SQLITE_OK ? direct(file, body) : code
    }

    private static func direct(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ body: (sqlite3_io_methods, UnsafeMutablePointer<sqlite3_file>) -> Int32
    ) -> Int32 {
        guard let file = of(file) else { return SQLITE_MISUSE }
        return body(file.pointee.realMethods, file.pointee.real)
    }

    // SQLite keeps the addresses of both for as long as the program runs.

    nonisolated(unsafe) private static let methods = makeMethods()  // never changed
    nonisolated(unsafe) private static let system = sqlite3_vfs_find(nil)  // SQLite's own, never changed
    nonisolated(unsafe) private static let vfs = makeVFS()  // only SQLite changes it, under its lock

    private static func makeMethods() -> UnsafeMutablePointer<sqlite3_io_methods> {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: sqlite3_io_methods())
        methods.pointee.iVersion = 1
        methods.pointee.xClose = { file in
            guard let own = WriteAheadFile.of(file) else { return SQLITE_MISUSE }
            // Nothing that waits here was promised to anybody.
            _ = own.pointee.flush()
            own.pointee.memory.deallocate()
            return own.pointee.realMethods.xClose(own.pointee.real)
        }
        methods.pointee.xRead = { file, bytes, amount, offset in
            WriteAheadFile.flushed(file) { $0.xRead($1, bytes, amount, offset) }
        }
        methods.pointee.xWrite = { file, bytes, amount, offset in
            guard let own = WriteAheadFile.of(file), let bytes else { return SQLITE_MISUSE }
            return own.pointee.write(bytes, Int(amount), at: offset)
        }
        methods.pointee.xTruncate = { file, size in WriteAheadFile.flushed(file) { $0.xTruncate($1, size) } }
        methods.pointee.xSync = { file, flags in WriteAheadFile.flushed(file) { $0.xSync($1, flags) } }
        methods.pointee.xFileSize = { file, size in WriteAheadFile.flushed(file) { $0.xFileSize($1, size) } }
        methods.pointee.xLock = { file, level in WriteAheadFile.direct(file) { $0.xLock($1, level) } }
        methods.pointee.xUnlock = { file, level in WriteAheadFile.direct(file) { $0.xUnlock($1, level) } }
        methods.pointee.xCheckReservedLock = { file, result in
            WriteAheadFile.direct(file) { $0.xCheckReservedLock($1, result) }
        }
        methods.pointee.xFileControl = { file, operation, argument in
            WriteAheadFile.flushed(file) { $0.xFileControl($1, operation, argument) }
        }
        methods.pointee.xSectorSize = { file in WriteAheadFile.direct(file) { $0.xSectorSize($1) } }
        methods.pointee.xDeviceCharacteristics = { file in
            WriteAheadFile.direct(file) { $0.xDeviceCharacteristics($1) }
        }
        return methods
    }

    private static func makeVFS() -> UnsafeMutablePointer<sqlite3_vfs>? {
        guard let system else { return nil }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: system.pointee)
        vfs.pointee.pNext = nil
        vfs.pointee.zName = WriteAheadFile.vfsName.characters
        vfs.pointee.szOsFile = Int32(MemoryLayout<File>.stride) + system.pointee.szOsFile
        vfs.pointee.xOpen = { _, name, file, flags, given in
            guard let system = WriteAheadFile.system, let file else { return SQLITE_MISUSE }
            guard flags & SQLITE_OPEN_WAL != 0 else { return system.pointee.xOpen(system, name, file, flags, given) }
            let real = UnsafeMutableRawPointer(file).advanced(by: MemoryLayout<File>.stride)
                .assumingMemoryBound(to: sqlite3_file.self)
            let code = system.pointee.xOpen(system, name, real, flags, given)
            guard code == SQLITE_OK else {
                if real.pointee.pMethods != nil { _ = real.pointee.pMethods.pointee.xClose(real) }
                file.pointee.pMethods = nil
                return code
            }
            WriteAheadFile.of(file)?.initialize(
                to: File(
                    base: sqlite3_file(pMethods: WriteAheadFile.methods), real: real,
                    memory: .allocate(byteCount: WriteAheadFile.capacity, alignment: 8)))
            return SQLITE_OK
        }
        return vfs
    }
}
