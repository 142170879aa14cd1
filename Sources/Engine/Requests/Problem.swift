import Chrono
import JSON

/// Why a request was refused: a code with a fixed meaning, and words about this case. Nothing was changed.
public struct Problem: Error, Sendable, Equatable {
    /// Every code has a paragraph in docs/problems.md.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case eventTypeReserved = "event_type_reserved"
        case sourceReserved = "source_reserved"
        case eventIDReused = "event_id_reused"
        case keyFailed = "key_failed"
        case processMissing = "process_missing"
        case processNotFound = "process_not_found"
        case processEnded = "process_ended"
        case processNotEnded = "process_not_ended"
        case taskNotFound = "task_not_found"
        case taskEnded = "task_ended"
        case leaseLost = "lease_lost"
        case claimReused = "claim_reused"
        case incidentNotFound = "incident_not_found"
        case incidentClosed = "incident_closed"
        case incidentNeedsRetry = "incident_needs_retry"
        case incidentNotMendable = "incident_not_mendable"
        case processEnding = "process_ending"
        case unmatchedNotFound = "unmatched_not_found"
        case stillUnmatched = "still_unmatched"
        case definitionNotFound = "definition_not_found"
        case definitionIsCode = "definition_is_code"
        case migrationRefused = "migration_refused"
        case versionInUse = "version_in_use"
        case webhookNotFound = "webhook_not_found"
        case deliveryNotFound = "delivery_not_found"
        case webhookNotActive = "webhook_not_active"
        case subscriptionNotFound = "subscription_not_found"
        case positionBeyondBatch = "position_beyond_batch"
        case preconditionFailed = "precondition_failed"
        case idempotencyKeyReused = "idempotency_key_reused"
        case noTestClock = "no_test_clock"
        case advanceTooLong = "advance_too_long"
        case keyNotFound = "key_not_found"
        case keyExpiresInPast = "key_expires_in_past"
        case conflict = "conflict"
        case overloaded = "overloaded"
        case storeUnavailable = "store_unavailable"
        case shuttingDown = "shutting_down"

        /// The HTTP status it is answered with.
        public var status: Int {
            switch self {
            case .processMissing, .processNotFound, .taskNotFound, .incidentNotFound, .unmatchedNotFound,
                .definitionNotFound, .subscriptionNotFound, .webhookNotFound, .deliveryNotFound, .noTestClock,
                .keyNotFound:
                404
            case .processEnded, .processNotEnded, .processEnding, .taskEnded, .leaseLost, .incidentClosed,
                .incidentNeedsRetry, .incidentNotMendable,
                .stillUnmatched, .definitionIsCode, .migrationRefused, .versionInUse, .advanceTooLong:
                409
            case .webhookNotActive: 409
            case .preconditionFailed: 412
            case .eventTypeReserved, .sourceReserved, .eventIDReused, .keyFailed, .claimReused, .positionBeyondBatch,
                .idempotencyKeyReused, .keyExpiresInPast:
                422
            case .conflict, .overloaded, .storeUnavailable, .shuttingDown: 503
            }
        }

        public var title: String {
            switch self {
            case .eventTypeReserved: "The event type is reserved"
            case .sourceReserved: "The event source is reserved"
            case .eventIDReused: "Another event has this source and id"
            case .keyFailed: "No definition could read a key from the event"
            case .processMissing: "There is no process for this event"
            case .processNotFound: "There is no such process"
            case .processEnded: "The process has ended"
            case .processNotEnded: "The process has not ended"
            case .taskNotFound: "There is no such task"
            case .taskEnded: "The task has ended"
            case .leaseLost: "The lease is not yours any more"
            case .claimReused: "The claim id was used for other task types"
            case .incidentNotFound: "There is no such incident"
            case .incidentClosed: "The incident is closed"
            case .incidentNeedsRetry: "The incident cannot just be closed"
            case .incidentNotMendable: "The incident has no such value to replace"
            case .processEnding: "The process is on its way to its end"
            case .unmatchedNotFound: "There is no such unmatched event"
            case .stillUnmatched: "The event still finds no process"
            case .definitionNotFound: "There is no such definition"
            case .definitionIsCode: "The definition is written in Swift"
            case .migrationRefused: "The process cannot go on under that version"
            case .versionInUse: "The version is needed by processes that are stored"
            case .webhookNotFound: "There is no such webhook"
            case .deliveryNotFound: "There is no such delivery"
            case .webhookNotActive: "The webhook is not active"
            case .subscriptionNotFound: "There is no such subscription"
            case .positionBeyondBatch: "The position is beyond what was handed out"
            case .idempotencyKeyReused: "Another request has this key"
            case .preconditionFailed: "The precondition does not hold"
            case .noTestClock: "The service runs on the real clock"
            case .advanceTooLong: "Too much is due within this advance"
            case .keyNotFound: "There is no such key"
            case .keyExpiresInPast: "The key would have expired already"
            case .conflict: "Somebody else was faster, repeatedly"
            case .overloaded: "Too much is waiting"
            case .storeUnavailable: "The store does not work"
            case .shuttingDown: "The service is stopping"
            }
        }
    }

    public var code: Code
    public var detail: String
    /// Further members of the answer.
    public var members: JSONObject
    /// When to try again.
    public var retryAfter: TimeSpan?

    public init(_ code: Code, _ detail: String, members: JSONObject = JSONObject(), retryAfter: TimeSpan? = nil) {
        self.code = code
        self.detail = detail
        self.members = members
        self.retryAfter = retryAfter ?? (code.status == 503 ? .seconds(1) : nil)
    }
}

/// What stops a request: a refusal of this one, or a store that does not work, which stops the whole batch.
enum EngineError: Error, Sendable {
    case problem(Problem)
    /// Not an error of the caller: the same outcome again is answered as the first time.
    case repeated(OutcomeReceipt)
    case store(StoreError)
}

/// Runs a store call where both kinds of error are thrown.
@inline(__always)
func stored<Result>(_ body: () throws(StoreError) -> Result) throws(EngineError) -> Result {
    do throws(StoreError) {
        return try body()
    } catch {
        throw .store(error)
    }
}
