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
    /// Seconds in which a peer has to take all that is to be sent to it, or `writeProgressBytes` of it.
    public var writeStallSeconds = 30.0
    /// A peer that takes this much gets `writeStallSeconds` again; one that takes a byte now and then does not.
    public var writeProgressBytes = 65_536
    /// Seconds in which a closing connection still reads what the peer sends, so that the last answer arrives
    /// (RFC 9112 section 9.6).
    public var lingerSeconds = 2.0
    /// Open connections; more are answered 503 and closed.
    public var connections = 10_000
    /// Open connections from one address; more are answered 503 and closed. 0 is no limit: behind a proxy all
    /// connections come from one address.
    public var connectionsPerAddress = 0
    /// Requests on one connection; the answer to the last one closes it.
    public var requestsPerConnection = 1_000_000
    /// Bytes of unsent answers at which no further pipelined request is taken from that connection.
    public var unsentBytes = 262_144
    /// Bytes a stream may hold back for a slow reader before it is cut.
    public var streamBytes = 262_144

    /// Bytes of requests, from the first byte received to the answer; more are answered 503.
    public var requestMemory = HTTPMemoryLimit(all: 224 * 1_048_576)
    /// Bytes of answers that nobody has read yet; who holds most of them is cut first.
    public var answerMemory = HTTPMemoryLimit(all: 224 * 1_048_576)

    public init() {}
}
