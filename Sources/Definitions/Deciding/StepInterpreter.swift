import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// Carries one trigger through a definition, in the order that the language settles: spawn, offer, outcomes of sync
/// tasks, `always`, raised events, completion.
struct StepInterpreter {
    let definition: Definition
    /// The event of the step, or the raised or deferred one that is being offered.
    var event: Event?
    var task: TaskFacts?
    var budget = Budget()
    var changes = StepChanges()
    /// Raised events that wait, first in first out.
    var raised: [Event] = []
    /// How many events the step has raised or published.
    var eventCount = 0
    var syncTasks: [TaskID] = []
    var rounds = 0
    /// How many waiting events were offered again.
    var offeredAgain = 0
    /// Waiting events are being offered to a machine, which goes on with the states that it enters meanwhile.
    var isOffering = false
    /// The clock of `changes` when `always` was last tried.
    var sweptAt = 0

    /// The version of the event that is decided about.
    private let eventVersion: Int64
    /// Machines that entered their state after the first and up to the second version have moved on since the input
    /// that is decided again, and are not asked a second time.
    private let staleAfter: Int64
    private let staleUpTo: Int64
    private let input: Event?
    let rules: DecisionRules

    init(_ definition: Definition, _ trigger: Trigger?, _ context: borrowing ProcessContext) {
        self.definition = definition
        staleAfter = context.retriedVersion ?? .max
        staleUpTo = context.state.version
        eventVersion = context.inputVersion
        rules = context.rules
        if case .event(let event) = trigger { input = event } else { input = nil }
    }

    mutating func run(_ trigger: Trigger, _ context: inout ProcessContext) throws(DecisionFault) {
        try beginRound()
        switch trigger {
        case .event(let event):
            if context.state.machines.isEmpty { try startMachines(event, &context) }
            try offer(event, version: eventVersion, &context)
        case .outcome(let open, let outcome):
            task = TaskFacts(open, outcome)
            try offer(outcome.trigger(of: open), ofTask: open, &context)
        case .timer(let timer): try offer(timer, &context)
        }
        try settle(&context)
    }

    mutating func goOn(with work: RemainingWork, _ context: inout ProcessContext) throws(DecisionFault) {
        try beginRound()
        switch work {
        case .waitingEvents(let machineIDs):
            for id in machineIDs where context.requestedEnd == nil {
                if context.leftOver.isEmpty { try offerWaiting(id, &context) } else { context.leaveOver(id) }
            }
            noteAllAlways(context.state)
        case .always(let machineID): changes.noteMigration(of: [machineID])
        }
        try settle(&context)
    }

    /// What a step before this one changed is not known here: everything is to be tried once.
    func alwaysMachines(_ state: ProcessState) -> [String] {
        guard definition.hasAlways else { return [] }
        return state.machines.inOrder.filter { definition.machine(named: $0.name)?.hasAlways == true }.map(\.id)
    }

    private mutating func noteAllAlways(_ state: ProcessState) {
        changes.noteMigration(of: alwaysMachines(state))
    }

    /// Goes on until nothing new comes, and completes the process if every machine is final then.
    mutating func settle(_ context: inout ProcessContext) throws(DecisionFault) {
        while context.requestedEnd == nil {
            if !syncTasks.isEmpty {
                try beginRound()
                try settleSyncTasks(&context)
            } else if context.leftOver.isEmpty, try sweep(&context) {
                continue
            } else if !raised.isEmpty {
                try beginRound()
                try offer(raised.removeFirst(), version: nil, &context)
            } else {
                break
            }
        }
        if context.requestedEnd == nil, context.leftOver.isEmpty, isComplete(context.state) {
            context.complete(result: try result(&context))
        }
    }

    mutating func beginRound() throws(DecisionFault) {
        rounds += 1
        guard rounds <= StepLimits.rounds else {
            throw DecisionFault(
                .tooManyRounds, "one input led to more than \(StepLimits.rounds) rounds of deciding")
        }
        guard budget.left > 0 else {
            throw DecisionFault(.limitExceeded, "the expressions of one step cost too much together")
        }
    }

    /// What expressions see now.
    func frame(_ context: borrowing ProcessContext, _ machine: MachineFacts?) -> Frame {
        Frame(state: context.state, now: context.now, rules: rules, event: event, task: task, machine: machine)
    }

    func isStale(_ machine: Machine) -> Bool {
        machine.enteredAt > staleAfter && machine.enteredAt <= staleUpTo
    }

    /// The content of an event that a machine put off.
    func event(recordedAs version: Int64, _ context: inout ProcessContext) throws(DecisionFault) -> Event {
        if version == eventVersion, let input { return input }
        return try context.recall(version)
    }
}

extension TaskOutcome {
    /// The key in `on` that answers to it.
    fileprivate func trigger(of task: OpenTask) -> String {
        let word =
            switch ending {
            case .completed: "completed"
            case .failed: "failed"
            case .cancelled: "cancelled"
            }
        return task.isStateTask ? word : "\(word):\(task.type)"
    }
}

// MARK: - The end of a step

extension StepInterpreter {
    /// Every machine is final; also when there is none.
    private func isComplete(_ state: ProcessState) -> Bool {
        definition.machines.allSatisfy { machine in
            machine.states.allSatisfy { $0.isFinal || state.count(of: machine.name, in: $0.name) == 0 }
        }
    }

    /// `main`'s own result, or those of all machines that declare one, by machine id.
    private mutating func result(_ context: inout ProcessContext) throws(DecisionFault) -> JSONView? {
        guard definition.machines.contains(where: { $0.states.contains { $0.result != nil } }) else { return nil }
        if definition.machines.count == 1, definition.machines[0].name == "main", definition.machines[0].spawn == nil {
            guard let machine = context.state.machines["main"] else { return nil }
            return try endResult(of: machine, context)
        }
        var writer = JSONWriter()
        writer.beginObject()
        for machine in context.state.machines.inOrder {
            guard let result = try endResult(of: machine, context) else { continue }
            writer.name(machine.id)
            writer.value(result)
        }
        writer.endObject()
        return writer.document.root
    }

    /// What the machine ended with; one that ended under the first rules says it now.
    private mutating func endResult(
        of machine: Machine, _ context: borrowing ProcessContext
    ) throws(DecisionFault) -> JSONView? {
        if let result = machine.result { return result }
        return try result(of: machine, context)
    }

    private mutating func result(
        of machine: Machine, _ context: borrowing ProcessContext
    ) throws(DecisionFault) -> JSONView? {
        guard let template = definition.machine(named: machine.name)?.state(named: machine.state)?.result else {
            return nil
        }
        return try template.render(frame(context, MachineFacts(machine)), &budget)
    }
}
