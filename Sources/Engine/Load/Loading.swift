import EventSourcing
import JSON
import ProcessManagement

/// Whom an input is for.
enum Subject {
    case stored(RowHandle)
    /// A process that its first event starts.
    case new(ProcessState)
}

extension ProcessEngine {
    /// The process as its stream says it is: from memory, or else from its snapshot and the records after it.
    func load(_ subject: Subject) throws(EngineError) -> LoadedProcess {
        switch subject {
        case .new(let state): return LoadedProcess(handle: 0, state: state)
        case .stored(let handle):
            if let cached = cache.take(handle) { return cached }
            guard let stored = try stored({ () throws(StoreError) in try store.process(handle) }) else {
                throw .store(.unknown("process row \(handle)"))
            }
            let process = try read(stored)
            cache.put(process, changed: false)
            return process
        }
    }

    private func read(_ stored: StoredProcess) throws(EngineError) -> LoadedProcess {
        let store = store
        return try Engine.stored { () throws(StoreError) in
            try FoldedProcess.read(stored) { version, limit throws(StoreError) in
                try store.processStream(stored.handle, from: version, limit: limit)
            }
        }.process
    }
}

/// Folds a stored process: the snapshot if there is a good one, then the tail of the stream.
struct FoldedProcess {
    var process: LoadedProcess

    static let pageSize = 500

    static func read(
        _ stored: StoredProcess, through version: Int64? = nil,
        stream: (_ from: Int64, _ limit: Int) throws(StoreError) -> [RecordedEvent]
    ) throws(StoreError) -> FoldedProcess {
        let last = version ?? stored.row.version
        var process = start(from: stored, through: last)
        while process.state.version < last {
            let records = try stream(process.state.version + 1, Int(min(last - process.state.version, Int64(pageSize))))
            if records.isEmpty {
                throw .unreadable(
                    "stream of process \(stored.row.id) ends at version \(process.state.version), not \(last)")
            }
            for record in records {
                do throws(FactDecodingError) {
                    process.state.fold(try ProcessRecord(record.event), at: record.recordedAt)
                } catch {
                    throw .unreadable("\(error.type) at position \(record.position): member \(error.member)")
                }
                process.bytesSinceSnapshot += record.event.data.rawByteCount
            }
        }
        return FoldedProcess(process: process)
    }

    private static func start(from stored: StoredProcess, through last: Int64) -> LoadedProcess {
        if let snapshot = stored.snapshot, snapshot.version <= last,
            let state = ProcessState(snapshot: snapshot.bytes), state.version == snapshot.version
        {
            return LoadedProcess(handle: stored.handle, state: state, snapshotBytes: snapshot.bytes.count)
        }
        let row = stored.row
        return LoadedProcess(
            handle: stored.handle,
            state: ProcessState(
                processID: row.id, tenant: row.tenant, definition: row.definition,
                // The version it started with is in its first record; the row has today's.
                definitionVersion: row.definitionVersion, key: row.key))
    }
}
