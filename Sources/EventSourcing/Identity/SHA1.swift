/// SHA-1 over bytes (FIPS 180-4 section 6.1), for name-based UUIDs only (RFC 9562 section 5.5).
///
/// Here and not from swift-crypto, because that library brings Foundation and the core has none; nothing secret
/// depends on it.
enum SHA1 {
    /// The first 16 bytes of the digest of `prefix` followed by `message`, as two big-endian words.
    static func digest(prefix: UniqueID, message: [UInt8]) -> (UInt64, UInt64) {
        var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
            0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
        )
        let total = 16 + message.count
        let paddedCount = (total + 9 + 63) / 64 * 64
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: paddedCount) { padded in
            padded.initialize(repeating: 0)
            for index in 0..<8 {
                padded[index] = UInt8(truncatingIfNeeded: prefix.high >> UInt64(56 - 8 * index))
                padded[8 + index] = UInt8(truncatingIfNeeded: prefix.low >> UInt64(56 - 8 * index))
            }
            message.withUnsafeBufferPointer { bytes in
                for index in 0..<bytes.count { padded[16 + index] = bytes[index] }
            }
            padded[total] = 0x80
            let bitCount = UInt64(total) * 8
            for index in 0..<8 {
                padded[paddedCount - 8 + index] = UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - 8 * index))
            }
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
                var block = 0
                while block < paddedCount {
                    compress(UnsafeBufferPointer(padded), at: block, schedule: schedule, into: &state)
                    block += 64
                }
            }
        }
        return (UInt64(state.0) << 32 | UInt64(state.1), UInt64(state.2) << 32 | UInt64(state.3))
    }

    private static func compress(
        _ bytes: UnsafeBufferPointer<UInt8>, at block: Int, schedule: UnsafeMutableBufferPointer<UInt32>,
        into state: inout (UInt32, UInt32, UInt32, UInt32, UInt32)
    ) {
        for index in 0..<16 {
            let start = block + 4 * index
            schedule[index] =
                UInt32(bytes[start]) << 24 | UInt32(bytes[start + 1]) << 16 | UInt32(bytes[start + 2]) << 8
                | UInt32(bytes[start + 3])
        }
        for index in 16..<80 {
            let mixed = schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16]
            schedule[index] = rotate(mixed, 1)
        }
        var (a, b, c, d, e) = state
        for index in 0..<80 {
            let mix: UInt32
            let constant: UInt32
            switch index {
            case 0..<20: (mix, constant) = ((b & c) | (~b & d), 0x5A82_7999)
            case 20..<40: (mix, constant) = (b ^ c ^ d, 0x6ED9_EBA1)
            case 40..<60: (mix, constant) = ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
            default: (mix, constant) = (b ^ c ^ d, 0xCA62_C1D6)
            }
            let next = rotate(a, 5) &+ mix &+ e &+ constant &+ schedule[index]
            (e, d, c, b, a) = (d, c, rotate(b, 30), a, next)
        }
        state.0 &+= a
        state.1 &+= b
        state.2 &+= c
        state.3 &+= d
        state.4 &+= e
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
