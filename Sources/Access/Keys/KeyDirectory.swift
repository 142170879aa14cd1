import Chrono
import Engine
import EventSourcing
import Synchronization

/// All keys as of a commit. Shared by all reactors and never changed; only the noted uses move on.
final class KeyDirectory: Sendable {
    final class Entry: Sendable {
        let row: AccessKeyRow
        let caller: Caller
        /// When its last use was handed over to be stored, in milliseconds.
        private let notedUse: Atomic<Int64>

        init(_ row: AccessKeyRow, notedUse: Int64) {
            self.row = row
            caller = Caller(name: row.name, tenant: row.tenant, scopes: row.scopes, keyID: row.id)
            self.notedUse = Atomic(notedUse)
        }

        var noted: Int64 { notedUse.load(ordering: .relaxed) }

        /// True for one caller in each `interval`: it is the one to see that the use is stored.
        func isToBeNoted(at now: Instant, interval: TimeSpan) -> Bool {
            let last = notedUse.load(ordering: .relaxed)
            guard last == .min || now.milliseconds - last >= interval.milliseconds else { return false }
            return notedUse.compareExchange(expected: last, desired: now.milliseconds, ordering: .relaxed).exchanged
        }
    }

    /// By the first bytes of the hash.
    private let entries: [UInt64: [Entry]]
    private let byID: [UniqueID: Entry]

    init(_ rows: [AccessKeyRow], after former: KeyDirectory? = nil) {
        var entries: [UInt64: [Entry]] = [:]
        var byID: [UniqueID: Entry] = [:]
        for row in rows {
            let stored = row.lastUsedAt?.milliseconds ?? .min
            let entry = Entry(row, notedUse: max(stored, former?.byID[row.id]?.noted ?? .min))
            entries[Self.place(of: row.hash), default: []].append(entry)
            byID[row.id] = entry
        }
        self.entries = entries
        self.byID = byID
    }

    var isEmpty: Bool { byID.isEmpty }

    func entry(_ id: UniqueID) -> Entry? { byID[id] }

    /// The place is found by a part of the hash of what was shown; the whole of it is compared in constant time.
    func entry(hash: [UInt8]) -> Entry? {
        var found: Entry?
        for entry in entries[Self.place(of: hash)] ?? [] where Self.isEqual(entry.row.hash, hash) { found = entry }
        return found
    }

    private static func place(of hash: [UInt8]) -> UInt64 {
        hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }
}
