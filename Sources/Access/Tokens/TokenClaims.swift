import Chrono
import Engine
import JSON

/// Which tokens are trusted.
public struct TokenRules: Sendable {
    /// What `iss` has to be, to the letter.
    public var issuer: String
    /// What `aud` has to be or to contain.
    public var audience: String
    /// The claim that names the tenant. With it every token has to have it; without, no token is bound to a tenant.
    public var tenantClaim: String?
    /// How far the issuer's clock may be from ours.
    public var leeway: TimeSpan

    public init(issuer: String, audience: String, tenantClaim: String? = nil, leeway: TimeSpan = .seconds(30)) {
        self.issuer = issuer
        self.audience = audience
        self.tenantClaim = tenantClaim
        self.leeway = leeway
    }

    /// Who the claims of a verified token speak of (RFC 7519 section 4.1, RFC 8725 section 3.8); nil if they are not
    /// for us or not for now.
    func caller(_ claims: JSONView, at now: Instant) -> Caller? {
        guard claims["iss"]?.stringValue == issuer, isForUs(claims["aud"]),
            let end = Self.time(claims["exp"]).map({ $0 + leeway }), now < end,
            let subject = claims["sub"]?.stringValue, Self.isName(subject)
        else { return nil }
        if let notBefore = claims["nbf"] {
            guard let begin = Self.time(notBefore), begin - leeway <= now else { return nil }
        }
        var tenant: String?
        if let tenantClaim {
            guard let name = claims[tenantClaim]?.stringValue, TenantName.isValid(name) else { return nil }
            tenant = name
        }
        return Caller(name: subject, tenant: tenant, scopes: Self.scopes(claims["scope"]), validUntil: end)
    }

    private func isForUs(_ audiences: JSONView?) -> Bool {
        guard let audiences else { return false }
        if audiences.kind == .array { return audiences.elements.contains { $0.stringValue == audience } }
        return audiences.stringValue == audience
    }

    /// Seconds since 1970, with or without a fraction (RFC 7519 section 2, NumericDate).
    private static func time(_ claim: JSONView?) -> Instant? {
        guard let seconds = claim?.doubleValue, seconds.magnitude < 1e12 else { return nil }
        return Instant(milliseconds: Int64(seconds * 1000))
    }

    /// What stands in records as the one who did something.
    private static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    }

    /// A string of names with spaces between them (RFC 8693 section 4.2), or a list. Those we do not know are for
    /// others.
    private static func scopes(_ claim: JSONView?) -> Set<AccessScope> {
        guard let claim else { return [] }
        let names =
            claim.kind == .array
            ? claim.elements.compactMap(\.stringValue)
            : (claim.stringValue ?? "").split(separator: " ").map(String.init)
        return Set(names.compactMap(AccessScope.init(rawValue:)))
    }
}
