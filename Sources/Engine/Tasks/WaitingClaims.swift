import Chrono
import DequeModule
import HeapModule
import JSON

/// Claims that wait for a task, in the order in which they came, and who asked for what last.
///
/// What a batch changes can be taken back until it is committed, at the cost of the change and not of all that wait.
struct WaitingClaims {
    struct Waiter {
        let request: ClaimRequest
        let caller: ClaimCaller
        let until: Instant
    }

    private var byTicket: [Int64: Waiter] = [:]
    /// Tickets per task type, oldest first; those that wait no longer are skipped.
    private var byType: [ExactText: Deque<Int64>] = [:]
    /// When each has waited long enough; those that wait no longer are skipped.
    private var ends = Heap<End>()
    private var changes: [Change] = []
    private var polls: [PollKey: Instant] = [:]

    private struct End: Comparable {
        let at: Instant
        let ticket: Int64

        static func < (left: End, right: End) -> Bool { (left.at, left.ticket) < (right.at, right.ticket) }
    }

    private enum Change {
        case added(Int64)
        case removed(Waiter)
    }

    struct PollKey: Hashable {
        let tenant: ExactText
        let type: ExactText
        let worker: ExactText

        init(tenant: String, type: String, worker: String) {
            self.tenant = ExactText(tenant)
            self.type = ExactText(type)
            self.worker = ExactText(worker)
        }
    }

    /// Beyond this many, the workers that polled longest ago are forgotten.
    private static let pollLimit = 10_000
    /// No task has a longer type.
    private static let longestType = 255

    /// What was changed so far stays.
    mutating func commit() {
        changes.removeAll(keepingCapacity: true)
    }

    /// Takes back what was changed since the last commit. Who polled when is no part of that.
    mutating func rollback() {
        while let change = changes.popLast() {
            switch change {
            case .added(let ticket): drop(ticket)
            case .removed(let waiter): keep(waiter)
            }
        }
    }

    mutating func add(_ request: ClaimRequest, _ caller: ClaimCaller, until: Instant) {
        keep(Waiter(request: request, caller: caller, until: until))
        changes.append(.added(caller.ticket))
    }

    mutating func remove(_ ticket: Int64) {
        if let waiter = drop(ticket) { changes.append(.removed(waiter)) }
    }

    private mutating func keep(_ waiter: Waiter) {
        let ticket = waiter.caller.ticket
        byTicket[ticket] = waiter
        for type in waiter.request.types { byType[type, default: []].append(ticket) }
        ends.insert(End(at: waiter.until, ticket: ticket))
    }

    @discardableResult
    private mutating func drop(_ ticket: Int64) -> Waiter? {
        guard let waiter = byTicket.removeValue(forKey: ticket) else { return nil }
        for type in waiter.request.types {
            while let first = byType[type]?.first, byTicket[first] == nil { byType[type]?.removeFirst() }
            // Those that ended out of order are dropped before they outnumber those that wait.
            if let queue = byType[type], queue.count > 2 * byTicket.count + 16 {
                byType[type] = queue.filter { byTicket[$0] != nil }
            }
            if byType[type]?.isEmpty == true { byType[type] = nil }
        }
        if ends.count > 2 * byTicket.count + 16 {
            ends = Heap(byTicket.values.map { End(at: $0.until, ticket: $0.caller.ticket) })
        }
        return waiter
    }

    /// Those that wait for any of the types, oldest first.
    func waiting(forAnyOf types: Set<ExactText>) -> [Waiter] {
        guard !byTicket.isEmpty else { return [] }
        var tickets: Set<Int64> = []
        for type in types { tickets.formUnion(byType[type] ?? []) }
        return tickets.sorted().compactMap { byTicket[$0] }
    }

    /// When the first of them has waited long enough.
    var nextEnd: Instant? {
        mutating get {
            while let end = ends.min, byTicket[end.ticket] == nil { ends.removeMin() }
            return ends.min?.at
        }
    }

    /// Takes out those that have waited long enough. Not to be taken back.
    mutating func ended(at now: Instant) -> [Int64] {
        var over: [Int64] = []
        while let next = nextEnd, next <= now {
            let ticket = ends.removeMin().ticket
            drop(ticket)
            over.append(ticket)
        }
        return over
    }

    /// A claim that waits under this id; a newer one with the same id replaces it.
    func waiter(tenant: String, worker: String, claim: String) -> Waiter? {
        byTicket.values.first {
            ExactText.sameBytes($0.request.claim ?? "", claim) && ExactText.sameBytes($0.request.worker, worker)
                && ExactText.sameBytes($0.request.tenant, tenant)
        }
    }

    mutating func notePoll(type: String, worker: String, tenant: String, at now: Instant) {
        guard type.utf8.count <= Self.longestType else { return }
        polls[PollKey(tenant: tenant, type: type, worker: worker)] = now
        if polls.count > Self.pollLimit {
            let sorted = polls.values.sorted()
            let threshold = sorted[sorted.count / 2]
            polls = polls.filter { $0.value > threshold }
        }
    }

    /// Who asked for tasks and when last, by type.
    func lastPolls(tenant: String) -> [ExactText: [Poll]] {
        var byType: [ExactText: [Poll]] = [:]
        for (key, at) in polls where key.tenant == ExactText(tenant) {
            byType[key.type, default: []].append(Poll(worker: key.worker.text, at: at))
        }
        return byType.mapValues { $0.sorted { ExactText.order($0.worker, $1.worker) < 0 } }
    }
}
