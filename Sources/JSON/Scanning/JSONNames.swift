/// Finding and comparing the member names of one object by their decoded text.
enum JSONNames {
    typealias Input = UnsafeBufferPointer<UInt8>
    typealias Words = UnsafeBufferPointer<UInt32>

    /// Up to here names are compared with each other; larger objects go over hashes,
    /// so that no object costs quadratic time.
    static let comparedDirectly = 32

    @inline(__always)
    static func range(_ words: Words, _ entry: Int) -> Range<Int> {
        Range(uncheckedBounds: (Int(words[entry] & JSONIndex.offsetMask) &+ 1, Int(words[entry &+ 1]) &- 1))
    }

    @inline(__always)
    static func isEscaped(_ words: Words, _ entry: Int) -> Bool { words[entry] & JSONIndex.escapedFlag != 0 }

    /// The name behind the member whose name is at `entry`.
    @inline(__always)
    static func following(_ words: Words, _ entry: Int) -> Int {
        let value = entry &+ 2
        return words[value] & JSONIndex.containerFlag != 0 ? Int(words[value &+ 2]) : value &+ 2
    }

    static func equal(_ words: Words, _ left: Int, _ right: Int, _ input: Input) -> Bool {
        JSONText.equal(
            input, range(words, left), isEscaped(words, left), input, range(words, right), isEscaped(words, right))
    }

    /// The offset of the first name that repeats an earlier one. The object is complete but for its end.
    @inline(__always)
    static func duplicate(
        inObjectAt container: UInt32, _ index: borrowing JSONIndexBuilder, _ input: Input
    ) -> Int? {
        let words = index.written
        let count = Int(words[Int(container) + 3])
        guard count > 1 else { return nil }
        let first = Int(container) + 4
        return count <= comparedDirectly
            ? duplicateAmongFew(words, first, count, input) : duplicateAmongMany(words, first, count, input)
    }

    /// A 64-bit set of cheap fingerprints; only a name whose fingerprint was seen is compared with those before it.
    private static func duplicateAmongFew(_ words: Words, _ first: Int, _ count: Int, _ input: Input) -> Int? {
        var seen: UInt64 = 0
        var name = first
        for _ in 0..<count {
            // An escape hides the length and the letters, so such a name is always compared.
            let escaped = isEscaped(words, name)
            let bit = escaped ? 0 : fingerprint(input, range(words, name))
            if escaped || seen & (1 &<< bit | escapedSeen) != 0 {
                var earlier = first
                while earlier < name {
                    if equal(words, earlier, name, input) { return Int(words[name] & JSONIndex.offsetMask) }
                    earlier = following(words, earlier)
                }
            }
            seen |= escaped ? escapedSeen : 1 &<< bit
            name = following(words, name)
        }
        return nil
    }

    private static let escapedSeen: UInt64 = 1 << 63

    /// 0 to 62, from the length and three letters.
    @inline(__always)
    private static func fingerprint(_ input: Input, _ range: Range<Int>) -> UInt64 {
        guard !range.isEmpty else { return 0 }
        let first = UInt64(input[range.lowerBound])
        let middle = UInt64(input[range.lowerBound &+ range.count &>> 1])
        let last = UInt64(input[range.upperBound &- 1])
        let mixed =
            (first | middle << 8 | last << 16 | UInt64(truncatingIfNeeded: range.count) << 24) &* 0x9E37_79B9_7F4A_7C15
        return min(mixed >> 58, 62)
    }

    private static func duplicateAmongMany(_ words: Words, _ first: Int, _ count: Int, _ input: Input) -> Int? {
        let sorted = JSONNameTable(words, firstName: first, count: count, input)
        return sorted.firstDuplicate(words, input)
    }
}

/// The names of one object sorted by a hash with a seed per process, so that nobody can prepare collisions.
struct JSONNameTable {
    private struct Entry {
        let hash: Int
        let name: UInt32
    }

    private var entries: [Entry] = []

    init(_ words: JSONNames.Words, firstName: Int, count: Int, _ input: JSONNames.Input) {
        entries.reserveCapacity(count)
        var name = firstName
        for _ in 0..<count {
            let hash = Self.hash(input, JSONNames.range(words, name), escaped: JSONNames.isEscaped(words, name))
            entries.append(Entry(hash: hash, name: UInt32(truncatingIfNeeded: name)))
            name = JSONNames.following(words, name)
        }
        entries.sort { $0.hash != $1.hash ? $0.hash < $1.hash : $0.name < $1.name }
    }

    private static func hash(_ input: JSONNames.Input, _ range: Range<Int>, escaped: Bool) -> Int {
        var hasher = Hasher()
        if escaped {
            var text = JSONText.decode(input, range, escaped: true)
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        } else {
            hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(input)[range]))
        }
        return hasher.finalize()
    }

    func firstDuplicate(_ words: JSONNames.Words, _ input: JSONNames.Input) -> Int? {
        var found: Int?
        for position in entries.indices.dropFirst() {
            var earlier = position - 1
            while earlier >= 0, entries[earlier].hash == entries[position].hash {
                if JSONNames.equal(words, Int(entries[earlier].name), Int(entries[position].name), input) {
                    let offset = Int(words[Int(entries[position].name)] & JSONIndex.offsetMask)
                    found = min(found ?? offset, offset)
                    // The copies behind this one begin later in the document.
                    break
                }
                earlier -= 1
            }
        }
        return found
    }

    /// The entry of the name with this text in the object the table was made of.
    func find(
        _ input: JSONNames.Input, _ range: Range<Int>, escaped: Bool,
        in words: JSONNames.Words, _ own: JSONNames.Input
    ) -> Int? {
        let hash = Self.hash(input, range, escaped: escaped)
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        while low < entries.count, entries[low].hash == hash {
            let name = Int(entries[low].name)
            let isSame = JSONText.equal(
                own, JSONNames.range(words, name), JSONNames.isEscaped(words, name), input, range, escaped)
            if isSame { return name }
            low += 1
        }
        return nil
    }
}
