import Chrono
import Engine
import Synchronization

/// What the relay's thread is told.
enum RelayMessage: Sendable {
    /// Look at `RelayWakeUp`.
    case wakeUp
    case ended(Dispatch, TransportResult)
    /// The engine has answered a claim of an endpoint.
    case claimed(ClaimAnswer)
    /// The engine has taken what it was told, or could not for now.
    case told(number: Int, isTaken: Bool)
    case stopping
    /// Nothing is under way any more.
    case stopped
}

/// What came of an endpoint's claim.
struct ClaimAnswer: Sendable {
    var webhook: RowHandle
    var tenant: String
    var number: Int
    var tasks: [ClaimedTask]
    /// The engine took no claim for now.
    var isRefused: Bool
}

/// One request to an endpoint.
struct Dispatch: Sendable {
    enum Content: Sendable {
        case delivery(StoredDelivery)
        case task(ClaimedTask)
    }

    var webhook: RowHandle
    var tenant: String
    var content: Content
    /// Real time.
    var startedAt: Instant
    /// What the request takes in memory.
    var bytes = 0
}

/// The engine's signal, put into the mailbox once however often it comes.
final class RelayWakeUp: Sendable {
    private struct Signal {
        var isSet = false
        var endpointsChanged = false
    }

    private let signal = Mutex(Signal())
    private let mailbox: Mailbox<RelayMessage>
    /// How often endpoints have changed.
    private let changes = Atomic<Int>(0)

    init(_ mailbox: Mailbox<RelayMessage>) {
        self.mailbox = mailbox
    }

    /// Called on the engine's thread, right after the commit.
    func signal(endpointsChanged: Bool) {
        if endpointsChanged { changes.add(1, ordering: .acquiringAndReleasing) }
        let isFirst = signal.withLock { signal in
            defer { signal.isSet = true }
            signal.endpointsChanged = signal.endpointsChanged || endpointsChanged
            return !signal.isSet
        }
        if isFirst { _ = mailbox.put(.wakeUp) }
    }

    /// Whether endpoints have changed since the last time.
    func take() -> Bool {
        signal.withLock { signal in
            defer { signal = Signal() }
            return signal.endpointsChanged
        }
    }

    /// For a claim by what was known of the endpoints when there were so many changes.
    func makeGate(changes: Int) -> ClaimGate { ClaimGate(changes: changes, of: self) }

    var changeCount: Int { changes.load(ordering: .acquiring) }
}

/// Open as long as a claim stands. It closes with the commit that changes any endpoint, before the next task is handed
/// out: an endpoint that was paused gets no task any more, although the relay has yet to hear of it.
final class ClaimGate: Sendable {
    private let state = Atomic(true)
    private let changes: Int
    private let wakeUp: RelayWakeUp

    fileprivate init(changes: Int, of wakeUp: RelayWakeUp) {
        self.changes = changes
        self.wakeUp = wakeUp
    }

    /// Asked on the engine's thread.
    var isOpen: Bool { state.load(ordering: .acquiring) && changes == wakeUp.changeCount }
    func close() { state.store(false, ordering: .releasing) }
}
