import EventSourcing
import JSON
import ProcessManagement

/// A rebase failed on several instances: close each of them, then the process is complete.
///
/// The same process as docs/examples/definitions/rebase-failure.json, written in Swift against the protocols.
public struct RebaseFailureManager: ProcessManager, ProcessLocator {
    public let name = "rebase-failure"
    public let routes: [ExactText: EventRoute] = ["RebaseFailed": EventRoute(kind: .start, expression: "rebase_id")]

    public init() {}

    public func key(of event: Event) -> String? {
        event.data["rebase_id"]?.stringValue
    }

    public func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        switch trigger {
        case .event(let event): try close(event, &context)
        case .outcome(let task, let outcome): try take(outcome, of: task, &context)
        case .timer: break
        }
        return context.decision
    }

    /// Every instance gets a machine; then each that works begins to close.
    private func close(_ event: Event, _ context: inout ProcessContext) throws(DecisionFault) {
        for instance in event.data["instance_ids"]?.elements.compactMap(\.stringValue) ?? [] {
            let machine = "instance/\(instance)"
            guard context.state.machines[machine] == nil else { continue }
            try context.plan(
                machine: machine, named: "instance", to: "Working", as: event.type, item: .string(instance))
        }
        for machine in context.state.machines.inOrder where machine.state == "Working" {
            try context.plan(
                machine: machine.id, to: "Closing", as: event.type,
                task: TaskPlan(
                    type: "CloseInstance",
                    input: JSONView(["instance_id": .string(machine.item?.stringValue ?? machine.id)])))
        }
        completeIfAllAreClosed(&context)
    }

    private func take(
        _ outcome: TaskOutcome, of task: OpenTask, _ context: inout ProcessContext
    ) throws(DecisionFault) {
        switch outcome.ending {
        case .completed:
            try context.plan(machine: task.machineID, to: "Closed", as: "completed")
            completeIfAllAreClosed(&context)
        case .failed:
            try context.plan(machine: task.machineID, as: "failed")
            context.cancel(reason: "task failed")
        case .cancelled: break
        }
    }

    private func completeIfAllAreClosed(_ context: inout ProcessContext) {
        let state = context.state
        if state.count(of: "instance", in: "Closed") == state.machines.count { context.complete() }
    }
}
