/// Version 5 UUIDs (RFC 9562 section 5.5) of names that begin alike: the common beginning is hashed once.
public struct NameBasedIDs: Sendable {
    private let hash: SHA1

    public init(in namespace: UniqueID = .namespace, beginning: [UInt8] = []) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 + beginning.count)
        for word in [namespace.high, namespace.low] {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(contentsOf: beginning)
        hash = SHA1(beginning: bytes)
    }

    /// The id of the name that consists of the beginning and this.
    public func id(_ end: [UInt8]) -> UniqueID {
        let (high, low) = hash.digest(followedBy: end)
        // Version 5 in bits 48-51, variant 0b10 in bits 64-65.
        return UniqueID(
            high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_5000,
            low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}
