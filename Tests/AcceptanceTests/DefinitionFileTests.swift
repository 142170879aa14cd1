import Engine
import JSON
import Procession
import Testing

/// What a start does with the files of `--definitions`.
@Suite("Definition files")
struct DefinitionFileTests {
    private static func definition(_ task: String) -> JSONValue {
        [
            "name": "job", "events": ["Opened": ["key": "event.data.id", "route": "start"]], "initial": "A",
            "states": [
                "A": ["task": ["type": .string(task)], "on": ["completed": ["to": "B"], "failed": ["to": "B"]]],
                "B": ["final": true],
            ],
        ]
    }

    private static func client(_ path: String, file: JSONValue) throws -> InProcessClient {
        var configuration = ServiceConfiguration()
        configuration.store = .sqlite(path: path)
        configuration.definitions = [("job.json", file.bytes)]
        return try InProcessClient(configuration)
    }

    private static func newest(_ client: InProcessClient) -> JSONValue? {
        client.call("GET", "/definitions/job", nil).body["version"]
    }

    @Test("a restart does not take back what was deployed since; a changed file is stored, by the start")
    func restart() throws {
        try Samples.withFolder { folder in
            let path = "\(folder)/store.db"
            do {
                let client = try Self.client(path, file: Self.definition("one"))
                #expect(Self.newest(client) == 1)
                #expect(client.call("PUT", "/definitions/job", Self.definition("two")).status == 201)
                #expect(Self.newest(client) == 2)
            }
            do {
                let client = try Self.client(path, file: Self.definition("one"))
                #expect(Self.newest(client) == 2)
                // Whoever wants the old content back says so.
                #expect(client.call("PUT", "/definitions/job", Self.definition("one")).status == 201)
                #expect(Self.newest(client) == 3)
            }
            let client = try Self.client(path, file: Self.definition("three"))
            #expect(Self.newest(client) == 4)
            let audit = client.call("GET", "/events?category=audit", nil).body["events"]?.arrayValue ?? []
            #expect(audit.compactMap { $0["data"]?["by"]?.stringValue } == ["start", "start"])
        }
    }
}
