/// SHA-1 over bytes (FIPS 180-4 section 6.1), for name-based UUIDs only (RFC 9562 section 5.5).
///
/// Here and not from swift-crypto, because that library brings Foundation and the core has none; nothing secret
/// depends on it. A value holds the beginning of a message, so that messages which begin alike hash that part once.
struct SHA1: Sendable {
    private typealias Words = (UInt32, UInt32, UInt32, UInt32, UInt32)

    /// The hash of the whole blocks so far.
    private var words: Words = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
    private var hashedCount = 0
    /// What is left of the beginning, less than a block.
    private var rest: [UInt8] = []

    private static let blockSize = 64

    init(beginning: [UInt8]) {
        hashedCount = beginning.count / Self.blockSize * Self.blockSize
        beginning.withUnsafeBytes { Self.compress($0, through: hashedCount, into: &words) }
        rest = Array(beginning[hashedCount...])
    }

    /// The first 16 bytes of the digest of the beginning followed by `end`, as two big-endian words.
    func digest(followedBy end: [UInt8]) -> (UInt64, UInt64) {
        var words = words
        let count = rest.count + end.count
        // A one bit, zeros, and the number of bits of the whole message in the last eight bytes.
        let paddedCount = (count + 9 + Self.blockSize - 1) / Self.blockSize * Self.blockSize
        withUnsafeTemporaryAllocation(byteCount: paddedCount, alignment: 8) { padded in
            padded.initializeMemory(as: UInt8.self, repeating: 0)
            rest.withUnsafeBytes { padded.copyMemory(from: $0) }
            end.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: padded[rest.count...]).copyMemory(from: $0) }
            padded[count] = 0x80
            padded.storeBytes(
                of: (UInt64(hashedCount + count) * 8).bigEndian, toByteOffset: paddedCount - 8, as: UInt64.self)
            Self.compress(UnsafeRawBufferPointer(padded), through: paddedCount, into: &words)
        }
        return (UInt64(words.0) << 32 | UInt64(words.1), UInt64(words.2) << 32 | UInt64(words.3))
    }

    private static func compress(_ bytes: UnsafeRawBufferPointer, through end: Int, into words: inout Words) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
            for block in stride(from: 0, to: end, by: blockSize) {
                for index in 0..<16 {
                    schedule[index] = bytes.loadUnaligned(fromByteOffset: block + 4 * index, as: UInt32.self).bigEndian
                }
                for index in 16..<80 {
                    schedule[index] = rotate(
                        schedule[index &- 3] ^ schedule[index &- 8] ^ schedule[index &- 14] ^ schedule[index &- 16], 1)
                }
                compress(UnsafeBufferPointer(schedule), into: &words)
            }
        }
    }

    /// One block. The four loops differ in how they mix, which a branch in a single one would pay for 80 times.
    private static func compress(_ schedule: UnsafeBufferPointer<UInt32>, into words: inout Words) {
        var turning = words
        for index in 0..<20 {
            let (b, c, d) = (turning.1, turning.2, turning.3)
            turn(&turning, d ^ (b & (c ^ d)), 0x5A82_7999 &+ schedule[index])
        }
        for index in 20..<40 {
            turn(&turning, turning.1 ^ turning.2 ^ turning.3, 0x6ED9_EBA1 &+ schedule[index])
        }
        for index in 40..<60 {
            let (b, c, d) = (turning.1, turning.2, turning.3)
            turn(&turning, (b & c) | (d & (b | c)), 0x8F1B_BCDC &+ schedule[index])
        }
        for index in 60..<80 {
            turn(&turning, turning.1 ^ turning.2 ^ turning.3, 0xCA62_C1D6 &+ schedule[index])
        }
        words.0 &+= turning.0
        words.1 &+= turning.1
        words.2 &+= turning.2
        words.3 &+= turning.3
        words.4 &+= turning.4
    }

    @inline(__always)
    private static func turn(_ words: inout Words, _ mixed: UInt32, _ addend: UInt32) {
        let next = rotate(words.0, 5) &+ mixed &+ words.4 &+ addend
        words = (next, words.0, rotate(words.1, 30), words.2, words.3)
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word &<< count | word &>> (32 &- count)
    }
}
