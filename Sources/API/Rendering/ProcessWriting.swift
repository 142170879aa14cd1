import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement

extension JSONWriter {
    /// A process as `GET /processes/{id}` shows it. Without task rows (`?at=`), tasks bear no lease state.
    /// `more` writes further members.
    mutating func process(
        _ state: ProcessState, tasks: [TaskRow]?, more: (inout JSONWriter) -> Void = { _ in }
    ) {
        beginObject()
        member("process_id", state.processID)
        member("definition", state.definition)
        member("definition_version", state.definitionVersion)
        member("key", state.key)
        member("status", state.status.rawValue)
        member("suspended", state.suspended)
        optional("reason", state.reason)
        if let result = state.result { member("result", result) }
        member("version", state.version)
        name("data")
        beginObject()
        for member in state.data.inOrder {
            name(member.name)
            value(member.value)
        }
        endObject()
        name("machine_state")
        beginObject()
        for machine in state.machines.inOrder {
            name(machine.id)
            value(machine.state)
        }
        endObject()
        let rows = Dictionary(uniqueKeysWithValues: (tasks ?? []).map { ($0.id, $0) })
        list("active_tasks", state.tasks.inOrder) { $0.activeTask($1, row: rows[$1.id]) }
        list("timers", state.timers.inOrder.sorted { $0.dueAt < $1.dueAt }) { writer, timer in
            writer.beginObject()
            writer.member("timer_id", timer.id)
            writer.nullable("machine_id", timer.machineID)
            writer.member("due_at", timer.dueAt.rfc3339)
            writer.optional("name", timer.name)
            writer.endObject()
        }
        list("incidents", state.incidents.inOrder) { writer, incident in
            writer.beginObject()
            writer.member("incident_id", incident.id)
            writer.member("kind", incident.kind.rawValue)
            writer.member("message", incident.message)
            writer.optional("task_id", incident.task?.id.description)
            writer.optional("pointer", incident.pointer)
            writer.member("raised_at", incident.raisedAt.rfc3339)
            writer.endObject()
        }
        name("correlations")
        correlations(state.correlations.inOrder)
        if let parent = state.parent {
            name("parent")
            beginObject()
            member("process_id", parent.processID)
            member("task_id", parent.taskID)
            endObject()
        }
        member("started_at", state.startedAt.rfc3339)
        member("updated_at", state.updatedAt.rfc3339)
        optional("ended_at", state.endedAt?.rfc3339)
        more(&self)
        endObject()
    }

    private mutating func activeTask(_ task: OpenTask, row: TaskRow?) {
        beginObject()
        member("task_id", task.id)
        member("task_type", task.type)
        member("transition_id", task.transitionID)
        member("machine_id", task.machineID)
        if let row {
            member("status", row.status.rawValue)
            member("attempt", row.attempt)
            if row.status == .delayed, !row.isChild { member("next_attempt_at", row.readyAt.rfc3339) }
        }
        endObject()
    }

    /// A process in a list; in a list of changes, with the last change.
    mutating func listed(_ row: ProcessRow, after change: RecordedEvent? = nil) {
        beginObject()
        member("process_id", row.id)
        member("definition", row.definition)
        member("definition_version", row.definitionVersion)
        member("key", row.key)
        member("status", row.status.rawValue)
        member("suspended", row.suspended)
        member("incidents", row.incidents)
        member("version", row.version)
        member("started_at", row.startedAt.rfc3339)
        member("updated_at", row.updatedAt.rfc3339)
        optional("ended_at", row.endedAt?.rfc3339)
        if let change {
            name("change")
            beginObject()
            member("type", change.event.type)
            member("position", change.position)
            endObject()
        }
        endObject()
    }
}
