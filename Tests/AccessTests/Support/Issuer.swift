import Crypto
import CryptoExtras
import Foundation

/// Signs tokens as an issuer does, and publishes its keys as a JWK Set.
struct Issuer {
    static let shared: Issuer? = try? Issuer()

    let p256 = P256.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()
    let rsa: _RSA.Signing.PrivateKey

    init() throws {
        rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    static var claims: [String: Any] {
        [
            "iss": "https://issuer.example", "aud": "procession", "sub": "shop-worker", "exp": 1_800_000_600,
            "scope": "openid tasks:work read",
        ]
    }

    var jwks: [UInt8] {
        get throws {
            Array(try JSONSerialization.data(withJSONObject: ["keys": try [p256Key(), ed25519Key(), rsaKey()]]))
        }
    }

    func p256Key() -> [String: Any] {
        let point = p256.publicKey.rawRepresentation
        return [
            "kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "alg": "ES256", "x": Self.text(point.prefix(32)),
            "y": Self.text(point.suffix(32)),
        ]
    }

    func ed25519Key() -> [String: Any] {
        ["kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": Self.text(ed25519.publicKey.rawRepresentation)]
    }

    func rsaKey() throws -> [String: Any] {
        let numbers = try rsa.publicKey.getKeyPrimitives()
        return [
            "kty": "RSA", "kid": "rsa", "alg": "RS256", "n": Self.text(numbers.modulus),
            "e": Self.text(numbers.publicExponent),
        ]
    }

    /// Signed by the key with this id, whatever the header says.
    func token(
        by key: String = "ec", header: [String: Any]? = nil, claims: [String: Any] = Issuer.claims
    ) throws -> String {
        let algorithms = ["ec": "ES256", "ed": "EdDSA", "rsa": "RS256"]
        let header = header ?? ["alg": algorithms[key] ?? "", "kid": key, "typ": "JWT"]
        let signed = try Self.text(json: header) + "." + Self.text(json: claims)
        return try signed + "." + Self.text(signature(of: Data(signed.utf8), by: key))
    }

    private func signature(of message: Data, by key: String) throws -> Data {
        switch key {
        case "ed": try ed25519.signature(for: message)
        case "rsa": try rsa.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation
        default: try p256.signature(for: message).rawRepresentation
        }
    }

    static func text(json: [String: Any]) throws -> String {
        text(try JSONSerialization.data(withJSONObject: json))
    }

    static func text(_ bytes: some DataProtocol) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}
