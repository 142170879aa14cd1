import Foundation
import JSON
import Testing

@Suite("Webhooks: commands over the wire", .timeLimit(.minutes(3)))
struct DeliveryWireTests {
    @Test("a command arrives signed, with its process and payload, and is delivered")
    func delivered() throws {
        let desk = try WebhookDesk()
        let webhook = try desk.register("/ok", ["commands": ["tell"], "headers": ["X-Shop": "north"]])
        let process = try desk.post("ParcelOpened", ["id": "p1"])
        try desk.post("ParcelMoved", ["id": "p1", "n": 7])
        let seen = try desk.receiver.next()
        #expect(seen.verified == [true], "by \(desk.receiver.verifier)")
        #expect(seen.body["type"] == "tell")
        #expect(seen.body["data"]?["process_id"]?.stringValue == process)
        #expect(seen.body["data"]?["payload"] == ["n": 7])
        #expect(seen.header("content-type") == "application/json")
        #expect(seen.header("x-shop") == "north")
        #expect(!seen.id.contains("."))
        let delivery = try desk.delivery(of: webhook) { $0["status"] != "pending" }
        #expect(delivery["status"] == "delivered")
        #expect(delivery["id"]?.stringValue == seen.id)
        #expect(delivery["attempts"]?[0]?["status"] == 204)
        print("webhooks: signatures verified with \(desk.receiver.verifier)")
    }

    @Test("a failed attempt is repeated by the schedule, with the same id and a new time")
    func retried() throws {
        let desk = try WebhookDesk(testClock: true)
        let webhook = try desk.register("/flaky")
        try desk.move("p1")
        let first = try desk.receiver.next()
        let waiting = try desk.delivery(of: webhook) { $0["attempt_count"] == 1 }
        #expect(waiting["status"] == "pending")
        #expect(waiting["attempts"]?[0]?["status"] == 500)
        #expect(waiting["attempts"]?[0]?["answer"] == "not now")
        try desk.call("POST", "/clock/advance", ["by": "6s"])
        let second = try desk.receiver.next()
        #expect(second.id == first.id)
        #expect(second.body == first.body)
        #expect(second.verified == [true])
        #expect(try desk.delivery(of: webhook) { $0["status"] != "pending" }["status"] == "delivered")
    }

    @Test("an endpoint that always fails is tried twelve times, then the delivery is exhausted, and can be sent again")
    func exhausted() throws {
        let desk = try WebhookDesk(testClock: true)
        let webhook = try desk.register("/broken")
        try desk.move("p1")
        // Each as long as that wait can be at most; five days of failures would disable the endpoint.
        let waits = ["6s", "6m", "36m", "144m", "6h"] + Array(repeating: "12h", count: 6)
        var id = ""
        for (index, wait) in (waits + [nil]).enumerated() {
            id = try desk.receiver.next().id
            _ = try desk.delivery(of: webhook) { $0["attempt_count"]?.int64Value == Int64(index + 1) }
            if let wait { try desk.call("POST", "/clock/advance", ["by": .string(wait)]) }
        }
        #expect(try desk.delivery(of: webhook) { $0["status"] != "pending" }["status"] == "exhausted")
        try desk.call("POST", "/deliveries/\(id)/redeliver", status: 202)
        #expect(try desk.receiver.next().id == id)
        _ = try desk.delivery(of: webhook) { $0["attempt_count"] == 13 && $0["status"] == "failed" }
    }

    @Test("410 disables the endpoint")
    func gone() throws {
        let desk = try WebhookDesk()
        let webhook = try desk.register("/gone")
        try desk.move("p1")
        _ = try desk.receiver.next()
        let shown = try desk.webhook(webhook) { $0["status"] != "active" }
        #expect(shown["status"] == "disabled")
        #expect(shown["disabled_reason"] == "gone")
        #expect(try desk.delivery(of: webhook) { $0["status"] != "pending" }["status"] == "failed")
    }

    @Test("who answers 429 is left alone as long as asked")
    func busy() throws {
        let desk = try WebhookDesk(testClock: true)
        let webhook = try desk.register("/busy")
        try desk.move("p1")
        _ = try desk.receiver.next()
        let delivery = try desk.delivery(of: webhook) { $0["attempt_count"] == 1 }
        let now = try #require(try desk.call("GET", "/clock")["now"]?.stringValue)
        let next = try #require(delivery["next_attempt_at"]?.stringValue)
        let wait = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(next).timeIntervalSince(
            Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(now))
        #expect(wait == 61)
    }

    @Test("a redirect is a failure and is not followed")
    func redirect() throws {
        let desk = try WebhookDesk()
        let webhook = try desk.register("/redirect")
        try desk.move("p1")
        _ = try desk.receiver.next("/redirect")
        let delivery = try desk.delivery(of: webhook) { $0["attempt_count"] == 1 }
        #expect(delivery["attempts"]?[0]?["status"] == 302)
        // The next request that the receiver sees is not the one the redirect named.
        try desk.register("/ok")
        try desk.move("p2")
        #expect(["/ok", "/redirect"].contains(try desk.receiver.next().path))
    }

    @Test("an answer that is too long counts by its status, and its beginning is kept")
    func big() throws {
        let desk = try WebhookDesk()
        let webhook = try desk.register("/big")
        try desk.move("p1")
        let delivery = try desk.delivery(of: webhook) { $0["status"] != "pending" }
        #expect(delivery["status"] == "delivered")
        #expect(delivery["attempts"]?[0]?["answer"]?.stringValue == String(repeating: "x", count: 4096))
    }

    @Test("while a secret is exchanged both sign, and then the new one alone")
    func rotation() throws {
        let desk = try WebhookDesk(testClock: true)
        let webhook = try desk.register("/ok")
        try desk.move("p1")
        #expect(try desk.receiver.next().verified == [true])
        let rotated = try desk.call("POST", "/webhooks/\(webhook)/rotate", ["grace": "1h"])
        let secret = try #require(rotated["secret"]?.stringValue)
        let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        try desk.receiver.expect(secret, other, at: "/ok")
        try desk.post("ParcelMoved", ["id": "p1", "n": 1])
        let seen = try desk.receiver.next()
        #expect(seen.verified == [true, false])
        #expect(seen.record["signatures"] == 2)
        try desk.call("POST", "/clock/advance", ["by": "1h"])
        try desk.post("ParcelMoved", ["id": "p1", "n": 2])
        let later = try desk.receiver.next()
        #expect(later.verified == [true, false])
        #expect(later.record["signatures"] == 1)
    }

    @Test("of one process, an ordered endpoint gets everything in order, one after the other")
    func ordered() throws {
        let desk = try WebhookDesk()
        try desk.register("/slow/ordered", ["commands": ["tell"], "ordered": true, "max_in_flight": 10])
        for parcel in ["a", "b", "c"] { try desk.post("ParcelOpened", ["id": .string(parcel)]) }
        for number in 0..<20 {
            for parcel in ["a", "b", "c"] {
                try desk.post("ParcelMoved", ["id": .string(parcel), "n": .number(JSONNumber(number))])
            }
        }
        var numbers: [String: [Int64]] = [:]
        for _ in 0..<60 {
            let data = try desk.receiver.next().body["data"]
            let process = try #require(data?["process_id"]?.stringValue)
            numbers[process, default: []].append(try #require(data?["payload"]?["n"]?.int64Value))
        }
        #expect(numbers.count == 3)
        for seen in numbers.values { #expect(seen == Array(0..<20)) }
    }

    @Test("twenty endpoints that hang do not delay eighty others")
    func hanging() throws {
        let desk = try WebhookDesk()
        for number in 0..<100 {
            try desk.register(number < 20 ? "/hang/\(number)" : "/ok/\(number)")
        }
        try desk.move("p1")
        let issued = Date().timeIntervalSince1970
        var others: [Double] = []
        var hanging = 0
        while others.count < 80 {
            let seen = try desk.receiver.next()
            #expect(seen.verified == [true])
            if seen.path.hasPrefix("/hang") { hanging += 1 } else { others.append(seen.at - issued) }
        }
        // Far below the time-out of those that hang.
        #expect((others.max() ?? 0) < 7)
        print("webhooks: the last of 80 after \((others.max() ?? 0) * 1000) ms, \(hanging) hanging")
    }
}
