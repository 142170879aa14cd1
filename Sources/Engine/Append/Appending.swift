import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// Writes a step: the records, and every row that follows from them. Either all of it is in the open transaction or
    /// an error is thrown and the transaction has to be rolled back.
    func append(
        _ step: Step, observing observed: Observations, from process: LoadedProcess, task: StoredTask?, at now: Instant
    ) throws(EngineError) -> LoadedProcess {
        let store = store
        let events = envelopes(of: step, observing: observed)
        let recordedAt = step.state.updatedAt
        var process = process
        return try Engine.stored { () throws(StoreError) in
            let isNew = process.handle == 0
            if isNew {
                process.handle = try store.insertProcess(ProcessRow(step.state))
                try store.addLocation(LocationKey(keyOf: step.state), process: process.handle)
            }
            let handle = process.handle
            let position = try store.append(
                events, toProcess: handle, version: process.state.version + 1, at: recordedAt)
            try project(step, from: process.state, of: handle, position: position, task: task)
            process.state = step.state
            process.bytesSinceSnapshot += events.reduce(0) { $0 + $1.data.rawByteCount }
            let snapshot = process.dueSnapshot()
            if !isNew || snapshot != nil {
                try store.updateProcess(handle, ProcessRow(step.state), snapshot: snapshot)
            }
            cache.put(process, changed: true)
            return process
        }
    }

    /// Correlation is copied to every record, causation is the input's id, the trace is carried.
    private func envelopes(of step: Step, observing observed: Observations) -> [Event] {
        let inputIndex = step.entries.firstIndex { $0.record.isInput } ?? 0
        let inputID = step.entries[inputIndex].id
        let cause = inputID.description
        var correlation = step.state.correlationID
        var trace = step.state.traceparent
        if case .event(let event) = step.entries[inputIndex].record {
            correlation = event.correlationID ?? correlation
            trace = event.traceparent ?? trace
        }
        let observed = observed.encoded
        var events: [Event] = []
        events.reserveCapacity(step.entries.count)
        for (index, entry) in step.entries.enumerated() {
            switch entry.record {
            case .event(var event):
                event.observed = observed
                events.append(event)
            case .fact(let fact):
                events.append(
                    Event(
                        id: entry.id, type: fact.type, data: fact.encoded(in: step.state.processID),
                        correlationID: correlation, causationID: index == inputIndex ? nil : cause,
                        traceparent: trace, observed: index == inputIndex ? observed : nil))
            }
        }
        return events
    }
}

extension LoadedProcess {
    /// A new snapshot once the records since the last outweigh it: over the life of a process, snapshots cost no more
    /// than its stream, and loading folds a tail that is bounded by the size of its state.
    fileprivate mutating func dueSnapshot() -> StoredProcess.Snapshot? {
        guard bytesSinceSnapshot > max(4096, snapshotBytes) else { return nil }
        let bytes = state.snapshot()
        snapshotBytes = bytes.count
        bytesSinceSnapshot = 0
        return StoredProcess.Snapshot(version: state.version, bytes: bytes)
    }
}
