import Chrono
import JSON
import ProcessManagement

/// What an operator does to one process. Recorded as a fact, with who did it.
public struct OperatorRequest: Sendable, Equatable {
    public enum Action: Sendable, Equatable {
        /// What is nil is taken from the definition's `on_cancel`.
        case cancel(reason: String?, mode: CancelMode?, compensate: Bool?, deadline: TimeSpan?)
        case suspend(reason: String?)
        case resume(reason: String?)
        case retryIncident(IncidentID, IncidentMend = IncidentMend())
        /// With a result where the incident is about a task; without, the incident is only closed.
        case resolveIncident(IncidentID, result: JSONView?)
    }

    public var tenant: String
    public var processID: ProcessID
    public var action: Action
    /// Who asks; nil for a caller without a key.
    public var by: String?
    /// Unique per request; ids of what follows are made from it.
    public var requestID: String
    /// The caller named the request: the same action with the same id again is the same request.
    public var isNamed: Bool

    public init(
        tenant: String, processID: ProcessID, action: Action, by: String? = nil, requestID: String,
        isNamed: Bool = false
    ) {
        self.tenant = tenant
        self.processID = processID
        self.action = action
        self.by = by
        self.requestID = requestID
        self.isNamed = isNamed
    }
}

/// What an operator puts in the place of values that cannot be decided with.
public struct IncidentMend: Sendable, Equatable {
    /// The data of the event, the result of the outcome, the input of the failed task.
    public var input: JSONView?
    /// Members of the process data, written before.
    public var set: JSONView?
    public var reason: String?

    public init(input: JSONView? = nil, set: JSONView? = nil, reason: String? = nil) {
        self.input = input
        self.set = set
        self.reason = reason
    }
}

/// A process as the API shows it: its folded state, and where its open tasks are.
public struct ProcessView: Sendable {
    public var state: ProcessState
    public var tasks: [TaskRow]

    public init(state: ProcessState, tasks: [TaskRow]) {
        self.state = state
        self.tasks = tasks
    }
}
