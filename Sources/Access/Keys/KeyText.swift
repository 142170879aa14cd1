import Crypto

/// The text of an API key: `prc_`, 160 random bits in 27 base62 digits, and the CRC32 of all that in 6 more.
///
/// The prefix lets scanners of repositories and logs find keys; the checksum lets them, and us, tell a key from
/// something like one without asking anybody.
public enum KeyText {
    private static let prefix = Array("prc_".utf8)
    private static let bodyCount = 27
    private static let sumCount = 6
    /// How many random bytes are in a key.
    public static let randomCount = 20

    public static func make(from random: [UInt8]) -> String {
        precondition(random.count == randomCount, "a key takes \(randomCount) random bytes")
        let text = prefix + Base62.text(of: random, count: bodyCount)
        return String(decoding: text + checksum(of: text), as: UTF8.self)
    }

    /// Whether it could be a key. Nothing but typing errors and other texts is refused here.
    public static func isWellFormed(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let signed = prefix.count + bodyCount
        guard bytes.count == signed + sumCount, bytes.starts(with: prefix),
            bytes[prefix.count...].allSatisfy(Base62.isDigit)
        else { return false }
        return bytes[signed...].elementsEqual(checksum(of: bytes[..<signed]))
    }

    static func hasPrefix(_ text: String) -> Bool { text.utf8.starts(with: prefix) }

    /// What is stored of a key. A fast hash is enough: nobody guesses 160 random bits.
    public static func hash(of text: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(text.utf8)))
    }

    private static func checksum(of bytes: some Sequence<UInt8>) -> [UInt8] {
        Base62.text(of: CRC32.bytes(of: bytes), count: sumCount)
    }
}
