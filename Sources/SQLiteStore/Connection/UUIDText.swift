import EventSourcing

/// The 36 character form of a UUID.
enum UUIDText {
    /// The id if the text is exactly its lower-case form, so that it can be written back as it was.
    ///
    /// On the path of every event several times, so over bytes and without generics, unlike `UniqueID.init`.
    static func parse(_ text: String) -> UniqueID? {
        guard text.utf8.count == 36 else { return nil }
        var text = text
        return text.withUTF8 { bytes in
            guard bytes[8] == dash, bytes[13] == dash, bytes[18] == dash, bytes[23] == dash else { return nil }
            var words: (high: UInt64, low: UInt64) = (0, 0)
            guard
                append(bytes, 0..<8, to: &words.high), append(bytes, 9..<13, to: &words.high),
                append(bytes, 14..<18, to: &words.high), append(bytes, 19..<23, to: &words.low),
                append(bytes, 24..<36, to: &words.low)
            else { return nil }
            return UniqueID(high: words.high, low: words.low)
        }
    }

    private static let dash = UInt8(ascii: "-")

    @inline(__always)
    private static func append(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to word: inout UInt64
    ) -> Bool {
        for index in range {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): word = word << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): word = word << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return false
            }
        }
        return true
    }
}
