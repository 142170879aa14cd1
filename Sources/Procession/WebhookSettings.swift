import API
import Access
import Engine
import Glibc
import Webhooks

/// What the configuration of a service means for its webhooks.
enum WebhookSettings {
    /// For registration: why a URL is refused; nil for a good one.
    static func check(_ configuration: ServiceConfiguration, _ gate: Gatekeeper) -> @Sendable (String) -> String? {
        let policy = policy(configuration, gate, port: configuration.port)
        return { text in
            do throws(WebhookURL.Fault) {
                _ = try WebhookURL(text, policy: policy)
                return nil
            } catch {
                return error.message
            }
        }
    }

    /// A file that cannot be read would make every TLS connection fail, one by one.
    static func check(authorities file: String?) throws(StartError) {
        guard let file, access(file, R_OK) != 0 else { return }
        throw StartError("cannot read the certificate authorities in \(file)")
    }

    /// - Parameter port: that the service listens on.
    static func transport(_ configuration: ServiceConfiguration, _ gate: Gatekeeper, port: Int) -> TransportOptions {
        var options = TransportOptions(
            policy: policy(configuration, gate, port: port), authoritiesFile: configuration.webhookCA)
        options.byteLimit = configuration.memory.webhooks
        return options
    }

    static let wording = TaskWording(task: PushedTask.json, outcome: PushedTask.outcome)

    private static func policy(
        _ configuration: ServiceConfiguration, _ gate: Gatekeeper, port: Int
    ) -> AddressPolicy {
        let address = IPAddress(configuration.address == "localhost" ? "127.0.0.1" : configuration.address)
        return AddressPolicy(
            allowed: configuration.webhookAllow,
            // Whoever reaches a service that asks nobody for a key and listens on loopback is on this machine already.
            allowsLoopback: configuration.isLoopback && gate.isOpen,
            listener: address.map { AddressPolicy.Listener(address: $0, port: UInt16(truncatingIfNeeded: port)) })
    }
}

extension ServiceConfiguration {
    /// Only this machine reaches the service.
    var isLoopback: Bool {
        address == "localhost" || address == "::1" || address.hasPrefix("127.")
    }
}
