import Chrono
import EventSourcing

/// Who sends a request, and what they may do.
public struct Caller: Sendable, Equatable {
    /// The name of the key or the subject of the token; nil for a caller who had nothing to show.
    public var name: String?
    /// The tenant that the caller is bound to. Nil: to none; such a caller acts in the default tenant and may change
    /// what all tenants share.
    public var tenant: String?
    public var scopes: Set<AccessScope>
    /// The key it showed, if it was one.
    public var keyID: UniqueID?
    /// When a token ends. A key's end stands in the table of keys.
    public var validUntil: Instant?

    public init(
        name: String?, tenant: String?, scopes: Set<AccessScope>, keyID: UniqueID? = nil, validUntil: Instant? = nil
    ) {
        self.name = name
        self.tenant = tenant
        self.scopes = scopes
        self.keyID = keyID
        self.validUntil = validUntil
    }

    /// Whoever can reach a service that asks for nothing.
    public static let anybody = Caller(name: nil, tenant: nil, scopes: [.admin])
}

/// What became of the credentials of a request.
public enum Admission: Sendable, Equatable {
    case admitted(Caller)
    /// There were none, and some are needed.
    case missing
    /// Unknown, expired or revoked: which of them, nobody is told.
    case invalid
    /// From this address too many were invalid; it may try again after this time.
    case tooManyFailures(retryAfter: TimeSpan)
}

/// A new key: its secret is shown once, its hash is stored.
public struct MintedKey: Sendable {
    public var id: UniqueID
    public var secret: String
    public var hash: [UInt8]

    public init(id: UniqueID, secret: String, hash: [UInt8]) {
        self.id = id
        self.secret = secret
        self.hash = hash
    }
}

/// Decides who sends a request. Called by all reactors at once, for every request: nothing here may block.
public protocol AccessGate: Sendable {
    /// Nobody has to show anything: there was never a key, and no issuer of tokens is trusted.
    var isOpen: Bool { get }

    /// - Parameters:
    ///   - authorization: the value of the header field; nil without one.
    ///   - address: where the request comes from, in numeric form.
    func admit(authorization: String?, from address: String) -> Admission

    /// Whether who was admitted earlier still would be.
    func stillAdmits(_ caller: Caller) -> Bool

    func mintKey() -> MintedKey
}
