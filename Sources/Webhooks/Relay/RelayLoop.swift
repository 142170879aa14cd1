import Chrono
import Engine

/// The relay's thread: takes messages, keeps what it knows of the endpoints current, begins what can begin, sleeps.
final class RelayLoop {
    let engine: EngineThread
    let transport: WebhookTransport
    let reader: any ProcessReader
    let mailbox: Mailbox<RelayMessage>
    let sealer: SecretSealer
    let wording: TaskWording
    let requestLimit: Int
    let byteLimit: Int
    let wakeUp: RelayWakeUp

    /// In the order of registration.
    var endpoints: [RowHandle: RelayEndpoint] = [:]
    private var order: [RowHandle] = []
    /// Where the next turn begins, so that nobody is always first.
    private var turn = 0
    /// Deliveries that are begun, until the engine has recorded what came of them.
    var underWay: Set<RowHandle> = []
    /// Requests that the transport has.
    var inFlight = 0
    /// What they take in memory.
    var bytesInFlight = 0
    /// It took no more; until one of them is over.
    var transportIsFull = false
    var outbox = EngineOutbox()
    var claimCount = 0
    /// Claims that the engine has not answered.
    var openClaims = 0
    private(set) var isStopping = false
    private var isStopped = false
    private var mustReload = true
    /// What is known of the endpoints is as of so many changes.
    private(set) var knownChanges = 0
    private var mustLookAhead = true
    /// When a delivery is due that is not now, on the engine's clock.
    private var nextDue: Instant?
    /// The engine's clock as of the last look at what is due.
    private var lastClock: Instant?
    /// When a store that could not be read is asked again, by the monotonic clock.
    private var pausedUntil: Int64 = 0

    static let pause: Int64 = 1_000_000

    init(
        engine: EngineThread, transport: WebhookTransport, reader: any ProcessReader,
        mailbox: Mailbox<RelayMessage>, wakeUp: RelayWakeUp, sealer: SecretSealer, wording: TaskWording,
        requestLimit: Int, byteLimit: Int
    ) {
        self.engine = engine
        self.transport = transport
        self.reader = reader
        self.mailbox = mailbox
        self.wakeUp = wakeUp
        self.sealer = sealer
        self.wording = wording
        self.requestLimit = requestLimit
        self.byteLimit = byteLimit
    }

    func run() {
        var messages: [RelayMessage] = []
        advance()
        while mailbox.takeAll(into: &messages, until: nextWakeUp()) {
            for message in messages { take(message) }
            messages.removeAll(keepingCapacity: true)
            advance()
            // A claim that is answered late may still bring tasks, which have to be given back.
            if isStopped, openClaims == 0, outbox.isEmpty { return }
        }
    }

    private func take(_ message: RelayMessage) {
        switch message {
        case .wakeUp:
            if wakeUp.take() { mustReload = true }
            expectMore()
        case .ended(let dispatch, let result): ended(dispatch, result)
        case .claimed(let answer): claimed(answer)
        case .told(let number, let isTaken):
            let now = SystemClock.monotonicMicroseconds()
            underWay.subtract(outbox.told(number, isTaken: isTaken, isLast: isStopped, at: now))
        case .stopping:
            isStopping = true
            for endpoint in endpoints.values {
                abandonClaim(of: endpoint)
                releaseTasks(of: endpoint)
            }
        case .stopped: isStopped = true
        }
    }

    /// Everything that can be done now.
    private func advance() {
        let now = SystemClock.monotonicMicroseconds()
        if !isStopping, now >= pausedUntil {
            do throws(StoreError) {
                if mustReload { try reload() }
                let clock = engineTime
                // Due, or the clock was set back and what was due is not any more.
                if nextDue.map({ $0 <= clock }) ?? false || lastClock.map({ clock < $0 }) ?? false { expectMore() }
                lastClock = clock
                // One view of the store for all that is read now.
                try reader.snapshot { () throws(StoreError) in
                    for endpoint in inTurn() { try begin(endpoint, at: now, clock) }
                }
                // Looking ahead is only worth it before a sleep.
                if mustLookAhead, mailbox.count == 0 {
                    nextDue = try reader.nextDeliveryDue(after: clock)
                    mustLookAhead = false
                }
            } catch {
                pausedUntil = now + Self.pause
            }
        }
        for (number, request) in outbox.take(at: now) {
            engine.submit(request) { [mailbox] answer in
                _ = mailbox.put(.told(number: number, isTaken: answer.isSettled))
            }
        }
    }

    private func expectMore() {
        for endpoint in endpoints.values { endpoint.mayHaveMore = true }
        mustLookAhead = true
        nextDue = nil
    }

    /// The time by which deliveries are due.
    var engineTime: Instant { engine.currentStatus.testClock ?? wallTime }
    var wallTime: Instant { Instant(milliseconds: SystemClock.wallMilliseconds()) }

    // MARK: Endpoints

    private func reload() throws(StoreError) {
        // Before the reading, so that a change in between is one too many and not one too few.
        knownChanges = wakeUp.changeCount
        var found: Set<RowHandle> = []
        for webhook in try reader.webhooks() {
            found.insert(webhook.handle)
            let known = endpoints[webhook.handle]
            if let known, known.row == webhook.row { continue }
            // A secret that cannot be opened is nothing that trying again would cure; the engine checks the key at start.
            // Nothing is sent unsigned.
            guard let headers = try? webhook.row.headerFields(sealer).map({ HeaderField($0.name, $0.value) }),
                let secrets = EndpointSecrets(of: webhook.row, at: engineTime, sealer)
            else { continue }
            if let known {
                known.change(webhook.row, headers: headers, secrets: secrets)
                abandonClaim(of: known)
            } else {
                endpoints[webhook.handle] = RelayEndpoint(webhook, headers: headers, secrets: secrets)
            }
        }
        for (handle, endpoint) in endpoints where !found.contains(handle) {
            endpoint.remove()
            abandonClaim(of: endpoint)
            releaseTasks(of: endpoint)
            if endpoint.pace.inFlight == 0 { endpoints[handle] = nil }
        }
        order = endpoints.keys.sorted()
        mustReload = false
        mustLookAhead = true
    }

    private func inTurn() -> [RelayEndpoint] {
        guard !order.isEmpty else { return [] }
        turn = (turn + 1) % order.count
        return (order[turn...] + order[..<turn]).compactMap { endpoints[$0] }
    }

    private func begin(_ endpoint: RelayEndpoint, at now: Int64, _ clock: Instant) throws(StoreError) {
        guard endpoint.isActive else { return releaseTasks(of: endpoint) }
        sendTasks(of: endpoint, at: now)
        try sendDeliveries(of: endpoint, at: now, clock)
        keepClaim(of: endpoint, at: now)
    }

    /// Whether the transport has room for one more request to the endpoint. When it is nearly full, only those may send
    /// that have less than their share of it: many endpoints that hang leave room for the others.
    func hasRoom(for endpoint: RelayEndpoint) -> Bool {
        if transportIsFull || inFlight >= requestLimit || bytesInFlight >= byteLimit { return false }
        if inFlight < requestLimit - requestLimit / 4 { return true }
        return endpoint.pace.inFlight < max(1, requestLimit / 4 / max(1, order.count))
    }

    // MARK: Sleep

    private func nextWakeUp() -> Int64? {
        let now = SystemClock.monotonicMicroseconds()
        var next = outbox.retryAt
        func consider(_ time: Int64) { next = min(next ?? time, time) }
        guard !isStopping else { return next }
        if pausedUntil > now { consider(pausedUntil) }
        // A test clock is advanced with a signal.
        let status = engine.currentStatus
        if status.testClock == nil, let nextDue {
            // A second at most: the wall clock may be set meanwhile.
            let rest = max(0, nextDue.milliseconds - SystemClock.wallMilliseconds())
            consider(now + min(rest, 1000) * 1000)
        }
        for endpoint in endpoints.values where endpoint.isActive && hasRoom(for: endpoint) {
            guard endpoint.hasWork || lacksClaim(endpoint) else { continue }
            let claimsFrom = endpoint.hasWork ? 0 : endpoint.claimsFrom
            if let start = endpoint.pace.nextStart(at: now) { consider(max(start, pausedUntil, claimsFrom)) }
        }
        return next
    }

    private func lacksClaim(_ endpoint: RelayEndpoint) -> Bool { endpoint.claimsTasks && endpoint.claim == nil }
}
