extension JSONView {
    /// A hash that is the same over processes and machines and for equal values: members in any order,
    /// numbers by their digits, strings by their decoded text. It finds candidates and guards against mistakes;
    /// it does not withstand someone who searches for collisions.
    public func contentHash(seed: UInt64 = 0) -> UInt64 {
        storage.withIndex { bytes, words in
            var entry = entry
            return JSONContentHash.hash(bytes, words, &entry, seed: seed)
        }
    }
}

enum JSONContentHash {
    private static let first: UInt64 = 0xA076_1D64_78BD_642F
    private static let second: UInt64 = 0xE703_7ED1_A0B4_28DB

    /// Folds a product of 128 bits, so that every bit of both sides reaches every bit of the result.
    @inline(__always)
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = (left ^ first).multipliedFullWidth(by: right ^ second)
        return high ^ low
    }

    /// Hashes the value at an entry and moves on to the entry behind it.
    static func hash(
        _ bytes: UnsafeBufferPointer<UInt8>, _ words: UnsafeBufferPointer<UInt32>, _ entry: inout Int, seed: UInt64
    ) -> UInt64 {
        let start = Int(words[entry] & JSONIndex.offsetMask)
        let end = Int(words[entry + 1])
        let lead = bytes[start]
        switch lead {
        case UInt8(ascii: "\""):
            return name(bytes, words, &entry, seed: seed)
        case UInt8(ascii: "["):
            var state = mix(seed, UInt64(lead))
            let behind = Int(words[entry + 2])
            entry += 4
            while entry < behind { state = mix(state, hash(bytes, words, &entry, seed: seed)) }
            return mix(state, ~UInt64(lead))
        case UInt8(ascii: "{"):
            var sum: UInt64 = 0
            let count = UInt64(words[entry + 3])
            let behind = Int(words[entry + 2])
            entry += 4
            while entry < behind {
                let name = name(bytes, words, &entry, seed: ~seed)
                // A sum does not depend on the order of members.
                sum &+= mix(name, hash(bytes, words, &entry, seed: seed))
            }
            return mix(mix(seed, UInt64(lead) | count << 8), sum)
        default:
            entry += 2
            // Numbers by their digits; the words share this path, as no number looks like one.
            return text(bytes, start..<end, state: mix(seed, 0))
        }
    }

    private static func name(
        _ bytes: UnsafeBufferPointer<UInt8>, _ words: UnsafeBufferPointer<UInt32>, _ entry: inout Int, seed: UInt64
    ) -> UInt64 {
        let range = JSONNames.range(words, entry)
        let escaped = JSONNames.isEscaped(words, entry)
        entry += 2
        let state = mix(seed, UInt64(UInt8(ascii: "\"")))
        return escaped ? decodedText(bytes, range, state: state) : text(bytes, range, state: state)
    }

    /// Eight bytes a step; the rest is filled up with zeros and the length goes in at the end.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, state: UInt64) -> UInt64 {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return state }
        var state = state
        var position = range.lowerBound
        while position + 8 <= range.upperBound {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            state = mix(state, word)
            position += 8
        }
        var word: UInt64 = 0
        var shift: UInt64 = 0
        while position < range.upperBound {
            word |= UInt64(bytes[position]) << shift
            shift += 8
            position += 1
        }
        return mix(mix(state, word), UInt64(range.count))
    }

    /// The same hash over text that is still escaped.
    private static func decodedText(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, state: UInt64) -> UInt64 {
        var state = state
        var decoded = JSONDecodedBytes(bytes, range)
        var word: UInt64 = 0
        var count: UInt64 = 0
        while let byte = decoded.next() {
            word |= UInt64(byte) << (count % 8 * 8)
            count += 1
            if count % 8 == 0 {
                state = mix(state, word)
                word = 0
            }
        }
        return mix(mix(state, word), count)
    }
}
