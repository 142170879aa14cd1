import Chrono
import Engine
import JSON

/// What the body of a new key says.
struct KeyReader {
    let body: BodyReader

    static let members: Set<String> = ["name", "scopes", "tenant", "expires_in", "expires_at"]

    func key(_ minted: MintedKey, for caller: Caller) throws(HTTPProblem) -> NewAccessKey {
        try body.allow(Self.members)
        guard let name = try body.identifier("name", limit: 100) else {
            throw body.fault("name", "'name' is required: what the key is for, or who has it")
        }
        return NewAccessKey(
            minted, name: name, tenant: try tenant(for: caller), scopes: try scopes(), expiry: try expiry())
    }

    private func scopes() throws(HTTPProblem) -> Set<AccessScope> {
        let known = AccessScope.allCases.map(\.rawValue).joined(separator: ", ")
        guard let list = body.optional("scopes"), list.kind == .array, list.count > 0 else {
            throw body.fault("scopes", "'scopes' is required, a list of one or more of \(known)")
        }
        var scopes: Set<AccessScope> = []
        for (index, view) in list.elements.enumerated() {
            scopes.insert(
                try KnownWords.read(
                    view.stringValue ?? view.text, as: "scope", among: AccessScope.allCases,
                    at: .pointer("\(body.place("scopes"))/\(index)")))
        }
        return scopes
    }

    /// Who is bound to a tenant makes keys for that one.
    private func tenant(for caller: Caller) throws(HTTPProblem) -> String? {
        guard let tenant = try body.optionalString("tenant") else { return caller.tenant }
        guard TenantName.isValid(tenant) else {
            throw body.fault("tenant", "'tenant' has to be 1 to 64 of A-Z a-z 0-9 _ - . and to begin with no - or .")
        }
        if let own = caller.tenant, own != tenant {
            throw HTTPProblem(.forbidden, "a caller that is bound to '\(own)' makes keys for no other tenant")
        }
        return tenant
    }

    private func expiry() throws(HTTPProblem) -> NewAccessKey.Expiry {
        let span = try body.timeSpan("expires_in")
        guard let text = try body.optionalString("expires_at") else { return span.map { .after($0) } ?? .never }
        guard span == nil else { throw body.fault("expires_at", "give 'expires_in' or 'expires_at', not both") }
        guard let time = Instant(rfc3339: text) else {
            throw body.fault("expires_at", "'expires_at' has to be a time such as 2030-01-31T00:00:00Z")
        }
        return .at(time)
    }
}
