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
    /// A page looks at no more rows than this, and at no more states: each of those is a fold of a stream. Otherwise a
    /// filter that nothing matches would hold up all other readers for as long as there are rows.
    var rowLimit = 10_000
    var stateLimit = 1_000

    struct Page {
        var processes: [ProcessRow] = []
        /// There is more to look at, below this one.
        var next: RowHandle?
        /// It ended before its limit and before the last row: enough was looked at.
        var isPartial = false
    }

    init(query: ProcessQuery, state: String?, version: Int? = nil, otherThan: Int? = nil) {
        self.query = query
        self.state = state
        self.version = version
        self.otherThan = otherThan
    }

    /// `next` is there only if another process matches, or if the page is partial.
    func page(from reader: any ProcessReader) throws(StoreError) -> Page {
        var walk = Walk()
        // A key and an open incident are found through an index, which leads past everything else.
        guard query.key == nil, query.hasIncident != true else {
            _ = try look(with: reader, from: nil, &walk)
            return walk.page
        }
        var looked = 0
        // Most often the first look fills the page, so it is a short one.
        var step = query.limit + 1
        while looked < rowLimit {
            let count = min(step, rowLimit - looked)
            let before = walk.before ?? query.before
            guard let lowest = try reader.lowestProcess(ofNewest: count, below: before) else { return walk.page }
            if try look(with: reader, from: lowest, &walk) { return walk.page }
            looked += count
            step *= 4
            walk.before = lowest
        }
        walk.page.next = walk.before
        walk.page.isPartial = try reader.lowestProcess(ofNewest: 1, below: walk.before) != nil
        if !walk.page.isPartial { walk.page.next = nil }
        return walk.page
    }

    private struct Walk {
        var page = Page()
        /// Everything from here on was looked at.
        var before: RowHandle?
        var states = 0
        var fill = PageFill()
    }

    /// True when the page has its end.
    private func look(
        with reader: any ProcessReader, from lowest: RowHandle?, _ walk: inout Walk
    ) throws(StoreError) -> Bool {
        var query = query
        query.limit += 1
        query.from = lowest
        while true {
            query.before = walk.before ?? self.query.before
            let stored = try reader.processes(query)
            for process in stored {
                if state != nil, walk.states == stateLimit {
                    walk.page.next = walk.before
                    walk.page.isPartial = true
                    return true
                }
                if try matches(process, reader) {
                    guard walk.page.processes.count < self.query.limit, walk.fill.takes(process.row.byteCount) else {
                        walk.page.next = walk.before
                        return true
                    }
                    walk.page.processes.append(process.row)
                }
                walk.states += 1
                walk.before = process.handle
            }
            if stored.count < query.limit { return false }
        }
    }

    func matches(_ process: StoredProcess, _ reader: any ProcessReader) throws(StoreError) -> Bool {
        if let version, process.row.definitionVersion != version { return false }
        if process.row.definitionVersion == otherThan { return false }
        guard let state else { return true }
        // Lists come without snapshots.
        guard let process = process.snapshot == nil ? try reader.process(process.handle) : process else { return false }
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
