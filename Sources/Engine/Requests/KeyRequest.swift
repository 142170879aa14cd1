import Chrono
import EventSourcing

/// What can be done to API keys. Their times are real time, on a test clock too: they guard the service, not its
/// processes.
public enum KeyRequest: Sendable {
    case create(NewAccessKey)
    /// `tenant`: only a key that is bound to it; nil for any.
    case revoke(UniqueID, tenant: String?)
    /// The key was used then.
    case noteUse(UniqueID, at: Instant)
}

/// A key to be stored.
public struct NewAccessKey: Sendable {
    public var minted: MintedKey
    public var name: String
    public var tenant: String?
    public var scopes: Set<AccessScope>
    public var expiry: Expiry

    public enum Expiry: Sendable, Equatable {
        case never
        case at(Instant)
        case after(TimeSpan)
    }

    public init(
        _ minted: MintedKey, name: String, tenant: String? = nil, scopes: Set<AccessScope>, expiry: Expiry = .never
    ) {
        self.minted = minted
        self.name = name
        self.tenant = tenant
        self.scopes = scopes
        self.expiry = expiry
    }
}
