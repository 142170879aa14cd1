import Chrono
import Engine
import EventSourcing
import ProcessManagement

/// The streams of a file for users of the library, on a connection of its own. For one thread at a time.
///
/// It works on any file, whether an engine runs on it (in this process or another) or not; an append waits for the
/// transaction that is open elsewhere, at most the `busyTimeout`. The streams of processes and tasks can be read here;
/// only the engine appends to them.
public final class SQLiteEventStore: EventStore {
    let session: Session

    /// Opens the file, which is created if there is none.
    public init(path: String, options: SQLiteOptions = SQLiteOptions()) throws(StoreError) {
        session = try Session(writing: path, options: options)
    }

    public func append(
        _ events: [Event], to stream: StreamID, tenant: String, expected: ExpectedVersion, at now: Instant
    ) throws(EventStoreError) -> AppendReceipt {
        guard !events.isEmpty else { throw .nothingToAppend }
        if case .exact(let version) = expected, version < 0 { throw .invalidVersion(version) }
        return try transaction { () throws(EventStoreError) in
            let (found, scope) = try stored { () throws(StoreError) in
                (
                    try session.find(stream, tenant: tenant),
                    try session.names.intern(.scope, stream.category ?? "", tenant: tenant)
                )
            }
            if StreamID.managedCategories.contains(stream.category ?? "") || found.map({ $0.kind != .general }) == true
            {
                throw .streamIsManaged(stream)
            }
            if let receipt = try session.repeated(events, in: found?.number, named: stream) { return receipt }
            let version = try stored { () throws(StoreError) in try session.version(of: found?.number) }
            guard expected.allows(version) else {
                throw .conflict(stream: stream, expected: expected, actual: version)
            }
            return try stored { () throws(StoreError) in
                try session.append(events, to: found, stream: stream, scope: scope, version: version, at: now)
            }
        }
    }

    public func read(
        _ stream: StreamID, tenant: String, from first: Int64, limit: Int
    ) throws(EventStoreError) -> [RecordedEvent] {
        guard first >= 1 else { throw .invalidVersion(first) }
        return try stored { () throws(StoreError) in
            guard let found = try session.find(stream, tenant: tenant) else { return [] }
            return try session.events(of: found.number, named: stream, from: first, limit: limit)
        }
    }

    public func readAll(
        tenant: String, after position: Int64, matching filter: EventFilter, limit: Int
    ) throws(EventStoreError) -> EventPage {
        try stored { () throws(StoreError) in
            try session.events(tenant: tenant, after: position, matching: filter, limit: limit)
        }
    }

    public func version(of stream: StreamID, tenant: String) throws(EventStoreError) -> Int64 {
        try stored { () throws(StoreError) in
            try session.version(of: try session.find(stream, tenant: tenant)?.number)
        }
    }

    public func position() throws(EventStoreError) -> Int64 {
        try stored { () throws(StoreError) in try session.lastPosition() }
    }

    /// - Throws: `.streamIsManaged` for the stream of a process or task.
    public func delete(_ stream: StreamID, tenant: String) throws(EventStoreError) {
        try transaction { () throws(EventStoreError) in
            let found = try stored { () throws(StoreError) in try session.find(stream, tenant: tenant) }
            guard let found else { return }
            guard found.kind == .general else { throw .streamIsManaged(stream) }
            try stored { () throws(StoreError) in try session.delete(found) }
        }
    }

    private func transaction<Result>(
        _ body: () throws(EventStoreError) -> Result
    ) throws(EventStoreError) -> Result {
        do {
            try stored { () throws(StoreError) in try session.connection.beginWriting() }
            let result = try body()
            try stored { () throws(StoreError) in try session.commit() }
            return result
        } catch {
            session.rollback()
            throw error
        }
    }

    private func stored<Result>(_ body: () throws(StoreError) -> Result) throws(EventStoreError) -> Result {
        do { return try body() } catch { throw EventStoreError(error) }
    }
}

extension EventStoreError {
    init(_ error: StoreError) { self = .unavailable(message: error.explanation) }
}
