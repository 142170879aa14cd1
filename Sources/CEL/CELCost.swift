/// What an evaluation may use up.
///
/// Every step costs one, and everything that grows with its operands (comparing, copying, searching, matching) costs
/// by their size, so that time and memory of an evaluation are bounded by the limit whatever the expression and the
/// data are. One unit is at most about 50 ns of work or 64 bytes of memory.
public struct CELCost: Sendable, Hashable {
    public let limit: Int
    public private(set) var used = 0

    public init(limit: Int = 100_000) {
        self.limit = limit
    }

    /// Several evaluations may share one cost. Fails once the limit is passed, and then for good.
    public mutating func charge(_ units: Int) throws(CELError) {
        if !spend(units) {
            throw CELError(code: .costExceeded, message: CELCost.message(limit))
        }
    }

    @inline(__always)
    mutating func pay(_ units: Int) throws(Fault) {
        if !spend(units) { throw Fault(.costExceeded, CELCost.message(limit)) }
    }

    /// For work that grows with bytes.
    @inline(__always)
    mutating func pay(bytes: Int) throws(Fault) {
        try pay(bytes >> 5)
    }

    @inline(__always)
    private mutating func spend(_ units: Int) -> Bool {
        let (sum, overflow) = used.addingReportingOverflow(units)
        used = overflow ? .max : sum
        return used <= limit
    }

    private static func message(_ limit: Int) -> String {
        "the expression costs more than \(limit) steps"
    }
}
