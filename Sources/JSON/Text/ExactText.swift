/// A text that is the same, and comes first, by the bytes of its UTF-8, which is also the order of code points.
///
/// `String` takes canonically equivalent texts for equal: as a name it would merge what a sender, a file and every
/// other program keep apart, the composed and the decomposed "ü" for instance.
public struct ExactText: Sendable, Hashable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let text: String

    public init(_ text: String) { self.text = text }

    public init(stringLiteral text: String) { self.text = text }

    public var description: String { text }

    public static func == (left: ExactText, right: ExactText) -> Bool { sameBytes(left.text, right.text) }

    public static func < (left: ExactText, right: ExactText) -> Bool { order(left.text, right.text) < 0 }

    public func hash(into hasher: inout Hasher) {
        if text.utf8.withContiguousStorageIfAvailable({ hasher.combine(bytes: UnsafeRawBufferPointer($0)) }) == nil {
            for byte in text.utf8 { hasher.combine(byte) }
        }
        // No UTF-8 has this byte, so that two texts in a row hash by where the first one ends.
        hasher.combine(0xFF as UInt8)
    }

    public static func sameBytes(_ left: String, _ right: String) -> Bool {
        let (left, right) = (left.utf8, right.utf8)
        guard left.count == right.count else { return false }
        let isSame = left.withContiguousStorageIfAvailable { left in
            right.withContiguousStorageIfAvailable { right in
                firstDifference(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right)) == 0
            }
        }
        return (isSame ?? nil) ?? left.elementsEqual(right)
    }

    /// Nil is the same as nil only.
    public static func sameBytes(_ left: String?, _ right: String?) -> Bool {
        switch (left, right) {
        case (let left?, let right?): sameBytes(left, right)
        case (nil, nil): true
        case (nil, _?), (_?, nil): false
        }
    }

    /// Below 0 if the left text comes first, 0 if both are the same, above 0 otherwise.
    public static func order(_ left: String, _ right: String) -> Int {
        let (left, right) = (left.utf8, right.utf8)
        let order = left.withContiguousStorageIfAvailable { left in
            right.withContiguousStorageIfAvailable { right in
                let difference = firstDifference(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
                return difference == 0 ? left.count - right.count : difference
            }
        }
        if let order = order ?? nil { return order }
        return left.lexicographicallyPrecedes(right) ? -1 : left.elementsEqual(right) ? 0 : 1
    }

    /// The sign of the first difference within the common length, 0 if there is none. Words at a time, because a loop
    /// over bytes would be slower than what `String` does.
    @inline(__always)
    private static func firstDifference(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let count = min(left.count, right.count)
        if left.baseAddress == right.baseAddress { return 0 }
        var offset = 0
        while offset + 32 <= count {
            let difference =
                left.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
                ^ right.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
            if difference != .zero { break }
            offset += 32
        }
        while offset + 8 <= count {
            let first = left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let second = right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            // The first byte weighs most, as in the order of bytes.
            if first != second { return first.bigEndian < second.bigEndian ? -1 : 1 }
            offset += 8
        }
        while offset < count {
            if left[offset] != right[offset] { return left[offset] < right[offset] ? -1 : 1 }
            offset += 1
        }
        return 0
    }
}
