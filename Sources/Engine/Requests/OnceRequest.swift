/// A request that its caller named: done once, however often it is sent.
public struct OnceRequest: Sendable {
    public var tenant: String
    public var key: String
    /// A hash of everything that makes it this request.
    public var fingerprint: UInt64
    public var request: EngineRequest
    /// The answer as it is to be given again; nil where it is to be made anew. Called on the engine's thread.
    public var remember: @Sendable (EngineAnswer) -> [UInt8]?

    public init(
        tenant: String, key: String, fingerprint: UInt64, request: EngineRequest,
        remember: @escaping @Sendable (EngineAnswer) -> [UInt8]?
    ) {
        self.tenant = tenant
        self.key = key
        self.fingerprint = fingerprint
        self.request = request
        self.remember = remember
    }
}
