import API
import HTTPServer
import JSON
import Testing

/// The record of what operators did to no process in particular.
@Suite("Audit")
struct AuditTests {
    private func audit(_ desk: Desk, _ secret: String) -> (response: HTTPResponse, json: JSONValue) {
        desk.call("GET", "/events", fields: Desk.fields(secret), query: [("category", "audit")])
    }

    @Test("who makes and revokes keys, advances the clock and redelivers stands in the record, and no secret does")
    func records() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let fields = Desk.fields(root.secret)
        let other = try desk.makeKey("other", ["read"], by: root.secret)
        _ = desk.call("DELETE", "/keys/\(other.id)", fields: fields)
        _ = desk.call("DELETE", "/keys/\(other.id)", fields: fields)
        _ = desk.call("POST", "/clock/advance", #"{"by":"1h"}"#, fields: fields)
        let (response, json) = audit(desk, root.secret)
        let events = json["events"]?.arrayValue ?? []
        #expect(
            events.compactMap { $0["type"]?.stringValue } == [
                "KeyCreated", "KeyCreated", "KeyRevoked", "ClockAdvanced",
            ])
        #expect(events.map { $0["data"]?["by"]?.stringValue } == [nil, "root", "root", "root"])
        #expect(events.last?["data"]?["advanced_by"]?.stringValue == "1h")
        let text = String(decoding: response.body, as: UTF8.self)
        for secret in [root.secret, other.secret] { #expect(!text.contains(secret)) }
    }

    @Test("who makes, changes and deletes a subscription stands in the record, once for each change")
    func subscriptions() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let duty = Desk.fields(try desk.makeKey("on duty", ["operate"], by: root.secret).secret)
        for body in [#"{"category":"parcel"}"#, #"{"category":"parcel"}"#, #"{"types":["B","A"]}"#] {
            #expect(desk.call("PUT", "/subscriptions/s", body, fields: duty).response.status < 300)
        }
        #expect(desk.call("DELETE", "/subscriptions/s", fields: duty).response.status == 204)
        #expect(desk.call("DELETE", "/subscriptions/s", fields: duty).response.status == 404)
        let events = (audit(desk, root.secret).json["events"]?.arrayValue ?? []).filter {
            $0["data"]?["by"]?.stringValue == "on duty"
        }
        #expect(
            events.compactMap { $0["type"]?.stringValue } == [
                "SubscriptionCreated", "SubscriptionChanged", "SubscriptionDeleted",
            ])
        #expect(events.allSatisfy { $0["data"]?["subscription"]?.stringValue == "s" })
        #expect(events.first?["data"]?["category"]?.stringValue == "parcel")
        #expect(events.dropFirst().first?["data"]?["types"] == ["A", "B"])
    }

    @Test("who tests an endpoint and sends deliveries again stands in the record")
    func deliveries() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let fields = Desk.fields(root.secret)
        let made = desk.call(
            "POST", "/webhooks", #"{"url":"https://example.org/hook","commands":["c"]}"#, fields: fields)
        let webhook = try #require(made.json["id"]?.stringValue)
        let tested = desk.call("POST", "/webhooks/\(webhook)/test", "{}", fields: fields)
        let delivery = try #require(tested.json["id"]?.stringValue)
        #expect(tested.response.status == 202)
        let again = desk.call(
            "POST", "/webhooks/\(webhook)/redeliver", #"{"since":"2020-01-01T00:00:00Z"}"#, fields: fields)
        #expect(again.response.status == 202)
        let one = desk.call("POST", "/deliveries/\(delivery)/redeliver", "{}", fields: fields)
        #expect(one.response.status == 202)
        let events = (audit(desk, root.secret).json["events"]?.arrayValue ?? []).dropFirst()
        #expect(
            events.compactMap { $0["type"]?.stringValue } == [
                "WebhookTested", "FailedRedelivered", "DeliveryRedelivered",
            ])
        #expect(events.first?["data"]?["webhook_id"]?.stringValue == webhook)
    }

    @Test("it is shown to who asks for it and has the scope admin, and to nobody else")
    func visibility() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let reader = try desk.makeKey("reader", ["read"], by: root.secret)
        let (refused, problem) = audit(desk, reader.secret)
        #expect(refused.status == 403)
        #expect(problem["scope"]?.stringValue == "admin")
        for secret in [root.secret, reader.secret] {
            let (response, json) = desk.call("GET", "/events", fields: Desk.fields(secret))
            #expect(response.status == 200)
            #expect(json["events"]?.arrayValue?.isEmpty == true)
            // What is left out is passed over, so that a reader gets on.
            #expect(json["next"]?.numberValue?.int64 == 2)
        }
        #expect(audit(desk, root.secret).json["events"]?.arrayValue?.count == 2)
    }

    @Test("a process that is deleted leaves a record of who deleted it")
    func deletions() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let fields = Desk.fields(root.secret)
        let posted = desk.call(
            "POST", "/events", #"{"id":"e","type":"ParcelSent","data":{"key":"k"}}"#, fields: fields)
        let id = try #require(posted.json["processes"]?[0]?["process_id"]?.stringValue)
        #expect(desk.call("DELETE", "/processes/\(id)", fields: fields).response.status == 409)
        _ = desk.call("POST", "/processes/\(id)/cancel", "{}", fields: fields)
        #expect(desk.call("DELETE", "/processes/\(id)", fields: fields).response.status == 204)
        let last = audit(desk, root.secret).json["events"]?.arrayValue?.last
        #expect(last?["type"]?.stringValue == "ProcessDeleted")
        #expect(last?["data"]?["process_id"]?.stringValue == id)
        #expect(last?["data"]?["by"]?.stringValue == "root")
    }

    @Test("an unmatched event is discarded once, by whom stands in the record, and its id is free again")
    func discards() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let fields = Desk.fields(root.secret)
        func post(_ data: String) -> JSONValue {
            desk.call("POST", "/events", #"{"id":"e","type":"Nobody","data":\#(data)}"#, fields: fields).json
        }
        #expect(post(#"{"a":1}"#)["unmatched"] == true)
        #expect(post(#"{"a":2}"#)["code"] == "event_id_reused")
        let row = desk.call("GET", "/events/unmatched", fields: fields).json["events"]?[0]?["unmatched_id"]?.int64Value
        let path = "/events/unmatched/\(row ?? 0)"
        for key in ["k", "k"] {
            let (response, _) = desk.call("DELETE", path, fields: fields + [("Idempotency-Key", key)])
            #expect(response.status == 204)
        }
        let (again, problem) = desk.call("DELETE", path, fields: fields)
        #expect(again.status == 404 && problem["code"] == "unmatched_not_found")
        #expect(desk.call("GET", "/events/unmatched", fields: fields).json["events"] == [])
        let records = audit(desk, root.secret).json["events"]?.arrayValue?.filter { $0["type"] == "UnmatchedDiscarded" }
        #expect(records?.count == 1)
        #expect(records?.first?["data"]?["event_id"] == "e" && records?.first?["data"]?["by"] == "root")
        #expect(post(#"{"a":2}"#)["duplicate"] == false)
    }

    @Test("what an operator does to a process names the key in the process's own stream")
    func namesInStreams() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let duty = try desk.makeKey("on duty", ["operate"], by: root.secret)
        let posted = desk.call(
            "POST", "/events", #"{"id":"e","type":"ParcelSent","data":{"key":"k"}}"#, fields: Desk.fields(root.secret))
        let id = try #require(posted.json["processes"]?[0]?["process_id"]?.stringValue)
        let cancelled = desk.call("POST", "/processes/\(id)/cancel", "{}", fields: Desk.fields(duty.secret))
        #expect(cancelled.response.status == 200)
        let stream = desk.call("GET", "/processes/\(id)/events", fields: Desk.fields(root.secret))
        let request = stream.json["events"]?.arrayValue?.first {
            $0["type"]?.stringValue == "ProcessCancellationRequested"
        }
        #expect(request?["data"]?["by"]?.stringValue == "on duty")
    }
}
