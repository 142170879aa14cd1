import Chrono

/// A request that its caller named, so that a repeat is known.
public struct RequestKeyRow: Sendable, Equatable {
    public var tenant: String
    public var key: String
    /// A hash of what was asked; another one under the same key is another request.
    public var fingerprint: UInt64
    /// The first answer, as who asked encodes it; nil where doing it again gives it again.
    public var answer: [UInt8]?
    public var createdAt: Instant

    public init(tenant: String, key: String, fingerprint: UInt64, answer: [UInt8]?, createdAt: Instant) {
        self.tenant = tenant
        self.key = key
        self.fingerprint = fingerprint
        self.answer = answer
        self.createdAt = createdAt
    }
}

/// Which named requests were handled already.
public protocol RequestKeyTable {
    func requestKey(_ key: String, tenant: String) throws(StoreError) -> RequestKeyRow?
    /// - Throws: `.duplicate` if the tenant has one of that name.
    func insertRequestKey(_ row: RequestKeyRow) throws(StoreError)
    /// Removes those that were made at `time` or before, oldest first.
    ///
    /// - Returns: how many there were; fewer than `limit` means that no more are left.
    func pruneRequestKeys(through time: Instant, limit: Int) throws(StoreError) -> Int
    /// When the oldest was made.
    func oldestRequestKey() throws(StoreError) -> Instant?
}
