import Chrono

/// What holds for all deliveries of a service.
public struct TransportOptions: Sendable {
    public var policy: AddressPolicy
    /// A file of further certificate authorities (PEM), beside those of the system.
    public var authoritiesFile: String?
    public var userAgent = "Procession"
    /// Requests that were accepted and are not over; each has a socket.
    public var requestLimit = 1024
    /// Bytes of requests that are not over, and of answers as they come in. One request is always taken.
    public var byteLimit = 112 * 1_048_576
    /// Connections that are kept for the next request.
    public var idleConnectionLimit = 256
    /// False: as if libcurl had no wake-up, for tests.
    var usesWakeUp = true

    public init(policy: AddressPolicy, authoritiesFile: String? = nil) {
        self.policy = policy
        self.authoritiesFile = authoritiesFile
    }
}
