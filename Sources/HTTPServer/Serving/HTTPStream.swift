import Synchronization

/// Bytes of a stream that were written and have not yet left for the peer.
final class StreamBudget: Sendable {
    private let waiting = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func reserve(_ count: Int) -> Bool {
        let (_, after) = waiting.add(count, ordering: .relaxed)
        return after <= limit
    }

    func release(_ count: Int) {
        waiting.subtract(count, ordering: .relaxed)
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

    /// Ends the body after everything written before. Later calls do nothing.
    public func close() {
        guard !isOver.exchange(true, ordering: .acquiringAndReleasing) else { return }
        mailbox.post(.streamEnd(token))
    }

    /// Whether the peer is gone.
    public var isGone: Bool { responder.isGone }
}
