import Engine
import ProcessManagement

/// Filters what the store can filter, and the rest on top of that.
struct ProcessList: Sendable {
    var query: ProcessQuery
    /// Some machine is in this state.
    var state: String?
    /// Runs on this version.
    var version: Int?
    /// Does not run on this version.
    var otherThan: Int?
    /// A page looks at no more than this many processes.
    private static let scanLimit = 10_000

    init(query: ProcessQuery, state: String?, version: Int? = nil, otherThan: Int? = nil) {
        self.query = query
        self.state = state
        self.version = version
        self.otherThan = otherThan
    }

    /// `next` is there only if another process matches, or if the scan ended before all were looked at.
    func page(from reader: any ProcessReader) throws(StoreError) -> (processes: [ProcessRow], next: RowHandle?) {
        var query = query
        query.limit += 1
        var rows: [ProcessRow] = []
        var scanned = 0
        while true {
            let stored = try reader.processes(query)
            for process in stored {
                if scanned == Self.scanLimit { return (rows, query.before) }
                if try matches(process, reader) {
                    if rows.count == self.query.limit { return (rows, query.before) }
                    rows.append(process.row)
                }
                scanned += 1
                query.before = process.handle
            }
            if stored.count < query.limit { return (rows, nil) }
        }
    }

    func matches(_ process: StoredProcess, _ reader: any ProcessReader) throws(StoreError) -> Bool {
        if let version, process.row.definitionVersion != version { return false }
        if process.row.definitionVersion == otherThan { return false }
        guard let state else { return true }
        return try ProcessView.fold(process, from: reader).machines.inOrder.contains { $0.state == state }
    }
}

/// An opaque place in a list.
enum Cursor {
    static func text(_ handle: RowHandle) -> String { "c" + String(handle, radix: 36) }

    static func handle(_ text: String) -> RowHandle? {
        guard text.hasPrefix("c"), let handle = RowHandle(text.dropFirst(), radix: 36), handle > 0 else { return nil }
        return handle
    }
}
