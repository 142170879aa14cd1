/// The scopes of the rows used last, so that appending to their streams needs no query. Of fixed size.
struct RecentScopes {
    private static let size: Int64 = 1024
    /// Handles count from 1, so 0 stands for an empty place.
    private var entries = [(handle: Int64, scope: Int64)](repeating: (0, 0), count: Int(size))

    subscript(handle: Int64) -> Int64? {
        get {
            let entry = entries[Int(handle & (Self.size - 1))]
            return entry.handle == handle ? entry.scope : nil
        }
        set { entries[Int(handle & (Self.size - 1))] = newValue.map { (handle, $0) } ?? (0, 0) }
    }

    mutating func removeAll() {
        for index in entries.indices { entries[index] = (0, 0) }
    }
}
