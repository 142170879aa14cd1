import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement

/// A manager that does what its events say: `task` plans a side task of that type with `input`, `to` moves the machine, `timer` sets
/// one in so many minutes, `command` issues a command of that name with `with` as its payload, `publish` publishes an
/// event of that type with `with` as its data, `times` times, `child` plans a child process of that definition with the
/// key `child_key`, `end` completes the process, `fault` cannot be decided. Its event types and their keys are the test's.
struct Job: ManagedDefinition {
    var name = "job"
    var version = 1
    var routes: [ExactText: EventRoute] = [
        "Opened": EventRoute(kind: .start, expression: "key"), "Said": EventRoute(expression: "key"),
    ]
    var restarts = false
    /// Undo rule and policy of the tasks that it plans.
    var undo: UndoRule?
    var policy = TaskPolicy()
    /// What it says of its states when a process is to be migrated.
    var declared: [String: DeclaredState] = [:]
    /// What it says of a key that it cannot read.
    var keyFault: String?

    /// A key expression is the name of a member.
    func key(of event: Event) -> String? {
        routes[event.type].flatMap { event.data[$0.expression]?.stringValue }
    }

    func keyFault(of event: Event) -> String? { keyFault }

    func initialCorrelations(
        for event: Event, of state: ProcessState, at now: Instant
    ) throws(DecisionFault) -> [Correlation] {
        event.data["label"]?.stringValue.map { [Correlation(name: "label", value: $0)] } ?? []
    }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        guard case .event(let event) = trigger else { return context.decision }
        if let retried = context.retriedVersion, let main = context.state.machines["main"], main.enteredAt > retried {
            return context.decision
        }
        if event.data["fault"] != nil { throw DecisionFault(.expressionFailed, "cannot decide") }
        var task = event.data["task"]?.stringValue.map {
            TaskPlan(type: $0, input: event.data["input"] ?? .null, undo: undo, policy: policy)
        }
        if let definition = event.data["child"]?.stringValue {
            let child = ChildProcess(definition: definition, key: event.data["child_key"]?.stringValue ?? "")
            task = TaskPlan(child: child, data: event.data["with"] ?? .null, undo: undo, policy: policy)
        }
        let to = context.state.machines.isEmpty ? "Open" : event.data["to"]?.stringValue
        try context.plan(machine: "main", to: to, as: event.type, task: task)
        if let minutes = event.data["timer"]?.int64Value {
            try context.schedule(machine: "main", at: context.now + .minutes(minutes))
        }
        if let command = event.data["command"]?.stringValue {
            try context.issue(command, payload: event.data["with"] ?? .null)
        }
        if let type = event.data["publish"]?.stringValue {
            for _ in 0..<(event.data["times"]?.int64Value ?? 1) {
                try context.publish(type, data: event.data["with"] ?? .null)
            }
        }
        if event.data["end"] != nil { context.complete() }
        return context.decision
    }

    func declaredState(_ state: String, of machine: String) -> DeclaredState? { declared[state] }

    func undoTask(
        for undone: UndoableTask, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> TaskPlan {
        TaskPlan(type: "undo", input: undone.result, policy: policy)
    }
}
