import Synchronization

/// Answers exactly one request, from any thread. Later answers are ignored, and so are answers to a peer that is
/// gone. A request whose responder is dropped without an answer keeps its connection waiting.
public final class HTTPResponder: Sendable {
    private struct State {
        /// Nothing more can be sent through this responder.
        var isClaimed = false
        var isStreaming = false
        var isParked = false
        var peerHalfClosed = false
        var serverIsStopping = false
        var onGone: (@Sendable () -> Void)?
        var onStop: (@Sendable () -> Void)?
    }

    private enum Destination: Sendable {
        case reactor(Mailbox, RequestToken, isHead: Bool, streamBytes: Int)
        case closure(@Sendable (HTTPResponse) -> Void)
    }

    private let state = Mutex(State())
    private let gone = Atomic<Bool>(false)
    private let destination: Destination

    init(mailbox: Mailbox, token: RequestToken, isHead: Bool, streamBytes: Int) {
        destination = .reactor(mailbox, token, isHead: isHead, streamBytes: streamBytes)
    }

    /// A responder without a server, for testing handlers: the answer goes to the closure, on the answering thread.
    /// Streams are not available through it.
    public init(_ receive: @escaping @Sendable (HTTPResponse) -> Void) {
        destination = .closure(receive)
    }

    /// Sends the answer. The first call counts.
    public func send(_ response: HTTPResponse) {
        guard claim() else { return }
        switch destination {
        case .reactor(let mailbox, let token, _, _): mailbox.post(.answer(token, response))
        case .closure(let receive): receive(response)
        }
    }

    /// Sends the answer that `make` gives, which is called on the reactor's thread: for callers whose own thread has
    /// better things to do.
    public func send(making make: @escaping @Sendable () -> HTTPResponse) {
        switch destination {
        case .reactor(let mailbox, _, _, _): mailbox.post(.run { self.send(make()) })
        case .closure: send(make())
        }
    }

    /// Whether the peer is known to be gone; an answer would reach nobody. For a parked request a peer that closed
    /// its sending side counts as gone.
    public var isGone: Bool { gone.load(ordering: .acquiring) }

    /// Calls `body` at most once, on the reactor thread, if the connection goes away before the answer is complete.
    /// If it already went away, the call comes soon after. A second registration replaces the first.
    public func onGone(_ body: @escaping @Sendable () -> Void) {
        let wasGone = state.withLock { state in
            if gone.load(ordering: .relaxed) { return true }
            if !state.isClaimed || state.isStreaming { state.onGone = body }
            return false
        }
        if wasGone, case .reactor(let mailbox, _, _, _) = destination { mailbox.post(.run(body)) }
    }

    /// Marks the request as a long poll: from now on a peer that half-closes counts as gone. `onStop` is called at
    /// most once, on the reactor thread, if the server stops while the answer is still open; it should answer.
    public func park(onStop: (@Sendable () -> Void)? = nil) {
        let (isGone, stopsNow) = state.withLock { state in
            guard !state.isClaimed || state.isStreaming else { return (false, false) }
            state.isParked = true
            if state.serverIsStopping { return (state.peerHalfClosed, true) }
            state.onStop = onStop
            return (state.peerHalfClosed, false)
        }
        guard case .reactor(let mailbox, let token, _, _) = destination else { return }
        if isGone { mailbox.post(.peerGone(token)) }
        if stopsNow, let onStop { mailbox.post(.run(onStop)) }
    }

    /// Starts an answer whose body is written piece by piece. The body of `head` is the first piece.
    /// Nil if the request is answered already, the peer is gone, or the method is HEAD, which is answered hereby.
    public func startStream(_ head: HTTPResponse) -> HTTPStream? {
        guard case .reactor(let mailbox, let token, let isHead, let limit) = destination else { return nil }
        if isHead {
            send(head)
            return nil
        }
        let starts = state.withLock { state in
            guard !state.isClaimed, !gone.load(ordering: .relaxed) else { return false }
            state.isClaimed = true
            state.isStreaming = true
            return true
        }
        guard starts else { return nil }
        let budget = StreamBudget(limit: limit)
        mailbox.post(.streamHead(token, head, budget))
        return HTTPStream(responder: self, mailbox: mailbox, token: token, budget: budget)
    }

    private func claim() -> Bool {
        // The closures are released outside of the lock: they may own the last reference to anything.
        let (isFirst, _, _) = state.withLock { state in
            let former = (!state.isClaimed, state.onGone, state.onStop)
            guard former.0 else { return former }
            state.isClaimed = true
            state.onGone = nil
            state.onStop = nil
            return former
        }
        return isFirst
    }

    // MARK: What the reactor asks and reports, on its thread

    /// The answer is held back on purpose.
    var isParked: Bool { state.withLock { $0.isParked } }

    /// The peer closed its sending side; true if that ends the request.
    func peerHalfClosed() -> Bool {
        state.withLock { state in
            state.peerHalfClosed = true
            return state.isParked || state.isStreaming
        }
    }

    func connectionLost() {
        let body = state.withLock { state in
            gone.store(true, ordering: .releasing)
            defer {
                state.onGone = nil
                state.onStop = nil
            }
            return state.onGone
        }
        body?()
    }

    func streamEnded() {
        let closures = state.withLock { state in
            defer {
                state.isStreaming = false
                state.onGone = nil
                state.onStop = nil
            }
            return (state.onGone, state.onStop)
        }
        _ = closures
    }

    func serverStops() {
        let body = state.withLock { state in
            state.serverIsStopping = true
            defer { state.onStop = nil }
            return state.onStop
        }
        body?()
    }
}
