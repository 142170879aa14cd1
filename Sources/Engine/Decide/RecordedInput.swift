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

    /// The input recorded at a version of a stored process, as it is put to the manager; nil if there is none to put.
    static func trigger(
        at version: Int64, of process: StoredProcess,
        stream: (_ from: Int64, _ limit: Int) throws(StoreError) -> [RecordedEvent]
    ) throws(StoreError) -> Trigger? {
        let before = try FoldedProcess.read(process, through: version - 1, stream: stream)
        guard let record = try stream(version, 1).first else { return nil }
        return trigger(record, before: before.process.state)
    }

    /// The input as the manager was asked about it. `before` is the state before the record.
    static func trigger(_ record: RecordedEvent, before: ProcessState) -> Trigger? {
        guard let body = try? ProcessRecord(record.event) else { return nil }
        switch body {
        case .event(let event): return .event(event)
        case .fact(.taskCompleted(let fact)):
            guard let task = before.tasks[fact.taskID] else { return nil }
            return .outcome(
                task,
                TaskOutcome(taskID: fact.taskID, ending: .completed(result: fact.result), attempt: fact.attempt))
        case .fact(.taskFailed(let fact)):
            guard let task = before.tasks[fact.taskID] else { return nil }
            return .outcome(
                task,
                TaskOutcome(
                    taskID: fact.taskID, ending: .failed(code: fact.code, reason: fact.reason), attempt: fact.attempts,
                    lastCode: fact.lastCode, lastReason: fact.lastReason))
        case .fact(.taskCancelled(let fact)):
            guard let task = before.tasks[fact.taskID], let attempt = fact.attempt else { return nil }
            return .outcome(task, TaskOutcome(taskID: fact.taskID, ending: .cancelled, attempt: attempt))
        case .fact(.timerFired(let fact)): return before.timers[fact.timerID].map(Trigger.timer)
        case .fact: return nil
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
