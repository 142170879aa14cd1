import EventSourcing
import JSON
import ProcessManagement

/// How much one read of a store, and one answer, holds: a number of items, and bytes.
///
/// A page ends before the item that would make it larger than `limit`, but never before its first: who wants more asks
/// again. So no read takes more memory than a page, however large the items are.
public struct PageFill: Sendable {
    /// 4 MiB, less what an answer has around its items.
    public static let limit = 4 * 1_048_576 - 65_536

    /// Of the items taken so far.
    public private(set) var bytes = 0
    /// The page ended before an item.
    public private(set) var isFull = false
    private let limit: Int

    public init(limit: Int = PageFill.limit) {
        self.limit = limit
    }

    /// Whether an item of this size still belongs to the page; it counts then.
    public mutating func takes(_ size: Int) -> Bool {
        guard !isFull, bytes == 0 || bytes + size <= limit else {
            isFull = true
            return false
        }
        // Also items without content end up in an answer.
        bytes += max(1, size)
        return true
    }
}

extension Sequence {
    /// The first items that fit into a page.
    func page(of limit: Int, size: (Element) -> Int) -> [Element] {
        var fill = PageFill()
        var page: [Element] = []
        for item in self {
            guard page.count < limit, fill.takes(size(item)) else { break }
            page.append(item)
        }
        return page
    }
}

extension ProcessRow {
    /// About as many bytes as it has as JSON.
    public var byteCount: Int { 768 + key.utf8.count + definition.utf8.count }
}

extension StoredTask {
    /// About as much as it takes in memory; its input is not part of the row.
    public var byteCount: Int { 512 + (row.progress?.rawByteCount ?? 0) }
}

extension HeldEvent {
    /// See `Event.byteCount`.
    public var byteCount: Int { event.byteCount }
}

extension UnmatchedEvent {
    /// See `Event.byteCount`.
    public var byteCount: Int { event.byteCount }
}
