import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

extension ProcessionAPI {
    /// The answer is the only place where the key's secret ever stands.
    func createKey(_ call: APICall) throws(HTTPProblem) {
        let minted = try gate().mintKey()
        let key = try KeyReader(body: try BodyReader(call.request)).key(minted, for: call.caller)
        if isOpen, !key.scopes.contains(.admin) {
            throw HTTPProblem(
                RequestFault(
                    .pointer("/scopes"), "with the first key everybody needs one: it has to have the scope 'admin'"))
        }
        // The secret is kept nowhere, so that a repeat cannot show it.
        let request = audited(.keys(.create(key)), call)
        ask(request, call, remembered: { Self.made($0, secret: nil) }) { Self.made($0, secret: minted.secret) }
    }

    private static func made(_ answer: EngineAnswer, secret: String?) -> HTTPResponse? {
        guard case .key(let row, _) = answer else { return nil }
        var response = HTTPResponse.answer(status: 201) { $0.key(row, secret: secret) }
        response.fields.append(("Location", "/keys/\(row.id)"))
        return response
    }

    func listKeys(_ call: APICall) throws(HTTPProblem) {
        read(call) { reader throws(HTTPProblem) in
            let rows = try Self.keys(call.caller, reader)
            return .answer { writer in
                writer.beginObject()
                writer.list("keys", rows) { $0.key($1) }
                writer.endObject()
            }
        }
    }

    func showKey(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try keyID(path)
        read(call) { reader throws(HTTPProblem) in
            guard let row = try Self.keys(call.caller, reader).first(where: { $0.id == id }) else {
                throw HTTPProblem(Problem(.keyNotFound, "there is no key \(id)"))
            }
            return .answer { $0.key(row) }
        }
    }

    /// From the answer on the key lets nobody in. Its row stays.
    func revokeKey(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let request = KeyRequest.revoke(try keyID(path), tenant: call.caller.tenant)
        ask(audited(.keys(request), call), call) { answer in
            guard case .key(let row, _) = answer else { return nil }
            return .answer { $0.key(row) }
        }
    }

    /// Who is bound to a tenant sees the keys that are bound to it.
    private static func keys(_ caller: Caller, _ reader: any ProcessReader) throws(HTTPProblem) -> [AccessKeyRow] {
        try reading { () throws(StoreError) in try reader.accessKeys() }
            .filter { caller.tenant == nil || $0.tenant == caller.tenant }
    }

    private func gate() throws(HTTPProblem) -> any AccessGate {
        guard let gate = options.gate else { throw HTTPProblem(.notFound, "keys are not offered here") }
        return gate
    }

    private func keyID(_ path: HTTPPathParameters) throws(HTTPProblem) -> UniqueID {
        guard let text = path["id"], let id = UniqueID(text) else {
            throw HTTPProblem(Problem(.keyNotFound, "there is no such key"))
        }
        return id
    }
}

extension JSONWriter {
    fileprivate mutating func key(_ row: AccessKeyRow, secret: String? = nil) {
        beginObject()
        member("id", row.id)
        member("name", row.name)
        list("scopes", row.scopes.names) { $0.value($1) }
        nullable("tenant", row.tenant)
        member("created_at", row.createdAt.rfc3339)
        nullable("created_by", row.createdBy)
        nullable("expires_at", row.expiresAt?.rfc3339)
        nullable("revoked_at", row.revokedAt?.rfc3339)
        nullable("last_used_at", row.lastUsedAt?.rfc3339)
        optional("secret", secret)
        endObject()
    }
}
