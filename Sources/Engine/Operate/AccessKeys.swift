import Chrono
import EventSourcing

extension ProcessEngine {
    /// All keys, for who authenticates callers; `onKeys` tells of changes.
    public func accessKeys() throws(StoreError) -> [AccessKeyRow] {
        try store.accessKeys()
    }

    func change(_ request: KeyRequest, by actor: String?) throws(EngineError) -> EngineAnswer {
        switch request {
        case .create(let new): return .key(try create(new, by: actor), isChanged: true)
        case .revoke(let id, let tenant): return try revoke(id, tenant: tenant)
        case .noteUse(let id, let time):
            try noteUse(of: id, at: time)
            return .done
        }
    }

    private func create(_ new: NewAccessKey, by actor: String?) throws(EngineError) -> AccessKeyRow {
        let expiresAt: Instant? =
            switch new.expiry {
            case .never: nil
            case .at(let time): time
            case .after(let span): wallClock + span
            }
        if let expiresAt, expiresAt <= wallClock {
            throw .problem(Problem(.keyExpiresInPast, "a key that expires at \(expiresAt.rfc3339) is of no use"))
        }
        let row = AccessKeyRow(
            id: new.minted.id, hash: new.minted.hash, name: new.name, tenant: new.tenant, scopes: new.scopes,
            createdAt: wallClock, createdBy: actor, expiresAt: expiresAt)
        let store = store
        try stored { () throws(StoreError) in try store.insertAccessKey(row) }
        keysAreStale = true
        return row
    }

    /// A key that is revoked already stays as it is.
    private func revoke(_ id: UniqueID, tenant: String?) throws(EngineError) -> EngineAnswer {
        let store = store
        let found = try stored { () throws(StoreError) in try store.accessKey(id) }
        guard var row = found, tenant == nil || row.tenant == tenant else {
            throw .problem(Problem(.keyNotFound, "there is no key \(id)"))
        }
        guard row.revokedAt == nil else { return .key(row, isChanged: false) }
        row.revokedAt = wallClock
        let changed = row
        try stored { () throws(StoreError) in try store.updateAccessKey(changed) }
        keysAreStale = true
        return .key(row, isChanged: true)
    }

    private func noteUse(of id: UniqueID, at time: Instant) throws(EngineError) {
        let store = store
        guard var row = try stored({ () throws(StoreError) in try store.accessKey(id) }) else { return }
        guard row.lastUsedAt.map({ $0 < time }) ?? true else { return }
        row.lastUsedAt = time
        let changed = row
        try stored { () throws(StoreError) in try store.updateAccessKey(changed) }
    }

    /// The keys as the open transaction leaves them, if it may have changed some.
    func changedKeys() throws(StoreError) -> [AccessKeyRow]? {
        keysAreStale ? try store.accessKeys() : nil
    }

    func publish(_ keys: [AccessKeyRow]) {
        keysAreStale = false
        onKeys?(keys)
    }
}
