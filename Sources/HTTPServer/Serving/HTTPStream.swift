import Synchronization

/// Bytes of a stream that were written and have not yet left for the peer.
final class StreamBudget: Sendable {
    private let waiting = Atomic<Int>(0)
    private let limit: Int
    private let onRoom = Mutex<(@Sendable () -> Void)?>(nil)

    init(limit: Int) { self.limit = limit }

    /// One piece may be larger than the limit, else it could never be sent; then nothing may wait beside it.
    func reserve(_ count: Int) -> Bool {
        let (before, after) = waiting.add(count, ordering: .sequentiallyConsistent)
        return before == 0 || after <= limit
    }

    func hasRoom(for count: Int) -> Bool {
        let now = waiting.load(ordering: .sequentiallyConsistent)
        return now == 0 || now + count <= limit
    }

    func release(_ count: Int) {
        waiting.subtract(count, ordering: .sequentiallyConsistent)
        tellRoom()
    }

    /// Calls `body` once, as soon as no more than half of the limit waits.
    func whenRoom(_ body: @escaping @Sendable () -> Void) {
        onRoom.withLock { $0 = body }
        // It may have come about in between.
        tellRoom()
    }

    private func tellRoom() {
        guard waiting.load(ordering: .sequentiallyConsistent) <= limit / 2 else { return }
        let body = onRoom.withLock { body in
            defer { body = nil }
            return body
        }
        body?()
    }
}

/// The open body of an answer. Pieces arrive in the order of the calls; calls from several threads must be ordered
/// by the caller. Must be closed, or its connection stays open.
public final class HTTPStream: Sendable {
    private let responder: HTTPResponder
    private let mailbox: Mailbox
    private let token: RequestToken
    private let budget: StreamBudget
    private let isOver = Atomic<Bool>(false)

    init(responder: HTTPResponder, mailbox: Mailbox, token: RequestToken, budget: StreamBudget) {
        self.responder = responder
        self.mailbox = mailbox
        self.token = token
        self.budget = budget
    }

    /// Queues bytes without waiting. False if the stream is over: closed, the peer gone, or cut hereby because the
    /// reader is too slow and more than the limit would wait.
    public func write(_ bytes: [UInt8]) -> Bool {
        guard !isOver.load(ordering: .acquiring), !responder.isGone else { return false }
        if bytes.isEmpty { return true }
        guard budget.reserve(bytes.count) else {
            if !isOver.exchange(true, ordering: .acquiringAndReleasing) { mailbox.post(.cut(token)) }
            return false
        }
        mailbox.post(.streamBytes(token, bytes))
        return true
    }

    /// Whether `write` would take a piece of this size without cutting the stream, if nothing else is written first.
    public func hasRoom(for count: Int) -> Bool { budget.hasRoom(for: count) }

    /// Calls `body` once when no more than half of the limit waits for the reader: at once, or later on the reactor's
    /// thread, where it must not block. It is not called if the peer goes away first; another call replaces this one.
    public func whenRoom(_ body: @escaping @Sendable () -> Void) { budget.whenRoom(body) }

    /// Ends the body after everything written before. Later calls do nothing.
    public func close() {
        guard !isOver.exchange(true, ordering: .acquiringAndReleasing) else { return }
        mailbox.post(.streamEnd(token))
    }

    /// Whether the peer is gone.
    public var isGone: Bool { responder.isGone }
}
