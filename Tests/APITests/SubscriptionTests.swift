import Chrono
import Engine
import Glibc
import HTTPServer
import JSON
import Testing

@testable import API

/// Readers whose place the service keeps.
@Suite("Subscriptions")
struct SubscriptionTests {
    private typealias Query = [(name: String, value: String)]

    /// Position 1 is the record of who made the subscription, which it does not show.
    private func desk(_ subscription: String = "{}") throws -> Desk {
        let desk = try Desk()
        #expect(desk.call("PUT", "/subscriptions/s", subscription).response.status == 201)
        return desk
    }

    private func positions(_ json: JSONValue) -> [Int64] {
        json["events"]?.arrayValue?.compactMap { $0["position"]?.int64Value } ?? []
    }

    private func read(_ desk: Desk, _ query: Query = []) -> JSONValue {
        let (response, json) = desk.call("GET", "/subscriptions/s/events", query: query)
        #expect(response.status == 200)
        return json
    }

    private func acknowledge(_ desk: Desk, _ position: Int64, _ token: JSONValue?) -> (HTTPResponse, JSONValue) {
        let body = JSONValue.object(["position": .number(JSONNumber(position)), "token": token ?? .null])
        let (response, json) = desk.call("POST", "/subscriptions/s/ack", body.text)
        return (response, json)
    }

    private func place(_ desk: Desk) -> Int64? {
        desk.call("GET", "/subscriptions/s").json["position"]?.int64Value
    }

    @Test("batches of one, acknowledged one by one, are all there is, in order and at once")
    func oneByOne() throws {
        let desk = try desk()
        for number in 1...3 { desk.startProcess("k\(number)") }
        let all = positions(desk.call("GET", "/events", query: [("limit", "1000")]).json)
        var seen: [Int64] = []
        while true {
            let batch = read(desk, [("limit", "1")])
            guard let position = positions(batch).first else { break }
            seen.append(position)
            #expect(batch["next"]?.int64Value == position)
            #expect(acknowledge(desk, position, batch["token"]).0.status == 200)
        }
        #expect(seen == all)
        #expect(desk.call("GET", "/subscriptions/s").json["lag"] == 0)
    }

    @Test("a batch under way is given to nobody else; when its lease ends, the same batch is given to another")
    func lease() throws {
        let desk = try desk()
        desk.startProcess("k1")
        let first = read(desk, [("lease", "10s")])
        #expect(!positions(first).isEmpty)
        #expect(first["expires_at"]?.stringValue == "2027-01-15T08:00:10.000Z")
        let busy = read(desk)
        #expect(positions(busy).isEmpty && busy["token"]?.isNull == true && busy["next"] == 0)
        // Somebody who waits has it as soon as the lease is over.
        let waiting = desk.begin("GET", "/subscriptions/s/events", query: [("wait", "60s")])
        while desk.api.feeds.count == 0 { sched_yield() }
        #expect(desk.call("POST", "/clock/advance", #"{"by":"10s"}"#).response.status == 200)
        let second = waiting.wait().json
        #expect(second["events"] == first["events"])
        #expect(second["token"] != first["token"])
        let (response, problem) = acknowledge(desk, first["next"]?.int64Value ?? 0, first["token"])
        #expect(response.status == 409 && problem["code"] == "lease_lost")
        #expect(acknowledge(desk, second["next"]?.int64Value ?? 0, second["token"]).0.status == 200)
        #expect(place(desk) == second["next"]?.int64Value)
    }

    @Test("two who wait never get the same batch, and both get the batches that follow each other")
    func twoConsumers() throws {
        let desk = try desk()
        let waiting = (0..<2).map { _ in
            desk.begin("GET", "/subscriptions/s/events", query: [("wait", "60s"), ("limit", "1")])
        }
        while desk.api.feeds.count < 2 { sched_yield() }
        desk.startProcess("k1")
        while !waiting.contains(where: { $0.isThere }) { sched_yield() }
        let winner = try #require(waiting.firstIndex { $0.isThere })
        let batch = waiting[winner].wait().json
        #expect(positions(batch) == [2])
        #expect(!waiting[1 - winner].isThere)
        #expect(acknowledge(desk, 2, batch["token"]).0.status == 200)
        #expect(positions(waiting[1 - winner].wait().json) == [3])
    }

    @Test("part of a batch can be acknowledged, which extends the lease on the rest; never more than the batch")
    func partly() throws {
        let desk = try desk()
        desk.startProcess("k1")
        let batch = read(desk, [("limit", "2"), ("lease", "10s")])
        _ = desk.call("POST", "/clock/advance", #"{"by":"5s"}"#)
        let (_, part) = acknowledge(desk, 2, batch["token"])
        #expect(part["position"] == 2 && part["expires_at"]?.stringValue == "2027-01-15T08:00:15.000Z")
        #expect(positions(read(desk)).isEmpty)
        let (beyond, problem) = acknowledge(desk, 4, batch["token"])
        #expect(beyond.status == 422 && problem["code"] == "position_beyond_batch" && problem["through"] == 3)
        // Never back.
        #expect(acknowledge(desk, 0, batch["token"]).1["position"] == 2)
        #expect(acknowledge(desk, 3, batch["token"]).1["expires_at"]?.isNull == true)
        // The repeat of the last acknowledgement is the same answer.
        let (again, same) = acknowledge(desk, 3, batch["token"])
        #expect(again.status == 200 && same["position"] == 3)
        #expect(positions(read(desk)).first == 4)
    }

    @Test("a lease that ends takes back only what was not acknowledged")
    func partlyThenLost() throws {
        let desk = try desk()
        desk.startProcess("k1")
        let batch = read(desk, [("limit", "3"), ("lease", "10s")])
        #expect(acknowledge(desk, 2, batch["token"]).0.status == 200)
        _ = desk.call("POST", "/clock/advance", #"{"by":"10s"}"#)
        #expect(acknowledge(desk, 4, batch["token"]).0.status == 409)
        #expect(acknowledge(desk, 2, batch["token"]).0.status == 200, "it was acknowledged in time")
        #expect(positions(read(desk)).first == 3)
    }

    @Test("a token of another batch, or one that was never given, acknowledges nothing")
    func forged() throws {
        let desk = try desk()
        desk.startProcess("k1")
        let batch = read(desk)
        for token in ["", "1-0", "1-00000000000000000000000000000000", "2" + (batch["token"]?.stringValue ?? "")] {
            let (response, problem) = acknowledge(desk, 1, .string(token))
            #expect(response.status == 409 && problem["code"] == "lease_lost", "\(token)")
        }
        #expect(place(desk) == 0)
    }

    @Test("what a filter leaves out is passed, and the place keeps what was looked at")
    func rareFilter() throws {
        let desk = try desk(#"{"types":["ProcessSuspended"],"category":"parcel"}"#)
        let ids = (1...20).map { desk.startProcess("k\($0)") }
        let last = desk.call("GET", "/events", query: [("limit", "1000")]).json["next"]?.int64Value
        let empty = read(desk)
        #expect(positions(empty).isEmpty && empty["next"]?.int64Value == last)
        // Written behind the answer, by the engine's next batch.
        desk.startProcess("k21")
        #expect(place(desk) == last)
        let waiting = desk.begin("GET", "/subscriptions/s/events", query: [("wait", "60s")])
        while desk.api.feeds.count == 0 { sched_yield() }
        desk.startProcess("k22")
        _ = desk.call("POST", "/processes/\(ids[0])/suspend")
        let found = waiting.wait().json
        #expect(found["events"]?.arrayValue?.map { $0["type"]?.stringValue } == ["ProcessSuspended"])
        #expect(acknowledge(desk, found["next"]?.int64Value ?? 0, found["token"]).0.status == 200)
        #expect(desk.call("GET", "/subscriptions/s").json["lag"] == 0)
    }

    @Test("a wait that is over is answered without events, and a later one goes on")
    func timesOut() throws {
        let desk = try desk()
        let (response, json) = desk.begin("GET", "/subscriptions/s/events", query: [("wait", "20ms")]).wait()
        #expect(response.status == 200 && positions(json).isEmpty && json["expires_at"]?.isNull == true)
        desk.startProcess("k1")
        #expect(positions(read(desk)).first == 2)
    }

    @Test("from says where a new subscription begins, and does not move one that is there")
    func from() throws {
        let desk = try Desk()
        desk.startProcess("k1")
        for (from, behind) in [(#""start""#, 0), (#""now""#, nil), ("1", 1)] as [(String, Int64?)] {
            let last = try #require(desk.call("GET", "/events").json["next"]?.int64Value)
            let position = behind ?? last
            let (response, json) = desk.call("PUT", "/subscriptions/s", #"{"from":\#(from)}"#)
            #expect(response.status == 201)
            #expect(response["Location"] == "/subscriptions/s")
            #expect(json["position"]?.int64Value == position && json["lag"]?.int64Value == last - position)
            let (again, same) = desk.call("PUT", "/subscriptions/s", #"{"from":"start"}"#)
            #expect(again.status == 200 && same["position"]?.int64Value == position)
            // Not what was sent is stored, but more (RFC 9110 section 9.3.4).
            #expect(again["ETag"] == nil && response["ETag"] == nil)
            #expect(desk.call("DELETE", "/subscriptions/s").response.status == 204)
        }
        for bad in [#""later""#, "-1", "true", "1.5"] {
            #expect(desk.call("PUT", "/subscriptions/s", #"{"from":\#(bad)}"#).response.status == 400, "\(bad)")
        }
        #expect(desk.call("PUT", "/subscriptions/no spaces", "{}").response.status == 400)
    }

    @Test("a changed filter is another revision: a batch under way is lost, and so is a precondition on the old one")
    func revisions() throws {
        let desk = try desk()
        desk.startProcess("k1")
        let first = desk.call("GET", "/subscriptions/s").response["ETag"] ?? ""
        let batch = read(desk)
        let change = desk.call(
            "PUT", "/subscriptions/s", #"{"types":["TransitionPlanned"]}"#, fields: [("If-Match", first)])
        #expect(change.response.status == 200)
        let second = desk.call("GET", "/subscriptions/s").response["ETag"] ?? ""
        #expect(second != first)
        #expect(acknowledge(desk, 1, batch["token"]).0.status == 409)
        #expect(read(desk)["events"]?[0]?["type"] == "TransitionPlanned")
        for (method, fields) in [
            ("PUT", [("If-Match", first)]), ("PUT", [("If-None-Match", "*")]), ("DELETE", [("If-Match", first)]),
            ("DELETE", [("If-Match", "W/\(second)")]),
        ] {
            let (response, json) = desk.call(method, "/subscriptions/s", "{}", fields: fields)
            #expect(response.status == 412 && json["code"] == "precondition_failed", "\(method) \(fields)")
        }
        let unquoted = desk.call("DELETE", "/subscriptions/s", fields: [("If-Match", "unquoted")])
        #expect(unquoted.response.status == 400)
        #expect(desk.call("DELETE", "/subscriptions/s", fields: [("If-Match", second)]).response.status == 204)
        #expect(desk.call("PUT", "/subscriptions/s", "{}", fields: [("If-Match", "*")]).response.status == 412)
        let made = desk.call("PUT", "/subscriptions/s", "{}", fields: [("If-None-Match", "*")])
        #expect(made.response.status == 201)
        #expect(desk.call("GET", "/subscriptions/s").response["ETag"] != first)
    }

    @Test("a deleted subscription is gone for those who wait for it, and its tokens are good for nothing after")
    func deleted() throws {
        let desk = try desk()
        let waiting = desk.begin("GET", "/subscriptions/s/events", query: [("wait", "60s")])
        while desk.api.feeds.count == 0 { sched_yield() }
        #expect(desk.call("DELETE", "/subscriptions/s").response.status == 204)
        #expect(waiting.wait().json["code"] == "subscription_not_found")
        for (method, path, body) in [
            ("GET", "/subscriptions/s", ""), ("GET", "/subscriptions/s/events", ""), ("DELETE", "/subscriptions/s", ""),
            ("POST", "/subscriptions/s/ack", #"{"position":1,"token":"1-0"}"#),
        ] {
            let (response, json) = desk.call(method, path, body)
            #expect(response.status == 404 && json["code"] == "subscription_not_found", "\(method) \(path)")
        }
    }

    @Test("HEAD leases nothing, and a service that stops leases nothing more")
    func leasesNothing() throws {
        let desk = try desk()
        desk.startProcess("k1")
        #expect(desk.call("HEAD", "/subscriptions/s/events").response.status == 200)
        #expect(desk.call("GET", "/subscriptions/s").json["leased_until"]?.isNull == true)
        desk.api.startDraining()
        #expect(positions(read(desk)).isEmpty)
    }

    @Test("all are listed by name, and the metrics have the lag of each")
    func lists() throws {
        let desk = try desk()
        _ = desk.call("PUT", "/subscriptions/a", #"{"category":"parcel","types":["ParcelSent"]}"#)
        desk.startProcess("k1")
        let list = desk.call("GET", "/subscriptions").json["subscriptions"]?.arrayValue ?? []
        #expect(list.map { $0["name"]?.stringValue } == ["a", "s"])
        #expect(list.first?["category"] == "parcel" && list.first?["types"] == ["ParcelSent"])
        let lag = try #require(list.first?["lag"]?.int64Value)
        #expect(lag > 0)
        let page = String(decoding: desk.call("GET", "/metrics").response.body, as: UTF8.self)
        #expect(page.contains("procession_subscription_lag{subscription=\"a\"} \(lag)\n"))
    }
}

/// `Prefer: wait`.
@Suite("Wait preference")
struct WaitPreferenceTests {
    @Test(
        "is read as RFC 7240 says",
        arguments: [
            ("wait=5", 5), ("respond-async, wait=10", 10), ("WAIT = 3", 3), ("wait=\"7\"", 7), ("wait=5;x=1", 5),
            ("wait=90", 60), ("wait=99999999999999999999", 60), ("wait=1, wait=2", 1), ("wait", nil), ("wait=x", nil),
            ("return=minimal", nil), ("wait=-1", nil),
        ] as [(String, Int64?)])
    func reads(_ text: String, _ seconds: Int64?) {
        #expect(WaitPreference.read(HTTPFields([("Prefer", text)])) == seconds.map { .seconds($0) })
    }

    @Test("holds an answer back like the parameter, and the answer says so; the shorter of both counts")
    func applied() throws {
        let desk = try Desk()
        let plain = desk.call("GET", "/events", fields: [("Prefer", "wait=0")])
        #expect(plain.response["Preference-Applied"] == "wait=0")
        let short = desk.call("GET", "/events", fields: [("Prefer", "wait=60")], query: [("wait", "10ms")])
        #expect(short.response.status == 200 && short.response["Preference-Applied"] == "wait=60")
        let other = desk.call("GET", "/queues", fields: [("Prefer", "wait=5")])
        #expect(other.response["Preference-Applied"] == nil)
    }
}
