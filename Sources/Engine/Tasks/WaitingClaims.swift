import Chrono
import DequeModule

/// Claims that wait for a task, in the order in which they came, and who asked for what last.
struct WaitingClaims {
    struct Waiter {
        let request: ClaimRequest
        let caller: ClaimCaller
        let until: Instant
    }

    private var byTicket: [Int64: Waiter] = [:]
    /// Tickets per task type, oldest first; those that wait no longer are skipped.
    private var byType: [String: Deque<Int64>] = [:]
    private var polls: [PollKey: Instant] = [:]

    struct PollKey: Hashable {
        var tenant: String
        var type: String
        var worker: String
    }

    /// Beyond this many, the workers that polled longest ago are forgotten.
    private static let pollLimit = 10_000

    var count: Int { byTicket.count }
    var tickets: [Int64] { byTicket.keys.sorted() }

    mutating func add(_ request: ClaimRequest, _ caller: ClaimCaller, until: Instant) {
        byTicket[caller.ticket] = Waiter(request: request, caller: caller, until: until)
        for type in request.types { byType[type, default: []].append(caller.ticket) }
    }

    @discardableResult
    mutating func remove(_ ticket: Int64) -> Waiter? {
        guard let waiter = byTicket.removeValue(forKey: ticket) else { return nil }
        for type in waiter.request.types {
            while let first = byType[type]?.first, byTicket[first] == nil { byType[type]?.removeFirst() }
            // Those that ended out of order are dropped before they outnumber those that wait.
            if let queue = byType[type], queue.count > 2 * byTicket.count + 16 {
                byType[type] = queue.filter { byTicket[$0] != nil }
            }
            if byType[type]?.isEmpty == true { byType[type] = nil }
        }
        return waiter
    }

    /// Those that wait for any of the types, oldest first.
    func waiting(forAnyOf types: Set<String>) -> [Waiter] {
        guard !byTicket.isEmpty else { return [] }
        var tickets: Set<Int64> = []
        for type in types { tickets.formUnion(byType[type] ?? []) }
        return tickets.sorted().compactMap { byTicket[$0] }
    }

    /// When the first of them has waited long enough.
    var nextEnd: Instant? { byTicket.values.map(\.until).min() }

    /// Takes out those that have waited long enough.
    mutating func ended(at now: Instant) -> [Int64] {
        let over = byTicket.values.filter { $0.until <= now }.map(\.caller.ticket).sorted()
        for ticket in over { remove(ticket) }
        return over
    }

    /// A claim that waits under this id; a newer one with the same id replaces it.
    func waiter(tenant: String, worker: String, claim: String) -> Waiter? {
        byTicket.values.first {
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
    func lastPolls(tenant: String) -> [String: [Poll]] {
        var byType: [String: [Poll]] = [:]
        for (key, at) in polls where key.tenant == tenant {
            byType[key.type, default: []].append(Poll(worker: key.worker, at: at))
        }
        return byType.mapValues { $0.sorted { $0.worker < $1.worker } }
    }
}
