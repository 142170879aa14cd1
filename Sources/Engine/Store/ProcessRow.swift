import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// A store's own short name for a row, given when the row is inserted and valid as long as it is stored.
public typealias RowHandle = Int64

/// What a store keeps of a process beside its stream. All of it can be derived from the stream.
public struct ProcessRow: Sendable, Equatable {
    public var id: ProcessID
    public var tenant: String
    public var definition: String
    public var definitionVersion: Int
    public var key: String
    public var status: ProcessStatus
    public var suspended: Bool
    /// Version of the last record of its stream.
    public var version: Int64
    /// How many incidents are open.
    public var incidents: Int
    public var startedAt: Instant
    public var updatedAt: Instant
    public var endedAt: Instant?

    public init(
        id: ProcessID, tenant: String, definition: String, definitionVersion: Int, key: String, status: ProcessStatus,
        suspended: Bool, version: Int64, incidents: Int, startedAt: Instant, updatedAt: Instant, endedAt: Instant?
    ) {
        self.id = id
        self.tenant = tenant
        self.definition = definition
        self.definitionVersion = definitionVersion
        self.key = key
        self.status = status
        self.suspended = suspended
        self.version = version
        self.incidents = incidents
        self.startedAt = startedAt
        self.updatedAt = updatedAt
        self.endedAt = endedAt
    }

    /// The row that a folded state amounts to.
    public init(_ state: ProcessState) {
        self.init(
            id: state.processID, tenant: state.tenant, definition: state.definition,
            definitionVersion: state.definitionVersion, key: state.key, status: state.status,
            suspended: state.suspended, version: state.version, incidents: state.incidents.count,
            startedAt: state.startedAt, updatedAt: state.updatedAt, endedAt: state.endedAt)
    }
}

/// A process as it is stored: its row, and the folded state as of some version, which may lag behind the stream.
public struct StoredProcess: Sendable, Equatable {
    public var handle: RowHandle
    public var row: ProcessRow
    public var snapshot: Snapshot?

    public init(handle: RowHandle, row: ProcessRow, snapshot: Snapshot? = nil) {
        self.handle = handle
        self.row = row
        self.snapshot = snapshot
    }

    public struct Snapshot: Sendable, Equatable {
        public var version: Int64
        public var bytes: [UInt8]

        public init(version: Int64, bytes: [UInt8]) {
            self.version = version
            self.bytes = bytes
        }
    }
}

/// The key, or a correlation, under which events find processes of one definition.
public struct LocationKey: Sendable, Hashable {
    public var tenant: String
    public var definition: String
    /// The name of the correlation; empty for the process key.
    public var name: String
    public var value: String

    public init(tenant: String, definition: String, name: String = "", value: String) {
        self.tenant = tenant
        self.definition = definition
        self.name = name
        self.value = value
    }

    public static func == (left: LocationKey, right: LocationKey) -> Bool {
        ExactText.sameBytes(left.value, right.value) && ExactText.sameBytes(left.name, right.name)
            && ExactText.sameBytes(left.definition, right.definition) && ExactText.sameBytes(left.tenant, right.tenant)
    }

    public func hash(into hasher: inout Hasher) {
        for text in [tenant, definition, name, value] { hasher.combine(ExactText(text)) }
    }
}

/// The last process that had a key.
public struct LocatedProcess: Sendable, Equatable {
    public var handle: RowHandle
    /// It has not ended. At most one process with the key has not.
    public var running: Bool

    public init(handle: RowHandle, running: Bool) {
        self.handle = handle
        self.running = running
    }
}
