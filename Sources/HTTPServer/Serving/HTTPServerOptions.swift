import CLinux
import Glibc

/// What one client may ask of the server. A value equal to a limit passes.
public struct HTTPLimits: Sendable {
    /// Bytes of content (413).
    public var bodyBytes = 1_048_576
    /// Bytes of all field lines with their line ends (431); the request line is not counted. Also for trailers.
    public var fieldBytes = 16_384
    /// Number of field lines (431).
    public var fieldCount = 100
    /// Bytes of the request target (414).
    public var targetBytes = 8_192
    /// Seconds from the first byte of a request to the end of its head (408).
    public var headSeconds = 10.0
    /// Seconds from the end of the head to the end of the body (408).
    public var bodySeconds = 30.0
    /// Seconds a connection may stay open between requests.
    public var idleSeconds = 75.0
    /// Seconds without any progress in sending an answer.
    public var writeStallSeconds = 30.0
    /// Seconds in which a closing connection still reads what the peer sends, so that the last answer arrives
    /// (RFC 9112 section 9.6).
    public var lingerSeconds = 2.0
    /// Open connections; more are answered 503 and closed.
    public var connections = 10_000
    /// Bytes of unsent answers at which no further pipelined request is taken from that connection.
    public var unsentBytes = 262_144
    /// Bytes a stream may hold back for a slow reader before it is cut.
    public var streamBytes = 262_144

    public init() {}
}

public struct HTTPServerOptions: Sendable {
    /// Numeric IPv4 or IPv6 address, or `localhost`.
    public var address: String
    /// 0 takes any free port.
    public var port: Int
    /// Number of reactor threads.
    public var reactors: Int
    public var limits: HTTPLimits

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
