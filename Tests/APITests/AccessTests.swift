import API
import Engine
import HTTPServer
import JSON
import Testing

/// Who may use which route.
@Suite("Access")
struct AccessTests {
    /// A path with something in the place of each parameter.
    private static func path(_ pattern: String) -> String {
        let id = "018f0000-0000-7000-8000-000000000000"
        return pattern.replacing(/\{unmatched_id\}/, with: "999").replacing(/\{name\}/, with: "none")
            .replacing(/\{version\}/, with: "1").replacing(/\{[a-z_]+\}/, with: id)
    }

    @Test("what every route asks for, as the documentation says")
    func table() {
        let found = ProcessionAPI.access.map { route in
            "\(route.method) \(route.pattern) \(route.scopes.isEmpty ? "open" : route.scopes.map(\.rawValue).joined(separator: "|"))\(route.isShared ? " shared" : "")"
        }
        for line in [
            "POST /events events:write", "GET /events read", "GET /events/unmatched read",
            "POST /events/unmatched/{unmatched_id}/redeliver operate", "GET /tasks tasks:work",
            "POST /tasks/{task_id}/outcome tasks:work", "GET /tasks/{task_id} read|tasks:work",
            "GET /tasks/{task_id}/events read|tasks:work", "GET /queues read",
            "GET /processes read", "POST /processes/{process_id}/cancel operate",
            "POST /processes/{process_id}/incidents/{incident_id}/retry operate", "GET /definitions read",
            "PUT /definitions/{name} admin shared", "DELETE /definitions/{name}/versions/{version} admin shared",
            "POST /definitions/{name}/migrate operate", "POST /definitions/{name}/simulate read", "GET /livez open",
            "GET /readyz open", "GET /openapi.yaml open", "GET /definition.schema.json open", "GET /metrics read",
            "GET /clock operate", "POST /clock/advance operate shared", "POST /keys admin", "GET /keys admin",
            "GET /keys/{id} admin", "DELETE /keys/{id} admin",
        ] {
            #expect(found.contains(line), "\(line)")
        }
        let open = ProcessionAPI.access.filter(\.scopes.isEmpty).map(\.pattern)
        #expect(open == ["/livez", "/readyz", "/openapi.yaml", "/definition.schema.json"])
    }

    @Test("openapi.yaml names the scope of every operation")
    func describesEveryScope() throws {
        let document = try OpenAPIDocument()
        for route in ProcessionAPI.access {
            let name = "\(route.method) \(route.pattern)"
            #expect(document[name]?.scopes == route.scopes.map(\.rawValue), "\(name)")
        }
    }

    @Test("every route against every scope and no key")
    func everyRoute() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        var keys: [(scope: AccessScope?, secret: String)] = [(nil, "")]
        for scope in AccessScope.allCases {
            keys.append((scope, try desk.makeKey(scope.rawValue, [scope.rawValue], by: root.secret).secret))
        }
        let bound = try desk.makeKey("bound", ["admin"], tenant: "acme", by: root.secret).secret
        for route in ProcessionAPI.access {
            for key in keys {
                let fields = key.scope == nil ? [] : Desk.fields(key.secret)
                let (response, json) = desk.call(route.method, Self.path(route.pattern), fields: fields)
                let place = "\(route.method) \(route.pattern) with \(key.scope?.rawValue ?? "no key")"
                switch (route.scopes.first, key.scope) {
                case (nil, _): #expect(response.status == 200, "\(place)")
                case (_, nil):
                    #expect(response.status == 401, "\(place)")
                    #expect(json["code"]?.stringValue == "unauthorized")
                    #expect(response["WWW-Authenticate"] == "Bearer realm=\"procession\"")
                case (_?, let given?) where route.scopes.contains(given) || given == .admin:
                    #expect(response.status != 401 && response.status != 403, "\(place)")
                case (let needed?, _):
                    #expect(response.status == 403, "\(place)")
                    #expect(json["code"]?.stringValue == "forbidden")
                    #expect(json["scope"]?.stringValue == needed.rawValue)
                    let challenge = "insufficient_scope\", scope=\"\(needed.rawValue)\""
                    #expect(response["WWW-Authenticate"]?.hasSuffix(challenge) == true)
                }
            }
            let (response, _) = desk.call(route.method, Self.path(route.pattern), fields: Desk.fields(bound))
            #expect((response.status == 403) == route.isShared, "\(route.pattern) with a key that is bound to a tenant")
        }
    }

    @Test("the first key has to be able to make others; with it, everybody needs one")
    func firstKey() throws {
        let desk = try Desk(isGuarded: true)
        #expect(desk.call("GET", "/processes").response.status == 200)
        let (refused, problem) = desk.call("POST", "/keys", #"{"name":"x","scopes":["read","operate"]}"#)
        #expect(refused.status == 400)
        #expect(problem["errors"]?[0]?["pointer"]?.stringValue == "/scopes")
        #expect(desk.call("GET", "/processes").response.status == 200)
        let root = try desk.makeKey("root", ["admin"])
        #expect(desk.call("GET", "/processes").response.status == 401)
        #expect(desk.call("GET", "/processes", fields: Desk.fields(root.secret)).response.status == 200)
        // Also when it is gone: nobody gets in any more, instead of everybody.
        let path = "/keys/\(root.id)"
        #expect(desk.call("DELETE", path, fields: Desk.fields(root.secret)).response.status == 200)
        #expect(desk.call("DELETE", path, fields: Desk.fields(root.secret)).response.status == 401)
        #expect(desk.call("GET", "/processes").response.status == 401)
    }

    @Test("a secret is shown once, and a revoked key looks like one that never was")
    func secrets() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let other = try desk.makeKey("other", ["read"], by: root.secret)
        let fields = Desk.fields(root.secret)
        for path in ["/keys", "/keys/\(other.id)"] {
            let (response, json) = desk.call("GET", path, fields: fields)
            #expect(response.status == 200)
            #expect(response["Cache-Control"] == "no-store")
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(text.contains(other.id) && !text.contains("prc_") && !text.contains("hash"), "\(json)")
        }
        #expect(desk.call("GET", "/processes", fields: Desk.fields(other.secret)).response.status == 200)
        let (revoked, json) = desk.call("DELETE", "/keys/\(other.id)", fields: fields)
        #expect(revoked.status == 200)
        #expect(json["revoked_at"]?.stringValue != nil)
        let gone = desk.call("GET", "/processes", fields: Desk.fields(other.secret))
        let never = desk.call("GET", "/processes", fields: Desk.fields("prc_\(String(repeating: "0", count: 33))"))
        #expect(gone.response.status == 401)
        #expect(gone.json == never.json)
        #expect(gone.response["WWW-Authenticate"] == never.response["WWW-Authenticate"])
        #expect(gone.response["WWW-Authenticate"]?.contains("invalid_token") == true)
        #expect(desk.call("GET", "/keys/\(other.id)", fields: fields).json["name"]?.stringValue == "other")
    }

    @Test(
        "what is wrong in a new key is named with its place",
        arguments: [
            (#"{"scopes":["read"]}"#, "/name"), (#"{"name":"","scopes":["read"]}"#, "/name"),
            (#"{"name":"x"}"#, "/scopes"), (#"{"name":"x","scopes":[]}"#, "/scopes"),
            (#"{"name":"x","scopes":"read"}"#, "/scopes"), (#"{"name":"x","scopes":["admin","write"]}"#, "/scopes/1"),
            (#"{"name":"x","scopes":["admin"],"tenant":"a b"}"#, "/tenant"),
            (#"{"name":"x","scopes":["admin"],"expires_in":"soon"}"#, "/expires_in"),
            (#"{"name":"x","scopes":["admin"],"expires_at":"soon"}"#, "/expires_at"),
            (#"{"name":"x","scopes":["admin"],"expires_in":"1h","expires_at":"2100-01-01T00:00:00Z"}"#, "/expires_at"),
            (#"{"name":"x","scopes":["admin"],"secret":"prc_1"}"#, "/secret"),
        ])
    func refusedKeys(body: String, pointer: String) throws {
        let (response, json) = try Desk(isGuarded: true).call("POST", "/keys", body)
        #expect(response.status == 400)
        #expect(json["errors"]?[0]?["pointer"]?.stringValue == pointer)
    }

    @Test("a key that ended before it began is refused")
    func expiredKey() throws {
        let body = #"{"name":"x","scopes":["admin"],"expires_at":"2020-01-01T00:00:00Z"}"#
        let (response, json) = try Desk(isGuarded: true).call("POST", "/keys", body)
        #expect(response.status == 422)
        #expect(json["code"]?.stringValue == "key_expires_in_past")
    }

    @Test("too many wrong keys are answered 429 with Retry-After; a valid key is let in all the same")
    func tooManyFailures() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        for _ in 0..<10 {
            #expect(desk.call("GET", "/processes", fields: Desk.fields("prc_x")).response.status == 401)
        }
        let (response, json) = desk.call("GET", "/processes", fields: Desk.fields("prc_x"))
        #expect(response.status == 429)
        #expect(json["code"]?.stringValue == "too_many_failures")
        #expect(response["Retry-After"].flatMap { Int($0) }.map { (1...6).contains($0) } == true)
        #expect(desk.call("GET", "/processes", fields: Desk.fields(root.secret)).response.status == 200)
    }

    @Test("a waiting reader is sent away when its key is revoked, and a waiting claim gets no task")
    func revokedWhileWaiting() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let other = try desk.makeKey("other", ["read", "tasks:work"], by: root.secret)
        let position = try #require(
            desk.call("GET", "/events", fields: Desk.fields(root.secret)).json["next"]?.numberValue?.int64)
        let reader = desk.begin(
            "GET", "/events", query: [("after", String(position)), ("wait", "60s")],
            fields: Desk.fields(other.secret))
        let claim = desk.begin(
            "GET", "/tasks", query: [("type", "carry"), ("wait", "60s")], fields: Desk.fields(other.secret))
        _ = desk.call("PUT", "/subscriptions/s", #"{"from":"now"}"#, fields: Desk.fields(root.secret))
        let subscriber = desk.begin(
            "GET", "/subscriptions/s/events", query: [("wait", "60s")], fields: Desk.fields(other.secret))
        _ = desk.call("DELETE", "/keys/\(other.id)", fields: Desk.fields(root.secret))
        #expect(reader.wait().response.status == 401)
        #expect(subscriber.wait().response.status == 401)
        _ = desk.call(
            "POST", "/events", #"{"id":"e","type":"ParcelSent","data":{"key":"k"}}"#, fields: Desk.fields(root.secret))
        let tasks = desk.call(
            "GET", "/tasks", fields: Desk.fields(root.secret), query: [("type", "carry"), ("wait", "1s")])
        #expect(tasks.json["tasks"]?.arrayValue?.count == 1)
        #expect(claim.wait().json["tasks"]?.arrayValue?.isEmpty == true)
    }

    @Test("a Host that is no loopback name is refused only as long as nobody needs a key")
    func hosts() throws {
        let desk = try Desk(isGuarded: true)
        func status(_ fields: [(String, String)]) -> Int {
            let answer = PendingAnswer()
            desk.api.handle(
                HTTPRequest(
                    method: "GET", path: ["processes"], headers: HTTPFields([("Host", "example.org")] + fields)),
                answer.responder)
            return answer.wait().response.status
        }
        #expect(status([]) == 403)
        let root = try desk.makeKey("root", ["admin"])
        #expect(status(Desk.fields(root.secret)) == 200)
        #expect(status(Desk.fields(root.secret) + [("Origin", "http://evil.example")]) == 403)
        #expect(status([]) == 401)
    }

    @Test("two credentials in one request are none")
    func twoCredentials() throws {
        let desk = try Desk(isGuarded: true)
        let root = try desk.makeKey("root", ["admin"])
        let fields = Desk.fields(root.secret) + Desk.fields(root.secret)
        #expect(desk.call("GET", "/processes", fields: fields).response.status == 401)
    }
}
