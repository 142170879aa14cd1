import Engine
import HTTPServer
import JSON
import Testing

/// `DELETE /processes/{id}`.
@Suite("Removing processes")
struct RemovalTests {
    private func ended(_ desk: Desk, _ key: String) -> String {
        let id = desk.startProcess(key)
        #expect(desk.call("POST", "/processes/\(id)/cancel").json["status"] == "Cancelled")
        return id
    }

    @Test("only an ended process is removed; the repeat is 404, and under a key the same answer again")
    func removes() throws {
        let desk = try Desk()
        let running = desk.startProcess("r")
        let refused = desk.call("DELETE", "/processes/\(running)")
        #expect(refused.response.status == 409 && refused.json["code"] == "process_not_ended")
        let first = ended(desk, "a")
        #expect(desk.call("DELETE", "/processes/\(first)").response.status == 204)
        let again = desk.call("DELETE", "/processes/\(first)")
        #expect(again.response.status == 404 && again.json["code"] == "process_not_found")
        let second = ended(desk, "b")
        for replayed in [nil, "true"] {
            let (response, _) = desk.call("DELETE", "/processes/\(second)", fields: [("Idempotency-Key", "k")])
            #expect(response.status == 204 && response.body.isEmpty && response["Idempotency-Replayed"] == replayed)
        }
        for path in ["", "/events", "/diagram"] {
            #expect(desk.call("GET", "/processes/\(first)\(path)").response.status == 404, "\(path)")
        }
        #expect(desk.call("GET", "/processes").json["processes"]?.arrayValue?.count == 1)
    }

    @Test("feeds and subscriptions pass over what was removed, and skip nothing else")
    func gaps() throws {
        let desk = try Desk()
        _ = desk.call("PUT", "/subscriptions/s", #"{"types":["ProcessStarted"]}"#)
        let ids = ["a", "b", "c"].map { ended(desk, $0) }
        let last = try #require(desk.call("GET", "/events", query: [("limit", "1000")]).json["next"]?.int64Value)
        #expect(desk.call("DELETE", "/processes/\(ids[1])").response.status == 204)
        #expect(desk.call("DELETE", "/processes/\(ids[2])").response.status == 204)
        desk.startProcess("d")
        let feed = desk.call("GET", "/events", query: [("type", "ProcessStarted"), ("limit", "1000")]).json
        let batch = desk.call("GET", "/subscriptions/s/events").json
        for page in [feed, batch] {
            let keys = page["events"]?.arrayValue?.map { $0["data"]?["key"]?.stringValue }
            #expect(keys == ["a", "d"])
        }
        // No position is given again; the records of both removals have one each.
        #expect(batch["events"]?[1]?["position"]?.int64Value == last + 3)
    }
}
