import Glibc

/// Bytes waiting on a connection. An empty buffer owns no memory, so that an idle connection costs none.
struct ByteBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>?
    private var capacity = 0
    private var start = 0
    private var end = 0

    deinit { free(base) }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
    /// The memory it owns.
    var allocated: Int { capacity }

    /// Valid until the next change.
    var bytes: UnsafeBufferPointer<UInt8> {
        guard let base else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: base + start, count: end - start)
    }

    /// Drops bytes at the front; gives the memory back with the last one.
    mutating func removeFirst(_ count: Int) {
        start += count
        if start == end {
            free(base)
            base = nil
            (capacity, start, end) = (0, 0, 0)
        }
    }

    /// Makes room for `count` more bytes and gives the place where they go; `commit` says how many came.
    mutating func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if let base, capacity - end >= count { return base + end }
        let length = end - start
        let needed = length + count
        let size = max(needed, min(capacity * 2, needed * 2), 512)
        let grown = UnsafeMutablePointer<UInt8>.allocateBytes(size)
        if let base {
            grown.update(from: base + start, count: length)
            free(base)
        }
        base = grown
        (capacity, start, end) = (size, 0, length)
        return grown + length
    }

    mutating func commit(_ count: Int) { end += count }

    mutating func append(_ source: UnsafeBufferPointer<UInt8>) {
        guard let from = source.baseAddress, source.count > 0 else { return }
        reserve(source.count).update(from: from, count: source.count)
        end += source.count
    }

    mutating func append(_ source: [UInt8]) {
        source.withUnsafeBufferPointer { append($0) }
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension UnsafeMutablePointer<UInt8> {
    /// Memory for `free`; running out of it ends the program as everywhere in Swift.
    fileprivate static func allocateBytes(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        guard let memory = malloc(count) else { preconditionFailure("out of memory") }
        return memory.bindMemory(to: UInt8.self, capacity: count)
    }
}
