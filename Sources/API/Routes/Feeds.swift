import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import Synchronization

/// Readers of a feed that wait for something new. Each commit wakes all of them; each then looks again.
final class FeedWaiters: Sendable {
    private struct State: Sendable {
        var waiting: [Int64: @Sendable () -> Void] = [:]
        var next: Int64 = 1
        var commits: Int64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Each waiter costs a look at every commit, so there is a bound.
    private static let limit = 1000

    /// Counts commits: a reader that looked before a commit must not go to sleep after it.
    var commits: Int64 { state.withLock { $0.commits } }

    /// Registers unless something was committed since `seen`. `.now`: look again at once; nil: too many wait already.
    enum Registration {
        case waiting(Int64)
        case lookAgain
        case refused
    }

    func register(since seen: Int64, _ wake: @escaping @Sendable () -> Void) -> Registration {
        state.withLock { state in
            if state.isClosed || state.waiting.count >= Self.limit { return .refused }
            if state.commits != seen { return .lookAgain }
            let number = state.next
            state.next += 1
            state.waiting[number] = wake
            return .waiting(number)
        }
    }

    func remove(_ number: Int64) -> Bool {
        state.withLock { $0.waiting.removeValue(forKey: number) != nil }
    }

    func wakeAll() {
        let woken = state.withLock { state in
            state.commits += 1
            guard !state.waiting.isEmpty else { return [@Sendable () -> Void]() }
            defer { state.waiting.removeAll(keepingCapacity: true) }
            return Array(state.waiting.values)
        }
        for wake in woken { wake() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wakeAll()
    }
}

extension ProcessionAPI {
    typealias FeedQuery = @Sendable (any ProcessReader) throws(HTTPProblem) -> (events: [RecordedEvent], next: Int64)

    /// Answers with what is there; with nothing there, waits for a commit and looks again, until `wait` is over.
    func feed(_ call: APICall, wait: TimeSpan, _ query: @escaping FeedQuery) {
        let deadline = SystemClock.monotonicMicroseconds() + wait.milliseconds * 1000
        if wait > .zero { call.responder.park() }
        look(call, until: deadline, query)
    }

    private func look(_ call: APICall, until deadline: Int64, _ query: @escaping FeedQuery) {
        let seen = feeds.commits
        read(call) { [self] reader throws(HTTPProblem) in
            let (events, next) = try query(reader)
            let isOver = SystemClock.monotonicMicroseconds() >= deadline
            if events.isEmpty, !isOver, !call.responder.isGone, !isDraining {
                switch feeds.register(since: seen, { [self] in look(call, until: deadline, query) }) {
                case .waiting(let number):
                    wakeLater(number, call, until: deadline, query)
                    return nil
                case .lookAgain:
                    look(call, until: deadline, query)
                    return nil
                case .refused: break
                }
            }
            return .answer { writer in
                writer.beginObject()
                writer.list("events", events) { $0.recorded($1) }
                writer.member("next", next)
                writer.endObject()
            }
        }
    }

    private func wakeLater(_ number: Int64, _ call: APICall, until deadline: Int64, _ query: @escaping FeedQuery) {
        let feeds = feeds
        call.responder.onGone { _ = feeds.remove(number) }
        engine.wake(at: deadline) { [self] in
            if feeds.remove(number) { look(call, until: deadline, query) }
        }
    }
}
