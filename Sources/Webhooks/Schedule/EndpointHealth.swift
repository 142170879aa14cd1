import Chrono

/// How long an endpoint has done nothing but fail.
public struct EndpointHealth: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        case active
        /// Five days of failures, and not one success.
        case disabledByFailures
        /// The receiver said so with 410.
        case disabledByReceiver
    }

    /// Five days.
    static let patience = TimeSpan.hours(120)

    /// The end of the first failed attempt since the last success; nil while all is well.
    public var failingSince: Instant?

    public init(failingSince: Instant? = nil) {
        self.failingSince = failingSince
    }

    /// Takes in an attempt. One success forgets all failures before it.
    public mutating func record(_ result: AttemptResult, at now: Instant) -> Verdict {
        switch result {
        case .success:
            failingSince = nil
            return .active
        case .gone:
            return .disabledByReceiver
        case .failure:
            // Reports may come out of order.
            let since = min(failingSince ?? now, now)
            failingSince = since
            return now - since >= Self.patience ? .disabledByFailures : .active
        }
    }
}
