import Access
import Chrono
import Engine
import EventSourcing
import SQLiteStore

/// The keys of a store on which no service runs: for the first one, and for when none is left that may make others.
///
/// What is changed is recorded as it is by a service, without a name.
public final class StoredKeys {
    private let engine: ProcessEngine
    private let gate: Gatekeeper

    /// The file is created if there is none.
    public init(path: String) throws(StartError) {
        do throws(StoreError) {
            engine = try ProcessEngine(
                store: try SQLiteStore(path: path), factory: DefinitionManagers(), makeSecret: Identifiers.makeSecret)
            gate = Gatekeeper(keys: [], means: Identifiers.gateMeans)
        } catch {
            throw StartError(error)
        }
    }

    /// All of them, oldest first.
    public func list() throws(StartError) -> [AccessKeyRow] {
        do throws(StoreError) {
            return try engine.accessKeys()
        } catch {
            throw StartError(error)
        }
    }

    /// - Returns: the key, and its secret, which is kept nowhere.
    public func create(
        name: String, scopes: Set<AccessScope>, tenant: String? = nil, expiry: NewAccessKey.Expiry = .never
    ) throws(StartError) -> (key: AccessKeyRow, secret: String) {
        let minted = gate.mintKey()
        let new = NewAccessKey(minted, name: name, tenant: tenant, scopes: scopes, expiry: expiry)
        return (try change(.create(new)), minted.secret)
    }

    public func revoke(_ id: UniqueID) throws(StartError) -> AccessKeyRow {
        try change(.revoke(id, tenant: nil))
    }

    public func close() {
        engine.close()
    }

    private func change(_ request: KeyRequest) throws(StartError) -> AccessKeyRow {
        let now = Instant(milliseconds: SystemClock.wallMilliseconds())
        let actor = Actor(tenant: "default", name: nil, address: nil, requestID: Identifiers.makeID())
        let result = engine.run([.audited(.keys(request), by: actor)], at: now, wallClock: now, dueLimit: 0)
        switch result.answers.first {
        case .key(let row, _)?: return row
        case .problem(let problem)?: throw StartError(problem.detail)
        default: throw StartError("the key could not be written")
        }
    }
}
