import JSON

public struct IncidentRaised: Sendable, Equatable {
    public var incidentID: IncidentID
    public var kind: IncidentKind
    public var message: String
    public var taskID: TaskID?
    /// The version of the input that could not be decided.
    public var inputVersion: Int64?
    /// The machine whose `always` failed; the step that it belongs to stands.
    public var machineID: String?
    public var pointer: String?

    public init(
        incidentID: IncidentID, kind: IncidentKind, message: String, taskID: TaskID? = nil,
        inputVersion: Int64? = nil, machineID: String? = nil, pointer: String? = nil
    ) {
        self.incidentID = incidentID
        self.kind = kind
        self.message = message
        self.taskID = taskID
        self.inputVersion = inputVersion
        self.machineID = machineID
        self.pointer = pointer
    }
}

public struct IncidentResolved: Sendable, Equatable {
    public enum Resolution: String, Sendable, Hashable {
        /// Decided or attempted again.
        case retry
        /// The operator gave the result, or only closed it.
        case resolve
        /// Nothing was left that a retry could do.
        case obsolete
    }

    public var incidentID: IncidentID
    public var resolution: Resolution
    public var taskID: TaskID?
    /// The `always` of a machine is tried again; older records did not try it.
    public var always: Bool
    /// Of an `always`: whose, and where it stands.
    public var machineID: String?
    public var pointer: String?
    /// Replaces what could not be decided, for every later reading: the data of an event, the result of an outcome, the
    /// input of a failed task.
    public var input: JSONView?
    /// Members of the process data that are written before, an object.
    public var set: JSONView?
    /// The data of the new process, where it is a start that is decided again; an object.
    public var data: JSONView?
    public var reason: String?
    public var by: String?
    /// The request that asked for it; ids of what follows are made from it.
    public var requestID: String

    public init(
        incidentID: IncidentID, resolution: Resolution, taskID: TaskID? = nil, always: Bool = false,
        machineID: String? = nil, pointer: String? = nil, input: JSONView? = nil, set: JSONView? = nil,
        data: JSONView? = nil, reason: String? = nil, by: String? = nil, requestID: String
    ) {
        self.incidentID = incidentID
        self.resolution = resolution
        self.taskID = taskID
        self.always = always
        self.machineID = machineID
        self.pointer = pointer
        self.input = input
        self.set = set
        self.data = data
        self.reason = reason
        self.by = by
        self.requestID = requestID
    }
}
