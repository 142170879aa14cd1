@testable import Webhooks

/// The receiver's side of Standard Webhooks: one signature of several has to fit, and the time has to be about now.
struct ReceivedWebhook {
    var id: String
    var timestamp: String
    var signature: String?
    var body: [UInt8]

    init(id: String, timestamp: String, signature: String?, body: [UInt8]) {
        self.id = id
        self.timestamp = timestamp
        self.signature = signature
        self.body = body
    }

    init(_ headers: SignedHeaders, body: [UInt8]) {
        self.init(id: headers.id, timestamp: headers.timestamp, signature: headers.signature, body: body)
    }

    func isGenuine(_ secret: String, at now: Int64, tolerance: Int64 = 300) -> Bool {
        guard let secret = try? SigningSecret(secret), let signature, let seconds = Int64(timestamp), seconds >= 0,
            abs(now - seconds) <= tolerance
        else { return false }
        let expected = secret.signature(of: Array("\(id).\(timestamp).".utf8) + body)
        return signature.split(separator: " ").contains { $0 == expected }
    }
}
