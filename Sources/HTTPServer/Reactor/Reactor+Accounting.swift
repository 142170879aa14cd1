import Glibc

/// What is counted and told of each answer.
extension Reactor {
    /// The request goes to the handler, or was refused by its head.
    func remember(_ connection: Connection, _ head: HTTPRequestHead) {
        connection.requestStart = Self.monotonicNanoseconds()
        guard seat.onAnswer != nil else { return }
        connection.requestMethod = head.method
        connection.requestTarget = head.rawTarget
    }

    func account(_ connection: Connection, _ response: HTTPResponse) {
        seat.counters.countAnswer(response.status)
        let started = connection.requestStart
        connection.requestStart = 0
        var microseconds: Int64 = 0
        if started > 0 {
            microseconds = Int64((Self.monotonicNanoseconds() - started) / 1_000)
            let isHeldBack = connection.streamBudget != nil || connection.responder?.isParked == true
            if !isHeldBack { seat.counters.countDuration(microseconds) }
        }
        guard let onAnswer = seat.onAnswer else { return }
        onAnswer(
            HTTPExchange(
                method: connection.requestMethod,
                path: String(connection.requestTarget.prefix { $0 != "?" }), status: response.status,
                contentBytes: response.body.count, microseconds: microseconds,
                requestID: response["X-Request-Id"] ?? "", remoteAddress: connection.remoteAddress))
        connection.requestMethod = ""
        connection.requestTarget = ""
    }

    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
