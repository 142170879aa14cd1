import Chrono

/// How long what is over is kept; nil: for ever.
public struct RetentionPolicy: Sendable, Equatable {
    /// Processes, from their end.
    public var ended: TimeSpan?
    /// By which repeats of events are known, from their arrival.
    public var inbox: TimeSpan?
    /// Events that found no process, from their arrival.
    public var unmatched: TimeSpan?
    /// By which repeats of other requests are known.
    public var requests: TimeSpan?

    public init(
        ended: TimeSpan? = nil, inbox: TimeSpan? = nil, unmatched: TimeSpan? = nil, requests: TimeSpan? = nil
    ) {
        self.ended = ended
        self.inbox = inbox
        self.unmatched = unmatched
        self.requests = requests
    }

    var isForEver: Bool { self == RetentionPolicy() }
}

/// Where the engine stands with making room.
struct RetentionState {
    var policy = RetentionPolicy()
    /// When to look again; nil: not known yet.
    var nextLook: Instant?
    /// Records of removed processes wait to be purged.
    var hasRemoved = false
    /// How far the present sweep over the inbox has come; nil between sweeps.
    var inboxPlace: InboxKey?
    var nextInboxSweep: Instant?
}
