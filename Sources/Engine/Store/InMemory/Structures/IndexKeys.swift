import Chrono
import EventSourcing

/// Texts as a key, compared byte by byte.
///
/// `String` takes composed and decomposed letters for equal; keys and names from outside are never normalised.
struct TextKey: Hashable, Comparable, Sendable {
    private let parts: [String]

    init(_ parts: String...) { self.parts = parts }

    /// The text of a key that has one part.
    var text: String { parts.joined() }

    static func == (left: TextKey, right: TextKey) -> Bool {
        left.parts.elementsEqual(right.parts) { $0.utf8.elementsEqual($1.utf8) }
    }

    static func < (left: TextKey, right: TextKey) -> Bool {
        for (left, right) in zip(left.parts, right.parts) where !left.utf8.elementsEqual(right.utf8) {
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        return left.parts.count < right.parts.count
    }

    func hash(into hasher: inout Hasher) {
        for var part in parts {
            part.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            // No text of UTF-8 holds this byte: where one part ends and the next begins counts.
            hasher.combine(0xFF as UInt8)
        }
    }
}

extension TextKey {
    init(_ key: InboxKey) { self.init(key.tenant, key.source, key.id.description) }

    /// The key that it was made from.
    var inboxKey: InboxKey { InboxKey(tenant: parts[0], source: parts[1], id: EventID(parts[2])) }

    init(_ key: LocationKey) { self.init(key.tenant, key.definition, key.name, key.value) }
}

/// Order by time, then by age.
struct DueRank: Hashable, Comparable, Sendable {
    let at: Instant
    let handle: RowHandle

    static func < (left: DueRank, right: DueRank) -> Bool {
        (left.at, left.handle) < (right.at, right.handle)
    }
}

/// The order in which ready tasks are handed out: by priority, then by how long they are ready, then by age.
struct ClaimRank: Hashable, Comparable, Sendable {
    let priority: Int
    let readyAt: Instant
    let handle: RowHandle

    init(_ task: StoredTask) {
        priority = task.row.priority
        readyAt = task.row.readyAt
        handle = task.handle
    }

    static func < (left: ClaimRank, right: ClaimRank) -> Bool {
        (right.priority, left.readyAt, left.handle) < (left.priority, right.readyAt, right.handle)
    }
}
