import Chrono

public enum CancelMode: String, Sendable, Hashable {
    /// Ends at once; late outcomes are refused.
    case hard
    /// Waits for the tasks that workers hold.
    case cooperative
}

public struct CancellationRequested: Sendable, Equatable {
    public var reason: String
    public var mode: CancelMode
    public var compensate: Bool
    /// The request itself said `compensate: false`; nothing else ends an undoing that has begun.
    public var explicit: Bool
    public var deadlineAt: Instant?
    public var by: String?
    public var requestID: String

    public init(
        reason: String, mode: CancelMode, compensate: Bool, explicit: Bool = false, deadlineAt: Instant? = nil,
        by: String? = nil,
        requestID: String
    ) {
        self.reason = reason
        self.mode = mode
        self.compensate = compensate
        self.explicit = explicit
        self.deadlineAt = deadlineAt
        self.by = by
        self.requestID = requestID
    }
}

public struct OperatorNote: Sendable, Equatable {
    public var reason: String?
    public var by: String?
    public var requestID: String

    public init(reason: String? = nil, by: String? = nil, requestID: String) {
        self.reason = reason
        self.by = by
        self.requestID = requestID
    }
}
