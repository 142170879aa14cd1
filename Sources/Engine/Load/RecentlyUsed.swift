/// The values used last, bounded by their number and by the bytes they take.
///
/// Two generations: what is used is in the young one; when that is full it becomes the old one, and what was not used
/// since is dropped. So no use pays for keeping an order. A generation is full with half of either bound, so both
/// together stay within it, but for the value that filled one.
struct RecentlyUsed<Key: Hashable, Value> {
    private struct Entry {
        let value: Value
        let bytes: Int
    }

    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]
    private var youngBytes = 0
    private var oldBytes = 0
    private let generation: Int
    private let generationBytes: Int

    init(limit: Int, bytes: Int) {
        generation = max(1, limit / 2)
        generationBytes = max(1, bytes / 2)
    }

    /// What the values take that are kept.
    var byteCount: Int { youngBytes + oldBytes }
    var count: Int { young.count + old.count }

    mutating func take(_ key: Key) -> Value? {
        if let entry = young[key] { return entry.value }
        guard let entry = old[key] else { return nil }
        keep(entry.value, for: key, bytes: entry.bytes)
        return entry.value
    }

    /// `bytes`: what it takes in memory, as far as is known without a look into it.
    mutating func keep(_ value: Value, for key: Key, bytes: Int) {
        remove(key)
        // It would push out everything else and be pushed out by the next.
        guard bytes <= generationBytes else { return }
        young[key] = Entry(value: value, bytes: bytes)
        youngBytes += bytes
        guard young.count >= generation || youngBytes >= generationBytes else { return }
        old = young
        oldBytes = youngBytes
        young = Dictionary(minimumCapacity: min(generation, old.count))
        youngBytes = 0
    }

    mutating func remove(_ key: Key) {
        if let entry = young.removeValue(forKey: key) { youngBytes -= entry.bytes }
        if let entry = old.removeValue(forKey: key) { oldBytes -= entry.bytes }
    }

    mutating func removeAll() {
        young.removeAll()
        old.removeAll()
        (youngBytes, oldBytes) = (0, 0)
    }
}
