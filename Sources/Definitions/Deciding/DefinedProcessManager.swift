import CEL
import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// A definition at work: decides as the definition says, and locates the events it lists.
public final class DefinedProcessManager: ProcessManager, ProcessLocator {
    public let definition: Definition
    public let routes: [ExactText: EventRoute]
    private let keys: [ExactText: CompiledExpression]
    private let policies: [ExactText: TaskPolicy]

    public init(_ definition: Definition) {
        self.definition = definition
        var routes: [ExactText: EventRoute] = [:]
        var keys: [ExactText: CompiledExpression] = [:]
        for event in definition.events {
            routes[event.type] = event.route
            keys[event.type] = event.key
        }
        self.routes = routes
        self.keys = keys
        var policies: [ExactText: TaskPolicy] = [:]
        for (pointer, task) in definition.tasks { policies[pointer] = task.policy }
        for (pointer, undo) in definition.undos { policies[pointer] = undo.policy }
        self.policies = policies
    }

    public var name: String { definition.name }
    public var version: Int { definition.version }
    public var restarts: Bool { definition.restart }
    public var cancelDefaults: CancelDefaults { definition.onCancel }

    public func policy(ofTaskAt pointer: String) -> TaskPolicy? { policies[pointer] }

    /// A string that is not empty, or an integer as its decimal text. Nil for anything else, for a failing expression,
    /// and for a type that the definition does not list.
    public func key(of event: Event) -> String? {
        guard let expression = keys[event.type] else { return nil }
        if let view = expression.path?.resolve(eventData: event.data) { return KeyText.filled(KeyText.of(view)) }
        var budget = Budget()
        guard let value = try? expression.evaluate(Frame(locating: event), &budget) else { return nil }
        return KeyText.filled(KeyText.of(value))
    }

    public func initialData(
        for event: Event, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> JSONView {
        guard let data = definition.data else { return JSONView([:]) }
        var budget = Budget()
        return try data.renderObject(Frame(state: state, now: now, rules: rules, event: event), &budget)
    }

    public func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        var step = StepInterpreter(definition, trigger, context)
        try step.run(trigger, &context)
        return context.decision
    }

    public func enter(
        _ machineIDs: [String], _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        var step = StepInterpreter(definition, nil, context)
        try step.enter(machineIDs, &context)
        return context.decision
    }

    public func goOn(with work: RemainingWork, _ context: inout ProcessContext) throws(DecisionFault) -> Decision {
        var step = StepInterpreter(definition, nil, context)
        try step.goOn(with: work, &context)
        return context.decision
    }

    public func declaredState(_ state: String, of machine: String) -> DeclaredState? {
        definition.machine(named: machine).flatMap { machine in machine.state(named: state).map { machine.declared($0) }
        }
    }

    public func awaitsEvents(_ state: ProcessState) -> Bool {
        if !definition.spawnEvents.isEmpty { return true }
        return definition.machines.contains { machine in
            machine.states.contains { declared in
                state.count(of: machine.name, in: declared.name) > 0
                    && declared.on.keys.contains { routes[$0] != nil }
            }
        }
    }

    public func undoTask(
        for undone: UndoableTask, of state: ProcessState, at now: Instant, by rules: DecisionRules
    ) throws(DecisionFault) -> TaskPlan {
        guard let undo = definition.tasks[undone.task.pointer]?.undo else {
            throw DecisionFault(
                .definitionMissing, "the definition no longer says how to undo \(undone.task.type)",
                pointer: undone.task.pointer)
        }
        var budget = Budget()
        let frame = Frame(
            state: state, now: now, rules: rules, task: TaskFacts(undone.task, result: undone.result),
            machine: state.machines[undone.task.machineID].map(MachineFacts.init))
        let input = try undo.input.render(frame, &budget)
        guard let child = undo.child else { return TaskPlan(type: undo.type, input: input, pointer: undo.pointer) }
        return TaskPlan(child: try child.process(frame, &budget), data: input, pointer: undo.pointer)
    }
}

extension Frame {
    /// For key expressions, which see nothing but the event.
    init(locating event: Event) {
        self.init(
            state: Frame.nobody, now: Instant(milliseconds: 0), rules: .present, event: event)
    }

    private static let nobody = ProcessState(
        processID: UniqueID(high: 0, low: 0), tenant: "", definition: "", definitionVersion: 0, key: "")
}
