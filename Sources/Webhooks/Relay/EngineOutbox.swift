import Engine

/// What the engine has to hear, until it has heard it. Confined to the relay's thread.
struct EngineOutbox {
    private struct Sent {
        var request: EngineRequest
        /// The deliveries that it reports on.
        var deliveries: [RowHandle]
    }

    var reports: [DeliveryReport] = []
    var outcomes: [OutcomeRequest] = []
    var releases: [ReleaseRequest] = []
    private var sent: [Int: Sent] = [:]
    /// Those that the engine could not take.
    private var refused: [Sent] = []
    private var count = 0
    /// When they are sent again, by the monotonic clock.
    private(set) var retryAt: Int64?

    static let pause: Int64 = 1_000_000

    var isEmpty: Bool {
        reports.isEmpty && outcomes.isEmpty && releases.isEmpty && sent.isEmpty && refused.isEmpty
    }

    /// What is to be sent now, with the number under which its answer is told. Reports and outcomes that came together
    /// go together.
    mutating func take(at now: Int64) -> [(number: Int, request: EngineRequest)] {
        var batch: [Sent] = []
        if let retryAt, retryAt <= now {
            batch = refused
            refused = []
            self.retryAt = nil
        }
        if !outcomes.isEmpty { batch.append(Sent(request: .outcomes(outcomes), deliveries: [])) }
        batch += releases.map { Sent(request: .release($0), deliveries: []) }
        if !reports.isEmpty {
            batch.append(Sent(request: .reportDeliveries(reports), deliveries: reports.compactMap(\.delivery)))
        }
        (reports, outcomes, releases) = ([], [], [])
        return batch.map { item in
            count += 1
            sent[count] = item
            return (number: count, request: item.request)
        }
    }

    /// The engine's answer. What it could not take is kept for later, unless there is no later.
    ///
    /// - Returns: deliveries that are not under way any more.
    mutating func told(_ number: Int, isTaken: Bool, isLast: Bool, at now: Int64) -> [RowHandle] {
        guard let item = sent.removeValue(forKey: number) else { return [] }
        if isTaken || isLast { return item.deliveries }
        refused.append(item)
        retryAt = retryAt ?? now + Self.pause
        return []
    }
}

extension EngineAnswer {
    /// Whether the request is settled, one way or the other: asking again would change nothing.
    var isSettled: Bool {
        guard case .problem(let problem) = self else { return true }
        switch problem.code {
        case .overloaded, .storeUnavailable, .conflict: return false
        default: return true
        }
    }
}
