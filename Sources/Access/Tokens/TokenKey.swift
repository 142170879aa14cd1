import Crypto
import CryptoExtras

/// A public key of the issuer. It alone says which algorithm its tokens are signed with (RFC 8725 section 3.1); there
/// is no way to ask for another, and none for `none` or a shared secret.
enum TokenKey: Sendable {
    case rs256(_RSA.Signing.PublicKey)
    case es256(P256.Signing.PublicKey)
    case edDSA(Curve25519.Signing.PublicKey)

    /// What the header of its tokens has to say in `alg` (RFC 7518 section 3.1, RFC 8037 section 3.1).
    var algorithm: String {
        switch self {
        case .rs256: "RS256"
        case .es256: "ES256"
        case .edDSA: "EdDSA"
        }
    }

    func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch self {
        case .rs256(let key):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
                padding: .insecurePKCS1v1_5)
        case .es256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: message))
        case .edDSA(let key): return key.isValidSignature(signature, for: message)
        }
    }
}
