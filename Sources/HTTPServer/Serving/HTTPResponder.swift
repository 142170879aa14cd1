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
        /// Who pays for the answer.
        var account: MemoryAccount?
    }

    private enum Destination: Sendable {
        case reactor(Mailbox, RequestToken, isHead: Bool, streamBytes: Int)
        case closure(@Sendable (HTTPResponse) -> Void)
    }

    private let state = Mutex(State())
    private let gone = Atomic<Bool>(false)
    private let destination: Destination
    /// What the request takes, as long as somebody may still answer it.
    private let request: MemoryCharge?
    private let ledger: MemoryLedger?

    init(
        mailbox: Mailbox, token: RequestToken, isHead: Bool, streamBytes: Int, request: MemoryCharge,
        answers: MemoryAccount, ledger: MemoryLedger
    ) {
        destination = .reactor(mailbox, token, isHead: isHead, streamBytes: streamBytes)
        self.request = request
        self.ledger = ledger
        state.withLock { $0.account = answers }
    }

    deinit {
        if let request { request.account.remove(request.bytes) }
    }

    /// A responder without a server, for testing handlers: the answer goes to the closure, on the answering thread.
    /// Streams are not available through it.
    public init(_ receive: @escaping @Sendable (HTTPResponse) -> Void) {
        destination = .closure(receive)
        request = nil
        ledger = nil
    }

    /// Says whose request it is: what lies unread for one caller is bounded. Until then it is that of its address.
    public func charge(to caller: String) {
        guard let account = ledger?.account(caller) else { return }
        state.withLock { $0.account = account }
    }

    /// Whether an answer of that size would be kept for the caller now, if it does not take it at once.
    public func hasRoom(for bytes: Int) -> Bool {
        state.withLock { $0.account }.map { !$0.isFull(for: bytes) } ?? true
    }

    /// Sends the answer. The first call counts.
    public func send(_ response: HTTPResponse) {
        guard let account = claim() else { return }
        switch (destination, account) {
        case (.reactor(let mailbox, let token, _, _), let account?):
            let bytes = response.body.count
            if account.isFull(for: bytes), bytes > HTTPMemoryLimit.small {
                mailbox.post(.refuseAnswer(token))
            } else {
                mailbox.post(.answer(token, response, MemoryCharge(account, bytes: bytes)))
            }
        case (.closure(let receive), _): receive(response)
        case (.reactor, nil): break
        }
    }

    /// Sends the answer that `make` gives, which is called on the reactor's thread: for callers whose own thread has
    /// better things to do. `bytes`: what it will be made of, which is kept until then; nothing for what is small.
    public func send(holding bytes: Int = 0, making make: @escaping @Sendable () -> HTTPResponse) {
        guard case .reactor(let mailbox, _, _, _) = destination else { return send(make()) }
        guard bytes > 0, let account = state.withLock({ $0.account }) else {
            mailbox.post(.run { self.send(make()) })
            return
        }
        if account.isFull(for: bytes) { return refuse() }
        account.add(bytes)
        mailbox.post(
            .run {
                account.remove(bytes)
                self.send(make())
            })
    }

    /// Answers that there is no memory for an answer.
    func refuse() {
        guard claim() != nil, case .reactor(let mailbox, let token, _, _) = destination else { return }
        mailbox.post(.refuseAnswer(token))
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

    /// The account that pays, for the first who asks; nil for all others. Without a server nobody pays.
    private func claim() -> MemoryAccount?? {
        // The closures are released outside of the lock: they may own the last reference to anything.
        let (isFirst, account, _, _) = state.withLock { state in
            let former = (!state.isClaimed, state.account, state.onGone, state.onStop)
            guard former.0 else { return former }
            state.isClaimed = true
            state.onGone = nil
            state.onStop = nil
            return former
        }
        return isFirst ? .some(account) : .none
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
