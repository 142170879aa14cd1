import Chrono
import Engine
import HTTPServer

/// One request on its way.
struct APICall: Sendable {
    let request: HTTPRequest
    var caller = Caller.anybody
    let responder: HTTPResponder
    let requestID: String
    var query = QueryReader()
    /// What the client prefers where an answer can be held back; nil: it does not say.
    var preferredWait: TimeSpan?

    /// In whose name: every process, task and list that the caller sees is inside it.
    var tenant: String { caller.tenant ?? defaultTenant }

    func respond(_ response: HTTPResponse) {
        responder.send(named(response))
    }

    /// The answer is made on the reactor's thread, of so many bytes that are in memory until then.
    func respond(holding bytes: Int = 0, making make: @escaping @Sendable () -> HTTPResponse) {
        responder.send(holding: bytes) { named(make()) }
    }

    func named(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.name(requestID)
        if let preferredWait, response.status < 400 {
            response.fields.append(("Preference-Applied", "wait=\(preferredWait.milliseconds / 1000)"))
        }
        return response
    }

    func fail(_ problem: HTTPProblem) {
        respond(problem.response)
    }

    /// The key under which a caller wants a repeat to be known; quoted or not is the same key.
    func idempotencyKey() throws(HTTPProblem) -> String? {
        guard var key = request.headers["idempotency-key"] else { return nil }
        if key.utf8.count >= 2, key.hasPrefix("\""), key.hasSuffix("\"") { key = String(key.dropFirst().dropLast()) }
        guard !key.isEmpty, key.utf8.count <= 255, key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw HTTPProblem(
                RequestFault(.header("idempotency-key"), "the key has to be 1 to 255 printable ASCII characters"))
        }
        return key
    }
}

/// Where callers act that are bound to no tenant.
let defaultTenant = "default"
