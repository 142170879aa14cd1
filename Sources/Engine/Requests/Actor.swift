import EventSourcing

/// Who asks for something that is to be recorded.
public struct Actor: Sendable, Equatable {
    public var tenant: String
    /// The name of a key or the subject of a token; nil for a caller without.
    public var name: String?
    /// Where the request came from; nil for the command line.
    public var address: String?
    /// Unique per request: the id of the record is made from it.
    public var requestID: String

    public init(tenant: String, name: String?, address: String?, requestID: String) {
        self.tenant = tenant
        self.name = name
        self.address = address
        self.requestID = requestID
    }
}
