import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// A store under test and the short forms in which the cases speak to it.
struct StoreFixture {
    let store: any ProcessStore
    let reopen: (@Sendable (any ProcessStore) throws -> any ProcessStore)?

    /// One committed transaction; rolled back if the body throws.
    @discardableResult
    func write<Answer>(_ body: () throws -> Answer) throws -> Answer {
        try store.begin()
        do {
            let answer = try body()
            try store.commit()
            return answer
        } catch {
            store.rollback()
            throw error
        }
    }

    func expectConflict(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        expect(what, sourceLocation, body) { if case .conflict = $0 { true } else { false } }
    }

    func expectDuplicate(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        expect(what, sourceLocation, body) { if case .duplicate = $0 { true } else { false } }
    }

    func expectUnknown(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        expect(what, sourceLocation, body) { if case .unknown = $0 { true } else { false } }
    }

    func expectClosed(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        expect(what, sourceLocation, body) { $0 == .closed }
    }

    private func expect(
        _ what: Comment, _ sourceLocation: SourceLocation, _ body: () throws -> Void,
        _ isExpected: (StoreError) -> Bool
    ) {
        do {
            try body()
            Issue.record("\(what): nothing was thrown", sourceLocation: sourceLocation)
        } catch let error as StoreError {
            #expect(isExpected(error), "\(what): \(error)", sourceLocation: sourceLocation)
        } catch {
            Issue.record("\(what): \(error)", sourceLocation: sourceLocation)
        }
    }

    // MARK: Rows within the open transaction

    func insertProcess(
        _ name: String, tenant: String = "acme", definition: String = "order", version: Int = 1,
        status: ProcessStatus = .running
    ) throws -> RowHandle {
        try store.insertProcess(
            processRow(name, tenant: tenant, definition: definition, version: version, status: status))
    }

    /// Inserts a task, changed as wanted.
    func insertTask(
        _ name: String, of process: RowHandle, type: String = "ship", tenant: String = "acme",
        _ change: (inout TaskRow) -> Void = { _ in }
    ) throws -> RowHandle {
        var row = taskRow(name, of: process, type: type, tenant: tenant)
        change(&row)
        return try store.insertTask(row)
    }

    func updateTask(_ handle: RowHandle, _ name: String, _ change: (inout TaskRow) -> Void) throws {
        var row = try #require(try store.task(UniqueID(name: name), tenant: "acme")).row
        change(&row)
        try store.updateTask(handle, row)
    }

    /// Appends events of these types with empty data to a process's stream.
    @discardableResult
    func append(_ types: [String], toProcess process: RowHandle, version: Int64, at now: Int64 = 1000) throws -> Int64 {
        try store.append(types.map { event($0) }, toProcess: process, version: version, at: .at(now))
    }
}

// MARK: Sample values

extension Instant {
    static func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }
}

func processRow(
    _ name: String, tenant: String = "acme", definition: String = "order", version: Int = 1,
    status: ProcessStatus = .running
) -> ProcessRow {
    ProcessRow(
        id: UniqueID(name: name), tenant: tenant, definition: definition, definitionVersion: version, key: name,
        status: status, suspended: false, version: 0, incidents: 0, startedAt: .at(1000), updatedAt: .at(1000),
        endedAt: status.isEnd ? .at(1000) : nil)
}

func taskRow(
    _ name: String, of process: RowHandle, type: String = "ship", tenant: String = "acme"
) -> TaskRow {
    TaskRow(
        id: UniqueID(name: name), process: process, tenant: tenant, type: type, priority: 0, maxAttempts: 3,
        plannedAt: 1, scheduledAt: .at(1000))
}

func lease(_ worker: String, claim: String? = nil, from start: Int64 = 2000) -> TaskRow.Lease {
    TaskRow.Lease(
        worker: worker, claim: claim, startedAt: .at(start), expiresAt: .at(start + 30_000), length: .seconds(30),
        given: .seconds(20),
        attemptEndsAt: nil)
}

func event(_ type: String, id: String? = nil, data: JSONView = .null) -> Event {
    Event(id: EventID(id ?? "id of \(type)"), type: type, source: "/tests", data: data)
}

func json(_ text: String) throws -> JSONView { try JSONDocument.parse(text).root }

func key(
    _ value: String, name: String = "", definition: String = "order", tenant: String = "acme"
) -> LocationKey {
    LocationKey(tenant: tenant, definition: definition, name: name, value: value)
}

/// Every member of an event, byte by byte: `String` equality would take composed and decomposed letters for equal, and
/// that of payloads ignores white space and the order of members.
func exactly(_ event: Event) -> [[UInt8]?] {
    let texts = [
        event.id.description, event.type, event.source, event.time, event.correlationID, event.causationID,
        event.traceparent,
    ]
    return texts.map { $0.map { Array($0.utf8) } }
        + [event.data.rawBytes, event.extensions?.rawBytes, event.observed?.rawBytes]
}

extension InboxKey {
    init(tenant: String, source: String, id: String) {
        self.init(tenant: tenant, source: source, id: EventID(id))
    }
}
