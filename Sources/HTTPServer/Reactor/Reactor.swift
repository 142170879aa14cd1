import CLinux
import Glibc
import Synchronization

/// What a reactor is made from, on the thread that starts it.
struct ReactorSeat: Sendable {
    let epoll: Int32
    let mailbox: Mailbox
    let handler: any HTTPHandler
    let limits: HTTPLimits
    let counters: Counters
    let memory: HTTPMemory
    let onAnswer: (@Sendable (HTTPExchange) -> Void)?
    /// Given to the first reactor only; it hands the connections round.
    let listener: Listener?
    /// All reactors' mailboxes, the own one included.
    let siblings: [Mailbox]
}

/// One thread's event loop: its connections, their deadlines, and the messages of other threads.
///
/// It sleeps until a socket has something, another thread posts, or the next deadline; an idle server does nothing.
/// A turn handles everything that is ready, lets the handler answer what it can at once, and then writes the output
/// of each connection with one call, so that pipelined answers leave together.
final class Reactor {
    static let listenerWord = UInt64.max
    static let mailboxWord = UInt64.max - 1
    static let eventsPerTurn = 256
    static let scratchBytes = 65_536
    /// Rounds of answers and follow-up requests before sockets are looked at again.
    static let roundsPerTurn = 32
    static let acceptPauseNanoseconds: UInt64 = 100_000_000

    let seat: ReactorSeat
    let mailbox: Mailbox
    let handler: any HTTPHandler
    let limits: HTTPLimits
    let parserLimits: ParserLimits
    let scratch: UnsafeMutableBufferPointer<UInt8>
    private let events: UnsafeMutablePointer<epoll_event>
    private var messages: [ReactorMessage] = []

    var connections: [Connection?] = []
    var generations: [UInt32] = []
    var freeSlots: [Int] = []
    var openConnections = 0
    var refusedConnections = 0
    var deadlines: DeadlineQueue
    /// Nanoseconds of the monotonic clock, taken once a turn.
    var now: UInt64 = 0
    var date = HTTPDate()
    /// Connections with output to be sent at the end of the turn.
    var withOutput: [Connection] = []
    /// Connections that have more to read than one turn gives them.
    var again: [Connection] = []
    var nextSibling = 0
    var nextIdentifier: UInt64 = 0
    var isListening = false
    var acceptPausedUntil: UInt64?
    var stopDeadline: UInt64?

    init(_ seat: ReactorSeat) {
        self.seat = seat
        mailbox = seat.mailbox
        handler = seat.handler
        limits = seat.limits
        parserLimits = ParserLimits(seat.limits)
        deadlines = DeadlineQueue(seat.limits)
        scratch = UnsafeMutableBufferPointer.allocate(capacity: Self.scratchBytes)
        events = UnsafeMutablePointer.allocate(capacity: Self.eventsPerTurn)
    }

    deinit {
        scratch.deallocate()
        events.deallocate()
    }

    func run() {
        listen()
        while stopDeadline == nil || openConnections + refusedConnections > 0 {
            readClocks()
            turn()
        }
        close(seat.epoll)
    }

    private func turn() {
        let mayWait = again.isEmpty && withOutput.isEmpty && mailbox.prepareToSleep()
        let count = epoll_wait(seat.epoll, events, Int32(Self.eventsPerTurn), mayWait ? waitMilliseconds() : 0)
        if mayWait { mailbox.wokeUp() }
        readClocks()
        for index in 0..<max(0, Int(count)) {
            let event = events[index]
            switch event.data.u64 {
            case Self.listenerWord: acceptConnections()
            case Self.mailboxWord: mailbox.clearSignal()
            default:
                if let connection = connection(ConnectionToken(word: event.data.u64)) {
                    react(connection, event.events)
                }
            }
        }
        continueReading()
        readMessages()
        transmitAll()
        expireDeadlines()
    }

    private func continueReading() {
        guard !again.isEmpty else { return }
        let waiting = again
        again.removeAll(keepingCapacity: true)
        for connection in waiting { pump(connection) }
    }

    private func readMessages() {
        for _ in 0..<Self.roundsPerTurn {
            mailbox.take(into: &messages)
            if messages.isEmpty { return }
            for message in messages { obey(message) }
            messages.removeAll(keepingCapacity: true)
        }
    }

    private func obey(_ message: ReactorMessage) {
        switch message {
        case .answer(let token, let response, let charge):
            charge.account.remove(charge.bytes)
            if let connection = asker(token) {
                connection.unread.move(to: charge.account)
                answer(connection, response)
            }
        case .refuseAnswer(let token):
            if let connection = asker(token) { answer(connection, overloadAnswer(connection, number: token.number)) }
        case .streamHead(let token, let response, let budget):
            if let connection = asker(token) { startStream(connection, response, budget) }
        case .streamBytes(let token, let bytes):
            if let connection = asker(token) { continueStream(connection, bytes) }
        case .streamEnd(let token):
            if let connection = asker(token) { endStream(connection) }
        case .cut(let token), .peerGone(let token):
            if let connection = asker(token) { drop(connection) }
        case .run(let body):
            body()
        case .adopt(let descriptor, let address, let identifier):
            adopt(descriptor, address, identifier)
        case .stop(let graceSeconds):
            stop(graceSeconds: graceSeconds)
        }
    }

    // MARK: Time

    private func readClocks() {
        now = Self.monotonicNanoseconds()
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        date.update(time.tv_sec)
    }

    /// -1 when nothing is due ever; rounded up, so that a wake-up is never too early.
    private func waitMilliseconds() -> Int32 {
        var earliest = deadlines.next ?? .max
        if let acceptPausedUntil { earliest = min(earliest, acceptPausedUntil) }
        if let stopDeadline { earliest = min(earliest, stopDeadline) }
        guard earliest != .max else { return -1 }
        guard earliest > now else { return 0 }
        return Int32(clamping: (earliest - now + 999_999) / 1_000_000)
    }

    private func expireDeadlines() {
        while let (slot, kind) = deadlines.popExpired(now) {
            guard let connection = connections[slot] else { continue }
            switch kind {
            case .head:
                refuse(connection, HTTPFault(.requestTimeout, "the head of the request took too long"))
            case .body:
                refuse(connection, HTTPFault(.requestTimeout, "the content of the request took too long"))
            case .idle, .write, .linger:
                drop(connection)
            }
        }
        if let until = acceptPausedUntil, until <= now {
            acceptPausedUntil = nil
            listen()
        }
        if let stopDeadline, stopDeadline <= now {
            for connection in connections {
                guard let connection else { continue }
                if connection.responder != nil { seat.counters.cut.add(1, ordering: .relaxed) }
                drop(connection)
            }
        }
        if !withOutput.isEmpty { transmitAll() }
    }

    // MARK: Finding connections

    func connection(_ token: ConnectionToken) -> Connection? {
        let slot = Int(token.slot)
        guard slot < connections.count, generations[slot] == token.generation else { return nil }
        return connections[slot]
    }

    /// The connection whose current request this is, if its answer is still open.
    private func asker(_ token: RequestToken) -> Connection? {
        guard let connection = connection(token.connection), connection.requestNumber == token.number,
            connection.responder != nil
        else { return nil }
        return connection
    }
}
