import ProcessManagement

/// One process on the picture of its definition: where its machines are and which way they came.
public struct ProcessOverlay: Sendable, Equatable {
    /// A transition that was recorded, and how often.
    public struct Step: Sendable, Hashable {
        /// The machine's name in the definition; all machines spawned from it count together.
        public let machine: String
        /// Nil when the machine came into being.
        public let from: String?
        public let to: String
        /// Its name or trigger, as the process stream has it.
        public let transition: String
        /// Nothing was left or entered.
        public let stays: Bool
        /// It ended the process, or began the compensation that ends it.
        public let endsAs: EndNode.Kind?

        public init(
            machine: String, from: String?, to: String, transition: String, stays: Bool = false,
            endsAs: EndNode.Kind? = nil
        ) {
            self.machine = machine
            self.from = from
            self.to = to
            self.transition = transition
            self.stays = stays
            self.endsAs = endsAs
        }
    }

    public struct TakenStep: Sendable, Equatable {
        public let step: Step
        public let count: Int

        public init(_ step: Step, count: Int = 1) {
            self.step = step
            self.count = count
        }
    }

    /// Machine name → state → how many machines are there now.
    public let currentStates: [String: [String: Int]]
    public let taken: [TakenStep]
    /// What to call the process in the title, on one line: `4711, Running`.
    public let caption: String?
    private let index: Index

    /// - Parameter currentStates: machine id → state, as `machine_state` of a process has it.
    public init(currentStates: [String: String], taken: [TakenStep] = [], caption: String? = nil) {
        var counts: [String: [String: Int]] = [:]
        for (machine, state) in currentStates {
            let name = String(machine.prefix { $0 != "/" })
            counts[name, default: [:]][state, default: 0] += 1
        }
        self.currentStates = counts
        self.taken = taken
        self.caption = caption
        index = Index(taken)
    }

    /// - Parameter history: the records of its stream from the first on, or as far as they are known.
    public init(state: ProcessState, history: some Sequence<ProcessRecord>) {
        var states: [String: String] = [:]
        for machine in state.machines.inOrder { states[machine.id] = machine.state }
        self.init(
            currentStates: states, taken: StepCollector.steps(in: history),
            caption: "\(Words.oneLine(state.key)), \(state.status.rawValue)")
    }

    public func count(of machine: String, in state: String) -> Int {
        currentStates[machine]?[state] ?? 0
    }

    /// How often the transition of an edge was taken. Transitions between the same states that the stream calls the
    /// same cannot be told apart and share the count.
    public func count(of edge: TransitionEdge, in machine: String) -> Int {
        let to: String
        let end: EndNode.Kind?
        switch edge.target {
        case .state(let name): (to, end) = (name, nil)
        case .end(let node): (to, end) = (edge.from, node.kind)
        }
        return index.counts[
            Step(
                machine: machine, from: edge.from, to: to, transition: edge.label.recorded, stays: end != nil,
                endsAs: end)] ?? 0
    }

    /// How often a transition was taken that does not leave its state.
    public func count(of stay: TransitionLabel, in state: String, of machine: String) -> Int {
        index.counts[
            Step(machine: machine, from: state, to: state, transition: stay.recorded, stays: true)] ?? 0
    }

    /// How many machines of this name came into being.
    public func births(of machine: String) -> Int { index.births[machine] ?? 0 }

    /// Whether a machine has ever been in the state.
    public func hasVisited(_ state: String, of machine: String) -> Bool {
        count(of: machine, in: state) > 0 || index.visited.contains(Place(machine: machine, state: state))
    }
}

extension ProcessOverlay {
    fileprivate struct Place: Hashable {
        let machine: String
        let state: String
    }

    fileprivate struct Index: Sendable, Equatable {
        private(set) var counts: [Step: Int] = [:]
        private(set) var births: [String: Int] = [:]
        private(set) var visited: Set<Place> = []

        init(_ taken: [TakenStep]) {
            for taken in taken {
                let step = taken.step
                counts[step, default: 0] += taken.count
                visited.insert(Place(machine: step.machine, state: step.to))
                if let from = step.from {
                    visited.insert(Place(machine: step.machine, state: from))
                } else {
                    births[step.machine, default: 0] += taken.count
                }
            }
        }
    }
}

/// Counts equal steps in the order in which they first came.
private struct StepCollector {
    private var order: [ProcessOverlay.Step] = []
    private var counts: [ProcessOverlay.Step: Int] = [:]
    /// The last transition since the last input: an end that follows is its doing.
    private var last: ProcessOverlay.Step?

    static func steps(in history: some Sequence<ProcessRecord>) -> [ProcessOverlay.TakenStep] {
        var collector = StepCollector()
        for record in history { collector.add(record) }
        collector.flush(endsAs: nil)
        return collector.order.map { ProcessOverlay.TakenStep($0, count: collector.counts[$0] ?? 0) }
    }

    private mutating func add(_ record: ProcessRecord) {
        if record.isInput { flush(endsAs: nil) }
        guard case .fact(let fact) = record else { return }
        switch fact {
        case .transitionPlanned(let planned) where planned.undoes == nil:
            flush(endsAs: nil)
            last = ProcessOverlay.Step(
                machine: planned.machine, from: planned.fromState, to: planned.toState,
                transition: planned.transition, stays: planned.stays)
        case .compensationStarted(let end): flush(endsAs: end.kind == .failed ? .fail : .cancel)
        case .processCompleted: flush(endsAs: .complete)
        case .processCancelled: flush(endsAs: .cancel)
        case .processFailed: flush(endsAs: .fail)
        default: break
        }
    }

    private mutating func flush(endsAs end: EndNode.Kind?) {
        guard let step = last else { return }
        last = nil
        let ended = ProcessOverlay.Step(
            machine: step.machine, from: step.from, to: step.to, transition: step.transition, stays: step.stays,
            endsAs: step.stays ? end : nil)
        if counts.updateValue((counts[ended] ?? 0) + 1, forKey: ended) == nil { order.append(ended) }
    }
}
