import CEL
import JSON
import ProcessManagement

/// An expression of a definition with its place.
public final class CompiledExpression: Sendable {
    public let source: String
    public let pointer: String
    let scope: Scope
    let shape: CountsShape
    let program: CELProgram
    let path: ValuePath?

    init(
        _ source: String, at pointer: String, in scope: Scope, of environments: Environments,
        counting shape: CountsShape
    ) throws(CELError) {
        self.source = source
        self.pointer = pointer
        self.scope = scope
        self.shape = shape
        program = try CELProgram(source, in: environments[scope])
        path = ValuePath(source, in: scope)
    }

    func reads(_ variable: Variable) -> Bool {
        program.reads.contains { $0.first == variable.name }
    }

    /// The value, evaluated in full.
    func evaluate(_ frame: borrowing Frame, _ budget: inout Budget) throws(DecisionFault) -> CELValue {
        var cost = budget.next
        defer { budget.use(cost) }
        return try evaluate(frame, &cost)
    }

    func evaluate(_ frame: borrowing Frame, _ cost: inout CELCost) throws(DecisionFault) -> CELValue {
        do throws(CELError) {
            return try program.evaluate(
                Activation(frame, scope: scope, shape: shape), cost: &cost, digits: frame.digits)
        } catch {
            throw fault(error)
        }
    }

    func holds(_ frame: borrowing Frame, _ budget: inout Budget) throws(DecisionFault) -> Bool {
        guard case .bool(let holds) = try evaluate(frame, &budget) else {
            throw DecisionFault(.expressionFailed, "the condition gives no bool", pointer: pointer)
        }
        return holds
    }

    func fault(_ error: CELError) -> DecisionFault {
        DecisionFault(
            error.code == .costExceeded ? .limitExceeded : .expressionFailed, error.description, pointer: pointer)
    }
}

/// What the expressions of one step may cost together, so that a step over very many machines ends, too.
struct Budget: Sendable {
    /// About a quarter of a second at the most.
    static let perStep = 5_000_000
    static let perExpression = 100_000

    private(set) var left = Budget.perStep

    /// For one evaluation.
    var next: CELCost { CELCost(limit: min(left, Budget.perExpression)) }

    mutating func use(_ cost: CELCost) {
        left = max(0, left - cost.used)
    }
}

/// Answers the evaluator's questions for variables from a frame, and only those that an expression asks.
private struct Activation: CELActivation {
    let frame: Frame
    let scope: Scope
    let shape: CountsShape

    init(_ frame: borrowing Frame, scope: Scope, shape: CountsShape) {
        self.frame = copy frame
        self.scope = scope
        self.shape = shape
    }

    func value(slot: Int) -> CELValue? {
        switch scope.variable(inSlot: slot) {
        case .event: frame.event.map { .map(CELMap(EventRecord(event: $0))) } ?? .null
        case .data: .map(CELMap(DataRecord(frame)))
        case .process: .map(CELMap(ProcessFactsRecord(state: frame.state, now: frame.now)))
        case .machine: frame.machine.map { .map(CELMap(MachineRecord(machine: $0))) } ?? .null
        case .machines: .list(CELList(MachineList(machines: frame.state.machines.inOrder)))
        case .counts: .map(CELMap(CountsRecord(state: frame.state, shape: shape)))
        case .now: CELValue(frame.now)
        case .task: frame.task.map { .map(CELMap(TaskRecord(facts: $0))) } ?? .null
        case .item: frame.item.map { CELValue(exactly: $0) } ?? .null
        case .results: .map(CELMap(ResultsRecord(state: frame.state, shape: shape)))
        }
    }
}
