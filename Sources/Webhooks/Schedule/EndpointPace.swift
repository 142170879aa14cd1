/// How fast one endpoint is served: how many attempts at once, how many a second, and when it needs a rest.
///
/// Each endpoint has its own, so that one that hangs holds up only itself. Times are microseconds of a clock that never
/// goes back. It lives in memory: after a restart every endpoint begins at its full pace.
struct EndpointPace: Sendable {
    /// What was asked for.
    private(set) var maxInFlight: Int
    private var rate: TokenBucket?
    /// What is possible at the moment: halved by a sign of overload, one more with each success.
    private(set) var limit: Int
    private(set) var inFlight = 0
    private var restsUntil: Int64 = 0
    private var overloads = 0

    /// The longest rest after 502 and 504, which grows from one second.
    static let longestRest: Int64 = 60_000_000

    /// - Parameter ratePerSecond: no limit if nil; has to be positive.
    init(maxInFlight: Int, ratePerSecond: Int?) {
        precondition(maxInFlight > 0, "an endpoint that takes nothing at a time gets nothing")
        self.maxInFlight = maxInFlight
        limit = maxInFlight
        rate = ratePerSecond.map { TokenBucket(ratePerSecond: $0) }
    }

    /// Takes new settings over, and keeps what is known of the endpoint.
    mutating func change(maxInFlight: Int, ratePerSecond: Int?) {
        precondition(maxInFlight > 0, "an endpoint that takes nothing at a time gets nothing")
        limit = limit == self.maxInFlight ? maxInFlight : min(limit, maxInFlight)
        self.maxInFlight = maxInFlight
        if rate?.ratePerSecond != ratePerSecond { rate = ratePerSecond.map { TokenBucket(ratePerSecond: $0) } }
    }

    /// How many could be begun now as far as attempts at once go.
    var free: Int { max(0, limit - inFlight) }

    /// Begins an attempt if that is possible now.
    mutating func begin(at now: Int64) -> Bool {
        guard free > 0, now >= restsUntil, rate?.take(at: now) ?? true else { return false }
        inFlight += 1
        return true
    }

    /// When time alone makes the next attempt possible; nil if one has to end first.
    func nextStart(at now: Int64) -> Int64? {
        guard free > 0 else { return nil }
        return max(now, restsUntil, rate?.nextToken(at: now) ?? now)
    }

    /// As if it had not begun.
    mutating func takeBack() {
        inFlight -= 1
        rate?.putBack()
    }

    /// Whether an attempt could begin now.
    func isReady(at now: Int64) -> Bool { nextStart(at: now) == now }

    /// How many attempts could begin now.
    func startsNow(at now: Int64) -> Int {
        guard now >= restsUntil else { return 0 }
        return min(free, rate?.tokens(at: now) ?? free)
    }

    /// The receiver has asked for a rest that is not over.
    func isResting(at now: Int64) -> Bool { now < restsUntil }

    /// Ends an attempt. `rest`: microseconds that the receiver has asked for.
    mutating func end(_ result: AttemptResult, at now: Int64, rest: Int64? = nil) {
        inFlight -= 1
        guard case .failure(let failure) = result, failure.code.asksToSlowDown else {
            if case .success = result {
                overloads = 0
                limit = min(maxInFlight, limit + 1)
            } else if let rest {
                restsUntil = max(restsUntil, now + rest)
            }
            return
        }
        limit = max(1, limit / 2)
        let pause: Int64
        if failure.code == .status(429) {
            pause = rest ?? Self.longestRest
        } else if case .status = failure.code {
            pause = max(rest ?? 0, min(Self.longestRest, 1_000_000 << Int64(min(overloads, 6))))
        } else {
            pause = 0
        }
        overloads += 1
        restsUntil = max(restsUntil, now + pause)
    }
}

/// A rate with small bursts: what was not used in the last tenth of a second can be used at once.
struct TokenBucket: Sendable {
    let ratePerSecond: Int
    /// One token is as many microseconds times the rate, so that all is whole numbers.
    private static let token: Int64 = 1_000_000
    private let capacity: Int64
    private var level: Int64
    private var filledAt: Int64?

    init(ratePerSecond: Int) {
        precondition(ratePerSecond > 0, "a rate of nothing is a pause")
        self.ratePerSecond = ratePerSecond
        capacity = Self.token * Int64(max(1, ratePerSecond / 10))
        level = capacity
    }

    mutating func take(at now: Int64) -> Bool {
        level = filled(at: now)
        filledAt = now
        guard level >= Self.token else { return false }
        level -= Self.token
        return true
    }

    mutating func putBack() {
        level = min(capacity, level + Self.token)
    }

    func tokens(at now: Int64) -> Int { Int(filled(at: now) / Self.token) }

    /// The first moment at which `take` succeeds.
    func nextToken(at now: Int64) -> Int64 {
        let missing = Self.token - filled(at: now)
        let rate = Int64(ratePerSecond)
        return missing <= 0 ? now : now + (missing + rate - 1) / rate
    }

    private func filled(at now: Int64) -> Int64 {
        guard let filledAt, now > filledAt else { return level }
        let (gained, overflow) = (now - filledAt).multipliedReportingOverflow(by: Int64(ratePerSecond))
        return overflow || gained >= capacity - level ? capacity : level + gained
    }
}
