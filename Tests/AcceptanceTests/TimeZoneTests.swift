import CEL
import JSON
import Procession
import Testing

@Suite("Time zones by name in the service")
struct TimeZoneTests {
    private struct Zones: CELTimeZones {
        func offset(ofZone name: String, at seconds: Int64) -> Int? { name == "Moon/Base" ? 5 * 3600 : nil }
    }

    private static let scenario: JSONValue = [
        "name": "zones",
        "definitions": [
            [
                "name": "clock",
                "events": ["Asked": ["key": "event.data.id", "route": "start"], "Told": ["key": "event.data.id"]],
                "initial": "Open",
                "states": [
                    "Open": [
                        "on": ["Told": ["set": ["hour": "${timestamp(0).getHours(event.data.zone)}"]]],
                        "after": ["delay": "1h", "to": "Done"],
                    ],
                    "Done": ["final": true],
                ],
            ]
        ],
        "steps": [
            ["post": ["id": "a", "type": "Asked", "data": ["id": "c"]]],
            ["post": ["id": "t1", "type": "Told", "data": ["id": "c", "zone": "Moon/Base"]]],
            ["expect_process": ["key": "c", "data": ["hour": 5], "incidents": []]],
            ["post": ["id": "t2", "type": "Told", "data": ["id": "c", "zone": "Moon/Bass"]]],
            ["expect_process": ["key": "c", "data": ["hour": 5], "incidents": [["kind": "expression_failed"]]]],
        ],
    ]

    @Test("a definition decides by the zones that the service was started with; another name is an incident")
    func service() throws {
        let scenario = try Scenario(Self.scenario)
        var configuration = try Samples.configuration(for: scenario, store: .memory)
        configuration.timeZones = Zones()
        try ScenarioRunner.run(scenario, on: try InProcessClient(configuration))
    }
}
