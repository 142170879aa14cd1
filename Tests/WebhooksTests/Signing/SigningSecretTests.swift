import JSON
import Testing

@testable import Webhooks

@Suite("Signing secrets")
struct SigningSecretTests {
    @Test("a secret is read with and without its prefix, and signs alike")
    func prefix() throws {
        let with = try SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let without = try SigningSecret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        #expect(with.signature(of: [1, 2, 3]) == without.signature(of: [1, 2, 3]))
    }

    @Test("an empty secret is refused, the prefix alone too", arguments: ["", "whsec_"])
    func empty(text: String) {
        #expect(throws: SigningSecret.Fault.empty) { try SigningSecret(text) }
    }

    @Test("no key at all is refused")
    func noKey() {
        #expect(throws: SigningSecret.Fault.empty) { try SigningSecret(key: []) }
    }

    @Test(
        "what is not base64 is refused",
        arguments: ["whsec_a", "whsec_ab=c", "whsec_abc*", "whsec_MfKQ 9r8", "whsec_====", "whsec_ab-_", "whsec_é"])
    func notBase64(text: String) {
        #expect(throws: SigningSecret.Fault.self) { try SigningSecret(text) }
    }

    @Test("the text of a key reads back to the same key", arguments: 1...64)
    func roundTrip(length: Int) throws {
        let key = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
        let text = SigningSecret.text(of: key)
        #expect(text.hasPrefix("whsec_"))
        #expect(try SigningSecret(text).signature(of: key) == SigningSecret(key: key).signature(of: key))
        #expect(Base64.decode(text.dropFirst(6).utf8) == key)
    }

    @Test("neither the text nor the debug text of a secret shows the key")
    func redacted() throws {
        let secret = try SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains("MfKQ"))
            #expect(!text.lowercased().contains("key"))
        }
    }
}
