import Chrono
import Crypto
import Engine
import JSON
import Synchronization

/// Verifies JSON Web Tokens (RFC 7519) in compact form, signed by a key of the set.
///
/// A signature costs more than the request that shows it, and callers show the same token again and again: tokens that
/// were verified are remembered by their hash, until they end. At most `capacity` of them.
public final class TokenVerifier: Sendable {
    /// A longer token is none.
    private static let longest = 8_192

    private let rules: TokenRules
    private let keys: Mutex<TokenKeySet>
    private let capacity: Int
    private let verified = Mutex<[[UInt8]: Caller]>([:])

    public init(rules: TokenRules, keys: TokenKeySet, capacity: Int = 1_000) {
        self.rules = rules
        self.keys = Mutex(keys)
        self.capacity = capacity
    }

    /// From now on these are the issuer's keys. Tokens that were verified by former ones have to be so again.
    public func replaceKeys(_ new: TokenKeySet) {
        keys.withLock { $0 = new }
        verified.withLock { $0.removeAll() }
    }

    /// Who shows a token that was verified before and has not ended.
    func known(_ token: String, at now: Instant) -> Caller? {
        guard token.utf8.count <= Self.longest else { return nil }
        let hash = Self.hash(of: token)
        guard let caller = verified.withLock({ $0[hash] }), let end = caller.validUntil, now < end else { return nil }
        return caller
    }

    /// Who shows the token; nil if it is not trusted.
    func verify(_ token: String, at now: Instant) -> Caller? {
        guard token.utf8.count <= Self.longest, let caller = check(Array(token.utf8), at: now) else { return nil }
        let hash = Self.hash(of: token)
        verified.withLock { verified in
            if verified.count >= capacity {
                verified = verified.filter { $0.value.validUntil.map { now < $0 } ?? false }
                // All of them live: each costs one more check.
                if verified.count >= capacity { verified.removeAll() }
            }
            verified[hash] = caller
        }
        return caller
    }

    private func check(_ token: [UInt8], at now: Instant) -> Caller? {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let key = key(header),
            let signature = Base64.decodeURLSafe(parts[2])
        else { return nil }
        guard key.isValid(signature, of: Array(token[..<parts[1].endIndex])), let claims = Self.object(parts[1]) else {
            return nil
        }
        return rules.caller(claims, at: now)
    }

    /// The key that the header names, if the header says the same of the algorithm as the key does. Extensions that
    /// have to be understood are not (RFC 7515 section 4.1.11).
    private func key(_ header: JSONView) -> TokenKey? {
        if let type = header["typ"] {
            // RFC 7519 section 5.1, RFC 9068 section 2.1: anything else is a token for another purpose.
            guard let name = type.stringValue?.lowercased(),
                ["jwt", "at+jwt", "application/at+jwt"].contains(name)
            else { return nil }
        }
        if let id = header["kid"], id.stringValue == nil { return nil }
        guard header["crit"] == nil, let key = keys.withLock({ $0.key(header["kid"]?.stringValue) }),
            header["alg"]?.stringValue == key.algorithm
        else { return nil }
        return key
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONView? {
        guard let bytes = Base64.decodeURLSafe(part), let root = try? JSONDocument.parse(bytes).root,
            root.kind == .object
        else { return nil }
        return root
    }

    private static func hash(of token: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(token.utf8)))
    }
}
