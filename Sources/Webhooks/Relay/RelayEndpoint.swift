import Chrono
import Engine

/// What the relay knows of one endpoint. Confined to the relay's thread.
final class RelayEndpoint {
    /// A claim for tasks that waits at the engine.
    struct Claim {
        var number: Int
        var ticket: Int64
        var gate: ClaimGate
    }

    let handle: RowHandle
    private(set) var row: WebhookRow
    private(set) var headers: [HeaderField]
    private(set) var secrets: EndpointSecrets
    var pace: EndpointPace
    /// Due and not begun, in order.
    private var queue: ArraySlice<StoredDelivery> = []
    /// There may be more due than the queue holds.
    var mayHaveMore = true
    var claim: Claim?
    /// No claim before then, by the monotonic clock: the engine had too much to do.
    var claimsFrom: Int64 = 0
    /// Leased by the endpoint and not sent yet: there was no room.
    var tasks: ArraySlice<ClaimedTask> = []
    /// The engine knows of a failure that no success has followed.
    var isFailing: Bool

    init(_ webhook: StoredWebhook, headers: [HeaderField], secrets: EndpointSecrets) {
        handle = webhook.handle
        row = webhook.row
        self.headers = headers
        self.secrets = secrets
        isFailing = webhook.row.failingSince != nil
        let configuration = webhook.row.configuration
        pace = EndpointPace(maxInFlight: configuration.maxInFlight, ratePerSecond: configuration.ratePerSecond)
    }

    private(set) var isStored = true
    var isActive: Bool { isStored && row.status == .active }

    func change(_ row: WebhookRow, headers: [HeaderField], secrets: EndpointSecrets) {
        let (before, now) = (self.row.configuration, row.configuration)
        if before.maxInFlight != now.maxInFlight || before.ratePerSecond != now.ratePerSecond {
            pace.change(maxInFlight: now.maxInFlight, ratePerSecond: now.ratePerSecond)
        }
        self.row = row
        self.headers = headers
        self.secrets = secrets
        isFailing = isFailing || row.failingSince != nil
        // Read again as they are now.
        queue = []
        mayHaveMore = true
    }

    /// The endpoint is not stored any more. What is under way ends.
    func remove() {
        isStored = false
        queue = []
        mayHaveMore = false
    }

    var hasQueued: Bool { !queue.isEmpty }
    /// Something may be waiting for the endpoint's pace.
    var hasWork: Bool { hasQueued || mayHaveMore || !tasks.isEmpty }

    func enqueue(_ deliveries: [StoredDelivery]) { queue = deliveries[...] }
    func nextQueued() -> StoredDelivery? { queue.popFirst() }
    func putBack(_ delivery: StoredDelivery) { queue.insert(delivery, at: queue.startIndex) }

    var claimsTasks: Bool { isActive && !row.configuration.taskTypes.isEmpty }

    /// Long enough for an answer, and for a receiver that answers 202 to make itself heard.
    var lease: TimeSpan {
        let timeout = row.configuration.timeout
        return max(.seconds(60), timeout + timeout + .seconds(10))
    }
}
