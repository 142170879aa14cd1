import Glibc
import Synchronization

/// An HTTP/1.1 server on its own threads.
public final class HTTPServer: Sendable {
    private let options: HTTPServerOptions
    private let handler: any HTTPHandler
    private let counters = Counters()

    public init(options: HTTPServerOptions, handler: any HTTPHandler) {
        self.options = options
        self.handler = handler
    }

    public func start() throws(HTTPServerError) {
        throw .alreadyStarted
    }

    public var port: Int { options.port }

    public func stop(graceSeconds: Double) {}

    public var statistics: HTTPStatistics { counters.snapshot }
}
