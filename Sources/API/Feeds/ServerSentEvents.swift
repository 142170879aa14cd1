import Engine
import EventSourcing
import HTTPServer
import JSON
import Synchronization

extension ProcessionAPI {
    /// Answers with a stream of server-sent events that has no end of its own.
    func follow(_ feed: Feed, _ call: APICall, from place: Int64) {
        let feeds = feeds
        read(call) { reader throws(HTTPProblem) in
            // What can be refused is refused before the stream begins.
            _ = try feed.page(reader, place)
            guard feeds.hasRoom else { throw HTTPProblem(Problem(.overloaded, "too many readers wait for events")) }
            guard let stream = call.startEventStream() else { return nil }
            let follower = EventStreamFollower(stream, feed, from: place)
            let deadline = SystemClock.monotonicMicroseconds() + EventStreamFollower.keepAliveMicroseconds
            if case .waiting(let number) = feeds.add(follower, until: deadline, seen: FeedDesk.unseen) {
                call.responder.onGone { feeds.remove(number) }
            } else {
                stream.close()
            }
            return nil
        }
    }
}

/// Writes a feed into an open answer, as fast as its reader takes it.
///
/// What was written and not yet sent is bounded: beyond that, the feed is read on only when the reader has caught up. A
/// reader that takes nothing at all is closed by the server after a while.
final class EventStreamFollower: FeedFollower {
    static let keepAliveMicroseconds: Int64 = 15_000_000
    private static let keepAlive = Array(":\n\n".utf8)

    private let stream: HTTPStream
    private let feed: Feed
    private let place: Atomic<Int64>

    init(_ stream: HTTPStream, _ feed: Feed, from place: Int64) {
        self.stream = stream
        self.feed = feed
        self.place = Atomic(place)
    }

    func look(with reader: any ProcessReader) -> FeedStep {
        let from = place.load(ordering: .relaxed)
        let page: Feed.Page
        do throws(HTTPProblem) {
            page = try feed.page(reader, from)
        } catch {
            // The client comes again with the last id it has seen.
            stream.close()
            return .done
        }
        for item in page.items {
            let number = feed.numbering.number(of: item.record)
            let bytes = ServerSentEvent.bytes(item, id: number)
            guard stream.hasRoom(for: bytes.count) else { return .pause }
            guard stream.write(bytes) else { return .done }
            place.store(feed.numbering.place(after: number), ordering: .relaxed)
        }
        place.store(page.next, ordering: .relaxed)
        return page.next == from ? .rest : .goOn
    }

    /// A comment shows proxies and the peer that the connection lives; one that is full needs none.
    func timeIsUp(at now: Int64) -> Int64? {
        if stream.hasRoom(for: Self.keepAlive.count), !stream.write(Self.keepAlive) { return nil }
        return now + Self.keepAliveMicroseconds
    }

    func end() {
        stream.close()
    }

    func whenReady(_ body: @escaping @Sendable () -> Void) {
        stream.whenRoom(body)
    }
}

/// One event in the format of `text/event-stream` (HTML, section 9.2.5).
enum ServerSentEvent {
    static func bytes(_ item: Feed.Item, id: Int64) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.item(item)
        var bytes = Array("id: \(id)\nevent: ".utf8)
        for byte in item.record.event.type.utf8 { bytes.append(isLineEnd(byte) ? UInt8(ascii: " ") : byte) }
        bytes += Array("\ndata: ".utf8)
        // Data is kept as it was sent; a line end between its tokens begins a further line of data.
        for byte in writer.finish() {
            if isLineEnd(byte) { bytes += Array("\ndata: ".utf8) } else { bytes.append(byte) }
        }
        bytes += Array("\n\n".utf8)
        return bytes
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}

extension APICall {
    func startEventStream() -> HTTPStream? {
        responder.startStream(
            HTTPResponse(
                status: 200,
                fields: [
                    ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Request-Id", requestID),
                ]))
    }

    /// The number after which a client goes on that was connected before.
    func lastEventID() throws(HTTPProblem) -> Int64? {
        guard let text = request.headers["last-event-id"] else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text), number < .max else {
            throw HTTPProblem(
                RequestFault(.header("last-event-id"), "'Last-Event-ID' has to be the id of an event of this stream"))
        }
        return number
    }

    /// Whether Accept names `text/event-stream`, and `application/json` not with a higher weight (RFC 9110 section
    /// 12.5.1).
    var prefersEventStream: Bool {
        let accept = Accept(request.headers)
        let stream = accept.namedQuality(of: "text/event-stream")
        return stream > 0 && stream >= accept.namedQuality(of: "application/json")
    }
}
