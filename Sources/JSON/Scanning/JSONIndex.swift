/// The flat index of a document: entries of 32-bit words in document order, a member's name before its value.
///
///     scalar     start and flags | end
///     container  start and flags | end | entry behind it | elements or members
///
/// `start` and `end` are byte offsets, `end` exclusive. What kind a value is shows its first byte.
enum JSONIndex {
    static let escapedFlag: UInt32 = 1 << 31
    static let containerFlag: UInt32 = 1 << 30
    static let offsetMask: UInt32 = containerFlag - 1
    static let scalarWords: UInt32 = 2
    static let containerWords: UInt32 = 4
}

/// Writes the index of one document, first into memory of the caller, then into a buffer that grows.
struct JSONIndexBuilder: ~Copyable {
    private var words: UnsafeMutablePointer<UInt32>
    private var capacity: Int
    private var count = 0
    private var ownsWords = false

    init(scratch: UnsafeMutableBufferPointer<UInt32>) {
        precondition(scratch.count >= Int(JSONIndex.containerWords))
        guard let base = scratch.baseAddress else { preconditionFailure("scratch memory is empty") }
        words = base
        capacity = scratch.count
    }

    deinit {
        if ownsWords { words.deallocate() }
    }

    /// The words written so far, in memory of their own.
    func finish() -> [UInt32] { Array(UnsafeBufferPointer(start: words, count: count)) }

    @inline(__always)
    mutating func appendScalar(start: Int, end: Int, escaped: Bool) {
        reserve(2)
        words[count] = UInt32(truncatingIfNeeded: start) | (escaped ? JSONIndex.escapedFlag : 0)
        words[count &+ 1] = UInt32(truncatingIfNeeded: end)
        count &+= 2
    }

    /// Until it is closed, a container's third word holds the entry of its parent.
    @inline(__always)
    mutating func open(start: Int, parent: UInt32) -> UInt32 {
        reserve(4)
        let entry = count
        words[entry] = UInt32(truncatingIfNeeded: start) | JSONIndex.containerFlag
        words[entry + 1] = 0
        words[entry + 2] = parent
        words[entry + 3] = 0
        count += 4
        return UInt32(truncatingIfNeeded: entry)
    }

    /// Returns the parent of the container.
    @inline(__always)
    mutating func close(_ container: UInt32, end: Int) -> UInt32 {
        let entry = Int(container)
        let parent = words[entry + 2]
        words[entry + 1] = UInt32(truncatingIfNeeded: end)
        words[entry + 2] = UInt32(truncatingIfNeeded: count)
        return parent
    }

    @inline(__always)
    mutating func countChild(of container: UInt32) { words[Int(container) + 3] &+= 1 }

    @inline(__always)
    func start(of entry: UInt32) -> Int { Int(words[Int(entry)] & JSONIndex.offsetMask) }

    /// The words written so far, in place; they move when the next entry is written.
    @inline(__always)
    var written: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: words, count: count) }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count &+ more > capacity { grow() }
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        larger.update(from: words, count: count)
        if ownsWords { words.deallocate() }
        words = larger
        capacity *= 2
        ownsWords = true
    }
}
