import Chrono
import Engine

/// What signs an endpoint's requests: opened and taken in once, as they are many.
struct EndpointSecrets {
    private let newest: SigningSecret
    /// While it is being exchanged for the newest.
    private let previous: (secret: SigningSecret, expiresAt: Instant)?

    /// Nil if one that signs at `now` cannot be opened: nothing is sent unsigned.
    init?(of row: WebhookRow, at now: Instant, _ sealer: SecretSealer) {
        guard let keys = try? row.signingKeys(at: now, sealer),
            let secrets = try? keys.map({ key throws(SigningSecret.Fault) in try SigningSecret(key: key) }),
            let newest = secrets.first
        else { return nil }
        self.newest = newest
        previous = secrets.count > 1 ? row.previousSecret.map { (secrets[1], $0.expiresAt) } : nil
    }

    /// The newest first; two while a rotation is open.
    func signing(at now: Instant) -> [SigningSecret] {
        guard let previous, now < previous.expiresAt else { return [newest] }
        return [newest, previous.secret]
    }
}
