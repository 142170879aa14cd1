import Chrono

/// The three headers of Standard Webhooks 1.0.0 for one attempt to deliver.
struct SignedHeaders {
    /// Stays the same over all attempts: the receiver's key against repeats.
    var id: String
    /// Whole seconds since 1970 of this attempt, in real time: receivers refuse what is more than minutes off.
    var timestamp: String
    /// One signature for each secret, separated by spaces: two while a secret is being exchanged for another.
    var signature: String

    /// Signs `id.timestamp.body`. Neither id nor timestamp may hold a dot, which would let the boundary be shifted.
    init(id: String, at now: Instant, body: [UInt8], secrets: [SigningSecret]) {
        precondition(!id.utf8.contains(UInt8(ascii: ".")), "a webhook-id must not hold a dot")
        precondition(now.milliseconds >= 0, "receivers take no time before 1970")
        let timestamp = String(now.milliseconds / 1000)
        var signed: [UInt8] = []
        signed.reserveCapacity(id.utf8.count + timestamp.utf8.count + 2 + body.count)
        signed += "\(id).\(timestamp).".utf8
        signed += body
        self.id = id
        self.timestamp = timestamp
        signature = secrets.map { $0.signature(of: signed) }.joined(separator: " ")
    }

    var fields: [HeaderField] {
        [
            HeaderField("webhook-id", id), HeaderField("webhook-timestamp", timestamp),
            HeaderField("webhook-signature", signature),
        ]
    }
}
