import Chrono
import JSON
import TestSupport
import Testing

@testable import Webhooks

@Suite("Signed headers")
struct SignedHeadersTests {
    private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private static let now = Instant(milliseconds: 1_614_265_330_000)
    private static let body = Array(#"{"test": 2432232314}"#.utf8)
    private static let old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let new = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

    private static func headers(_ secrets: [String], at now: Instant = now, body: [UInt8] = body) throws
        -> SignedHeaders
    {
        SignedHeaders(id: id, at: now, body: body, secrets: try secrets.map { try SigningSecret($0) })
    }

    @Test("the published example comes out")
    func published() throws {
        let headers = try Self.headers([Self.old])
        #expect(headers.id == Self.id)
        #expect(headers.timestamp == "1614265330")
        #expect(headers.signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(
            headers.fields.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
    }

    @Test("while a secret is exchanged, both sign, separated by a space")
    func rotation() throws {
        #expect(
            try Self.headers([Self.new, Self.old]).signature
                == "v1,78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("the timestamp is whole seconds, cut off")
    func seconds() throws {
        let headers = try Self.headers([Self.old], at: Self.now + .milliseconds(999))
        #expect(headers.timestamp == "1614265330")
        #expect(try Self.headers([Self.old], at: Self.now + .milliseconds(1000)).timestamp == "1614265331")
    }

    @Test("bytes that are not text are signed as they are")
    func binary() throws {
        let one = try Self.headers([Self.old], body: [0, 0xFF, 0x2E, 0])
        let other = try Self.headers([Self.old], body: [0, 0xFF, 0x2E])
        #expect(one.signature != other.signature)
        #expect(ReceivedWebhook(one, body: [0, 0xFF, 0x2E, 0]).isGenuine(Self.old, at: 1_614_265_330))
    }

    @Test("the public vectors are signed byte for byte, and told apart as they ask")
    func vectors() throws {
        guard let lines = ConformanceData.lines("webhooks/v1-hmac.jsonl") else { return }
        var signed = 0
        for line in lines {
            let vector = try Vector(JSONValue(parsing: line))
            #expect(
                vector.received.isGenuine(vector.secret, at: vector.now, tolerance: vector.tolerance) == vector.isValid,
                "\(vector.name)")
            guard vector.isValid, let seconds = Int64(vector.received.timestamp) else { continue }
            let headers = SignedHeaders(
                id: vector.received.id, at: Instant(milliseconds: seconds * 1000), body: vector.received.body,
                secrets: [try SigningSecret(vector.secret)])
            let entries = vector.received.signature?.split(separator: " ").map(String.init) ?? []
            #expect(entries.contains(headers.signature), "\(vector.name)")
            signed += 1
        }
        #expect(signed > 10)
        print("webhooks/v1-hmac.jsonl: \(lines.count) cases, \(signed) of them signed")
    }

    /// A line of the suite.
    private struct Vector {
        let name: String
        let secret: String
        let received: ReceivedWebhook
        let now: Int64
        let tolerance: Int64
        let isValid: Bool

        init(_ value: JSONValue) throws {
            func text(_ member: String) throws -> String { try #require(value[member]?.stringValue) }
            name = try text("name")
            secret = try text("secret")
            received = ReceivedWebhook(
                id: try text("id"), timestamp: try text("timestamp"), signature: value["signature"]?.stringValue,
                body: try #require(Base64.decode(try text("body")[...].utf8)))
            now = try #require(value["now"]?.int64Value)
            tolerance = try #require(value["tolerance"]?.int64Value)
            let flag: Bool? = value["valid"]?.boolValue
            isValid = try #require(flag as Bool?, "the case says whether it is valid")
        }
    }
}
