import API
import HTTPServer
import JSON
import Testing

/// What belongs to one tenant is not there for another.
@Suite("Tenants")
struct TenantTests {
    /// Two tenants with a key each that may do everything inside of them, and what the first of them has.
    private struct Town {
        let desk: Desk
        let mine: String
        let theirs: String
        /// What stands in the place of each path parameter.
        var ids: [String: String] = [:]
        var leaseToken = ""

        init() throws {
            desk = try Desk(isGuarded: true)
            let root = try desk.makeKey("root", ["admin"])
            let key = try desk.makeKey("first-key", ["admin"], tenant: "first", by: root.secret)
            mine = key.secret
            theirs = try desk.makeKey("second-key", ["admin"], tenant: "second", by: root.secret).secret
            let posted = call("POST", "/events", Self.event, by: mine).json
            ids["process_id"] = try #require(posted["processes"]?[0]?["process_id"]?.stringValue)
            let claimed = call("GET", "/tasks", by: mine, query: [("type", "carry"), ("worker", "first-worker")]).json
            ids["task_id"] = try #require(claimed["tasks"]?[0]?["task_id"]?.stringValue)
            leaseToken = try #require(claimed["tasks"]?[0]?["lease"]?["token"]?.stringValue)
            _ = call("POST", "/events", #"{"id":"first-stray","type":"Stray","data":{}}"#, by: mine)
            let unmatched = call("GET", "/events/unmatched", by: mine).json
            ids["unmatched_id"] = try #require(unmatched["events"]?[0]?["unmatched_id"]?.numberValue?.text)
            ids["incident_id"] = ids["task_id"]
            ids["id"] = key.id
            ids["name"] = "first-feed"
            #expect(call("PUT", "/subscriptions/first-feed", "{}", by: mine).response.status == 201)
            let body = #"{"url":"https://first.example/h","commands":["notify"]}"#
            let webhook = try #require(call("POST", "/webhooks", body, by: mine).json["id"]?.stringValue)
            ids["webhook_id"] = webhook
            ids["delivery_id"] = try #require(
                call("POST", "/webhooks/\(webhook)/test", by: mine).json["id"]?.stringValue)
        }

        static let event = #"{"id":"first-event","type":"ParcelSent","data":{"key":"first-parcel"}}"#

        func call(
            _ method: String, _ path: String, _ body: String = "", by secret: String,
            query: [(name: String, value: String)] = []
        ) -> (response: HTTPResponse, json: JSONValue) {
            desk.call(method, path, body, fields: Desk.fields(secret), query: query)
        }

        func body(_ pattern: String) -> String {
            let lease = #""lease_token":"\#(leaseToken)""#
            return switch pattern.split(separator: "/").last ?? "" {
            case "outcome": #"{\#(lease),"outcome":"completed"}"#
            case "heartbeat", "release": "{\(lease)}"
            case "steps": #"{\#(lease),"name":"s"}"#
            case "migrate": #"{"to_version":1}"#
            case "ack": #"{"position":1,"token":"x"}"#
            case "{webhook_id}": #"{"max_in_flight":1}"#
            case "redeliver" where pattern.hasPrefix("/webhooks/"): #"{"since":"2026-01-31T12:00:00Z"}"#
            default: ""
            }
        }
    }

    @Test("every route that names something by its id answers 404 to another tenant, and nothing is changed")
    func idsOfOthers() throws {
        let town = try Town()
        let before = town.call("GET", "/processes/\(town.ids["process_id"] ?? "")", by: town.mine).json
        var count = 0
        for route in ProcessionAPI.routes where route.pattern.contains("{") {
            // Definitions are shared by all tenants; and a subscription is made by who names it.
            guard !route.pattern.hasPrefix("/definitions/"),
                (route.method, route.pattern) != ("PUT", "/subscriptions/{name}")
            else { continue }
            count += 1
            var path = route.pattern
            for (name, id) in town.ids { path = path.replacing("{\(name)}", with: id) }
            #expect(!path.contains("{"), "no id is known for \(route.pattern)")
            let (response, json) = town.call(route.method, path, town.body(route.pattern), by: town.theirs)
            #expect(response.status == 404, "\(route.method) \(route.pattern): \(json)")
        }
        #expect(count > 25)
        #expect(town.call("GET", "/processes/\(town.ids["process_id"] ?? "")", by: town.mine).json == before)
        let key = town.call("GET", "/keys/\(town.ids["id"] ?? "")", by: town.mine).json
        #expect(key["revoked_at"] == .null)
        let outcome = town.call(
            "POST", "/tasks/\(town.ids["task_id"] ?? "")/outcome", town.body("/outcome"), by: town.mine)
        #expect(outcome.response.status == 200)
    }

    @Test("no list, queue, feed or figure tells of another tenant")
    func listsOfOthers() throws {
        let town = try Town()
        let lists: [(String, [(name: String, value: String)])] = [
            ("/processes", []), ("/processes", [("key", "first-parcel")]), ("/events", []),
            ("/events", [("category", "parcel")]), ("/events", [("category", "task")]),
            ("/events", [("category", "audit")]), ("/events/unmatched", []), ("/queues", []), ("/metrics", []),
            ("/keys", []), ("/tasks", [("type", "carry")]), ("/subscriptions", []), ("/webhooks", []),
            ("/events", [("category", "webhook")]),
        ]
        for (path, query) in lists {
            let mine = town.call("GET", path, by: town.mine, query: query).response
            let theirs = town.call("GET", path, by: town.theirs, query: query).response
            #expect(mine.status == 200 && theirs.status == 200, "\(path)")
            let text = String(decoding: theirs.body, as: UTF8.self)
            for word in Array(town.ids.values.filter { $0.count > 9 }) + ["first", "carry"] {
                #expect(!text.contains(word), "\(path) \(query) tells of \(word)")
            }
        }
        let mine = town.call("GET", "/metrics", by: town.mine).response
        #expect(
            String(decoding: mine.body, as: UTF8.self).contains(
                #"procession_tasks{task_type="carry",state="leased"} 1"#))
        #expect(!String(decoding: mine.body, as: UTF8.self).contains("commits_total"))
    }

    @Test("the same event, key, claim and outcomes of two tenants do not meet")
    func sameNames() throws {
        let town = try Town()
        let posted = town.call("POST", "/events", Town.event, by: town.theirs).json
        #expect(posted["duplicate"] == false)
        #expect(posted["processes"]?[0]?["started"] == true)
        #expect(posted["processes"]?[0]?["process_id"]?.stringValue != town.ids["process_id"])
        let claimed = town.call("GET", "/tasks", by: town.theirs, query: [("type", "carry"), ("limit", "9")]).json
        #expect(claimed["tasks"]?.arrayValue?.count == 1)
        let body =
            #"{"outcomes":[{"task_id":"\#(town.ids["task_id"] ?? "")","lease_token":"\#(town.leaseToken)","outcome":"completed"}]}"#
        let outcomes = town.call("POST", "/tasks/outcomes", body, by: town.theirs).json
        #expect(outcomes["results"]?[0]?["problem"]?["code"]?.stringValue == "task_not_found")
    }

    @Test("who is bound to a tenant makes keys for it, and for no other")
    func keysOfTenants() throws {
        let town = try Town()
        let own = town.call("POST", "/keys", #"{"name":"x","scopes":["read"]}"#, by: town.mine)
        #expect(own.response.status == 201)
        #expect(own.json["tenant"]?.stringValue == "first")
        let other = town.call("POST", "/keys", #"{"name":"x","scopes":["read"],"tenant":"second"}"#, by: town.mine)
        #expect(other.response.status == 403)
        #expect(other.json["code"]?.stringValue == "forbidden")
    }
}
