/// Keeps the index of a text while it is written, so that the text can be read back without being scanned.
struct JSONIndexRecorder: Sendable {
    /// See `JSONIndex`. Until a container is closed, its second word tells whether it is an array, and its third holds
    /// the entry of the container around it.
    private var words: [UInt32] = []
    /// The entry of the innermost open container; `none` outside of any.
    private var container = Self.none

    private static let none = UInt32.max

    init(reserving capacity: Int) { words.reserveCapacity(capacity) }

    var finished: [UInt32] { words }

    mutating func name(_ bytes: Range<Int>, escaped: Bool) {
        words[Int(container) + 3] += 1
        append(bytes, escaped: escaped)
    }

    mutating func scalar(_ bytes: Range<Int>, escaped: Bool) {
        countElement()
        append(bytes, escaped: escaped)
    }

    mutating func open(at start: Int, isArray: Bool) {
        countElement()
        let entry = UInt32(truncatingIfNeeded: words.count)
        words.append(UInt32(truncatingIfNeeded: start) | JSONIndex.containerFlag)
        words.append(isArray ? 1 : 0)
        words.append(container)
        words.append(0)
        container = entry
    }

    mutating func close(at end: Int) {
        let entry = Int(container)
        container = words[entry + 2]
        words[entry + 1] = UInt32(truncatingIfNeeded: end)
        words[entry + 2] = UInt32(truncatingIfNeeded: words.count)
    }

    /// A value that was copied with its own index.
    mutating func copy(_ view: JSONView, at start: Int) {
        countElement()
        let shift = UInt32(truncatingIfNeeded: start) &- UInt32(truncatingIfNeeded: view.start)
        let entryShift = UInt32(truncatingIfNeeded: words.count) &- UInt32(truncatingIfNeeded: view.entry)
        var entry = words.count
        words.append(contentsOf: view.storage.index[view.entry..<view.nextEntry])
        while entry < words.count {
            let isContainer = words[entry] & JSONIndex.containerFlag != 0
            words[entry] = words[entry] & ~JSONIndex.offsetMask | (words[entry] & JSONIndex.offsetMask) &+ shift
            words[entry + 1] &+= shift
            if isContainer { words[entry + 2] &+= entryShift }
            entry += Int(isContainer ? JSONIndex.containerWords : JSONIndex.scalarWords)
        }
    }

    private mutating func countElement() {
        guard container != Self.none, words[Int(container) + 1] == 1 else { return }
        words[Int(container) + 3] += 1
    }

    private mutating func append(_ bytes: Range<Int>, escaped: Bool) {
        words.append(UInt32(truncatingIfNeeded: bytes.lowerBound) | (escaped ? JSONIndex.escapedFlag : 0))
        words.append(UInt32(truncatingIfNeeded: bytes.upperBound))
    }
}
