import Engine
import JSON

/// Names that recur, by the small numbers that rows carry instead.
///
/// What was looked up is remembered, within bounds. A number that an open transaction gave must be forgotten when the
/// transaction is: see `rollback`. Others stay true, as no name is ever deleted.
final class Names {
    enum Kind: Int64 {
        case tenant = 0
        /// A definition, or another category of streams, of a tenant.
        case scope = 1
        /// A source of events, of a tenant.
        case source = 2
        /// A task type, of a tenant.
        case queue = 3
        /// An event type.
        case type = 4
    }

    /// A name of a tenant, with the tenant's name.
    struct Owned {
        let tenantID: Int64
        let tenant: String
        let name: String
    }

    private struct Key: Hashable {
        let kind: Kind
        let parent: Int64
        let name: ExactText

        /// Among the recent ones. Names of one kind differ in their length or at their ends, as a rule.
        var place: Int {
            let ends = name.text.utf8.withContiguousStorageIfAvailable { bytes -> Int in
                guard let first = bytes.first, let last = bytes.last else { return 0 }
                return bytes.count &* 31 &+ Int(first) &* 7 &+ Int(bytes[bytes.count / 2]) &* 3 &+ Int(last)
            }
            let owner = Int(kind.rawValue) &* 17 &+ Int(truncatingIfNeeded: parent)
            return ((ends ?? 0) &+ owner) & (Names.recentCount - 1)
        }
    }

    private let connection: Connection
    private let bound: Int
    private var ids: [Key: Int64] = [:]
    /// Those used last, at a place that follows from the name: most queries ask for a few names over and over.
    private var recent: [(key: Key, id: Int64)?]
    private static let recentCount = 64
    private var texts: [Int64: String] = [:]
    private var owned: [Int64: Owned] = [:]
    /// What is remembered of all names, with their keys.
    private var bytes = 0
    private static let byteBound = 2 * 1_048_576
    private var hasUncommitted = false
    /// Most often the same.
    private var lastTenant: (name: String, id: Int64)?

    init(_ connection: Connection, bound: Int = 10_000) {
        self.connection = connection
        self.bound = bound
        recent = Array(repeating: nil, count: Self.recentCount)
    }

    func commit() { hasUncommitted = false }

    func rollback() {
        guard hasUncommitted else { return }
        hasUncommitted = false
        recent = Array(repeating: nil, count: Self.recentCount)
        lastTenant = nil
        forgetAll()
    }

    private func forgetAll() {
        ids.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        owned.removeAll(keepingCapacity: true)
        bytes = 0
    }

    /// Before one more name is remembered.
    private func makeRoom(for name: String) {
        if max(ids.count, texts.count, owned.count) >= bound || bytes >= Self.byteBound { forgetAll() }
        bytes += 128 + name.utf8.count
    }

    /// The number of a name; nil if nothing stored has it.
    func find(_ kind: Kind, _ name: String, parent: Int64 = 0) throws(StoreError) -> Int64? {
        let key = Key(kind: kind, parent: parent, name: ExactText(name))
        if let known = recent[key.place], known.key == key { return known.id }
        if let id = ids[key] {
            recent[key.place] = (key, id)
            return id
        }
        var query = try connection.prepare("SELECT id FROM names WHERE kind = ? AND parent = ? AND name = ?")
        query.bind(kind.rawValue)
        query.bind(parent)
        query.bind(name)
        guard try query.step() else { return nil }
        let id = query.int64(0)
        remember(id, key)
        return id
    }

    func find(_ kind: Kind, _ name: String, tenant: String) throws(StoreError) -> Int64? {
        if let lastTenant, ExactText.sameBytes(lastTenant.name, tenant) {
            return try find(kind, name, parent: lastTenant.id)
        }
        guard let parent = try find(.tenant, tenant) else { return nil }
        lastTenant = (tenant, parent)
        return try find(kind, name, parent: parent)
    }

    /// The number of a name, given now if it has none.
    func intern(_ kind: Kind, _ name: String, parent: Int64 = 0) throws(StoreError) -> Int64 {
        if let id = try find(kind, name, parent: parent) { return id }
        var insert = try connection.prepare("INSERT INTO names (kind, parent, name) VALUES (?, ?, ?)")
        insert.bind(kind.rawValue)
        insert.bind(parent)
        insert.bind(name)
        try insert.run()
        hasUncommitted = true
        let id = connection.lastInsertedRow
        remember(id, Key(kind: kind, parent: parent, name: ExactText(name)))
        return id
    }

    func intern(_ kind: Kind, _ name: String, tenant: String) throws(StoreError) -> Int64 {
        if let known = try find(kind, name, tenant: tenant) { return known }
        return try intern(kind, name, parent: try intern(.tenant, tenant))
    }

    func text(_ id: Int64) throws(StoreError) -> String {
        if let text = texts[id] { return text }
        var query = try connection.prepare("SELECT name FROM names WHERE id = ?")
        query.bind(id)
        guard try query.step() else { throw .unreadable("a row refers to name \(id), which is not there") }
        let text = query.text(0)
        makeRoom(for: text)
        texts[id] = text
        return text
    }

    /// A scope, source or queue and its tenant.
    func owned(_ id: Int64) throws(StoreError) -> Owned {
        if let known = owned[id] { return known }
        let parent = try parent(of: id)
        let found = Owned(tenantID: parent, tenant: try text(parent), name: try text(id))
        makeRoom(for: found.name)
        owned[id] = found
        return found
    }

    private func parent(of id: Int64) throws(StoreError) -> Int64 {
        var query = try connection.prepare("SELECT parent FROM names WHERE id = ?")
        query.bind(id)
        guard try query.step() else { throw .unreadable("a row refers to name \(id), which is not there") }
        return query.int64(0)
    }

    private func remember(_ id: Int64, _ key: Key) {
        makeRoom(for: key.name.text)
        ids[key] = id
    }
}
