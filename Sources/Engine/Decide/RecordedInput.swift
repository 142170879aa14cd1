import EventSourcing
import JSON
import ProcessManagement

/// Inputs read back from a stream: for a retry, and for deciding a recorded history again.
enum RecordedInput {
    /// Recorded events by their versions.
    static func events(
        at versions: [Int64], stream: (_ from: Int64, _ limit: Int) throws(StoreError) -> [RecordedEvent]
    ) throws(StoreError) -> [Int64: Event] {
        var events: [Int64: Event] = [:]
        for version in versions {
            if let record = try stream(version, 1).first { events[version] = record.event }
        }
        return events
    }

    /// The input recorded at a version of a stored process, as a retry decides it again; nil if there is none to decide.
    static func retried(
        at version: Int64, of process: StoredProcess,
        stream: (_ from: Int64, _ limit: Int) throws(StoreError) -> [RecordedEvent]
    ) throws(StoreError) -> RetriedInput? {
        let before = try FoldedProcess.read(process, through: version - 1, stream: stream)
        guard let record = try stream(version, 1).first else { return nil }
        return retried(record, before: before.process.state)
    }

    /// `before` is the state before the record.
    private static func retried(_ record: RecordedEvent, before: ProcessState) -> RetriedInput? {
        guard let body = try? ProcessRecord(record.event) else { return nil }
        switch input(body, next: nil, before: before) {
        case .event(let event): return .trigger(.event(event))
        case .outcome(let outcome): return before.tasks[outcome.taskID].map { .trigger(.outcome($0, outcome)) }
        case .timer(let fired): return before.timers[fired.timerID].map { .trigger(.timer($0)) }
        case .continued(let fact): return .work(.waitingEvents(of: fact.machines))
        // A retry of an `always` that got further than before, and failed there.
        case .resolve(let fact, _, _) where fact.always: return fact.machineID.map { .work(.always(of: $0)) }
        case .cancel, .suspend, .resume, .migrate, .resolve, nil: return nil
        }
    }

    /// The input as it was given to the step. A resolution with a result is two records; `next` is the second.
    static func input(_ body: ProcessRecord, next: ProcessRecord?, before: ProcessState) -> ProcessInput? {
        switch body {
        case .event(let event): return .event(event)
        case .fact(.taskCompleted(let fact)):
            return .outcome(
                TaskOutcome(taskID: fact.taskID, ending: .completed(result: fact.result), attempt: fact.attempt))
        case .fact(.taskFailed(let fact)):
            return .outcome(
                TaskOutcome(
                    taskID: fact.taskID, ending: .failed(code: fact.code, reason: fact.reason), attempt: fact.attempts,
                    lastCode: fact.lastCode, lastReason: fact.lastReason))
        case .fact(.taskCancelled(let fact)):
            guard let attempt = fact.attempt else { return nil }
            return .outcome(
                TaskOutcome(taskID: fact.taskID, ending: .cancelled, attempt: attempt, unknown: fact.unknown))
        case .fact(.timerFired(let fact)): return .timer(fact)
        case .fact(.cancellationRequested(let fact)): return .cancel(fact)
        case .fact(.suspended(let note)): return .suspend(note)
        case .fact(.resumed(let note)): return .resume(note)
        case .fact(.processMigrated(let fact)): return .migrate(fact)
        case .fact(.stepContinued(let fact)): return .continued(fact)
        case .fact(.incidentResolved(var fact)):
            // Computed, not given.
            fact.data = nil
            var result: JSONView?
            if fact.resolution == .resolve, case .fact(.taskCompleted(let completed))? = next,
                completed.taskID == fact.taskID, completed.attempt == 0
            {
                result = completed.result
            }
            return .resolve(fact, result: result, recorded: [])
        case .fact: return nil
        }
    }
}
