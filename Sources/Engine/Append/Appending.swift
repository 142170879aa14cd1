import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// A process after an input, with the step that decided it.
struct AdvancedProcess {
    var process: LoadedProcess
    let step: Step
    /// The steps in which that one went on.
    var continued: [Step] = []

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
        _ step: Step, observing observed: Observations, from process: LoadedProcess, task: StoredTask?,
        trace: StepTrace, at now: Instant
    ) throws(EngineError) -> AppendedStep {
        let store = store
        let events = envelopes(of: step, observing: observed, trace)
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
            try project(step, from: process.state, of: handle, position: position, task: task, trace)
            process.state = step.state
            process.bytesSinceSnapshot += events.reduce(0) { $0 + $1.data.rawByteCount }
            let snapshot = process.dueSnapshot()
            if !isNew || snapshot != nil {
                try store.updateProcess(handle, ProcessRow(step.state), snapshot: snapshot)
            }
            cache.put(process, changed: true)
            var published: Range<Int64> = 0..<0
            if !step.published.isEmpty {
                let events = publishedEvents(of: step, trace)
                let first = try store.append(events, publishedBy: handle, at: recordedAt)
                published = first..<first + Int64(events.count)
            }
            return AppendedStep(step: step, process: process, published: published)
        }
    }

    /// Correlation is copied to every record, causation is the input's id, the trace is carried.
    private func envelopes(of step: Step, observing observed: Observations, _ trace: StepTrace) -> [Event] {
        let inputIndex = step.inputIndex
        let cause = step.cause
        let correlation = step.correlation
        let extensions = trace.extensions
        let observed = observed.encoded
        var events: [Event] = []
        events.reserveCapacity(step.entries.count)
        for (index, entry) in step.entries.enumerated() {
            switch entry.record {
            case .event(let event): events.append(event)
            case .fact(let fact):
                count(fact)
                events.append(
                    Event(
                        id: entry.id, type: fact.type, data: fact.encoded(in: step.state.processID),
                        correlationID: correlation, causationID: index == inputIndex ? nil : cause,
                        traceparent: trace.parent, extensions: extensions,
                        observed: index == inputIndex ? observed : nil))
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
    private func publishedEvents(of step: Step, _ trace: StepTrace) -> [Event] {
        let source = "procession/\(step.state.definition)/\(step.state.processID)"
        let cause = step.cause
        let correlation = step.correlation
        let extensions = trace.extensions
        return step.published.map { published in
            Event(
                id: published.id, type: published.type, source: source, time: step.state.updatedAt.rfc3339,
                data: published.data, correlationID: correlation, causationID: cause, traceparent: trace.parent,
                extensions: extensions)
        }
    }
}

extension Step {
    /// A task's plan, as its record will have it.
    func plan(_ planned: TransitionPlanned, _ trace: StepTrace) -> RecordedPlan {
        RecordedPlan(
            transition: planned, correlationID: correlation, causationID: cause, traceparent: trace.parent,
            tracestate: trace.state)
    }

    /// The id of the input.
    fileprivate var cause: String { entries[inputIndex].id.description }

    /// Where the input is: 0, or 1 after `ProcessStarted`.
    fileprivate var inputIndex: Int { entries.firstIndex { $0.record.isInput } ?? 0 }

    /// The business transaction that everything in the step belongs to.
    fileprivate var correlation: String? {
        guard case .event(let event) = entries[inputIndex].record else { return state.correlationID }
        return event.correlationID ?? state.correlationID
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
