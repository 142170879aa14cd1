import HTTPServer
import JSON
import Testing

@testable import API

/// No answer with a list is larger than 4 MiB, and going on gives the rest.
@Suite("Large answers over HTTP")
struct LargeAnswerTests {
    private static let limit = 4 * 1_048_576
    private static let padding = String(repeating: "x", count: 900_000)

    private func desk(_ count: Int) throws -> Desk {
        let desk = try Desk()
        for number in 0..<count { desk.startProcess("k\(number)", padding: Self.padding) }
        return desk
    }

    @Test("a feed gives pages of at most 4 MiB, and its place leads through all of it")
    func feed() throws {
        let desk = try desk(10)
        var after: Int64 = 0
        var positions: [Int64] = []
        while true {
            let (response, json) = desk.call(
                "GET", "/events", query: [("after", "\(after)"), ("limit", "1000")])
            #expect(response.status == 200)
            #expect(response.body.count <= Self.limit)
            let page = json["events"]?.arrayValue ?? []
            if page.isEmpty { break }
            positions += page.compactMap { $0["position"]?.int64Value }
            after = try #require(json["next"]?.int64Value)
        }
        #expect(positions == Array(1...(positions.last ?? 0)))
    }

    @Test("a subscription's batch is at most 4 MiB, and its acknowledgement leads to the next")
    func subscription() throws {
        let desk = try desk(10)
        #expect(desk.call("PUT", "/subscriptions/all", #"{"types":["ParcelSent"]}"#).response.status == 201)
        var counts: [Int] = []
        while counts.count < 9 {
            let (response, json) = desk.call("GET", "/subscriptions/all/events", query: [("limit", "1000")])
            #expect(response.body.count <= Self.limit)
            let count = json["events"]?.arrayValue?.count ?? 0
            guard count > 0, let next = json["next"]?.int64Value, let token = json["token"]?.stringValue else { break }
            counts.append(count)
            _ = desk.call("POST", "/subscriptions/all/ack", #"{"position":\#(next),"token":"\#(token)"}"#)
        }
        #expect(counts.reduce(0, +) == 10)
        #expect(counts.count >= 3)
    }

    @Test("unmatched events come in pages of at most 4 MiB")
    func unmatched() throws {
        let desk = try Desk()
        for number in 0..<10 {
            let data = #"{"key":"none","padding":"\#(Self.padding)"}"#
            _ = desk.call("POST", "/events", #"{"id":"u\#(number)","type":"Unheard","data":\#(data)}"#)
        }
        var after: Int64 = 0
        var counts: [Int] = []
        while counts.count < 9 {
            let (response, json) = desk.call(
                "GET", "/events/unmatched", query: [("after", "\(after)"), ("limit", "1000")])
            #expect(response.body.count <= Self.limit)
            let count = json["events"]?.arrayValue?.count ?? 0
            guard count > 0 else { break }
            counts.append(count)
            after = try #require(json["next"]?.int64Value)
        }
        #expect(counts == [4, 4, 2])
    }
}
