import Chrono
import EventSourcing

/// An API key as it is stored: everything but its secret. Rows are never deleted.
public struct AccessKeyRow: Sendable, Equatable {
    public var id: UniqueID
    /// SHA-256 of the secret.
    public var hash: [UInt8]
    public var name: String
    /// The tenant that the key is bound to; nil for none.
    public var tenant: String?
    public var scopes: Set<AccessScope>
    public var createdAt: Instant
    /// Who created it; nil for a caller without a key.
    public var createdBy: String?
    public var expiresAt: Instant?
    public var revokedAt: Instant?
    /// To about a minute.
    public var lastUsedAt: Instant?

    public init(
        id: UniqueID, hash: [UInt8], name: String, tenant: String? = nil, scopes: Set<AccessScope>, createdAt: Instant,
        createdBy: String? = nil, expiresAt: Instant? = nil, revokedAt: Instant? = nil, lastUsedAt: Instant? = nil
    ) {
        self.id = id
        self.hash = hash
        self.name = name
        self.tenant = tenant
        self.scopes = scopes
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
    }

    public func isUsable(at now: Instant) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }
}
