import CLinux
import Glibc

public struct HTTPServerOptions: Sendable {
    /// Numeric IPv4 or IPv6 address, or `localhost`.
    public var address: String
    /// 0 takes any free port.
    public var port: Int
    /// Number of reactor threads.
    public var reactors: Int
    public var limits: HTTPLimits
    /// Told of every answer when it is handed to its connection, a stream's when it begins. Called on the reactors'
    /// threads, several at once; must not block.
    public var onAnswer: (@Sendable (HTTPExchange) -> Void)?

    public init(
        address: String = "127.0.0.1",
        port: Int = 0,
        reactors: Int = HTTPServerOptions.defaultReactors,
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.address = address
        self.port = port
        self.reactors = reactors
        self.limits = limits
    }

    /// One up to two cores, then half the cores, at most four.
    public static var defaultReactors: Int {
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return cores <= 2 ? 1 : min(4, cores / 2)
    }
}

/// Why the server could not start.
public enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not a numeric address, or a port outside 0 to 65535.
    case invalidAddress(String)
    /// The address is taken, not ours, or needs a privilege; `errno` of `bind`.
    case cannotBind(address: String, port: Int, errno: Int32)
    /// Another system call failed.
    case system(call: String, errno: Int32)
    case alreadyStarted

    public var description: String {
        switch self {
        case .invalidAddress(let text):
            "\(text) is not a numeric address with a port from 0 to 65535"
        case .cannotBind(let address, let port, let code):
            "cannot listen on \(address) port \(port): \(HTTPServerError.text(of: code))"
        case .system(let call, let code):
            "\(call) failed: \(HTTPServerError.text(of: code))"
        case .alreadyStarted:
            "the server was already started"
        }
    }

    private static func text(of code: Int32) -> String {
        guard let message = strerror(code) else { return "error \(code)" }
        return String(cString: message)
    }
}
