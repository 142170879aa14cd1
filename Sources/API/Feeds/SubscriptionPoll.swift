import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import Synchronization

/// A request for the next batch of a subscription.
///
/// A reader finds the batch; the engine, which alone knows of all leases, gives it to this caller or to somebody who was
/// faster. While a batch is leased to another caller this one rests: the end of that lease is a commit, and wakes it.
final class SubscriptionPoll: FeedFollower {
    /// The cursor is moved over what the filter leaves out before the wait is over if there is so much of it.
    private static let longestSilence: Int64 = 1_000

    private struct State {
        /// Nothing up to here passes the filter of the subscription with this tag.
        var place: Int64 = 0
        var tag = ""
        /// As it was at the last look.
        var seen: SubscriptionPlace?
        /// The engine has been asked for a lease and has not answered.
        var isAsking = false
        var isOver = false
        var isDone = false
        var whenReady: (@Sendable () -> Void)?
    }

    private let call: APICall
    private let engine: EngineThread
    private let name: String
    private let limit: Int
    private let lease: TimeSpan
    private let isStopping: @Sendable () -> Bool
    private let checkCaller: @Sendable () throws(HTTPProblem) -> Void
    private let state = Mutex(State())

    /// `checkCaller` throws once the caller may not read any more.
    init(
        _ call: APICall, _ engine: EngineThread, name: String, limit: Int, lease: TimeSpan,
        isStopping: @escaping @Sendable () -> Bool, checkCaller: @escaping @Sendable () throws(HTTPProblem) -> Void
    ) {
        self.call = call
        self.engine = engine
        self.name = name
        self.limit = limit
        self.lease = lease
        self.isStopping = isStopping
        self.checkCaller = checkCaller
    }

    func look(with reader: any ProcessReader) -> FeedStep {
        let (known, isAsking, isDone) = state.withLock { (($0.tag, $0.place), $0.isAsking, $0.isDone) }
        if isDone { return .done }
        if isAsking { return .pause }
        do throws(HTTPProblem) {
            try checkCaller()
            let found = try find(with: reader, known)
            let place = SubscriptionPlace(found.subscription)
            guard let page = found.page else {
                state.withLock { $0.seen = place }
                return .rest
            }
            if page.events.isEmpty || call.request.method == "HEAD" { return pass(over: page, found, place) }
            return ask(for: page, found, place)
        } catch {
            finish { self.call.fail(error) }
            return .done
        }
    }

    private struct Finding {
        var subscription: StoredSubscription
        var from: Int64
        /// Nil while a batch is leased.
        var page: EventPage?
    }

    private func find(
        with reader: any ProcessReader, _ known: (tag: String, place: Int64)
    ) throws(HTTPProblem) -> Finding {
        let found = try reading { () throws(StoreError) in
            try reader.snapshot { () throws(StoreError) -> Finding? in
                guard let stored = try reader.subscription(name, tenant: call.tenant) else { return nil }
                let scanned = known.tag == stored.entityTag ? known.place : 0
                var finding = Finding(subscription: stored, from: max(stored.row.position, scanned))
                guard stored.row.lease == nil else { return finding }
                finding.page = try reader.events(
                    tenant: call.tenant, after: finding.from, matching: stored.row.filter.withoutOperators, limit: limit
                )
                return finding
            }
        }
        guard let found else {
            throw HTTPProblem(Problem(.subscriptionNotFound, "there is no subscription '\(name)'"))
        }
        try found.subscription.row.filter.checkCategory(for: call.caller)
        return found
    }

    /// Nothing is there, up to the end of the page.
    private func pass(over page: EventPage, _ found: Finding, _ place: SubscriptionPlace) -> FeedStep {
        guard page.events.isEmpty else { return .goOn }
        state.withLock { state in
            state.tag = place.entityTag
            state.place = page.next
            state.seen = place
        }
        if page.next - place.position >= Self.longestSilence {
            engine.submit(.subscriptions(.pass(place, to: page.next))) { _ in }
        }
        return page.next == found.from ? .rest : .goOn
    }

    private func ask(for page: EventPage, _ found: Finding, _ place: SubscriptionPlace) -> FeedStep {
        let asks = state.withLock { state in
            if state.isDone { return false }
            state.isAsking = true
            state.seen = place
            return true
        }
        guard asks else { return .done }
        let (responder, isStopping) = (call.responder, isStopping)
        let request = BatchRequest(
            place: place, from: found.from, through: page.next, lease: lease,
            isGone: { responder.isGone || isStopping() })
        engine.submit(.subscriptions(.lease(request))) { [self] in settle($0, page) }
        return .pause
    }

    private func settle(_ answer: EngineAnswer, _ page: EventPage) {
        switch answer {
        case .subscription(.leased(let token, let end)):
            finish { self.call.respond { Self.response(page.events, next: page.next, token: token, end) } }
        case .problem(let problem): finish { self.call.fail(HTTPProblem(problem)) }
        default: break
        }
        let (isOver, ready) = state.withLock { state in
            state.isAsking = false
            defer { state.whenReady = nil }
            return (state.isOver, state.whenReady)
        }
        if isOver { end() }
        ready?()
    }

    func timeIsUp(at now: Int64) -> Int64? {
        end()
        // The engine's answer is the answer.
        return state.withLock { $0.isDone } ? nil : now + 1_000_000
    }

    /// Answers without events; if the engine is being asked, then only if it gives no lease.
    func end() {
        let (isAsking, seen, place) = state.withLock { state in
            state.isOver = true
            let place = state.seen.map { state.tag == $0.entityTag ? max($0.position, state.place) : $0.position }
            return (state.isAsking, state.seen, place ?? 0)
        }
        if isAsking { return }
        finish {
            // So that the next poll need not pass it again, and the lag is true.
            if let seen, place > seen.position {
                self.engine.submit(.subscriptions(.pass(seen, to: place))) { _ in }
            }
            self.call.respond(Self.response([], next: place, token: nil, nil))
        }
    }

    func whenReady(_ body: @escaping @Sendable () -> Void) {
        let isReady = state.withLock { state in
            if state.isAsking { state.whenReady = body }
            return !state.isAsking
        }
        if isReady { body() }
    }

    /// Once.
    private func finish(_ answer: () -> Void) {
        let isFirst = state.withLock { state in
            defer { state.isDone = true }
            return !state.isDone
        }
        if isFirst { answer() }
    }

    private static func response(
        _ events: [RecordedEvent], next: Int64, token: String?, _ end: Instant?
    ) -> HTTPResponse {
        .answer { writer in
            writer.beginObject()
            writer.list("events", events) { $0.recorded($1) }
            writer.member("next", next)
            writer.nullable("token", token)
            writer.nullable("expires_at", end?.rfc3339)
            writer.endObject()
        }
    }
}
