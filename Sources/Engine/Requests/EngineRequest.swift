import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// Everything that can be asked of the engine. The list is closed.
public enum EngineRequest: Sendable {
    /// Events in order, each with a decision of its own, in one transaction.
    case post([IncomingEvent])
    case claim(ClaimRequest, ClaimCaller)
    case outcomes([OutcomeRequest])
    case heartbeat(HeartbeatRequest)
    case recordStep(StepRequest)
    case release(ReleaseRequest)
    case operate(OperatorRequest)
    /// Each of these processes, in one transaction, with a result of its own.
    case migrate([ProcessID], MigrationRequest)
    case deleteVersion(VersionRequest)
    case webhook(WebhookRequest)
    /// What came of requests to endpoints, in one transaction.
    case reportDeliveries([DeliveryReport])
    /// Only one that has ended.
    case deleteProcess(ProcessID, tenant: String)
    case redeliver(tenant: String, unmatched: Int64)
    /// Nobody will want the event any more.
    case discard(tenant: String, unmatched: Int64)
    case storeDefinition(DefinitionRequest)
    case subscriptions(SubscriptionRequest)
    indirect case once(OnceRequest)
    case clock
    case advanceClock(TimeSpan)
    /// A test clock was moved; only its record is left to be written.
    case recordAdvance(TimeSpan)
    case keys(KeyRequest)
    /// What it changes beyond one process is recorded in the stream of the operators' actions, with who asked for it.
    indirect case audited(EngineRequest, by: Actor)
    /// Who asked for tasks of which types, and when last.
    case polls(tenant: String)
    /// The caller of a waiting claim is gone.
    case abandon(ticket: Int64)
}

/// What the engine answers, in the shape of the question.
public enum EngineAnswer: Sendable {
    case posted([Result<EventReceipt, Problem>])
    /// The unmatched event that is gone.
    case discarded(EventID)
    case claimed([ClaimedTask])
    /// No task yet: the claim waits, and is answered later under its ticket.
    case waiting
    case polls([ExactText: [Poll]])
    case outcomes([Result<OutcomeReceipt, Problem>])
    case heartbeat(HeartbeatReceipt)
    case step(RecordedStep)
    case released
    /// The process as it is now.
    case process(ProcessView)
    case migrated([Result<MigrationReceipt, Problem>])
    case webhook(WebhookReceipt)
    case delivery(StoredDelivery)
    /// How many deliveries get one more attempt.
    case redelivered(Int)
    case definition(DefinitionReceipt)
    case subscription(SubscriptionAnswer)
    /// The first answer to a request that was named, as it was remembered.
    case repeated([UInt8])
    case clock(Instant)
    /// The key as it is now, and whether the request made it so.
    case key(AccessKeyRow, isChanged: Bool)
    case done
    case problem(Problem)
}

/// When a worker last asked for tasks of a type.
public struct Poll: Sendable, Equatable {
    public var worker: String
    public var at: Instant

    public init(worker: String, at: Instant) {
        self.worker = worker
        self.at = at
    }
}

/// An event as it came in, checked for form.
public struct IncomingEvent: Sendable {
    public var tenant: String
    /// With its source, `""` where the producer named none.
    public var event: Event
    /// `JSONView.contentHash` of the data, seeded by the type: computed by the thread that read the request.
    public var contentHash: UInt64

    public init(tenant: String, event: Event) {
        self.tenant = tenant
        self.event = event
        var seed: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in event.type.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01b3 }
        contentHash = event.data.contentHash(seed: seed)
    }
}

/// What became of a posted event.
public struct EventReceipt: Sendable, Equatable {
    public var eventID: EventID
    public var duplicate: Bool
    public var deliveries: [Delivery]
    public var held: Bool
    public var unmatched: Bool
    /// Where it waits outside of processes, as `RememberedAnswer.kept`.
    var kept: [RowHandle] = []

    /// What one process made of the event.
    public struct Delivery: Sendable, Equatable {
        public var processID: ProcessID
        public var definition: String
        public var definitionVersion: Int
        public var key: String
        public var effect: Effect
        /// The store's name for the process.
        let handle: RowHandle
    }

    /// What the event did; a repeat is told the same.
    public struct Effect: Sendable, Equatable {
        /// The stream's version after the event was decided.
        public var version: Int64
        public var status: ProcessStatus
        public var started = false
        /// Why no machine was asked; nil if they were, or will be.
        public var ignored: Ignored?
        /// Some machine took it, or came into being with it.
        public var taken = false
        /// Some machine put it off.
        public var deferred = false
        /// It waits for the retry of a start.
        public var queued = false
        /// The first that was raised in the step, or while it went on.
        public var incident: RaisedIncident?
        /// How many were.
        public var incidents = 0

        init(version: Int64, status: ProcessStatus) {
            self.version = version
            self.status = status
        }
    }

    /// Why nothing was asked about an event.
    public enum Ignored: String, Sendable, Hashable, CaseIterable {
        /// The process had ended; its stream did not change.
        case ended
        case cancelling
        case compensating
    }

    /// What an operator will have to look at.
    public struct RaisedIncident: Sendable, Equatable {
        public var id: IncidentID
        public var kind: IncidentKind
        public var message: String
        public var pointer: String?

        public init(id: IncidentID, kind: IncidentKind, message: String, pointer: String?) {
            self.id = id
            self.kind = kind
            self.message = message
            self.pointer = pointer
        }
    }

    public init(eventID: EventID, duplicate: Bool, deliveries: [Delivery], held: Bool, unmatched: Bool) {
        self.eventID = eventID
        self.duplicate = duplicate
        self.deliveries = deliveries
        self.held = held
        self.unmatched = unmatched
    }
}

public struct DefinitionRequest: Sendable {
    public var name: String
    /// The document with defaults written in.
    public var content: JSONView
    /// Of the newest version.
    public var condition: Precondition
    /// The content of an older version is not stored again as a new one.
    public var keepsNewer: Bool

    public init(
        name: String, content: JSONView, condition: Precondition = Precondition(), keepsNewer: Bool = false
    ) {
        self.name = name
        self.content = content
        self.condition = condition
        self.keepsNewer = keepsNewer
    }
}

public struct DefinitionReceipt: Sendable, Equatable {
    public var name: String
    public var version: Int
    /// False: this stored version has the same content.
    public var isNew: Bool
    /// Which version is the newest: another one only where an older one was not stored again.
    public var newest: Int

    public init(name: String, version: Int, isNew: Bool, newest: Int? = nil) {
        self.name = name
        self.version = version
        self.isNew = isNew
        self.newest = newest ?? version
    }
}
