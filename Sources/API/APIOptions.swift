import Engine
import HTTPServer
import JSON

/// What a definition's check found.
public enum DefinitionCheck: Sendable {
    /// The document with defaults written in, and what smells.
    case valid(content: JSONView, warnings: [RequestFault])
    case invalid([RequestFault])
}

/// What the API is given from outside: it has no clock, no randomness and no definition language of its own.
public struct APIOptions: Sendable {
    public var checkDefinition: @Sendable (_ name: String, _ body: JSONView) -> DefinitionCheck
    /// Random, unique and roughly in the order of time.
    public var makeID: @Sendable () -> String
    /// Random: the key with which requests to an endpoint are signed, 24 to 64 bytes.
    public var makeSecret: @Sendable () -> [UInt8]
    /// Why an endpoint cannot have this URL; nil if it can.
    public var checkWebhookURL: @Sendable (_ url: String) -> String?
    /// As long as nobody needs a key, only loopback names may be in Host, so that no web page can reach the service by
    /// another name.
    public var requiresLoopbackHost: Bool
    /// Who lets callers in. Nil: everybody may do everything, and keys are not offered.
    public var gate: (any AccessGate)?
    /// Plays a scenario in memory, on a thread of its own; false where too many are being played. Nil: not offered.
    public var simulate:
        (
            @Sendable (_ request: SimulationRequest, _ reply: @escaping @Sendable (SimulationResult) -> Void) -> Bool
        )?
    /// How many may wait for events or follow them at the same time; more are answered 503.
    public var maxFollowers: Int

    public init(
        checkDefinition: @escaping @Sendable (_ name: String, _ body: JSONView) -> DefinitionCheck,
        makeID: @escaping @Sendable () -> String, makeSecret: @escaping @Sendable () -> [UInt8],
        checkWebhookURL: @escaping @Sendable (_ url: String) -> String? = APIOptions.complaint(aboutWebhookURL:),
        requiresLoopbackHost: Bool = true, gate: (any AccessGate)? = nil, maxFollowers: Int = 1000,
        simulate: (
            @Sendable (SimulationRequest, @escaping @Sendable (SimulationResult) -> Void) -> Bool
        )? = nil
    ) {
        self.checkDefinition = checkDefinition
        self.makeID = makeID
        self.makeSecret = makeSecret
        self.checkWebhookURL = checkWebhookURL
        self.requiresLoopbackHost = requiresLoopbackHost
        self.gate = gate
        self.maxFollowers = maxFollowers
        self.simulate = simulate
    }

    /// Nothing but http and https, and a host.
    public static func complaint(aboutWebhookURL url: String) -> String? {
        let lower = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix),
            let first = lower.dropFirst(scheme.utf8.count).first, first != "/", first != "?", first != "#"
        else { return "'url' has to be an http or https URL" }
        return nil
    }
}
