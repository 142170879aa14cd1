import CCurl

/// A URL that deliveries may be sent to, read by the parser that connects to it: two parsers would differ sometime.
public struct WebhookURL: Sendable, Equatable {
    public struct Fault: Error, Equatable, Sendable {
        public enum Kind: Sendable {
            case syntax
            case scheme
            case userInfo
            case port
            /// The host is an address, or a name that means one, which the policy refuses.
            case address
        }

        public var kind: Kind
        public var message: String
    }

    public static let lengthLimit = 2048

    /// As it was given.
    public let text: String
    /// Lower case, addresses in their usual form and without brackets.
    public let host: String
    public let port: UInt16

    /// Refuses what is wrong by its text. A host name is judged at each connect, when its addresses are known.
    public init(_ text: String, policy: AddressPolicy) throws(Fault) {
        try Self.checkBytes(text)
        let parts = try Parts(text)
        host = parts.host
        port = parts.port
        self.text = text
        if let address = IPAddress(host) {
            if let refusal = policy.refusal(of: address, port: port) {
                throw Fault(kind: Self.kind(of: refusal), message: "\(address) \(refusal.message)")
            }
            return
        }
        // RFC 6761 section 6.3: these names are loopback, whatever a resolver says.
        if host == "localhost" || host.hasSuffix(".localhost"), let refusal = policy.refusal(of: Self.loopback) {
            throw Fault(kind: .address, message: "\(host) \(refusal.message)")
        }
        // Whatever the address will be, a port that is refused for a public one is refused.
        if case .port? = policy.refusal(of: Self.somePublicAddress, port: port) {
            throw Fault(kind: .port, message: "the URL \(AddressPolicy.Refusal.port(port).message)")
        }
    }

    private static let loopback = IPAddress(v4: 0x7F00_0001)
    private static let somePublicAddress = IPAddress(v4: 0x0808_0808)

    private static func kind(of refusal: AddressPolicy.Refusal) -> Fault.Kind {
        if case .port = refusal { return .port }
        return .address
    }

    /// libcurl repairs a few things, such as missing or additional slashes; here they are slips or tricks.
    private static func checkBytes(_ text: String) throws(Fault) {
        guard text.utf8.count <= lengthLimit else {
            throw Fault(kind: .syntax, message: "the URL is longer than \(lengthLimit) bytes")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw Fault(
                kind: .syntax,
                message: "the URL has a blank, a control character, a backslash or a letter beyond ASCII")
        }
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw Fault(kind: .syntax, message: "the URL has a fragment, which is never sent")
        }
        let lower = text.prefix(9).lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
            throw Fault(kind: .scheme, message: "the URL begins neither with http:// nor with https://")
        }
        guard text.dropFirst(scheme.count).first != "/" else {
            throw Fault(kind: .syntax, message: "the URL has no host")
        }
    }

    /// What libcurl's parser makes of the text.
    private struct Parts {
        let host: String
        let port: UInt16

        init(_ text: String) throws(Fault) {
            guard let url = curl_url() else { throw Fault(kind: .syntax, message: "the URL cannot be read") }
            defer { curl_url_cleanup(url) }
            let result = curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER))
            guard result == CURLUE_OK else { throw Self.fault(result) }
            guard let scheme = Self.part(url, CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
                throw Fault(kind: .scheme, message: "the URL is neither http nor https")
            }
            guard Self.part(url, CURLUPART_ZONEID) == nil else {
                throw Fault(kind: .syntax, message: "the URL names a zone")
            }
            guard var host = Self.part(url, CURLUPART_HOST)?.lowercased(), !host.isEmpty, !host.contains("%") else {
                throw Fault(kind: .syntax, message: "the URL has no host that can be read")
            }
            if host.hasPrefix("[") { host = String(host.dropFirst().dropLast()) }
            if host.hasSuffix(".") { host.removeLast() }
            guard let port = Self.part(url, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap(UInt16.init), port > 0
            else { throw Fault(kind: .port, message: "the URL has no port from 1 to 65535") }
            self.host = host
            self.port = port
        }

        private static func fault(_ result: CURLUcode) -> Fault {
            let message = curl_url_strerror(result).map { String(cString: $0) } ?? "unknown"
            switch result {
            case CURLUE_USER_NOT_ALLOWED:
                return Fault(kind: .userInfo, message: "the URL has a user or password; use a header for them")
            case CURLUE_UNSUPPORTED_SCHEME, CURLUE_BAD_SCHEME:
                return Fault(kind: .scheme, message: "the URL is neither http nor https")
            case CURLUE_BAD_PORT_NUMBER: return Fault(kind: .port, message: "the URL has no port from 1 to 65535")
            default: return Fault(kind: .syntax, message: "the URL cannot be read: \(message)")
            }
        }

        private static func part(_ url: OpaquePointer, _ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
    }
}
