import CSQLite

/// The prepared statements of a connection, found by the address of their text: that of a literal is the same at every
/// use.
///
/// A hash table without removal. Looking a statement up is part of every query, and `Dictionary` takes ten times as long.
struct PreparedStatements {
    struct Entry {
        fileprivate let key: UInt
        let handle: OpaquePointer
        /// For values that are bound: they need not be allocated one by one.
        let memory: UnsafeMutableRawBufferPointer
    }

    /// Enough for the ids and names of a row; a longer value is copied by SQLite.
    private static let memorySize = 512

    private var entries: [Entry?] = Array(repeating: nil, count: 256)
    private var count = 0

    subscript(sql: StaticString) -> Entry? {
        let key = UInt(bitPattern: sql.utf8Start)
        var index = Self.hash(key) & (entries.count - 1)
        while let entry = entries[index] {
            if entry.key == key { return entry }
            index = (index + 1) & (entries.count - 1)
        }
        return nil
    }

    mutating func add(_ handle: OpaquePointer, for sql: StaticString) -> Entry {
        let entry = Entry(
            key: UInt(bitPattern: sql.utf8Start), handle: handle,
            memory: .allocate(byteCount: Self.memorySize, alignment: 1))
        count += 1
        if count * 2 > entries.count {
            let old = entries
            entries = Array(repeating: nil, count: old.count * 2)
            for entry in old { if let entry { put(entry) } }
        }
        put(entry)
        return entry
    }

    /// No statement may be in use.
    mutating func finalize() {
        for entry in entries {
            guard let entry else { continue }
            sqlite3_finalize(entry.handle)
            entry.memory.deallocate()
        }
        entries.removeAll()
    }

    private mutating func put(_ entry: Entry) {
        var index = Self.hash(entry.key) & (entries.count - 1)
        while entries[index] != nil { index = (index + 1) & (entries.count - 1) }
        entries[index] = entry
    }

    /// Multiplicative hashing: texts lie close together, and the high bits of the product depend on all of the address.
    @inline(__always)
    private static func hash(_ key: UInt) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> 40) }
}
