import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement

// The JSON of every answer, in one place per thing.

extension JSONWriter {
    mutating func optional(_ name: StaticString, _ text: String?) {
        if let text { member(name, text) }
    }

    mutating func nullable(_ name: StaticString, _ text: String?) {
        self.name(name)
        if let text { value(text) } else { null() }
    }

    mutating func list<Item>(_ name: StaticString, _ items: [Item], _ write: (inout JSONWriter, Item) -> Void) {
        self.name(name)
        beginArray()
        for item in items { write(&self, item) }
        endArray()
    }

    mutating func receipt(_ receipt: EventReceipt) {
        beginObject()
        member("event_id", receipt.eventID)
        member("duplicate", receipt.duplicate)
        list("processes", receipt.deliveries) { writer, delivery in
            writer.beginObject()
            writer.member("process_id", delivery.processID)
            writer.member("definition", delivery.definition)
            writer.member("definition_version", delivery.definitionVersion)
            writer.member("key", delivery.key)
            let effect = delivery.effect
            writer.member("version", effect.version)
            writer.member("status", effect.status.rawValue)
            writer.member("started", effect.started)
            if let ignored = effect.ignored {
                writer.member("ignored", ignored.rawValue)
            } else {
                writer.member("taken", effect.taken)
                if effect.deferred { writer.member("deferred", true) }
                if effect.queued { writer.member("queued", true) }
            }
            if let incident = effect.incident {
                writer.name("incident")
                writer.beginObject()
                writer.member("incident_id", incident.id)
                writer.member("kind", incident.kind.rawValue)
                writer.member("message", incident.message)
                writer.optional("pointer", incident.pointer)
                writer.endObject()
                writer.member("incidents", effect.incidents)
            }
            writer.endObject()
        }
        member("held", receipt.held)
        member("unmatched", receipt.unmatched)
        endObject()
    }

    mutating func claimed(_ task: ClaimedTask) {
        beginObject()
        member("task_id", task.taskID)
        member("task_stream_id", StreamID.task(task.taskID).description)
        member("task_type", task.type)
        member("process_id", task.processID)
        member("definition", task.definition)
        member("key", task.key)
        member("machine_id", task.machineID)
        member("transition_id", task.transitionID)
        member("attempt", task.attempt)
        member("max_attempts", task.maxAttempts)
        member("input", task.input)
        list("steps", task.steps) { $0.step($1) }
        name("progress")
        if let progress = task.progress { value(progress) } else { null() }
        name("lease")
        beginObject()
        member("token", task.leaseToken)
        member("expires_at", task.leaseExpiresAt.rfc3339)
        endObject()
        nullable("deadline", task.deadline?.rfc3339)
        member("scheduled_at", task.scheduledAt.rfc3339)
        nullable("correlation_id", task.correlationID)
        nullable("traceparent", task.traceparent)
        nullable("tracestate", task.tracestate)
        endObject()
    }

    mutating func step(_ step: RecordedStep) {
        beginObject()
        member("name", step.name)
        member("data", step.data)
        member("attempt", step.attempt)
        member("recorded_at", step.recordedAt.rfc3339)
        endObject()
    }

    /// The members of an outcome's answer, inside an object that the caller opens and closes.
    mutating func outcome(_ receipt: OutcomeReceipt) {
        member("task_id", receipt.taskID)
        member("recorded", receipt.recorded)
        member("duplicate", receipt.duplicate)
        member("will_retry", receipt.willRetry)
        nullable("next_attempt_at", receipt.nextAttemptAt?.rfc3339)
        name("process")
        beginObject()
        member("process_id", receipt.processID)
        member("status", receipt.processStatus.rawValue)
        member("version", receipt.processVersion)
        endObject()
    }

    mutating func recorded(_ record: RecordedEvent) {
        let event = record.event
        beginObject()
        member("position", record.position)
        name("stream")
        beginObject()
        nullable("category", record.stream.category)
        member("id", record.stream.id.description)
        endObject()
        member("version", record.version)
        content(of: event)
        if let observed = event.observed { member("observed", observed) }
        member("recorded_at", record.recordedAt.rfc3339)
        endObject()
    }

    /// What an event is, wherever it is shown.
    mutating func content(of event: Event) {
        member("event_id", event.id)
        member("type", event.type)
        member("data", event.data)
        if let source = event.source, !source.isEmpty { member("source", source) }
        optional("time", event.time)
        optional("correlation_id", event.correlationID)
        optional("causation_id", event.causationID)
        optional("traceparent", event.traceparent)
        if let extensions = event.extensions { member("extensions", extensions) }
    }
}
