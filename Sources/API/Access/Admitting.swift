import Chrono
import Engine
import HTTPServer
import JSON

extension ProcessionAPI {
    /// Whoever can reach the service may use it: there is neither a key nor an issuer of tokens.
    var isOpen: Bool { options.gate?.isOpen ?? true }

    /// Who sends the request; thrown is the refusal if it is nobody who may use the route.
    func caller(of request: HTTPRequest, for access: RouteAccess) throws(HTTPProblem) -> Caller {
        let scopes = access.scopes
        guard !scopes.isEmpty, let gate = options.gate else { return .anybody }
        // Two fields could be meant for two readers; joined they are no credentials.
        let shown = request.headers.values(for: "authorization")
        switch gate.admit(
            authorization: shown.isEmpty ? nil : shown.joined(separator: ", "), from: request.remoteAddress)
        {
        case .admitted(let caller):
            guard scopes.contains(where: caller.scopes.allows) else { throw .forbidden(scopes) }
            if access.isShared, let tenant = caller.tenant {
                throw HTTPProblem(
                    .forbidden, "what all tenants share is not changed by callers that are bound to '\(tenant)'")
            }
            return caller
        case .missing: throw .unauthorized(isWrong: false)
        case .invalid: throw .unauthorized(isWrong: true)
        case .tooManyFailures(let wait):
            var problem = HTTPProblem(.tooManyFailures, "too many credentials from this address were not valid")
            problem.retryAfter = wait
            throw problem
        }
    }

    /// Thrown is the refusal if the caller's key or token has ended since.
    func checkStillAdmitted(_ caller: Caller) throws(HTTPProblem) {
        guard stillAdmits(caller) else { throw .unauthorized(isWrong: true) }
    }

    func stillAdmits(_ caller: Caller) -> Bool {
        options.gate?.stillAdmits(caller) ?? true
    }

    /// The same feed, which ends when its caller's key or token does.
    func guarded(_ feed: Feed, for caller: Caller) -> Feed {
        guard options.gate != nil else { return feed }
        return Feed(feed.numbering, member: feed.member) { [self] reader, place throws(HTTPProblem) in
            try checkStillAdmitted(caller)
            return try feed.page(reader, place)
        }
    }
}

extension Caller {
    /// On whose account lies what it does not read; nil for callers of whom nothing but their address is known.
    var account: String? {
        if let keyID { return "key \(keyID)" }
        return name.map { "subject \($0)" }
    }
}

extension ProcessionAPI {
    /// The same request, with a record of who sent it.
    func audited(_ request: EngineRequest, _ call: APICall) -> EngineRequest {
        .audited(request, by: call.actor(options.makeID()))
    }
}

extension APICall {
    /// Who is to be named where the request changes something beyond one process.
    func actor(_ requestID: String) -> Actor {
        Actor(
            tenant: tenant, name: caller.name,
            address: request.remoteAddress.isEmpty ? nil : request.remoteAddress, requestID: requestID)
    }
}

extension HTTPProblem {
    /// Unknown, expired and revoked credentials look the same from outside (RFC 6750 section 3).
    static func unauthorized(isWrong: Bool) -> HTTPProblem {
        var problem = HTTPProblem(
            .unauthorized,
            isWrong ? "the key or token is not valid" : "show a key or token, as Authorization: Bearer …")
        let realm = "Bearer realm=\"procession\""
        problem.fields = [("WWW-Authenticate", isWrong ? "\(realm), error=\"invalid_token\"" : realm)]
        return problem
    }

    static func forbidden(_ scope: AccessScope) -> HTTPProblem { forbidden([scope]) }

    /// Any of these would have done; the first is the one to ask for, since a list would mean all of them (RFC 6750
    /// section 3).
    static func forbidden(_ scopes: [AccessScope]) -> HTTPProblem {
        let names = scopes.map { "'\($0.rawValue)'" }.joined(separator: " or ")
        let scope = scopes.first ?? .admin
        var problem = HTTPProblem(.forbidden, "this needs the scope \(names)")
        problem.members["scope"] = .string(scope.rawValue)
        problem.fields = [
            (
                "WWW-Authenticate",
                "Bearer realm=\"procession\", error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
            )
        ]
        return problem
    }
}
