import Crypto
import CryptoExtras
import JSON

/// Why a JWKS file is of no use.
public struct TokenKeySetError: Error, Sendable, Equatable, CustomStringConvertible {
    public var message: String

    public var description: String { message }
}

/// The public keys of an issuer (a JWK Set, RFC 7517 section 5): RSA from 2048 bits for RS256, P-256 for ES256, Ed25519
/// for EdDSA. Keys of other kinds, for other algorithms or for encryption are passed over.
public struct TokenKeySet: Sendable {
    private struct Entry: Sendable {
        let id: String?
        let key: TokenKey
    }

    private let entries: [Entry]

    public init(parsing bytes: [UInt8]) throws(TokenKeySetError) {
        let root: JSONView
        do throws(JSONError) {
            root = try JSONDocument.parse(bytes).root
        } catch {
            throw TokenKeySetError(message: "it is not JSON: \(error)")
        }
        guard let keys = root["keys"], keys.kind == .array else {
            throw TokenKeySetError(message: "it has no list 'keys'")
        }
        var entries: [Entry] = []
        for (index, view) in keys.elements.enumerated() {
            guard let key = try Self.key(view, "/keys/\(index)") else { continue }
            let id = view["kid"]?.stringValue
            guard !entries.contains(where: { $0.id == id }) else {
                throw TokenKeySetError(message: "/keys/\(index): two keys have the same 'kid', or none")
            }
            entries.append(Entry(id: id, key: key))
        }
        guard !entries.isEmpty else {
            throw TokenKeySetError(message: "none of its keys is for RS256, ES256 or EdDSA")
        }
        self.entries = entries
    }

    public var count: Int { entries.count }

    /// The key that a token names; a token that names none may only mean the only one.
    func key(_ id: String?) -> TokenKey? {
        guard let id else { return entries.count == 1 ? entries.first?.key : nil }
        return entries.first { $0.id == id }?.key
    }

    /// Nil for a key that is not for us.
    private static func key(_ view: JSONView, _ place: String) throws(TokenKeySetError) -> TokenKey? {
        guard (view["use"]?.stringValue ?? "sig") == "sig" else { return nil }
        let algorithm = view["alg"]?.stringValue
        let curve = view["crv"]?.stringValue
        switch (view["kty"]?.stringValue, curve) {
        case ("RSA", _) where (algorithm ?? "RS256") == "RS256": return try rsa(view, place)
        case ("EC", "P-256") where (algorithm ?? "ES256") == "ES256": return try p256(view, place)
        case ("OKP", "Ed25519") where (algorithm ?? "EdDSA") == "EdDSA": return try ed25519(view, place)
        default: return nil
        }
    }

    private static func rsa(_ view: JSONView, _ place: String) throws(TokenKeySetError) -> TokenKey {
        let (modulus, exponent) = (try bytes("n", view, place), try bytes("e", view, place))
        guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent), key.keySizeInBits >= 2048 else {
            throw TokenKeySetError(message: "\(place) is no RSA key of 2048 bits or more")
        }
        return .rs256(key)
    }

    private static func p256(_ view: JSONView, _ place: String) throws(TokenKeySetError) -> TokenKey {
        let (x, y) = (try bytes("x", view, place), try bytes("y", view, place))
        guard x.count == 32, y.count == 32, let key = try? P256.Signing.PublicKey(rawRepresentation: x + y) else {
            throw TokenKeySetError(message: "\(place) is no point on P-256")
        }
        return .es256(key)
    }

    private static func ed25519(_ view: JSONView, _ place: String) throws(TokenKeySetError) -> TokenKey {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: try bytes("x", view, place)) else {
            throw TokenKeySetError(message: "\(place) is no Ed25519 key")
        }
        return .edDSA(key)
    }

    private static func bytes(_ name: String, _ view: JSONView, _ place: String) throws(TokenKeySetError) -> [UInt8] {
        guard let text = view[name]?.stringValue, let bytes = Base64.decodeURLSafe(text.utf8), !bytes.isEmpty else {
            throw TokenKeySetError(message: "\(place)/\(name) has to be base64url")
        }
        return bytes
    }
}
