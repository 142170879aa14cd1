import Chrono
import DequeModule

/// Claims that wait for a task, in the order in which they came, and who asked for what last.
struct WaitingClaims {
    struct Waiter {
        let number: Int64
        let request: ClaimRequest
        let until: Instant
    }

    private var byNumber: [Int64: Waiter] = [:]
    /// Numbers per task type, oldest first; numbers that wait no longer are skipped.
    private var byType: [String: Deque<Int64>] = [:]
    private var nextNumber: Int64 = 1
    private var polls: [PollKey: Instant] = [:]

    struct PollKey: Hashable {
        var tenant: String
        var type: String
        var worker: String
    }

    /// Beyond this many, the workers that polled longest ago are forgotten.
    private static let pollLimit = 10_000

    var count: Int { byNumber.count }
    var numbers: [Int64] { byNumber.keys.sorted() }

    mutating func add(_ request: ClaimRequest, until: Instant) -> Int64 {
        let number = nextNumber
        nextNumber += 1
        byNumber[number] = Waiter(number: number, request: request, until: until)
        for type in request.types { byType[type, default: []].append(number) }
        return number
    }

    @discardableResult
    mutating func remove(_ number: Int64) -> Waiter? {
        guard let waiter = byNumber.removeValue(forKey: number) else { return nil }
        for type in waiter.request.types {
            while let first = byType[type]?.first, byNumber[first] == nil { byType[type]?.removeFirst() }
            // Numbers that ended out of order are dropped before they outnumber those that wait.
            if let queue = byType[type], queue.count > 2 * byNumber.count + 16 {
                byType[type] = queue.filter { byNumber[$0] != nil }
            }
            if byType[type]?.isEmpty == true { byType[type] = nil }
        }
        return waiter
    }

    /// Those that wait for any of the types, oldest first.
    func waiting(forAnyOf types: Set<String>) -> [Waiter] {
        guard !byNumber.isEmpty else { return [] }
        var numbers: Set<Int64> = []
        for type in types { numbers.formUnion(byType[type] ?? []) }
        return numbers.sorted().compactMap { byNumber[$0] }
    }

    /// When the first of them has waited long enough.
    var nextEnd: Instant? { byNumber.values.map(\.until).min() }

    /// Takes out those that have waited long enough.
    mutating func ended(at now: Instant) -> [Int64] {
        let over = byNumber.values.filter { $0.until <= now }.map(\.number).sorted()
        for number in over { remove(number) }
        return over
    }

    /// A claim that waits under this id; a newer one with the same id replaces it.
    func waiter(tenant: String, worker: String, claim: String) -> Waiter? {
        byNumber.values.first {
            $0.request.claim == claim && $0.request.tenant == tenant && $0.request.worker == worker
        }
    }

    mutating func notePoll(type: String, worker: String, tenant: String, at now: Instant) {
        polls[PollKey(tenant: tenant, type: type, worker: worker)] = now
        if polls.count > Self.pollLimit {
            let sorted = polls.values.sorted()
            let threshold = sorted[sorted.count / 2]
            polls = polls.filter { $0.value > threshold }
        }
    }

    /// Who asked for tasks and when last, by type.
    func lastPolls(tenant: String) -> [String: [(worker: String, at: Instant)]] {
        var byType: [String: [(worker: String, at: Instant)]] = [:]
        for (key, at) in polls where key.tenant == tenant { byType[key.type, default: []].append((key.worker, at)) }
        return byType.mapValues { $0.sorted { $0.worker < $1.worker } }
    }
}
