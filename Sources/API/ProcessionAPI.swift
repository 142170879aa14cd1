import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement
import Synchronization

/// What a definition's check found.
public enum DefinitionCheck: Sendable {
    /// The document with defaults written in, and what smells.
    case valid(content: JSONView, warnings: [RequestFault])
    case invalid([RequestFault])
}

/// What the API is given from outside: it has no clock, no randomness and no definition language of its own.
public struct APIOptions: Sendable {
    /// Served at /openapi.yaml.
    public var openAPI: [UInt8]
    /// Served at /definition.schema.json.
    public var definitionSchema: [UInt8]
    public var checkDefinition: @Sendable (_ name: String, _ body: JSONView) -> DefinitionCheck
    /// Random, unique and roughly in the order of time.
    public var makeID: @Sendable () -> String
    /// Random: the key with which requests to an endpoint are signed, 24 to 64 bytes.
    public var makeSecret: @Sendable () -> [UInt8]
    /// Why an endpoint cannot have this URL; nil if it can.
    public var checkWebhookURL: @Sendable (_ url: String) -> String?
    /// As long as nobody needs a key, only loopback names may be in Host, so that no web page can reach the service by
    /// another name.
    public var requiresLoopbackHost: Bool
    /// Who lets callers in. Nil: everybody may do everything, and keys are not offered.
    public var gate: (any AccessGate)?
    /// Plays a scenario in memory, on a thread of its own; false where too many are being played. Nil: not offered.
    public var simulate:
        (
            @Sendable (_ request: SimulationRequest, _ reply: @escaping @Sendable (SimulationResult) -> Void) -> Bool
        )?
    /// How many may wait for events or follow them at the same time; more are answered 503.
    public var maxFollowers: Int

    public init(
        openAPI: [UInt8], definitionSchema: [UInt8] = [],
        checkDefinition: @escaping @Sendable (_ name: String, _ body: JSONView) -> DefinitionCheck,
        makeID: @escaping @Sendable () -> String, makeSecret: @escaping @Sendable () -> [UInt8],
        checkWebhookURL: @escaping @Sendable (_ url: String) -> String? = APIOptions.complaint(aboutWebhookURL:),
        requiresLoopbackHost: Bool = true, gate: (any AccessGate)? = nil, maxFollowers: Int = 1000,
        simulate: (
            @Sendable (SimulationRequest, @escaping @Sendable (SimulationResult) -> Void) -> Bool
        )? = nil
    ) {
        self.openAPI = openAPI
        self.definitionSchema = definitionSchema
        self.checkDefinition = checkDefinition
        self.makeID = makeID
        self.makeSecret = makeSecret
        self.checkWebhookURL = checkWebhookURL
        self.requiresLoopbackHost = requiresLoopbackHost
        self.gate = gate
        self.maxFollowers = maxFollowers
        self.simulate = simulate
    }

    /// Nothing but http and https, and a host.
    public static func complaint(aboutWebhookURL url: String) -> String? {
        let lower = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix),
            let first = lower.dropFirst(scheme.utf8.count).first, first != "/", first != "?", first != "#"
        else { return "'url' has to be an http or https URL" }
        return nil
    }
}

/// The HTTP API: turns requests into inputs of the engine, and its answers into JSON.
///
/// Writes go to the engine's thread, reads to the reader pool; nothing here blocks, so it may be called from any number
/// of reactors at once.
public final class ProcessionAPI: HTTPHandler {
    let engine: EngineThread
    let readers: ReaderPool
    let options: APIOptions
    let feeds: FeedDesk
    private let router: HTTPRouter<APIRoute>
    private let draining = Atomic(false)
    private let sources = Mutex(Sources())

    /// In a structure: a closure that is itself the value of a `Mutex` is wrapped once more each time it is read there.
    private struct Sources: Sendable {
        var statistics: (@Sendable () -> HTTPStatistics)?
        var droppedLines: (@Sendable () -> Int)?
    }

    public init(engine: EngineThread, readers: ReaderPool, options: APIOptions) {
        self.engine = engine
        self.readers = readers
        self.options = options
        var router = HTTPRouter<APIRoute>()
        for (method, pattern, route) in APIRoute.table { router.add(method, pattern, route) }
        self.router = router
        let feeds = FeedDesk(readers: readers, capacity: options.maxFollowers)
        self.feeds = feeds
        engine.onCommit { feeds.committed() }
    }

    deinit {
        feeds.close()
    }

    /// Every method and path pattern that is served, and the query parameters known there.
    public static var routes: [(method: String, pattern: String, parameters: Set<String>)] {
        APIRoute.table.map { ($0.0, $0.1, $0.2.parameters) }
    }

    /// The scope that each route asks for, nil for those that are open to anybody, and whether callers that are bound
    /// to a tenant are refused.
    public static var access: [(method: String, pattern: String, scope: AccessScope?, isShared: Bool)] {
        APIRoute.table.map { method, pattern, route in
            (method, pattern, route.access.scope, route.access.scope.map { route.access == .shared($0) } ?? false)
        }
    }

    /// From now on `/readyz` says no, claims get no tasks, and those who wait for events are answered without.
    public func startDraining() {
        draining.store(true, ordering: .relaxed)
        feeds.close()
    }

    /// Where `/metrics` reads the server's figures; the server is made after its handler.
    public func readStatistics(from source: @escaping @Sendable () -> HTTPStatistics) {
        sources.withLock { $0.statistics = source }
    }

    /// Where `/metrics` reads how many lines of the log were dropped.
    public func readDroppedLines(from source: @escaping @Sendable () -> Int) {
        sources.withLock { $0.droppedLines = source }
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    var statistics: HTTPStatistics? { sources.withLock { $0.statistics }?() }
    var droppedLines: Int? { sources.withLock { $0.droppedLines }?() }

    // MARK: HTTPHandler

    public func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        let call = APICall(request: request, responder: responder, requestID: requestID(of: request))
        do throws(HTTPProblem) {
            try CrossOrigin.check(request, requiresLoopbackHost: options.requiresLoopbackHost && isOpen)
            try dispatch(call)
        } catch {
            call.fail(error)
        }
    }

    public func render(_ fault: HTTPFault, connectionID: UInt64, number: Int) -> HTTPResponse {
        var response = HTTPProblem(fault).response
        response.fields.append(("X-Request-Id", "\(connectionID)-\(number)"))
        return response
    }

    /// Refuses at once what a client asks about before it sends the body (RFC 9110 section 10.1.1): nothing is read in
    /// vain. Others learn the same when their body was read, and keep their connection.
    public func screen(_ head: HTTPRequestHead) -> HTTPResponse? {
        guard head.headers.contains("expect") else { return nil }
        let request = HTTPRequest(head: head)
        let call = APICall(request: request, responder: HTTPResponder { _ in }, requestID: requestID(of: request))
        do throws(HTTPProblem) {
            try CrossOrigin.check(request, requiresLoopbackHost: options.requiresLoopbackHost && isOpen)
            guard case .route = try way(of: request) else { return nil }
            if request.path == ["events"] {
                _ = try EventFormat(request.headers)
            } else {
                try BodyReader.checkJSON(request)
            }
            return nil
        } catch {
            return call.named(error.response)
        }
    }

    /// What the head of a request decides.
    private enum Way {
        case route(APIRoute, HTTPPathParameters, Caller)
        /// OPTIONS.
        case allow(String)
    }

    private func way(of request: HTTPRequest) throws(HTTPProblem) -> Way {
        if request.head.isAsteriskForm { return .allow("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT") }
        switch router.match(request.method, request.path) {
        case .found(let route, let parameters):
            let caller = try caller(of: request, for: route.access)
            guard Accept(request.headers).allows(any: route.offers) else {
                throw HTTPProblem(.notAcceptable, "this is answered as \(route.offers.joined(separator: " or "))")
            }
            if let coding = request.headers["content-encoding"], !coding.isEmpty, coding.lowercased() != "identity" {
                var problem = HTTPProblem(
                    .unsupportedMediaType, "content is read as it is, not in the coding '\(coding)'")
                problem.fields = [("Accept-Encoding", "identity")]
                throw problem
            }
            return .route(route, parameters, caller)
        case .methodNotAllowed(let allow):
            let list = allow.joined(separator: ", ")
            if request.method == "OPTIONS" { return .allow(list) }
            var problem = HTTPProblem(.methodNotAllowed, "\(request.method) is not offered here; \(list) are")
            problem.fields = [("Allow", list)]
            throw problem
        case .notFound: throw HTTPProblem(.notFound, "there is nothing at \(request.rawTarget)")
        }
    }

    private func dispatch(_ call: APICall) throws(HTTPProblem) {
        switch try way(of: call.request) {
        case .allow(let list): call.respond(HTTPResponse(status: 204, fields: [("Allow", list)], body: []))
        case .route(let route, let parameters, let caller):
            var call = call
            call.caller = caller
            call.query = try QueryReader(call.request, allowing: route.parameters, repeatable: route.repeatable)
            if route.parameters.contains("wait") { call.preferredWait = WaitPreference.read(call.request.headers) }
            try route.run(self, call, parameters)
        }
    }

    /// The caller's request id where it is a sane one, else one of ours.
    private func requestID(of request: HTTPRequest) -> String {
        if let given = request.headers["x-request-id"], (1...128).contains(given.utf8.count),
            given.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            return given
        }
        return "\(request.head.connectionID)-\(request.head.number)"
    }

    // MARK: Ways to the engine and the readers

    /// Asks the engine; its answer, or its problem, is rendered on the reactor's thread.
    ///
    /// `remembered` is what a repeat under an `Idempotency-Key` is answered, where that is not the same.
    func ask(
        _ engineRequest: EngineRequest, _ call: APICall,
        remembered: (@Sendable (EngineAnswer) -> HTTPResponse?)? = nil,
        _ render: @escaping @Sendable (EngineAnswer) -> HTTPResponse?
    ) {
        let request: EngineRequest
        do throws(HTTPProblem) {
            request = try named(engineRequest, call, remembered ?? render)
        } catch {
            call.fail(error)
            return
        }
        engine.submit(request) { answer in
            call.respond {
                switch answer {
                case .problem(let problem): return HTTPProblem(problem).response
                case .repeated(let bytes):
                    if let response = RememberedResponse.decode(bytes) { return response }
                default: if let response = render(answer) { return response }
                }
                return HTTPProblem(Problem(.storeUnavailable, "the engine answered another question")).response
            }
        }
    }

    /// The request under the key that the caller gave it, if any.
    private func named(
        _ request: EngineRequest, _ call: APICall, _ render: @escaping @Sendable (EngineAnswer) -> HTTPResponse?
    ) throws(HTTPProblem) -> EngineRequest {
        guard request.canBeNamed, let key = try call.idempotencyKey() else { return request }
        let isAnsweredAnew = request.isAnsweredAnew
        return .once(
            OnceRequest(
                tenant: call.tenant, key: key, fingerprint: Fingerprint.of(call.request, by: call.caller),
                request: request
            ) { answer in isAnsweredAnew ? nil : render(answer).flatMap(RememberedResponse.encode) })
    }

    /// Runs a query on a reader's thread.
    func read(
        _ call: APICall, _ query: @escaping @Sendable (any ProcessReader) throws(HTTPProblem) -> HTTPResponse?
    ) {
        let isAccepted = readers.submit { reader in
            do throws(HTTPProblem) {
                if let response = try query(reader) { call.respond(response) }
            } catch {
                call.fail(error)
            }
        }
        if !isAccepted { call.fail(HTTPProblem(Problem(.overloaded, "too many queries are waiting"))) }
    }
}

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

    /// The answer is made on the reactor's thread.
    func respond(making make: @escaping @Sendable () -> HTTPResponse) {
        responder.send { named(make()) }
    }

    func named(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.fields.append(("X-Request-Id", requestID))
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

extension HTTPResponse {
    /// A JSON answer that nobody may cache.
    static func answer(status: Int = 200, _ write: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter(reserving: 512)
        write(&writer)
        return HTTPResponse(
            status: status, fields: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: writer.finish())
    }
}

/// Runs a store query where problems are thrown.
func reading<Result>(_ body: () throws(StoreError) -> Result) throws(HTTPProblem) -> Result {
    do throws(StoreError) {
        return try body()
    } catch {
        throw HTTPProblem(error)
    }
}
