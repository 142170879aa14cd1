import Access
import Chrono
import Crypto
import Engine
import Foundation
import Testing

/// Which JSON Web Tokens are trusted.
@Suite("Tokens")
struct TokenTests {
    private let issuer: Issuer

    init() throws {
        issuer = try #require(Issuer.shared)
    }

    private func door(tenantClaim: String? = nil, leeway: TimeSpan = .seconds(30)) throws -> Door {
        Door(
            tokens: TokenVerifier(
                rules: TokenRules(
                    issuer: "https://issuer.example", audience: "procession", tenantClaim: tenantClaim, leeway: leeway),
                keys: try TokenKeySet(parsing: try issuer.jwks)))
    }

    private func claims(_ changes: [String: Any?]) -> [String: Any] {
        var claims = Issuer.claims
        for (name, value) in changes { claims[name] = value }
        return claims
    }

    @Test(
        "a token is accepted by each kind of key, with the scopes that it has of ours", arguments: ["ec", "ed", "rsa"])
    func accepts(key: String) throws {
        let door = try door()
        #expect(!door.gate.isOpen)
        let caller = Caller(
            name: "shop-worker", tenant: nil, scopes: [.workTasks, .read], validUntil: Door.start + .seconds(630))
        let token = try issuer.token(by: key)
        // The second time it is known.
        for _ in 0..<2 { #expect(door.admit(token) == .admitted(caller)) }
        #expect(door.gate.stillAdmits(caller))
        door.advance(.seconds(630))
        #expect(door.admit(token) == .invalid)
        #expect(!door.gate.stillAdmits(caller))
    }

    @Test("audiences and scopes may be lists; a token without scopes of ours may do nothing")
    func lists() throws {
        let door = try door()
        let token = try issuer.token(claims: claims(["aud": ["other", "procession"], "scope": ["operate", "x"]]))
        guard case .admitted(let caller) = door.admit(token) else { return #expect(Bool(false)) }
        #expect(caller.scopes == [.operate])
        for scope in [nil, "", "openid", 7] as [Any?] {
            guard case .admitted(let caller) = door.admit(try issuer.token(claims: claims(["scope": scope]))) else {
                Issue.record("\(String(describing: scope))")
                continue
            }
            #expect(caller.scopes.isEmpty)
        }
    }

    @Test("claims that are missing, of another kind, for others or for another time are refused")
    func refusesClaims() throws {
        let door = try door()
        let start = 1_800_000_000
        let wrong: [(String, Any?)] = [
            ("iss", nil), ("iss", "https://issuer.example/"), ("iss", ["https://issuer.example"]),
            ("aud", nil), ("aud", "Procession"), ("aud", ["other"]), ("aud", [Any]()),
            ("exp", nil), ("exp", "1800000600"), ("exp", start - 30), ("exp", 1e300), ("nbf", start + 31),
            ("nbf", "now"), ("sub", nil), ("sub", ""), ("sub", "a\nb"), ("sub", String(repeating: "x", count: 256)),
        ]
        for (name, value) in wrong {
            let token = try issuer.token(claims: claims([name: value]))
            // Each from an address of its own, so that no limit is met.
            #expect(door.admit(token, from: "\(name) \(String(describing: value))") == .invalid, "\(name)")
        }
        for (name, value) in [("exp", start - 29), ("exp", 1_800_000_000.5), ("nbf", start + 30), ("iat", "x")]
            as [(String, Any)]
        {
            guard case .admitted = door.admit(try issuer.token(claims: claims([name: value]))) else {
                Issue.record("\(name) \(value) is refused")
                continue
            }
        }
    }

    @Test("the key alone says which algorithm is used, and the header has to say the same")
    func refusesHeaders() throws {
        let door = try door()
        let headers: [[String: Any]] = [
            ["alg": "none", "kid": "ec"], ["alg": "HS256", "kid": "ec"], ["alg": "HS256", "kid": "rsa"],
            ["alg": "RS256", "kid": "ec"], ["alg": "ES256", "kid": "rsa"], ["alg": "es256", "kid": "ec"],
            ["alg": "ES256"], ["alg": "ES256", "kid": "unknown"], ["alg": "ES256", "kid": 7], ["kid": "ec"],
            ["alg": "ES256", "kid": "ec", "crit": ["exp"]], ["alg": "ES256", "kid": "ec", "typ": "dpop+jwt"],
            ["alg": "ES256", "kid": "ec", "jwk": issuer.p256Key(), "typ": 1],
        ]
        for (number, header) in headers.enumerated() {
            #expect(door.admit(try issuer.token(header: header), from: "\(number)") == .invalid, "\(header)")
        }
        let other: [String: Any] = ["alg": "ES256", "kid": "ec", "typ": "AT+JWT"]
        guard case .admitted = door.admit(try issuer.token(header: other)) else { return #expect(Bool(false)) }
    }

    @Test("a changed byte anywhere, a missing part, another form of the same signature are refused")
    func refusesForgeries() throws {
        let door = try door()
        let token = try issuer.token()
        let parts = token.split(separator: ".").map(String.init)
        let secret = HMAC<SHA256>.authenticationCode(
            for: Data("\(parts[0]).\(parts[1])".utf8),
            using: SymmetricKey(data: issuer.p256.publicKey.rawRepresentation))
        var forged = [
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", "\(token).", "\(token)=", "..", "a.b.c",
            "\(parts[0]).\(parts[1]).\(Issuer.text(Data(secret)))", "\(parts[0]).\(parts[1]).\(parts[2])A",
            "\(try Issuer.text(json: ["alg": "none", "kid": "ec"])).\(parts[1]).",
            "\(parts[0]).\(try Issuer.text(json: claims(["sub": "root"]))).\(parts[2])",
            token + String(repeating: "A", count: 9_000),
        ]
        let bytes = Array(token.utf8)
        for place in stride(from: 0, to: bytes.count, by: 7) where bytes[place] != UInt8(ascii: ".") {
            var other = bytes
            other[place] = other[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            forged.append(String(decoding: other, as: UTF8.self))
        }
        for (number, token) in forged.enumerated() {
            #expect(door.admit(token, from: "\(number)") == .invalid, "\(token.prefix(80))")
        }
    }

    @Test("with a claim for the tenant every token has to have it; without one, none is bound")
    func tenants() throws {
        let bound = try door(tenantClaim: "org")
        guard case .admitted(let caller) = bound.admit(try issuer.token(claims: claims(["org": "acme"]))) else {
            return #expect(Bool(false))
        }
        #expect(caller.tenant == "acme")
        for (number, value) in ([nil, "", "a b", 7] as [Any?]).enumerated() {
            #expect(bound.admit(try issuer.token(claims: claims(["org": value])), from: "\(number)") == .invalid)
        }
        guard case .admitted(let free) = try door().admit(try issuer.token(claims: claims(["org": "acme"]))) else {
            return #expect(Bool(false))
        }
        #expect(free.tenant == nil)
    }

    @Test("who failed too often has no further token verified; tokens that were verified before go on")
    func limitsChecks() throws {
        let door = try door()
        let known = try issuer.token()
        _ = door.admit(known)
        for _ in 0..<10 { #expect(door.admit("a.b.c") == .invalid) }
        let fresh = try issuer.token(claims: claims(["sub": "other"]))
        #expect(door.admit(fresh) == .tooManyFailures(retryAfter: .seconds(6)))
        guard case .admitted = door.admit(known) else { return #expect(Bool(false)) }
        guard case .admitted = door.admit(fresh, from: "192.0.2.9") else { return #expect(Bool(false)) }
    }

    @Test("with other keys of the issuer, tokens of former ones are not trusted any more, and those of new ones are")
    func replacedKeys() throws {
        let other = try Issuer()
        let verifier = TokenVerifier(
            rules: TokenRules(issuer: "https://issuer.example", audience: "procession"),
            keys: try TokenKeySet(parsing: try issuer.jwks))
        let door = Door(tokens: verifier)
        let (former, new) = (try issuer.token(), try other.token())
        guard case .admitted = door.admit(former) else { return #expect(Bool(false)) }
        #expect(door.admit(new) == .invalid)
        verifier.replaceKeys(try TokenKeySet(parsing: try other.jwks))
        #expect(door.admit(former) == .invalid)
        guard case .admitted = door.admit(new) else { return #expect(Bool(false)) }
    }

    @Test("keys are accepted beside tokens; without an issuer, no token is")
    func besideKeys() throws {
        let door = try door()
        guard case .admitted = door.admit(door.add().secret) else { return #expect(Bool(false)) }
        let keysOnly = Door()
        _ = keysOnly.add()
        #expect(keysOnly.admit(try issuer.token()) == .invalid)
    }

    @Test("a key set is read strictly; keys that are not for us are passed over")
    func keySets() throws {
        func parse(_ keys: [[String: Any]]) throws -> TokenKeySet {
            try TokenKeySet(parsing: Array(try JSONSerialization.data(withJSONObject: ["keys": keys])))
        }
        let good = issuer.p256Key()
        let other: [[String: Any]] = [
            ["kty": "oct", "kid": "s", "k": "c2VjcmV0"], ["kty": "EC", "crv": "P-384", "kid": "p"],
            good.merging(["use": "enc"]) { $1 }, try issuer.rsaKey().merging(["alg": "PS256"]) { $1 },
        ]
        #expect(try parse(other + [good]).count == 1)
        var named: [[[String: Any]]] = [other, [], [good, good]]
        for (name, value) in [("x", "AA"), ("x", "!"), ("y", good["x"] ?? "")] as [(String, Any)] {
            named.append([good.merging([name: value]) { $1 }])
        }
        named.append([try issuer.rsaKey().merging(["n": Issuer.text(Data(repeating: 255, count: 128))]) { $1 }])
        for keys in named { #expect(throws: TokenKeySetError.self, "\(keys)") { try parse(keys) } }
        for text in ["", "[]", "{}", #"{"keys":{}}"#] {
            #expect(throws: TokenKeySetError.self) { try TokenKeySet(parsing: Array(text.utf8)) }
        }
    }
}
