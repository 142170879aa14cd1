/// A compiled expression: checked once, evaluated often, from any thread.
public struct CELProgram: Sendable {
    public let source: String
    /// What the expression reads, as access paths from variables: `["data", "total"]` for `data.total`. A path ends
    /// where an index is computed or a macro takes over, and stands for everything below it.
    public let reads: [[String]]
    /// What works, and probably does not give what its author expects.
    public let warnings: [CELError]
    /// What is known about the result.
    public let type: CELType
    let plan: Plan
    private let timeZones: (any CELTimeZones)?

    /// Compiles a source of at most 4 KiB; fails with the first fault and its place.
    public init(_ source: String, in environment: CELEnvironment) throws(CELError) {
        do {
            let tree = try Parser.parse(source)
            let checked = try Checker.check(tree, in: environment)
            (plan, type, reads) = (checked.plan, checked.type, checked.reads)
            warnings = checked.warnings.map { $0.located(in: source) }
        } catch {
            throw error.located(in: source)
        }
        self.source = source
        timeZones = environment.timeZones
    }

    /// Computes the value. The same values of the variables always give the same result, cost included.
    public func evaluate(
        _ activation: some CELActivation, cost: inout CELCost, digits: CELDigits = .all
    ) throws(CELError) -> CELValue {
        let size = plan.parts.frameSize
        let result: Result<CELValue, CELError> = withUnsafeTemporaryAllocation(
            of: CELValue?.self, capacity: max(1, size)
        ) { frame in
            frame.initialize(repeating: nil)
            defer { frame.deinitialize() }
            for preload in plan.parts.preloads {
                frame[preload.place] = activation.value(slot: preload.slot)?.read(digits)
            }
            var evaluator = Evaluator(plan: plan, frame: frame, cost: cost, timeZones: timeZones, digits: digits)
            defer { cost = evaluator.cost }
            do throws(Fault) {
                return .success(try evaluator.evaluate(plan.parts.root))
            } catch {
                return .failure(located(error, evaluator.failing))
            }
        }
        return try result.get()
    }

    private func located(_ fault: Fault, _ failing: Evaluator.Failing) -> CELError {
        let offset =
            switch failing {
            case .node(let node): plan.parts.offsets[Int(node)]
            case .step(let child): plan.parts.children[child].offset
            }
        let place = SourcePlace.of(Int(offset), in: source)
        return CELError(
            code: fault.code, message: fault.message, line: place.line, column: place.column, hint: fault.hint)
    }
}
