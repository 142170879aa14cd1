import Access

/// The issuer whose tokens are accepted beside keys.
public struct TrustedTokens: Sendable, Equatable {
    /// What `iss` has to be, to the letter.
    public var issuer: String
    /// What `aud` has to be or to contain.
    public var audience: String
    /// The issuer's public keys, a JWK Set.
    public var jwks: [UInt8]
    /// The claim that names the caller's tenant; nil: tokens are bound to none.
    public var tenantClaim: String?

    public init(issuer: String, audience: String, jwks: [UInt8], tenantClaim: String? = nil) {
        self.issuer = issuer
        self.audience = audience
        self.jwks = jwks
        self.tenantClaim = tenantClaim
    }

    func verifier() throws(StartError) -> TokenVerifier {
        TokenVerifier(
            rules: TokenRules(issuer: issuer, audience: audience, tenantClaim: tenantClaim),
            keys: try Self.keys(jwks))
    }

    static func keys(_ jwks: [UInt8]) throws(StartError) -> TokenKeySet {
        do throws(TokenKeySetError) {
            return try TokenKeySet(parsing: jwks)
        } catch {
            throw StartError("the JWKS cannot be used: \(error)")
        }
    }
}
