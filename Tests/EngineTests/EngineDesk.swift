import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// An engine on a store in memory whose time the test gives. Every request is a batch of its own unless told otherwise.
final class EngineDesk {
    let store: InMemoryProcessStore
    private let managers: [any ManagedDefinition]
    let engine: ProcessEngine
    var now = Instant(milliseconds: 1_800_000_000_000)
    private var events = 0
    private var requests = 0

    /// A desk on the store of another one goes on with what that one left there.
    init(
        _ managers: [any ManagedDefinition], after other: EngineDesk? = nil, sealer: SecretSealer = SecretSealer()
    ) throws {
        self.managers = managers
        store = other?.store ?? InMemoryProcessStore()
        now = other?.now ?? now
        events = other?.events ?? 0
        requests = other?.requests ?? 0
        engine = try ProcessEngine(
            store: store, factory: NoDefinitions(), managers: managers, sealer: sealer,
            makeSecret: { Array(repeating: 7, count: 32) })
    }

    struct NoDefinitions: ManagerFactory {
        func makeManager(name: String, version: Int, content: JSONView) throws(Problem) -> any ManagedDefinition {
            throw Problem(.definitionNotFound, "none")
        }
    }

    func run(_ requests: [EngineRequest]) -> BatchResult { engine.run(requests, at: now, wallClock: now) }

    func ask(_ request: EngineRequest) throws -> EngineAnswer {
        let result = run([request])
        #expect(result.isHealthy)
        return try #require(result.answers.first)
    }

    /// Everything due on the way happens at its own time.
    func advance(_ span: TimeSpan) throws {
        let end = now + span
        while let due = try engine.nextDue(), due <= end {
            now = max(now, due)
            _ = run([])
        }
        now = end
    }

    // MARK: Requests

    func incoming(_ type: String, _ data: JSONValue, source: String = "test", id: String? = nil) -> IncomingEvent {
        events += 1
        return IncomingEvent(
            tenant: "default",
            event: Event(id: EventID(id ?? "e\(events)"), type: type, source: source, data: JSONView(data)))
    }

    func post(_ type: String, _ data: JSONValue) throws -> EventReceipt {
        guard case .posted(let results) = try ask(.post([incoming(type, data)])) else { throw Unexpected() }
        return try results[0].get()
    }

    func claim(_ type: String, lease: TimeSpan = .seconds(60), id: String? = nil) throws -> ClaimedTask {
        let request = ClaimRequest(
            tenant: "default", types: [type], worker: "w", limit: 1, wait: .zero, lease: lease, claim: id)
        guard case .claimed(let tasks) = try ask(.claim(request, ClaimCaller(ticket: 1, isGone: { false }))) else {
            throw Unexpected()
        }
        return try #require(tasks.first, "there is no \(type) to claim")
    }

    @discardableResult
    func give(_ outcome: OutcomeRequest.Outcome, _ task: ClaimedTask, token: String? = nil) throws -> OutcomeReceipt {
        let request = OutcomeRequest(
            tenant: "default", taskID: task.taskID, leaseToken: token ?? task.leaseToken, outcome: outcome)
        guard case .outcomes(let results) = try ask(.outcomes([request])) else { throw Unexpected() }
        return try results[0].get()
    }

    @discardableResult
    func operate(
        _ id: ProcessID, _ action: OperatorRequest.Action, named name: String? = nil
    ) throws -> ProcessView {
        requests += 1
        let request = OperatorRequest(
            tenant: "default", processID: id, action: action, requestID: name ?? "r\(requests)", isNamed: name != nil)
        switch try ask(.operate(request)) {
        case .process(let view): return view
        case .problem(let problem): throw problem
        default: throw Unexpected()
        }
    }

    // MARK: Webhooks

    @discardableResult
    func webhook(_ action: WebhookRequest.Action, version: Int64? = nil, named name: String? = nil) throws
        -> EngineAnswer
    {
        requests += 1
        let request = WebhookRequest(
            tenant: "default", action: action, condition: Precondition(ifMatch: version.map { .these(["\($0)"]) }),
            by: "ops", requestID: name ?? "r\(requests)",
            isNamed: name != nil, contentHash: 1)
        let answer = try ask(.webhook(request))
        if case .problem(let problem) = answer { throw problem }
        return answer
    }

    @discardableResult
    func addWebhook(_ configuration: WebhookConfiguration, headers: [WebhookHeader] = []) throws -> StoredWebhook {
        let secret = Array(repeating: 5 as UInt8, count: 32)
        guard case .webhook(let receipt) = try webhook(.create(configuration, headers: headers, secret: secret)) else {
            throw Unexpected()
        }
        return try stored(webhook: receipt.row.id)
    }

    func stored(webhook id: WebhookID) throws -> StoredWebhook {
        try #require(try store.makeReader().webhook(id, tenant: "default"))
    }

    func webhookStream(_ id: WebhookID) throws -> [RecordedEvent] {
        try store.makeReader().generalStream(.webhook(id), tenant: "default", from: 1, limit: 100)
    }

    /// What may be sent now, in order.
    func due(_ webhook: StoredWebhook) throws -> [StoredDelivery] {
        try store.makeReader().dueDeliveries(of: webhook.handle, at: now, limit: 100, excluding: [])
    }

    /// Every delivery of it, oldest first.
    func deliveries(_ webhook: StoredWebhook) throws -> [StoredDelivery] {
        try store.makeReader().deliveries(of: webhook.handle, status: nil, before: nil, limit: 100).reversed()
    }

    func report(_ delivery: StoredDelivery, _ verdict: DeliveryReport.Verdict) throws {
        let attempt = DeliveryAttempt(
            startedAt: now, duration: .milliseconds(5), status: verdict == .succeeded ? 204 : 500)
        _ = try ask(
            .reportDeliveries([
                DeliveryReport(
                    webhook: delivery.row.webhook, delivery: delivery.handle, attempt: attempt, verdict: verdict)
            ]))
    }

    func message(_ delivery: StoredDelivery) throws -> JSONValue {
        let message = try #require(try DeliveryMessage.read(delivery, from: try store.makeReader()))
        return try JSONValue(parsing: message.body)
    }

    struct Unexpected: Error {}

    /// Nil while it waits.
    func claims(_ types: [String], limit: Int = 1, wait: TimeSpan = .zero, id: String?, ticket: Int64 = 1) throws
        -> [ClaimedTask]?
    {
        let request = ClaimRequest(
            tenant: "default", types: types, worker: "w", limit: limit, wait: wait, claim: id)
        switch try ask(.claim(request, ClaimCaller(ticket: ticket, isGone: { false }))) {
        case .claimed(let tasks): return tasks
        case .waiting: return nil
        case .problem(let problem): throw problem
        default: throw Unexpected()
        }
    }

    func redeliver(_ id: RowHandle) throws -> EventReceipt {
        switch try ask(.redeliver(tenant: "default", unmatched: id)) {
        case .posted(let results): return try results[0].get()
        case .problem(let problem): throw problem
        default: throw Unexpected()
        }
    }

    /// From now on, as a service that was told so at its start.
    func retain(_ policy: RetentionPolicy) { engine.retention = policy }

    func delete(_ id: ProcessID) throws {
        switch try ask(.deleteProcess(id, tenant: "default")) {
        case .done: return
        case .problem(let problem): throw problem
        default: throw Unexpected()
        }
    }

    /// Lets everything happen that is due now, however many pieces it takes.
    func settle() throws { try advance(.seconds(1)) }

    /// As after a start at this time.
    func grantGrace() throws { try engine.grantGrace(at: now, steady: now) }

    // MARK: Reading

    func stored(_ id: ProcessID) throws -> StoredProcess {
        try #require(try store.process(id, tenant: "default"))
    }

    func state(_ id: ProcessID) throws -> ProcessState {
        try ProcessView.fold(try stored(id), from: try store.makeReader())
    }

    func stream(_ id: ProcessID) throws -> [String] {
        try store.processStream(try stored(id).handle, from: 1, limit: 10_000).map(\.event.type)
    }

    /// What the process published.
    func published(_ id: ProcessID) throws -> [RecordedEvent] {
        try store.publishedStream(try stored(id).handle, from: 1, limit: 10_000)
    }

    /// The newest process of a definition with a key.
    func process(_ definition: String, _ key: String) throws -> ProcessState {
        let found = try store.locate(LocationKey(tenant: "default", definition: definition, value: key))
        let handle = try #require(found, "there is no \(definition) \(key)").handle
        return try state(try #require(try store.process(handle)).row.id)
    }

    func taskStream(_ id: TaskID) throws -> [RecordedEvent] {
        let task = try #require(try store.task(id, tenant: "default"))
        return try store.taskStream(task.handle, from: 1, limit: 10_000)
    }

    func unmatched() throws -> [UnmatchedEvent] {
        try store.makeReader().unmatched(tenant: "default", after: 0, limit: 1000)
    }

    /// Refolding, deciding again and all derived rows agree with what is stored.
    func verify(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let verifier = try StoreVerifier(
            reader: try store.makeReader(), factory: NoDefinitions(), managers: managers)
        let difference = try verifier.verifyAll(tenant: "default").difference
        #expect(difference == nil, sourceLocation: sourceLocation)
    }
}

/// The code of the problem that `body` is refused with.
func problem(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) -> Problem.Code? {
    do {
        try body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch let problem as Problem {
        return problem.code
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
    return nil
}
