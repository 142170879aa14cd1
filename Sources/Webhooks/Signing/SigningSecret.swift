import Crypto
import JSON

/// What an endpoint's deliveries are signed with: `whsec_` and base64 (Standard Webhooks 1.0.0).
///
/// Its text and its debug description show nothing of the key, so that it cannot end in a log.
public struct SigningSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// Why a text is no secret.
    public enum Fault: Error, Equatable, Sendable {
        /// Nothing there, or the prefix alone. An empty key would sign, and anyone could forge it.
        case empty
        case notBase64
    }

    static let prefix = "whsec_"
    /// New secrets have as many random bytes; the specification wants 24 to 64.
    static let newLength = 32

    /// Has taken in the key, so that it is hashed once and not for each signature.
    private let keyed: HMAC<SHA256>

    public init(key: [UInt8]) throws(Fault) {
        guard !key.isEmpty else { throw .empty }
        keyed = HMAC(key: SymmetricKey(data: key))
    }

    /// Reads a secret with or without its prefix. Keys of any length but none are read, since short ones are about.
    public init(_ text: String) throws(Fault) {
        let letters = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
        guard !letters.isEmpty else { throw .empty }
        guard let key = Base64.decode(letters.utf8, padding: .optional) else { throw .notBase64 }
        try self.init(key: key)
    }

    /// `whsec_…`, as it is shown once to whoever registers an endpoint.
    public static func text(of key: [UInt8]) -> String {
        prefix + Base64.encode(key)
    }

    public var description: String { "whsec_…" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// `v1,` and the base64 of HMAC-SHA256.
    func signature(of bytes: [UInt8]) -> String {
        var mac = keyed
        mac.update(data: bytes)
        return "v1,\(mac.finalize().withUnsafeBytes { Base64.encode($0) })"
    }
}
