import Dispatch
import HTTPServer
import Synchronization

/// A handler made of closures that remembers what it was asked.
final class TestHandler: HTTPHandler {
    private let requests = Mutex<[HTTPRequest]>([])
    private let arrivals = DispatchSemaphore(value: 0)
    private let action: @Sendable (HTTPRequest, HTTPResponder) -> Void
    private let screening: @Sendable (HTTPRequestHead) -> HTTPResponse?

    init(_ action: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void = { TestHandler.echo($0, $1) }) {
        self.action = action
        screening = { _ in nil }
    }

    /// Echoes what `screen` lets pass.
    init(screen: @escaping @Sendable (HTTPRequestHead) -> HTTPResponse?) {
        action = { TestHandler.echo($0, $1) }
        screening = screen
    }

    /// Method, path and body as text.
    static func echo(_ request: HTTPRequest, _ responder: HTTPResponder) {
        let path = "/" + request.path.joined(separator: "/")
        let body = String(decoding: request.body, as: UTF8.self)
        responder.send(HTTPResponse(status: 200, contentType: "text/plain", text: "\(request.method) \(path) \(body)"))
    }

    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        requests.withLock { $0.append(request) }
        action(request, responder)
        arrivals.signal()
    }

    func render(_ fault: HTTPFault, connectionID: UInt64, number: Int) -> HTTPResponse {
        HTTPResponse(
            status: fault.status, contentType: "application/problem+json", text: "{\"detail\":\"\(fault.detail)\"}")
    }

    func screen(_ head: HTTPRequestHead) -> HTTPResponse? { screening(head) }

    var all: [HTTPRequest] { requests.withLock { $0 } }

    /// Lets go of the requests so far.
    func forget() { requests.withLock { $0.removeAll() } }

    /// Waits until one more request was handled.
    func waitForArrival() throws {
        guard arrivals.wait(timeout: .now() + 20) == .success else { throw TestTimeout() }
    }
}

/// Something that happens once on another thread.
final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let count = Atomic<Int>(0)

    func fire() {
        count.add(1, ordering: .sequentiallyConsistent)
        semaphore.signal()
    }

    func wait() throws {
        guard semaphore.wait(timeout: .now() + 20) == .success else { throw TestTimeout() }
    }

    var timesFired: Int { count.load(ordering: .sequentiallyConsistent) }
}

/// Hands responders from the handler to the test.
final class Shelf: Sendable {
    private let responders = Mutex<[HTTPResponder]>([])
    func put(_ responder: HTTPResponder) { responders.withLock { $0.append(responder) } }
    func take() -> HTTPResponder? { responders.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}

/// Starts a server for one test and stops it after.
func withServer(
    _ handler: TestHandler,
    limits: HTTPLimits = HTTPLimits(),
    reactors: Int = 1,
    address: String = "127.0.0.1",
    onAnswer: (@Sendable (HTTPExchange) -> Void)? = nil,
    _ body: (HTTPServer) throws -> Void
) throws {
    var options = HTTPServerOptions(address: address, reactors: reactors, limits: limits)
    options.onAnswer = onAnswer
    let server = HTTPServer(options: options, handler: handler)
    try server.start()
    defer { server.stop(graceSeconds: 0) }
    try body(server)
}
