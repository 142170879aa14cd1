/// Which addresses the service may connect to on behalf of those who register webhooks.
///
/// Public addresses are allowed; ranges that are not (`SpecialRanges`) only as far as the operator allows them. The
/// judgement is about an address that is about to be connected to, never about the text of a URL or a name.
public struct AddressPolicy: Sendable {
    /// Why a connection is refused.
    public enum Refusal: Error, Equatable, Sendable {
        /// In a range that is not the public internet.
        case range(String)
        /// Where clouds give out credentials: only by an entry for that one address.
        case metadata
        /// The service's own listener.
        case ownListener
        /// Below 1024 only 80 and 443.
        case port(UInt16)

        public var message: String {
            switch self {
            case .range(let name): "is \(name)"
            case .metadata: "is a cloud's metadata service"
            case .ownListener: "is this service"
            case .port(let port): "has port \(port): below 1024 only 80 and 443 are served"
            }
        }
    }

    private let allowed: [AddressRange]
    private let allowsLoopback: @Sendable () -> Bool
    private let listener: Listener?

    /// Where the service itself listens.
    public struct Listener: Sendable {
        public var address: IPAddress
        public var port: UInt16

        public init(address: IPAddress, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    /// - Parameters:
    ///   - allowsLoopback: for a service that itself listens on loopback only and asks nobody for a key: whoever
    ///     reaches it can reach everything else on the machine too. Asked at every judgement, as keys come and go.
    ///   - listener: refused always, since a delivery to it could make the next one.
    public init(
        allowed: [AddressRange] = [], allowsLoopback: @escaping @autoclosure @Sendable () -> Bool = false,
        listener: Listener? = nil
    ) {
        self.allowed = allowed
        self.allowsLoopback = allowsLoopback
        self.listener = listener
    }

    /// Nil if a connection may be opened.
    public func refusal(of address: IPAddress, port: UInt16) -> Refusal? {
        if port < 1024, port != 80, port != 443 { return .port(port) }
        if isOwn(address, port) { return .ownListener }
        return refusal(of: address)
    }

    /// The judgement without a port.
    public func refusal(of address: IPAddress) -> Refusal? {
        if SpecialRanges.isMetadata(address) {
            return allowed.contains { $0.isSingleAddress && $0.contains(address) } ? nil : .metadata
        }
        if allowed.contains(where: { $0.contains(address) }) { return nil }
        if SpecialRanges.isLoopback(address), allowsLoopback() { return nil }
        return SpecialRanges.name(of: address).map { .range($0) }
    }

    private func isOwn(_ address: IPAddress, _ port: UInt16) -> Bool {
        guard let listener, listener.port == port else { return false }
        // Listening on every address includes loopback.
        let isEverywhere = listener.address.bits == 0
        return address == listener.address || (isEverywhere && SpecialRanges.isLoopback(address))
    }
}
