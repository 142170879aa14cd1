import Chrono
import HashTreeCollections

/// Named requests by tenant and key, and by age. All changes are O(log n).
struct MemoryRequestKeys: Sendable {
    private var rows: TreeDictionary<TextKey, RequestKeyRow> = [:]
    private var ages: SortedMap<DueRank, TextKey> = SortedMap()
    private var inserted: RowHandle = 0

    func find(_ key: String, tenant: String) -> RequestKeyRow? { rows[TextKey(tenant, key)] }

    mutating func insert(_ row: RequestKeyRow) throws(StoreError) {
        let key = TextKey(row.tenant, row.key)
        guard rows[key] == nil else { throw .duplicate("request \(row.key) is known") }
        rows[key] = row
        inserted += 1
        ages[DueRank(at: row.createdAt, handle: inserted)] = key
    }

    mutating func prune(through time: Instant, limit: Int) -> Int {
        var old: [(age: DueRank, key: TextKey)] = []
        for (age, key) in ages.ascending() {
            guard age.at <= time, old.count < limit else { break }
            old.append((age, key))
        }
        for (age, key) in old {
            ages[age] = nil
            rows[key] = nil
        }
        return old.count
    }

    var oldest: Instant? { ages.first?.key.at }
}

extension InMemoryProcessStore {
    public func requestKey(_ key: String, tenant: String) throws(StoreError) -> RequestKeyRow? {
        try read { $0.requestKeys.find(key, tenant: tenant) }
    }

    public func insertRequestKey(_ row: RequestKeyRow) throws(StoreError) {
        try write { tables throws(StoreError) in try tables.requestKeys.insert(row) }
    }

    public func pruneRequestKeys(through time: Instant, limit: Int) throws(StoreError) -> Int {
        try write { $0.requestKeys.prune(through: time, limit: limit) }
    }

    public func oldestRequestKey() throws(StoreError) -> Instant? {
        try read { $0.requestKeys.oldest }
    }
}
