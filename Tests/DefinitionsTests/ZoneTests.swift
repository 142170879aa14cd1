import CEL
import Definitions
import JSON
import ProcessManagement
import Testing

@Suite("Time zones in definitions")
struct ZoneTests {
    private struct Zones: CELTimeZones {
        func offset(ofZone name: String, at seconds: Int64) -> Int? { name == "Moon/Base" ? 5 * 3600 : nil }
    }

    private static func document(zone: String) -> [UInt8] {
        Array(
            definition(
                """
                "initial": "A",
                "states": {
                  "A": {"on": {"Go": {"to": "B", "set": {"hour": "${timestamp(0).getHours(\(zone))}"}}}},
                  "B": {"final": true}}
                """
            ).utf8)
    }

    @Test("a name is looked up in the zones that were passed in")
    func known() throws {
        let definition = try Definition.load(Self.document(zone: "'Moon/Base'"), timeZones: Zones()).definition
        let dialogue = Dialogue(definition)
        dialogue.post("Start", ["k": "k1"])
        dialogue.post("Go")
        #expect(dialogue.state.data["hour"]?.value.int64Value == 5)
    }

    @Test(
        "a name that is not there is an incident, whether it is written out or computed",
        arguments: ["'Moon/Bse'", "event.data.zone", "'../../etc/passwd'"])
    func unknown(zone: String) throws {
        for zones in [Zones(), nil] {
            let dialogue = Dialogue(try Definition.load(Self.document(zone: zone), timeZones: zones).definition)
            dialogue.post("Start", ["k": "k1"])
            dialogue.post("Go", ["zone": "Nowhere"])
            #expect(dialogue.last.map(\.type) == ["IncidentRaised"])
            let incident = try #require(dialogue.state.incidents.inOrder.first)
            #expect(incident.kind == .expressionFailed)
            #expect(incident.pointer == "/states/A/on/Go/set/hour")
            #expect(incident.message.contains("unknown time zone"))
            #expect(dialogue.at("main") == "A")
        }
    }
}
