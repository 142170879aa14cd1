import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Synchronization
import Testing

/// API keys, and the record of what operators do to no process in particular.
@Suite("Keys and audit")
struct AccessKeyTests {
    /// What `onKeys` was given, each time.
    private final class Published: Sendable {
        let keys = Mutex<[[AccessKeyRow]]>([])
        var count: Int { keys.withLock { $0.count } }
        var last: [AccessKeyRow] { keys.withLock { $0.last } ?? [] }
    }

    private let store = InMemoryProcessStore()
    private let engine: ProcessEngine
    private let published = Published()
    /// A test clock stands far from the real one.
    private let now = Instant(milliseconds: 1_000_000)
    private let wall = Instant(milliseconds: 1_800_000_000_000)

    init() throws {
        engine = try ProcessEngine(
            store: store, factory: EngineDesk.NoDefinitions(), makeSecret: { Array(repeating: 7, count: 32) })
        let published = published
        engine.onKeys = { keys in published.keys.withLock { $0.append(keys) } }
    }

    private func ask(_ request: EngineRequest) throws -> EngineAnswer {
        let result = engine.run([request], at: now, wallClock: wall)
        #expect(result.isHealthy)
        return try #require(result.answers.first)
    }

    private func actor(_ request: String = "r1") -> Actor {
        Actor(tenant: "acme", name: "root", address: "192.0.2.1", requestID: request)
    }

    private func minted(_ name: String) -> MintedKey {
        MintedKey(id: UniqueID(name: name), secret: "prc_\(name)", hash: Array(name.utf8))
    }

    private func create(_ name: String, expiry: NewAccessKey.Expiry = .never) throws -> EngineAnswer {
        let key = NewAccessKey(minted(name), name: name, tenant: "acme", scopes: [.read, .admin], expiry: expiry)
        return try ask(.audited(.keys(.create(key)), by: actor("create \(name)")))
    }

    private var audited: [RecordedEvent] {
        get throws { try store.makeReader().generalStream(.audit, tenant: "acme", from: 1, limit: 100) }
    }

    @Test("a created key is stored and told of, in real time, with who created it; its end is counted from now")
    func create() throws {
        guard case .key(let row, isChanged: true) = try create("a", expiry: .after(.hours(1))) else {
            return #expect(Bool(false))
        }
        #expect(row.createdAt == wall)
        #expect(row.expiresAt == wall + .hours(1))
        #expect(row.createdBy == "root")
        #expect(try store.accessKeys() == [row])
        #expect(published.last == [row])
        #expect(published.count == 1)
    }

    @Test("a key that would have expired already is refused and leaves nothing", arguments: [0, -1] as [Int64])
    func expired(offset: Int64) throws {
        let time = wall + .milliseconds(offset)
        for expiry in [NewAccessKey.Expiry.at(time), .after(.milliseconds(offset))] {
            guard case .problem(let problem) = try create("a", expiry: expiry) else { return #expect(Bool(false)) }
            #expect(problem.code == .keyExpiresInPast)
        }
        #expect(try store.accessKeys().isEmpty)
        #expect(try audited.isEmpty)
        #expect(published.count == 0)
    }

    @Test("a key is revoked once; again it stays as it is and nothing is recorded; of another tenant it is not there")
    func revoke() throws {
        _ = try create("a")
        let id = UniqueID(name: "a")
        guard case .problem(let problem) = try ask(.keys(.revoke(id, tenant: "other"))) else {
            return #expect(Bool(false))
        }
        #expect(problem.code == .keyNotFound)
        for isFirst in [true, false] {
            let request = EngineRequest.audited(.keys(.revoke(id, tenant: "acme")), by: actor("revoke \(isFirst)"))
            guard case .key(let row, let isChanged) = try ask(request) else { return #expect(Bool(false)) }
            #expect(row.revokedAt == wall)
            #expect(isChanged == isFirst)
        }
        #expect(published.count == 2)
        #expect(published.last.first?.revokedAt == wall)
        #expect(try audited.map(\.event.type) == ["KeyCreated", "KeyRevoked"])
    }

    @Test("a noted use is stored, never goes back, and tells nobody; of an unknown key it is nothing")
    func noteUse() throws {
        _ = try create("a")
        let id = UniqueID(name: "a")
        for milliseconds in [5, 3] as [Int64] {
            _ = try ask(.keys(.noteUse(id, at: Instant(milliseconds: milliseconds))))
        }
        _ = try ask(.keys(.noteUse(UniqueID(name: "none"), at: wall)))
        #expect(try store.accessKeys().map(\.lastUsedAt) == [Instant(milliseconds: 5)])
        #expect(published.count == 1)
    }

    @Test("a record names who did what from where, at the engine's time, and holds neither secret nor hash")
    func records() throws {
        _ = try create("a")
        let record = try #require(try audited.first)
        #expect(record.stream.category == "audit")
        #expect(record.recordedAt == now)
        #expect(record.event.source == nil)
        let expected: JSONValue = [
            "key_id": .string(UniqueID(name: "a").description), "name": "a", "scopes": ["read", "admin"],
            "tenant": "acme", "by": "root", "address": "192.0.2.1", "request_id": "create a",
        ]
        #expect(record.event.data.value == expected)
    }

    @Test("what was asked for without a name, or from the command line, is recorded without")
    func nameless() throws {
        let nobody = Actor(tenant: "acme", name: nil, address: nil, requestID: "r")
        _ = try ask(
            .audited(.keys(.create(NewAccessKey(minted("a"), name: "a", scopes: [.read]))), by: nobody))
        let data = try #require(try audited.first).event.data
        #expect(data["by"] == nil && data["address"] == nil && data["tenant"] == nil)
        #expect(try store.accessKeys().first?.createdBy == nil)
    }

    @Test("what is refused or changes nothing leaves no record; a read neither")
    func noRecord() throws {
        let nothing: [EngineRequest] = [
            .deleteVersion(VersionRequest(name: "none", version: 1)), .redeliver(tenant: "acme", unmatched: 7),
            .migrate([], MigrationRequest(tenant: "acme", toVersion: 1, requestID: "m")), .clock,
            .keys(.revoke(UniqueID(name: "none"), tenant: nil)), .polls(tenant: "acme"),
        ]
        for (number, request) in nothing.enumerated() { _ = try ask(.audited(request, by: actor("\(number)"))) }
        #expect(try audited.isEmpty)
    }
}
