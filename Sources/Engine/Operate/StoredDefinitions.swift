import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// Reads what the store knows of itself: its secret (made once, by `makeSecret`) and the definitions.
    func open(makeSecret: () -> [UInt8]) throws(StoreError) {
        try store.begin()
        do throws(StoreError) {
            var secret = try store.setting(SettingName.secret)
            if secret == nil {
                let made = makeSecret()
                try store.setSetting(SettingName.secret, made)
                secret = made
            }
            tokens = LeaseTokens(secret: secret ?? [])
            try checkSeal()
            hasQueued = try store.nextQueued() != nil
            outgoing.hasBacklog = try store.webhooks().contains { $0.row.backlog != nil }
            retaining.hasRemoved = try store.hasRemovedRecords()
            for row in try store.definitions() {
                do throws(Problem) {
                    registry.add(try factory.makeManager(name: row.name, version: row.version, content: row.content))
                } catch {
                    throw StoreError.unreadable("definition \(row.name) version \(row.version): \(error.detail)")
                }
            }
            try store.commit()
        } catch {
            store.rollback()
            throw error
        }
    }

    /// After a start, workers get time to be heard again: no lease ends before the shorter of its given length and 60 s from
    /// now, and time limits that ran meanwhile are judged no earlier. `steady`: now, by a clock that nobody sets.
    public func grantGrace(at now: Instant, steady: Instant) throws(StoreError) {
        let longest = TimeSpan.seconds(60)
        graceEndsAt = steady + longest
        soonestDue = .unknown
        try store.begin()
        do throws(StoreError) {
            for var stored in try store.leasedTasks() {
                guard var lease = stored.row.lease else { continue }
                let earliest = now + min(lease.given, longest)
                guard lease.expiresAt < earliest else { continue }
                lease.expiresAt = earliest
                lease.attemptEndsAt = lease.attemptEndsAt.map { max($0, earliest) }
                stored.row.lease = lease
                stored.row.deadline = stored.row.deadline.map { max($0, earliest) }
                stored.row.dueAt = earliest
                try store.updateTask(stored.handle, stored.row)
            }
            try store.commit()
        } catch {
            store.rollback()
            throw error
        }
    }

    /// Stores a definition under the next version, unless the newest has the same content.
    func store(_ request: DefinitionRequest, at now: Instant) throws(EngineError) -> DefinitionReceipt {
        let store = store
        let rows = try stored { () throws(StoreError) in try store.definitions() }
            .filter { $0.name == request.name }
        try request.condition.check(rows.last?.entityTag)
        if let newest = rows.last, newest.content == request.content {
            return DefinitionReceipt(name: request.name, version: newest.version, isNew: false)
        }
        if request.keepsNewer, let newest = rows.last, let older = rows.last(where: { $0.content == request.content }) {
            return DefinitionReceipt(
                name: request.name, version: older.version, isNew: false, newest: newest.version)
        }
        if rows.isEmpty, registry.newest(request.name) != nil {
            throw .problem(Problem(.definitionIsCode, "\(request.name) is a manager written in Swift"))
        }
        let version = (rows.last?.version ?? 0) + 1
        let manager: any ManagedDefinition
        do throws(Problem) {
            manager = try factory.makeManager(name: request.name, version: version, content: request.content)
        } catch {
            throw .problem(error)
        }
        let row = DefinitionRow(name: request.name, version: version, content: request.content, createdAt: now)
        try stored { () throws(StoreError) in try store.insertDefinition(row) }
        pendingManagers.append(manager)
        registry.add(manager)
        return DefinitionReceipt(name: request.name, version: version, isNew: true)
    }
}

enum SettingName {
    static let secret = "secret"
    static let clock = "test_clock"
    static let seal = "seal"
}
