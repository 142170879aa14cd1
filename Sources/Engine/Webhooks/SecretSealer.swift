import Chrono
import Crypto
import EventSourcing
import JSON

/// Keeps the secrets of endpoints unreadable in the store.
///
/// A sealed secret is a byte that names the scheme and what follows from it: 0, the secret itself; 1, AES-256-GCM with
/// nonce, ciphertext and tag. It is bound to its owner, so that it cannot be moved to another row. With a key, secrets
/// that were stored without one can be read too.
public struct SecretSealer: Sendable {
    private let key: SymmetricKey?

    /// Why a sealed secret cannot be opened.
    public enum Failure: Error, Sendable, Equatable {
        /// It was sealed, and there is no key.
        case keyMissing
        /// It was sealed with another key, for another owner, or it is damaged.
        case wrongKey
        /// It is none of ours.
        case unknownScheme
        case cannotSeal
    }

    private enum Scheme {
        static let plain: UInt8 = 0
        static let aesGCM: UInt8 = 1
    }

    /// Without a key: secrets are stored as they are.
    public init() {
        key = nil
    }

    /// With a key that is 32 bytes in base64, or any other text, from which the key is derived (HKDF with SHA-256, no
    /// salt, info `procession webhook secrets`).
    public init(secretKey text: String) {
        if let bytes = Base64.decode(text.utf8), bytes.count == 32 {
            key = SymmetricKey(data: bytes)
        } else {
            key = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: Array(text.utf8)), info: Array("procession webhook secrets".utf8),
                outputByteCount: 32)
        }
    }

    /// Whether what is sealed is encrypted.
    public var hasKey: Bool { key != nil }

    /// Seals for an owner.
    public func seal(_ secret: [UInt8], for owner: UniqueID) throws(Failure) -> [UInt8] {
        guard let key else { return [Scheme.plain] + secret }
        guard let box = try? AES.GCM.seal(secret, using: key, authenticating: Array(owner.description.utf8)) else {
            throw .cannotSeal
        }
        return [Scheme.aesGCM] + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    public func open(_ sealed: [UInt8], of owner: UniqueID) throws(Failure) -> [UInt8] {
        switch sealed.first {
        case Scheme.plain: return Array(sealed.dropFirst())
        case Scheme.aesGCM:
            guard let key else { throw .keyMissing }
            guard let box = try? AES.GCM.SealedBox(combined: Array(sealed.dropFirst())),
                let secret = try? AES.GCM.open(box, using: key, authenticating: Array(owner.description.utf8))
            else { throw .wrongKey }
            return Array(secret)
        default: throw .unknownScheme
        }
    }

    /// Whether it would be sealed otherwise now: a key was introduced since.
    func isStale(_ sealed: [UInt8]) -> Bool { hasKey && sealed.first == Scheme.plain }
}

extension WebhookRow {
    /// The keys that sign at a time, the newest first; two while a rotation is open.
    public func signingKeys(at now: Instant, _ sealer: SecretSealer) throws(SecretSealer.Failure) -> [[UInt8]] {
        var keys = [try sealer.open(secret, of: id)]
        if let previousSecret, previousSecret.expiresAt > now {
            keys.append(try sealer.open(previousSecret.sealed, of: id))
        }
        return keys
    }

    /// The header fields that each request carries.
    public func headerFields(_ sealer: SecretSealer) throws(SecretSealer.Failure) -> [WebhookHeader] {
        guard !headers.isEmpty else { return [] }
        guard let fields = try? JSONDocument.parse(try sealer.open(headers, of: id)).root else { throw .wrongKey }
        return fields.members.map { WebhookHeader(name: $0.name, value: $0.value.stringValue ?? "") }
    }
}
