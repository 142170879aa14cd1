import CLinux
import Glibc
import Synchronization

/// An HTTP/1.1 server on its own threads, one for each reactor.
///
/// Its threads keep it running until `stop`, whoever still refers to it.
/// All functions may be called from any thread but the reactors': from a handler, `stop` would wait for itself.
public final class HTTPServer: Sendable {
    private struct State {
        var isStarted = false
        var port = 0
        var mailboxes: [Mailbox] = []
        var threads: [pthread_t] = []
    }

    private let options: HTTPServerOptions
    private let handler: any HTTPHandler
    private let counters = Counters()
    private let memory: HTTPMemory
    private let state = Mutex(State())

    public init(options: HTTPServerOptions, handler: any HTTPHandler) {
        self.options = options
        self.handler = handler
        memory = HTTPMemory(options.limits)
    }

    /// Binds the address and starts the reactors; requests may be in the handler before this returns.
    /// A server starts once.
    public func start() throws(HTTPServerError) {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { throw .alreadyStarted }
        let listener = try Listener(address: options.address, port: options.port)
        var mailboxes: [Mailbox] = []
        for _ in 0..<max(1, options.reactors) { mailboxes.append(try Mailbox()) }
        var epolls: [Int32] = []
        for mailbox in mailboxes {
            let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard epoll >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
            epolls.append(epoll)
            guard
                procession_epoll_add(epoll, mailbox.eventDescriptor, procession_epoll_in, Reactor.mailboxWord) == 0
            else { throw .system(call: "epoll_ctl", errno: errno) }
        }
        var threads: [pthread_t] = []
        for (index, mailbox) in mailboxes.enumerated() {
            let seat = ReactorSeat(
                epoll: epolls[index], mailbox: mailbox, handler: handler, limits: options.limits, counters: counters,
                memory: memory, onAnswer: options.onAnswer, listener: index == 0 ? listener : nil, siblings: mailboxes)
            threads.append(try ReactorThread.start(seat))
        }
        let (started, boxes) = (threads, mailboxes)
        state.withLock { state in
            state.port = listener.port
            state.mailboxes = boxes
            state.threads = started
        }
    }

    /// The port listened on; 0 before `start`.
    public var port: Int { state.withLock { $0.port } }

    /// Stops accepting, closes idle connections, tells parked requests, lets requests in the handler be answered and
    /// closes each connection after its answer. What is open after the grace time is cut. Returns when all reactors
    /// have ended; the handler is not called after that. A second call does nothing.
    ///
    /// - Returns: how many requests were cut without an answer, of all calls.
    @discardableResult
    public func stop(graceSeconds: Double) -> Int {
        let (mailboxes, threads) = state.withLock { state in
            defer { state.threads = [] }
            return (state.mailboxes, state.threads)
        }
        if !threads.isEmpty, let first = mailboxes.first {
            first.post(.stop(graceSeconds: graceSeconds))
            for thread in threads { pthread_join(thread, nil) }
        }
        return counters.cut.load(ordering: .relaxed)
    }

    /// Runs `body`; answers that it sends wake each reactor once, at its end.
    public func gatheringAnswers(_ body: () -> Void) {
        let mailboxes = state.withLock { $0.mailboxes }
        for mailbox in mailboxes { mailbox.hold() }
        body()
        for mailbox in mailboxes { mailbox.release() }
    }

    public var statistics: HTTPStatistics {
        var statistics = counters.snapshot
        statistics.requestBytes = memory.requests.bytes
        statistics.answerBytes = memory.answers.bytes
        return statistics
    }
}
