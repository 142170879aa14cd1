/// What the server does not know: the application.
///
/// All three functions run on a reactor thread and must not block; the same handler is called from several threads
/// at once. Of one connection only one request at a time is in the handler; the next one is read after its answer.
public protocol HTTPHandler: Sendable {
    /// Takes one complete request. The answer goes through the responder, now or later, from any thread.
    func handle(_ request: HTTPRequest, _ responder: HTTPResponder)

    /// The answer to a request the server itself refuses. The connection is closed after it. The request would have been
    /// the one of that number on its connection.
    func render(_ fault: HTTPFault, connectionID: UInt64, number: Int) -> HTTPResponse

    /// Looks at the head of a request that announces a body, before the body is read and before a `100 Continue`.
    /// An answer given here ends the connection, since the body stays unread; nil reads on.
    func screen(_ head: HTTPRequestHead) -> HTTPResponse?
}

extension HTTPHandler {
    public func screen(_ head: HTTPRequestHead) -> HTTPResponse? { nil }

    public func render(_ fault: HTTPFault, connectionID: UInt64, number: Int) -> HTTPResponse {
        HTTPResponse(status: fault.status, contentType: "text/plain; charset=utf-8", text: fault.detail + "\n")
    }
}
