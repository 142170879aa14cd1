import Foundation
import JSON
import Testing

@Suite("Webhooks: crashes", .timeLimit(.minutes(5)))
struct DeliveryCrashTests {
    @Test("whatever was issued arrives although the service is killed again and again, each with one id")
    func nothingIsLost() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            // Whoever followed these would find nobody.
            for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY"] { service.environment[name] = "http://127.0.0.1:1" }
            try service.start()
            let receiver = try Receiver()
            let definition = try Data(contentsOf: URL(fileURLWithPath: Receiver.file("parcel.json")))
            try call(service, "PUT", "/definitions/parcel", Array(definition), status: 201)
            let hook: JSONValue = [
                "url": .string(receiver.url("/slow")), "commands": ["tell"], "max_in_flight": 4,
            ]
            try call(service, "POST", "/webhooks", hook.bytes, status: 201)
            try call(service, "POST", "/events", event("ParcelOpened", ["id": "p"]))

            var arrived: [Int64: Set<String>] = [:]
            var requests = 0
            func take() throws {
                let seen = try receiver.next()
                let number = try #require(seen.body["data"]?["payload"]?["n"]?.int64Value)
                arrived[number, default: []].insert(seen.id)
                requests += 1
            }
            var issued: Int64 = 0
            for _ in 0..<6 {
                for _ in 0..<40 {
                    try call(
                        service, "POST", "/events", event("ParcelMoved", ["id": "p", "n": .number(.init(issued))]))
                    issued += 1
                }
                // In the middle: some are out, most are not.
                for _ in 0..<10 { try take() }
                service.kill()
                try service.start()
            }
            while arrived.count < issued { try take() }
            #expect(arrived.values.allSatisfy { $0.count == 1 })
            // What was under way may come twice: at most as many as may be under way, for each kill.
            #expect(requests - Int(issued) <= 6 * 2 * 4)
            #expect(service.stop() == 0)
            let verified = try service.verify()
            #expect(verified.status == 0, "\(verified.output)")
            print("webhooks: \(issued) commands, \(requests) requests over six kills")
        }
    }

    @discardableResult
    private func call(
        _ service: ServiceProcess, _ method: String, _ target: String, _ body: [UInt8], status: Int = 200
    ) throws -> JSONValue {
        let answer = try SocketClient.call(service.port, method, target, body)
        #expect(answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))")
        return try JSONValue(parsing: answer.body)
    }

    private func event(_ type: String, _ data: JSONValue) -> [UInt8] {
        let event: JSONValue = ["type": .string(type), "data": data]
        return event.bytes
    }
}
