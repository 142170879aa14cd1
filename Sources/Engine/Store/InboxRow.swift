import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What identifies an event from outside: a repeat has the same.
public struct InboxKey: Sendable, Hashable {
    public var tenant: String
    public var source: String
    public var id: EventID

    public init(tenant: String, source: String, id: EventID) {
        self.tenant = tenant
        self.source = source
        self.id = id
    }

    public static func == (left: InboxKey, right: InboxKey) -> Bool {
        left.id == right.id && ExactText.sameBytes(left.source, right.source)
            && ExactText.sameBytes(left.tenant, right.tenant)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(tenant))
        hasher.combine(ExactText(source))
        hasher.combine(id)
    }
}

/// What is remembered of a handled event: enough to know it again and to give the first answer again.
public struct InboxEntry: Sendable, Equatable {
    /// A hash of type and data by JSON value; another one under the same key is another event.
    public var contentHash: UInt64
    /// The first answer, as the engine encodes it.
    public var answer: [UInt8]
    public var receivedAt: Instant

    public init(contentHash: UInt64, answer: [UInt8], receivedAt: Instant) {
        self.contentHash = contentHash
        self.answer = answer
        self.receivedAt = receivedAt
    }
}

/// An event that waits for a process to start or to gain a key.
public struct HeldEvent: Sendable, Equatable {
    public var handle: RowHandle
    public var location: LocationKey
    public var event: Event
    public var receivedAt: Instant
    public var expiresAt: Instant

    public init(handle: RowHandle = 0, location: LocationKey, event: Event, receivedAt: Instant, expiresAt: Instant) {
        self.handle = handle
        self.location = location
        self.event = event
        self.receivedAt = receivedAt
        self.expiresAt = expiresAt
    }
}

/// An event that found no process.
public struct UnmatchedEvent: Sendable, Equatable {
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        case ignored
        case expired
        case keyFailed = "key_failed"
        case notInVersion = "not_in_version"
        case noDefinition = "no_definition"
        /// The process had ended, or ended while the event waited.
        case ended
        case cancelling
        case compensating
    }

    /// Its `unmatched_id`; also the order of the list.
    public var handle: RowHandle
    public var tenant: String
    public var event: Event
    public var reason: Reason
    /// The definition that could have taken it; nil when there was none.
    public var definition: String?
    public var receivedAt: Instant
    /// Some machine took it, while it waited for another. Kept among what the event carries for the engine alone.
    public var taken: Bool { event.observed?["taken"]?.boolValue ?? false }

    /// What an event bears that some machine took.
    static let takenMark = JSONView(["taken": true])

    public init(
        handle: RowHandle = 0, tenant: String, event: Event, reason: Reason, definition: String?, receivedAt: Instant
    ) {
        self.handle = handle
        self.tenant = tenant
        self.event = event
        self.reason = reason
        self.definition = definition
        self.receivedAt = receivedAt
    }
}

/// An input of our own that waits for its turn.
public struct QueuedInput: Sendable, Equatable {
    public var handle: RowHandle
    /// What is to be done, as the engine encodes it.
    public var content: [UInt8]
    public var queuedAt: Instant

    public init(handle: RowHandle = 0, content: [UInt8], queuedAt: Instant) {
        self.handle = handle
        self.content = content
        self.queuedAt = queuedAt
    }
}

/// A command that no endpoint wanted when it was issued.
public struct OutboxRow: Sendable, Equatable {
    public var id: CommandID
    public var process: RowHandle
    public var command: String
    /// The position of its `CommandIssued`, where the payload is.
    public var position: Int64
    public var createdAt: Instant

    public init(id: CommandID, process: RowHandle, command: String, position: Int64, createdAt: Instant) {
        self.id = id
        self.process = process
        self.command = command
        self.position = position
        self.createdAt = createdAt
    }
}
