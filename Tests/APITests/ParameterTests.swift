import HTTPServer
import JSON
import Testing

@testable import API

/// Query parameters, on every route that there is.
@Suite("Query parameters")
struct ParameterTests {
    private static let id = "3a24a3ee-d33d-4266-93ab-7d8e256a6d44"

    /// A path for a pattern, each parameter filled with something of its form.
    private static func path(_ pattern: String) -> String {
        pattern.split(separator: "/").map { segment in
            switch segment {
            case "{unmatched_id}", "{version}": "/1"
            case "{name}": "/parcel"
            case _ where segment.hasPrefix("{"): "/\(id)"
            default: "/\(segment)"
            }
        }.joined()
    }

    @Test("an unknown parameter is refused by name on every route")
    func unknown() throws {
        let desk = try Desk()
        for (method, pattern, _) in ProcessionAPI.routes {
            let (response, json) = desk.call(method, Self.path(pattern), "{}", query: [("wibble", "1")])
            #expect(response.status == 400, "\(method) \(pattern)")
            #expect(json["code"] == "unknown_parameter", "\(method) \(pattern)")
            #expect(json["errors"]?[0]?["parameter"] == "wibble", "\(method) \(pattern)")
        }
    }

    private struct Slip {
        var method = "GET"
        var path: String
        var body = ""
        var query: [(name: String, value: String)] = []
        var meant: String
    }

    private static let slips = [
        Slip(path: "/processes", query: [("status", "running")], meant: "Running"),
        Slip(path: "/processes", query: [("status", "Running,completed")], meant: "Completed"),
        Slip(path: "/webhooks/\(id)/deliveries", query: [("status", "Pending")], meant: "pending"),
        Slip(method: "POST", path: "/processes/\(id)/cancel", body: #"{"mode":"Hard"}"#, meant: "hard"),
        Slip(
            method: "POST", path: "/tasks/\(id)/outcome", body: #"{"lease_token":"t","outcome":"Completed"}"#,
            meant: "completed"),
        Slip(method: "POST", path: "/keys", body: #"{"name":"n","scopes":["Admin"]}"#, meant: "admin"),
        Slip(
            method: "POST", path: "/definitions/parcel/migrate", body: #"{"to_version":2,"status":["running"]}"#,
            meant: "Running"),
    ]

    @Test("a word that is none of a closed set is refused with all that there are, and the one that was meant")
    func closedSets() throws {
        for slip in Self.slips {
            let (response, json) = try Desk(isGuarded: true).call(slip.method, slip.path, slip.body, query: slip.query)
            #expect(response.status == 400, "\(slip.path)")
            let fault = json["errors"]?[0]
            let message = fault?["message"]?.stringValue ?? ""
            #expect(message.contains("; there are ") && message.contains(slip.meant), "\(json)")
            #expect(fault?["hint"]?.stringValue == "did you mean '\(slip.meant)'?", "\(json)")
        }
    }

    @Test("a duration in days is refused with the forms that there are, and in hours")
    func days() throws {
        let desk = try Desk()
        for (method, path, body, query) in [
            ("GET", "/tasks", "", [("type", "a"), ("lease", "3d")]), ("GET", "/events", "", [("wait", "3d")]),
            ("POST", "/clock/advance", #"{"by":"3d"}"#, []),
        ] as [(String, String, String, [(name: String, value: String)])] {
            let (response, json) = desk.call(method, path, body, query: query)
            #expect(response.status == 400)
            let message = json["errors"]?[0]?["message"]?.stringValue ?? ""
            #expect(message.contains("h, m, s and ms") && message.hasSuffix("for 3d write 72h"), "\(message)")
        }
    }

    @Test("a parameter that is no list is refused when it is given twice")
    func twice() throws {
        let desk = try Desk()
        for route in APIRoute.table where !route.2.parameters.isEmpty {
            for name in route.2.parameters.subtracting(route.2.repeatable) {
                let (response, json) = desk.call(route.0, Self.path(route.1), query: [(name, "1"), (name, "1")])
                #expect(response.status == 400, "\(route.1) \(name)")
                #expect(json["errors"]?[0]?["parameter"]?.stringValue == name, "\(route.1) \(name)")
            }
        }
    }

    @Test("limit has to be from 1 to its maximum wherever it is known")
    func limits() throws {
        let desk = try Desk()
        for (method, pattern, parameters) in ProcessionAPI.routes where parameters.contains("limit") {
            let needed: [(name: String, value: String)] = pattern == "/tasks" ? [("type", "nothing")] : []
            let most = pattern == "/tasks" ? 100 : 1000
            for (limit, isFine) in [
                ("0", false), ("-1", false), ("1e2", false), ("", false), ("\(most + 1)", false), ("\(most)", true),
            ] {
                let (response, json) = desk.call(method, Self.path(pattern), query: needed + [("limit", limit)])
                if isFine {
                    #expect(response.status == 200 || response.status == 404, "\(pattern) \(limit)")
                } else {
                    #expect(json["errors"]?[0]?["parameter"] == "limit", "\(pattern) \(limit)")
                }
            }
        }
    }

    @Test("a lease outside of 1 s to 12 h is refused, not cut", arguments: ["999ms", "0s", "12h1s", "13h", "-5s", "x"])
    func lease(_ text: String) throws {
        let desk = try Desk()
        let (response, json) = desk.call("GET", "/tasks", query: [("type", "carry"), ("lease", text)])
        #expect(response.status == 400)
        #expect(json["errors"]?[0]?["parameter"] == "lease")
    }

    @Test("a lease of exactly 1 s or 12 h is given as asked")
    func leaseBounds() throws {
        for (text, end) in [("1s", "2027-01-15T08:00:01.000Z"), ("12h", "2027-01-15T20:00:00.000Z")] {
            let desk = try Desk()
            desk.startProcess("k1")
            let task = desk.call("GET", "/tasks", query: [("type", "carry"), ("lease", text)]).json["tasks"]?[0]
            #expect(task?["lease"]?["expires_at"]?.stringValue == end)
        }
    }

    @Test("a wait longer than its maximum is cut, not refused")
    func longWait() throws {
        let desk = try Desk()
        desk.startProcess("k1")
        #expect(desk.call("GET", "/tasks", query: [("type", "carry"), ("wait", "24h")]).response.status == 200)
        #expect(desk.call("GET", "/events", query: [("wait", "24h")]).response.status == 200)
        #expect(desk.call("GET", "/events", query: [("wait", "long")]).response.status == 400)
    }

    @Test("the list of processes names a next page only where there is one")
    func pages() throws {
        let desk = try Desk()
        for number in 1...4 { desk.startProcess("k\(number)") }
        func page(_ query: [(name: String, value: String)]) -> (keys: [String], next: String?) {
            let json = desk.call("GET", "/processes", query: query).json
            let keys = (json["processes"]?.arrayValue ?? []).compactMap { $0["key"]?.stringValue }
            return (keys, json["next"]?.stringValue)
        }
        #expect(page([("limit", "4")]).next == nil)
        #expect(page([("limit", "5")]).next == nil)
        let first = page([("limit", "2")])
        #expect(first.keys == ["k4", "k3"])
        let second = page([("limit", "2"), ("cursor", try #require(first.next))])
        #expect(second.keys == ["k2", "k1"])
        #expect(second.next == nil)
        // Those that the state filter leaves out make no further page.
        #expect(page([("limit", "4"), ("state", "Carrying")]).keys.count == 4)
        let id = desk.call("GET", "/processes", query: [("key", "k1")]).json["processes"]?[0]?["process_id"]?
            .stringValue
        _ = desk.call("POST", "/processes/\(try #require(id))/cancel")
        #expect(page([("limit", "3"), ("status", "Running")]).next == nil)
        #expect(page([("limit", "3"), ("status", "Running"), ("state", "Carrying")]).next == nil)
        #expect(page([("limit", "1"), ("state", "Elsewhere")]).next == nil)
    }
}
