import EventSourcing
import JSON
import ProcessManagement

/// The transition that planned a task, with the context of its record.
struct RecordedPlan {
    var transition: TransitionPlanned
    let correlationID: String?
    let causationID: String?
    let traceparent: String?
    let tracestate: String?

    /// What it takes in memory, or more.
    var byteCount: Int { CacheBounds.bytes(ofText: transition.contentBytes) }
}

extension ProcessEngine {
    /// How a stored task was planned: from memory, as most tasks are claimed soon after, or else from the record.
    func recordedPlan(of row: TaskRow) throws(StoreError) -> RecordedPlan {
        if let plan = plans.take(row.plannedAt) { return plan }
        let plan = try readPlan(of: row)
        keep(plan, plannedAt: row.plannedAt)
        return plan
    }

    func keep(_ plan: RecordedPlan, plannedAt position: Int64) {
        plans.keep(plan, for: position, bytes: plan.byteCount)
    }

    private func readPlan(of row: TaskRow) throws(StoreError) -> RecordedPlan {
        guard let record = try store.record(at: row.plannedAt) else {
            throw .unreadable("task \(row.id): no record at position \(row.plannedAt)")
        }
        do throws(FactDecodingError) {
            if case .transitionPlanned(let planned) = try Fact(type: record.event.type, data: record.event.data) {
                return RecordedPlan(
                    transition: planned, correlationID: record.event.correlationID,
                    causationID: record.event.causationID, traceparent: record.event.traceparent,
                    tracestate: record.event.tracestate)
            }
        } catch {
            throw .unreadable("\(error.type) at position \(row.plannedAt): member \(error.member)")
        }
        throw .unreadable("task \(row.id): position \(row.plannedAt) holds no TransitionPlanned")
    }

    /// The policy of a stored task, read where its transition says it is declared.
    func storedPolicy(of row: TaskRow, state: ProcessState) throws(StoreError) -> TaskPolicy {
        let planned = try recordedPlan(of: row).transition
        return planned.task.map { policy(of: $0, definition: state.definition, version: planned.definitionVersion) }
            ?? TaskPolicy()
    }

    func policy(of task: PlannedTask, definition: String, version: Int) -> TaskPolicy {
        task.policy ?? registry.manager(definition, version: version)?.policy(ofTaskAt: task.pointer) ?? TaskPolicy()
    }
}
