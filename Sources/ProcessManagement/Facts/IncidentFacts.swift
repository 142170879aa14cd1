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
    public var by: String?
    /// The request that asked for it; ids of what follows are made from it.
    public var requestID: String

    public init(
        incidentID: IncidentID, resolution: Resolution, taskID: TaskID? = nil, by: String? = nil, requestID: String
    ) {
        self.incidentID = incidentID
        self.resolution = resolution
        self.taskID = taskID
        self.by = by
        self.requestID = requestID
    }
}
