import API
import HTTPServer
import JSON
import Testing

@Suite("Simulation over the API")
struct SimulationTests {
    private static let body = #"{"scenario":{"steps":[]},"definition":{"name":"parcel"}}"#

    @Test("what was played is the answer")
    func played() throws {
        let desk = try Desk { request, reply in
            reply(.played(["passed": true, "of": request.definition["name"].map { $0.value } ?? .null]))
            return true
        }
        let answer = desk.call("POST", "/definitions/parcel/simulate", Self.body)
        #expect(answer.response.status == 200)
        #expect(answer.json["passed"] == true)
        #expect(answer.json["of"]?.stringValue == "parcel")
    }

    @Test("a scenario that is none is 400 with its place in the body")
    func invalid() throws {
        let desk = try Desk { _, reply in
            reply(.invalid(pointer: "/steps/0", message: "a step is an object"))
            return true
        }
        let answer = desk.call("POST", "/definitions/parcel/simulate", Self.body)
        #expect(answer.response.status == 400)
        #expect(answer.json["errors"]?[0]?["pointer"]?.stringValue == "/scenario/steps/0")
    }

    @Test("too many simulations are 503, and so is one that could not be played")
    func unavailable() throws {
        let full = try Desk { _, _ in false }
        let refused = full.call("POST", "/definitions/parcel/simulate", Self.body)
        #expect(refused.response.status == 503)
        #expect(refused.json["code"]?.stringValue == "overloaded")
        #expect(refused.response["Retry-After"] != nil)
        let broken = try Desk { _, reply in
            reply(.failed("no memory"))
            return true
        }
        #expect(broken.call("POST", "/definitions/parcel/simulate", Self.body).response.status == 503)
    }
}
