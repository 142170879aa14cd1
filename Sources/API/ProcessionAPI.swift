import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement
import Synchronization

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

    /// The scopes of which each route asks for one, none for those that are open to anybody, and whether callers that
    /// are bound to a tenant are refused.
    public static var access: [(method: String, pattern: String, scopes: [AccessScope], isShared: Bool)] {
        APIRoute.table.map { ($0, $1, $2.access.scopes, $2.access.isShared) }
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
        response.name("\(connectionID)-\(number)")
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
            if let account = caller.account { call.responder.charge(to: account) }
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
        engine.submit(request, bytes: call.request.body.count) { answer in
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
