import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

extension ProcessionAPI {
    /// What a feed holds from a place on, and the place to go on from.
    typealias FeedQuery =
        @Sendable (_ reader: any ProcessReader, _ place: Int64) throws(HTTPProblem)
        -> (events: [RecordedEvent], next: Int64)

    /// Answers with what is there from `place` on; with nothing there, waits for a commit and looks again, until `wait`
    /// is over.
    func feed(_ call: APICall, from place: Int64, wait: TimeSpan, _ query: @escaping FeedQuery) {
        let deadline = SystemClock.monotonicMicroseconds() + wait.milliseconds * 1000
        // A server that stops wakes the waiting readers through `startDraining`.
        if wait > .zero { call.responder.park() }
        look(call, from: place, until: deadline, query)
    }

    private func look(_ call: APICall, from place: Int64, until deadline: Int64, _ query: @escaping FeedQuery) {
        let seen = feeds.commits
        read(call) { [self] reader throws(HTTPProblem) in
            let (events, next) = try query(reader, place)
            let mayWait = SystemClock.monotonicMicroseconds() < deadline && !call.responder.isGone && !isDraining
            if events.isEmpty, mayWait {
                // The store walks a bounded way over what the filter leaves out; the rest of the way is not waited for.
                if next != place {
                    look(call, from: next, until: deadline, query)
                    return nil
                }
                let again: FeedWaiters.Look = { [self] in look(call, from: place, until: deadline, query) }
                switch feeds.register(until: deadline, since: seen, again) {
                case .waiting(let number, let alarm):
                    let feeds = feeds
                    call.responder.onGone { feeds.remove(number) }
                    if let alarm { ring(at: alarm) }
                    return nil
                case .lookAgain:
                    again()
                    return nil
                case .full: throw HTTPProblem(Problem(.overloaded, "too many readers wait for events"))
                case .closed: break
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

    private func ring(at time: Int64) {
        engine.wake(at: time) { [self] in
            if let next = feeds.ring(at: SystemClock.monotonicMicroseconds()) { ring(at: next) }
        }
    }
}
