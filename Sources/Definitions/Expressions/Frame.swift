import CEL
import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What expressions see at one point of a step.
struct Frame: Sendable {
    var state: ProcessState
    var now: Instant
    var event: Event?
    var task: TaskFacts?
    var machine: MachineFacts?
    /// The element that a machine is about to be made for.
    var item: JSONView?
    /// Members of the data that the transition in progress writes; an object.
    var written: JSONView?
    /// Which rules are decided by.
    let rules: DecisionRules

    init(
        state: ProcessState, now: Instant, rules: DecisionRules, event: Event? = nil, task: TaskFacts? = nil,
        machine: MachineFacts? = nil
    ) {
        self.rules = rules
        self.state = state
        self.now = now
        self.event = event
        self.task = task
        self.machine = machine
    }

    var digits: CELDigits { rules >= .third ? .all : .ofResults }

    func dataMember(_ name: String) -> JSONView? {
        if let written, let value = written[name] { return value }
        return state.data[name]?.value
    }
}

/// The machine that an expression belongs to.
struct MachineFacts: Sendable {
    var id: String
    var name: String
    var state: String
    var item: JSONView?
    var result: JSONView?

    init(id: String, name: String, state: String, item: JSONView?, result: JSONView? = nil) {
        self.result = result
        self.id = id
        self.name = name
        self.state = state
        self.item = item
    }

    init(_ machine: Machine) {
        self.init(id: machine.id, name: machine.name, state: machine.state, item: machine.item, result: machine.result)
    }
}

/// The task whose outcome is decided about, or that is to be undone.
struct TaskFacts: Sendable {
    var task: OpenTask
    var result: JSONView?
    var code: String?
    var reason: String?
    var attempts: Int
    var lastCode: String?
    var lastReason: String?

    init(_ task: OpenTask, _ outcome: TaskOutcome) {
        self.task = task
        attempts = outcome.attempt
        lastCode = outcome.lastCode
        lastReason = outcome.lastReason
        switch outcome.ending {
        case .completed(let result): self.result = result
        case .failed(let code, let reason):
            self.code = code
            self.reason = reason
        case .cancelled: break
        }
    }

    init(_ task: OpenTask, result: JSONView, attempts: Int = 0) {
        self.task = task
        self.result = result
        self.attempts = attempts
    }
}
