import Chrono
import Engine
import HTTPServer
import Synchronization

extension ProcessionAPI {
    /// Answers with what the feed has from `place` on. With nothing there, waits for up to `wait`; or, where the client
    /// prefers it, follows the feed as a stream of server-sent events.
    func serve(_ feed: Feed, _ call: APICall, from place: Int64, wait: TimeSpan) throws(HTTPProblem) {
        let feed = guarded(feed, for: call.caller)
        let last = try call.lastEventID()
        if call.prefersEventStream {
            follow(feed, call, from: last.map(feed.numbering.place) ?? place)
            return
        }
        let deadline = SystemClock.monotonicMicroseconds() + wait.milliseconds * 1000
        if wait > .zero { call.responder.park() }
        let feeds = feeds
        let seen = feeds.commits
        read(call) { reader throws(HTTPProblem) in
            let page = try feed.page(reader, place)
            guard page.items.isEmpty, wait > .zero, !call.responder.isGone else { return feed.response(page) }
            let poll = LongPoll(call, feed, from: page.next)
            switch feeds.add(poll, until: deadline, seen: page.next == place ? seen : FeedDesk.unseen) {
            case .waiting(let number):
                call.responder.onGone { feeds.remove(number) }
                return nil
            case .full: throw HTTPProblem(Problem(.overloaded, "too many readers wait for events"))
            case .closed: return feed.response(page)
            }
        }
    }
}

/// A request for events that is held back until there are some. It remembers how far it has looked.
final class LongPoll: FeedFollower {
    private let call: APICall
    private let feed: Feed
    private let place: Atomic<Int64>

    init(_ call: APICall, _ feed: Feed, from place: Int64) {
        self.call = call
        self.feed = feed
        self.place = Atomic(place)
    }

    func look(with reader: any ProcessReader) -> FeedStep {
        let from = place.load(ordering: .relaxed)
        do throws(HTTPProblem) {
            let page = try feed.page(reader, from)
            if page.items.isEmpty {
                place.store(page.next, ordering: .relaxed)
                return page.next == from ? .rest : .goOn
            }
            call.respond(feed.response(page))
        } catch {
            call.fail(error)
        }
        return .done
    }

    func timeIsUp(at now: Int64) -> Int64? {
        end()
        return nil
    }

    func end() {
        call.respond(feed.emptyResponse(upTo: place.load(ordering: .relaxed)))
    }

    func whenReady(_ body: @escaping @Sendable () -> Void) {
        body()
    }
}
