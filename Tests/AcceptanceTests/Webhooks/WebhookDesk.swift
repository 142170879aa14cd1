import Foundation
import JSON
import Procession
import Testing

/// A service with the definition of the parcels and a receiver.
final class WebhookDesk {
    let receiver: Receiver
    private let client: HTTPClient

    /// - Parameters:
    ///   - certificate: of the receiver, for TLS.
    ///   - authorities: that the service trusts beside those of the system.
    ///   - offersHTTP2: the receiver, over TLS.
    init(
        testClock: Bool = false, certificate: TestCertificate? = nil, authorities: String? = nil,
        offersHTTP2: Bool = false
    ) throws {
        receiver = try Receiver(certificate: certificate, offersHTTP2: offersHTTP2)
        var configuration = ServiceConfiguration()
        configuration.port = 0
        configuration.store = .memory
        configuration.testClock = testClock
        configuration.webhookCA = authorities
        let text = try Data(contentsOf: URL(fileURLWithPath: Receiver.file("parcel.json")))
        configuration.definitions = [("parcel.json", Array(text))]
        client = try HTTPClient(configuration)
        try receiver.serve(client.port)
    }

    @discardableResult
    func call(_ method: String, _ target: String, _ body: JSONValue? = nil, status: Int = 200) throws -> JSONValue {
        let answer = try client.call(method, target, body)
        #expect(answer.status == status, "\(method) \(target): \(answer.body.text)")
        return answer.body
    }

    /// An endpoint whose secret the receiver knows.
    @discardableResult
    func register(
        _ path: String, _ members: JSONValue = ["commands": ["tell"]], host: String = "127.0.0.1"
    ) throws -> String {
        var body: [JSONObject.Member] = [("url", .string(receiver.url(path, host: host)))]
        body += members.objectValue?.members ?? []
        let made = try call("POST", "/webhooks", .object(JSONObject(uniqueMembers: body)), status: 201)
        try receiver.expect(try #require(made["secret"]?.stringValue), at: path)
        return try #require(made["id"]?.stringValue)
    }

    /// The process of the parcel.
    @discardableResult
    func post(_ type: String, _ data: JSONValue) throws -> String {
        let receipt = try call("POST", "/events", ["type": .string(type), "data": data])
        return try #require(receipt["processes"]?[0]?["process_id"]?.stringValue)
    }

    /// Opens a parcel and moves it so many times: as many commands.
    func move(_ id: String, times: Int = 1) throws {
        try post("ParcelOpened", ["id": .string(id)])
        for number in 0..<times { try post("ParcelMoved", ["id": .string(id), "n": .number(JSONNumber(number))]) }
    }

    /// The only delivery of an endpoint, with its attempts, once it is as it should be.
    func delivery(of webhook: String, until isDone: (JSONValue) -> Bool) throws -> JSONValue {
        try wait {
            let list = try call("GET", "/webhooks/\(webhook)/deliveries")["deliveries"]?.arrayValue ?? []
            #expect(list.count <= 1)
            let shown = try list.first?["id"]?.stringValue.map { try call("GET", "/deliveries/\($0)") }
            return shown ?? .null
        } until: {
            isDone($0)
        }
    }

    func webhook(_ id: String, until isDone: (JSONValue) -> Bool) throws -> JSONValue {
        try wait {
            try call("GET", "/webhooks/\(id)")
        } until: {
            isDone($0)
        }
    }

    func process(_ id: String, until isDone: (JSONValue) -> Bool) throws -> JSONValue {
        try wait {
            try call("GET", "/processes/\(id)")
        } until: {
            isDone($0)
        }
    }

    private func wait(_ look: () throws -> JSONValue, until isDone: (JSONValue) -> Bool) throws -> JSONValue {
        let end = Date(timeIntervalSinceNow: 60)
        while true {
            let shown = try look()
            if isDone(shown) { return shown }
            guard Date() < end else { throw Receiver.Failure(message: "still \(shown.text) after a minute") }
            // The API has nothing to wait on for these.
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}
