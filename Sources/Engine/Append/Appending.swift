import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// A process after an input, with the step that decided it.
struct AdvancedProcess {
    let process: LoadedProcess
    let step: Step

    var state: ProcessState { process.state }
}

/// A step that is in the open transaction.
struct AppendedStep {
    let step: Step
    /// The process after it.
    let process: LoadedProcess
    /// Where in the global order the published events are.
    let published: Range<Int64>
}

extension ProcessEngine {
    /// Writes a step: the records, and every row that follows from them. Either all of it is in the open transaction or
    /// an error is thrown and the transaction has to be rolled back.
    func append(
        _ step: Step, observing observed: Observations, from process: LoadedProcess, task: StoredTask?, at now: Instant
    ) throws(EngineError) -> AppendedStep {
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
            var published: Range<Int64> = 0..<0
            if !step.published.isEmpty {
                let events = publishedEvents(of: step)
                let first = try store.append(events, publishedBy: handle, at: recordedAt)
                published = first..<first + Int64(events.count)
            }
            return AppendedStep(step: step, process: process, published: published)
        }
    }

    /// Correlation is copied to every record, causation is the input's id, the trace is carried.
    private func envelopes(of step: Step, observing observed: Observations) -> [Event] {
        let inputIndex = step.inputIndex
        let cause = step.cause
        let (correlation, trace) = step.context
        let observed = observed.encoded
        var events: [Event] = []
        events.reserveCapacity(step.entries.count)
        for (index, entry) in step.entries.enumerated() {
            switch entry.record {
            case .event(var event):
                event.observed = observed
                events.append(event)
            case .fact(let fact):
                count(fact)
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

extension ProcessEngine {
    private func count(_ fact: Fact) {
        switch fact {
        case .incidentRaised: tally.incidentsRaised += 1
        case .incidentResolved: tally.incidentsResolved += 1
        default: break
        }
    }

    /// What the step published, from this very process and because of its input.
    private func publishedEvents(of step: Step) -> [Event] {
        let source = "procession/\(step.state.definition)/\(step.state.processID)"
        let cause = step.cause
        let (correlation, trace) = step.context
        return step.published.map { published in
            Event(
                id: published.id, type: published.type, source: source, time: step.state.updatedAt.rfc3339,
                data: published.data, correlationID: correlation, causationID: cause, traceparent: trace)
        }
    }
}

extension Step {
    /// A task's plan, as its record will have it.
    func plan(_ planned: TransitionPlanned) -> RecordedPlan {
        let (correlation, trace) = context
        return RecordedPlan(transition: planned, correlationID: correlation, causationID: cause, traceparent: trace)
    }

    /// The id of the input.
    fileprivate var cause: String { entries[inputIndex].id.description }

    /// Where the input is: 0, or 1 after `ProcessStarted`.
    fileprivate var inputIndex: Int { entries.firstIndex { $0.record.isInput } ?? 0 }

    /// The business transaction and the trace that everything in the step belongs to.
    fileprivate var context: (correlation: String?, trace: String?) {
        guard case .event(let event) = entries[inputIndex].record else {
            return (state.correlationID, state.traceparent)
        }
        return (event.correlationID ?? state.correlationID, event.traceparent ?? state.traceparent)
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
