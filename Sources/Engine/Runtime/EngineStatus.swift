import Chrono

/// What the outside may know of the engine at any moment.
public struct EngineStatus: Sendable {
    public var tally = EngineTally()
    public var waitingClaims = 0
    public var mailboxDepth = 0
    /// The last commit worked.
    public var isHealthy = true
    /// The time on a test clock; nil on the real one.
    public var testClock: Instant?
    /// Of the file beneath the store; nil without one.
    public var store: StoreCondition?

    public init() {}
}
