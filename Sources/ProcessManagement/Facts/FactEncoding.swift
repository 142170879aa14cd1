import Chrono
import EventSourcing
import JSON

extension Fact {
    /// The payload under which it is recorded: an object whose first member is `process_id`.
    public func encoded(in processID: ProcessID) -> JSONView {
        var writer = JSONWriter(reserving: 384, indexed: true)
        writer.beginObject()
        writer.member("process_id", processID)
        encode(to: &writer)
        writer.endObject()
        return writer.document.root
    }

    private func encode(to writer: inout JSONWriter) {
        switch self {
        case .processStarted(let fact):
            writer.member("definition", fact.definition)
            writer.member("definition_version", fact.definitionVersion)
            writer.member("key", fact.key)
            writer.member("data", fact.data)
            if !fact.correlations.isEmpty {
                writer.name("correlations")
                writer.correlations(fact.correlations)
            }
        case .transitionPlanned(let fact): fact.encode(to: &writer)
        case .taskCompleted(let fact):
            writer.members(fact.taskID, fact.transitionID, fact.machineID)
            writer.member("result", fact.result)
            writer.member("attempt", fact.attempt)
            if fact.computed { writer.member("computed", true) }
        case .taskFailed(let fact):
            writer.members(fact.taskID, fact.transitionID, fact.machineID)
            writer.optional("code", fact.code)
            writer.member("reason", fact.reason)
            writer.member("attempts", fact.attempts)
            writer.optional("last_code", fact.lastCode)
            writer.optional("last_reason", fact.lastReason)
            if fact.computed { writer.member("computed", true) }
        case .taskCancelled(let fact):
            writer.members(fact.taskID, fact.transitionID, fact.machineID)
            if let attempt = fact.attempt { writer.member("attempt", attempt) }
            if fact.unknown { writer.member("unknown", true) }
        case .eventDeferred(let fact):
            writer.member("event_version", fact.eventVersion)
            writer.member("machine_id", fact.machineID)
            writer.optional("event_type", fact.eventType)
            if fact.taken { writer.member("taken", true) }
        case .stepContinued(let fact):
            writer.member("of", fact.of)
            writer.member("number", fact.number)
            writer.name("machines")
            writer.beginArray()
            for machine in fact.machines { writer.value(machine) }
            writer.endArray()
        case .deferredEventOffered(let fact):
            writer.member("event_version", fact.eventVersion)
            writer.member("machine_id", fact.machineID)
            writer.member("result", fact.result.rawValue)
        case .timerScheduled(let fact):
            writer.member("timer_id", fact.timerID)
            writer.optional("machine_id", fact.machineID)
            writer.member("due_at", fact.dueAt.rfc3339)
            writer.optional("state", fact.state)
            writer.member("index", fact.index)
            writer.optional("name", fact.name)
        case .timerFired(let fact):
            writer.member("timer_id", fact.timerID)
            writer.optional("machine_id", fact.machineID)
            writer.member("due_at", fact.dueAt.rfc3339)
        case .commandIssued(let fact):
            writer.member("command_id", fact.commandID)
            writer.member("command", fact.command)
            writer.member("payload", fact.payload)
        case .incidentRaised(let fact):
            writer.member("incident_id", fact.incidentID)
            writer.member("kind", fact.kind.rawValue)
            writer.member("message", fact.message)
            writer.optional("task_id", fact.taskID?.description)
            if let version = fact.inputVersion { writer.member("input_version", version) }
            writer.optional("machine_id", fact.machineID)
            writer.optional("pointer", fact.pointer)
        case .incidentResolved(let fact):
            writer.member("incident_id", fact.incidentID)
            writer.member("resolution", fact.resolution.rawValue)
            writer.optional("task_id", fact.taskID?.description)
            if fact.always { writer.member("always", true) }
            writer.optional("machine_id", fact.machineID)
            writer.optional("pointer", fact.pointer)
            if let input = fact.input { writer.member("input", input) }
            if let set = fact.set { writer.member("set", set) }
            if let data = fact.data { writer.member("data", data) }
            writer.optional("reason", fact.reason)
            writer.optional("by", fact.by)
            writer.member("request_id", fact.requestID)
        case .cancellationRequested(let fact):
            writer.member("reason", fact.reason)
            writer.member("mode", fact.mode.rawValue)
            writer.member("compensate", fact.compensate)
            if fact.explicit { writer.member("explicit", true) }
            writer.optional("deadline_at", fact.deadlineAt?.rfc3339)
            writer.optional("by", fact.by)
            writer.member("request_id", fact.requestID)
        case .suspended(let note), .resumed(let note):
            writer.optional("reason", note.reason)
            writer.optional("by", note.by)
            writer.member("request_id", note.requestID)
        case .processMigrated(let fact): fact.encode(to: &writer)
        case .compensationStarted(let end):
            writer.member("reason", end.reason)
            writer.member("end", end.kind.rawValue)
        case .processCancelled(let reason), .processFailed(let reason): writer.member("reason", reason)
        case .processCompleted(let result):
            if let result { writer.member("result", result) }
        }
    }
}

extension TransitionPlanned {
    fileprivate func encode(to writer: inout JSONWriter) {
        writer.member("transition_id", transitionID)
        writer.member("transition", transition)
        writer.member("machine_id", machineID)
        writer.member("machine", machine)
        writer.name("from_state")
        if let fromState { writer.value(fromState) } else { writer.null() }
        writer.member("to_state", toState)
        if stays { writer.member("stays", true) }
        if let item { writer.member("item", item) }
        if let set { writer.member("set", set) }
        if let result { writer.member("result", result) }
        if !correlations.isEmpty {
            writer.name("correlations")
            writer.correlations(correlations)
        }
        writer.member("definition_version", definitionVersion)
        writer.optional("undoes", undoes?.description)
        guard let task else { return }
        writer.member("task_id", task.id)
        writer.member("task_stream_id", StreamID.task(task.id).description)
        writer.member("task_type", task.type)
        writer.member("task_mode", task.mode.rawValue)
        writer.member("input", task.input)
        writer.optional("child_key", task.childKey)
        writer.member("task_pointer", task.pointer)
        if task.isStateTask { writer.member("state_task", true) }
        writer.optional("task_undo", task.undo?.rawValue)
        if let policy = task.policy {
            writer.name("task_policy")
            policy.encode(to: &writer)
        }
    }
}

extension TaskPolicy {
    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("priority", priority)
        writer.name("retry")
        writer.beginObject()
        writer.member("max_attempts", retry.maxAttempts)
        writer.member("delay", retry.delay.text)
        if let factor = JSONNumber(retry.factor) { writer.member("factor", factor) }
        writer.member("max_delay", retry.maxDelay.text)
        if let jitter = JSONNumber(retry.jitter) { writer.member("jitter", jitter) }
        writer.name("never")
        writer.beginArray()
        for code in retry.never { writer.value(code) }
        writer.endArray()
        writer.endObject()
        writer.name("timeouts")
        writer.beginObject()
        writer.optional("claim", timeouts.claim?.text)
        writer.optional("attempt", timeouts.attempt?.text)
        writer.optional("heartbeat", timeouts.heartbeat?.text)
        writer.optional("total", timeouts.total?.text)
        writer.endObject()
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func members(_ taskID: TaskID, _ transitionID: TransitionID, _ machineID: String) {
        member("task_id", taskID)
        member("transition_id", transitionID)
        member("machine_id", machineID)
    }

    mutating func optional(_ name: StaticString, _ value: String?) {
        if let value { member(name, value) }
    }

    /// An object, name → value, or name → list of values in the order gained where there are several.
    public mutating func correlations(_ correlations: [Correlation]) {
        var names: [String] = []
        for correlation in correlations where !names.contains(where: { ExactText.sameBytes($0, correlation.name) }) {
            names.append(correlation.name)
        }
        beginObject()
        for name in names {
            let values = correlations.filter { ExactText.sameBytes($0.name, name) }
            self.name(name)
            if values.count == 1, let only = values.first {
                value(only.value)
            } else {
                beginArray()
                for correlation in values { value(correlation.value) }
                endArray()
            }
        }
        endObject()
    }
}
