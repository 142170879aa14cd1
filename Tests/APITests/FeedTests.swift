import Engine
import Glibc
import HTTPServer
import JSON
import Synchronization
import Testing

@testable import API

/// Readers that wait for events.
@Suite("Feeds")
struct FeedTests {
    private static let waits: [(name: String, value: String)] = [("wait", "60s")]

    @Test("a waiting reader of a feed is answered as soon as something is committed")
    func wakes() throws {
        let desk = try Desk()
        let answer = desk.begin("GET", "/events", query: Self.waits)
        desk.startProcess("k1")
        let (_, json) = answer.wait()
        #expect(json["events"]?[0]?["type"]?.stringValue == "ProcessStarted")
    }

    @Test("a reader of one process is not answered by what happens to another")
    func otherProcess() throws {
        let desk = try Desk()
        let id = desk.startProcess("k1")
        let version = try #require(desk.call("GET", "/processes/\(id)").json["version"]?.int64Value)
        let answer = desk.begin(
            "GET", "/processes/\(id)/events", query: Self.waits + [("from", "\(version + 1)")])
        desk.startProcess("k2")
        _ = desk.call("POST", "/processes/\(id)/suspend", #"{"reason":"r"}"#)
        let (_, json) = answer.wait()
        #expect(json["events"]?[0]?["type"]?.stringValue == "ProcessSuspended")
        #expect(json["events"]?[0]?["version"]?.int64Value == version + 1)
    }

    @Test("a wait that is over is answered with no events and the place to go on from")
    func timesOut() throws {
        let desk = try Desk()
        desk.startProcess("k1")
        let all = desk.call("GET", "/events").json
        let (response, json) = desk.begin(
            "GET", "/events", query: [("wait", "20ms"), ("type", "NeverSeen")]
        ).wait()
        #expect(response.status == 200)
        #expect(json["events"]?.arrayValue?.isEmpty == true)
        #expect(json["next"] == all["next"])
    }

    @Test("waiting readers are answered at once when the service stops, and later ones do not wait")
    func stops() throws {
        let desk = try Desk()
        let id = desk.startProcess("k1")
        let waiting = [
            desk.begin("GET", "/events", query: Self.waits + [("after", "1000")]),
            desk.begin("GET", "/processes/\(id)/events", query: Self.waits + [("from", "1000")]),
        ]
        while desk.api.feeds.count < 2 { Self.yield() }
        desk.api.startDraining()
        for answer in waiting + [desk.begin("GET", "/events", query: Self.waits + [("after", "1000")])] {
            let (response, json) = answer.wait()
            #expect(response.status == 200)
            #expect(json["events"]?.arrayValue?.isEmpty == true)
            #expect(json["next"]?.int64Value == 1000)
        }
    }

    @Test("one reader too many is refused as overloaded, not answered with an empty page")
    func full() throws {
        let desk = try Desk(maxFollowers: 2)
        let waiting = (1...2).map { _ in desk.begin("GET", "/events", query: Self.waits) }
        while desk.api.feeds.count < 2 { Self.yield() }
        let (response, json) = desk.begin("GET", "/events", query: Self.waits).wait()
        #expect(response.status == 503)
        #expect(json["code"] == "overloaded")
        #expect(response["Retry-After"] == "1")
        // Those who need not wait are served.
        desk.startProcess("k1")
        #expect(desk.call("GET", "/events").response.status == 200)
        for answer in waiting { #expect(answer.wait().response.status == 200) }
    }

    @Test("readers that wait look again only after a commit, and only from where they stopped")
    func looksFromItsPlace() throws {
        let bench = FeedBench()
        defer { bench.close() }
        // 40 events that the filter leaves out, walked in steps of ten.
        bench.end.place = 40
        let (polls, logs) = (0..<20).map { _ in bench.poll(from: 0) }.reduce(into: ([PendingAnswer](), [LookLog]())) {
            $0.0.append($1.answer)
            $0.1.append($1.log)
        }
        for log in logs { log.wait(for: 5) }
        // A commit with nothing for anybody.
        bench.end.place = 50
        bench.desk.committed()
        for log in logs { log.wait(for: 7) }
        // For the whole wait of another reader nothing happens, so nobody looks.
        let (other, _) = bench.poll(from: 50, wait: 100_000)
        #expect(other.wait().json["next"]?.int64Value == 50)
        for log in logs { #expect(log.places == [0, 10, 20, 30, 40, 40, 50]) }
        #expect(polls.allSatisfy { !$0.isThere })
        while bench.desk.count > 20 { Self.yield() }
    }

    @Test("a commit between the look and the wait is not missed")
    func commitInBetween() throws {
        let bench = FeedBench()
        defer { bench.close() }
        let seen = bench.desk.commits
        bench.desk.committed()
        let (answer, log) = bench.poll(from: 0, seen: seen)
        log.wait(for: 1)
        #expect(log.places == [0])
        #expect(!answer.isThere)
    }

    @Test("a reader whose connection is gone waits no more")
    func gone() throws {
        let bench = FeedBench()
        defer { bench.close() }
        let (answer, _) = bench.poll(from: 0)
        bench.desk.remove(1)
        #expect(bench.desk.count == 0)
        bench.close()
        #expect(!answer.isThere)
    }

    static func yield() { sched_yield() }
}

/// A desk with feeds of which nothing is shown, for counting looks.
private final class FeedBench {
    let desk: FeedDesk
    let end = FeedEnd()
    private let readers: ReaderPool

    init() {
        let store = InMemoryProcessStore()
        let pool = (try? store.makeReader()).map { [$0] } ?? []
        nonisolated(unsafe) let handedOver = pool
        readers = ReaderPool(readers: handedOver)
        desk = FeedDesk(readers: readers, capacity: 100)
    }

    func poll(
        from place: Int64, seen: Int64? = nil, wait microseconds: Int64 = 60_000_000
    ) -> (answer: PendingAnswer, log: LookLog) {
        let (answer, log, end) = (PendingAnswer(), LookLog(), end)
        let feed = Feed(.position) { _, place throws(HTTPProblem) in
            log.add(place)
            return Feed.Page(events: [], next: min(place + 10, max(place, end.place)))
        }
        let request = HTTPRequest(method: "GET", path: ["events"], query: [], headers: HTTPFields(), body: [])
        let call = APICall(request: request, responder: answer.responder, requestID: "1")
        let deadline = SystemClock.monotonicMicroseconds() + microseconds
        let isAtEnd = place == end.place
        _ = desk.add(
            LongPoll(call, feed, from: place), until: deadline,
            seen: seen ?? (isAtEnd ? desk.commits : FeedDesk.unseen))
        return (answer, log)
    }

    private var isClosed = false

    func close() {
        guard !isClosed else { return }
        isClosed = true
        desk.close()
        readers.stop()
    }
}

/// Up to which place the feeds of a bench lead.
private final class FeedEnd: Sendable {
    private let value = Atomic<Int64>(0)
    var place: Int64 {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}

/// The places from which a reader looked.
private final class LookLog: Sendable {
    private let looks = Mutex<[Int64]>([])
    var places: [Int64] { looks.withLock { $0 } }
    func add(_ place: Int64) { looks.withLock { $0.append(place) } }
    func wait(for count: Int) { while places.count < count { FeedTests.yield() } }
}
