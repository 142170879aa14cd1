/// The values used last, bounded by number.
///
/// Two generations: what is used is in the young one; when that is full it becomes the old one, and what was not used
/// since is dropped. So no use pays for keeping an order.
struct RecentlyUsed<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let generation: Int

    init(limit: Int) {
        generation = max(1, limit / 2)
    }

    mutating func take(_ key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        keep(value, for: key)
        return value
    }

    mutating func keep(_ value: Value, for key: Key) {
        young[key] = value
        guard young.count >= generation else { return }
        old = young
        young = Dictionary(minimumCapacity: generation)
    }

    mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    mutating func removeAll() {
        young.removeAll()
        old.removeAll()
    }
}
