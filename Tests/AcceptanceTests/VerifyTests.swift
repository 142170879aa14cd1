import Engine
import Foundation
import JSON
import Procession
import Testing

@testable import SQLiteStore

/// What `verify` has to find in a file that an engine with a fault, or a hand, has written.
@Suite("Verify finds what was lost")
struct VerifyTests {
    private static let job: JSONValue = [
        "name": "job", "restart": true,
        "events": [
            "Opened": ["key": "event.data.id", "route": "start"], "Said": ["key": "event.data.id"],
            "Closed": ["key": "event.data.id"],
        ],
        "data": ["n": "${int(event.data.value)}"], "initial": "A",
        "states": [
            "A": ["defer": ["Said"], "on": ["Closed": ["to": "Done"]], "after": ["delay": "100d", "to": "Done"]],
            "Done": ["final": true],
        ],
    ]

    private static func configuration(_ path: String) -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.store = .sqlite(path: path)
        configuration.testClock = true
        return configuration
    }

    @discardableResult
    private static func post(_ type: String, _ id: String, _ data: JSONValue, _ client: InProcessClient) -> JSONValue {
        client.call("POST", "/events", ["id": .string(id), "type": .string(type), "data": data]).body
    }

    /// Writes with one service, changes the file by hand, and verifies with another.
    private static func difference(
        after write: (InProcessClient) throws -> Void, changing statements: [String]
    ) throws -> String? {
        try Samples.withFolder { folder in
            let path = "\(folder)/store.db"
            do {
                let client = try InProcessClient(configuration(path))
                let document = String(decoding: job.bytes, as: UTF8.self).replacing("100d", with: "2400h")
                #expect(
                    client.call("PUT", "/definitions/job", try JSONValue(parsing: Array(document.utf8))).status == 201)
                try write(client)
                #expect(try client.verify().difference == nil)
            }
            do {
                let connection = try Connection(path: path, mode: .readWrite, busyTimeoutMilliseconds: 1000)
                for statement in statements { try connection.execute(statement) }
            }
            return try InProcessClient(configuration(path)).verify().difference
        }
    }

    @Test("the payload of a posted event that was changed in the file")
    func changedPayload() throws {
        let difference = try Self.difference(
            after: { Self.post("Opened", "1", ["id": "k", "value": "3", "note": "a"], $0) },
            changing: [
                "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), '\"note\":\"a\"', '\"note\":\"b\"') AS BLOB)"
            ])
        #expect(difference?.contains("is not what was posted") == true, "\(difference ?? "nothing")")
    }

    @Test("a start that was retried without its data")
    func dataOfRetry() throws {
        let difference = try Self.difference(
            after: { client in
                let answer = Self.post("Opened", "1", ["id": "k", "value": "x"], client)
                let process = try #require(answer["processes"]?[0]?["process_id"]?.stringValue)
                let incident = try #require(answer["processes"]?[0]?["incident"]?["incident_id"]?.stringValue)
                let body: JSONValue = ["input": ["id": "k", "value": "3"]]
                #expect(client.call("POST", "/processes/\(process)/incidents/\(incident)/retry", body).status == 200)
            },
            changing: ["UPDATE events SET data = CAST(replace(CAST(data AS TEXT), ',\"data\":{\"n\":3}', '') AS BLOB)"])
        #expect(difference?.contains("deciding again gives") == true, "\(difference ?? "nothing")")
    }

    @Test("two forms of one letter that an engine took for one machine")
    func formsOfLetters() throws {
        let each: JSONValue = [
            "name": "each", "events": ["Listed": ["key": "event.data.id", "route": "start"]],
            "machines": [
                "item": [
                    "spawn": ["on": "Listed", "for_each": "event.data.names", "id": "item"], "initial": "A",
                    "states": ["A": ["after": ["delay": "24h", "to": "B"]], "B": ["final": true]],
                ]
            ],
        ]
        // Composed and decomposed.
        let (one, two) = ("\u{FC}", "u\u{308}")
        for (fact, other) in [("%\"machine_id\":\"item/\(two)\"%", one), ("%\"machine_id\":\"item/\(one)\"%", two)] {
            let difference = try Self.difference(
                after: { client in
                    #expect(client.call("PUT", "/definitions/each", each).status == 201)
                    let data: JSONValue = ["id": "k", "names": [.string(one), .string(two)]]
                    let answer = Self.post("Listed", "1", data, client)
                    #expect(answer["processes"]?[0]?["started"] == true)
                },
                changing: [
                    """
                    UPDATE events SET data = CAST(replace(replace(CAST(data AS TEXT), '\(one)', '\(other)'), '\(two)',
                    '\(other)') AS BLOB) WHERE CAST(data AS TEXT) LIKE '\(fact)'
                    """
                ])
            #expect(difference != nil)
        }
    }

    @Test("an event that waited when its process ended, and went nowhere")
    func lostAtAnEnd() throws {
        let difference = try Self.difference(
            after: { client in
                Self.post("Opened", "1", ["id": "k", "value": "3"], client)
                Self.post("Said", "2", ["id": "k"], client)
                Self.post("Closed", "3", ["id": "k"], client)
                // As an engine would have left it that forgot about the event.
            },
            changing: [
                "DELETE FROM unmatched",
                "UPDATE inbox SET answer = (SELECT answer FROM inbox WHERE id = '3') WHERE id = '2'",
            ])
        #expect(difference?.contains("waited in vain") == true, "\(difference ?? "nothing")")
    }

    @Test("an event that is known though all that it reached is gone")
    func knownForEver() throws {
        let difference = try Self.difference(
            after: { client in
                let answer = Self.post("Opened", "1", ["id": "k", "value": "3"], client)
                let process = try #require(answer["processes"]?[0]?["process_id"]?.stringValue)
                Self.post("Closed", "2", ["id": "k"], client)
                Self.post("Opened", "3", ["id": "other", "value": "3"], client)
                #expect(client.call("DELETE", "/processes/\(process)", nil).status < 300)
                // What is removed is removed piece by piece.
                for _ in 0..<3 { _ = client.call("POST", "/clock/advance", ["by": "1s"]) }
            },
            changing: ["UPDATE inbox SET answer = x'04000000007F01'"])
        #expect(difference?.contains("all that it reached is gone") == true, "\(difference ?? "nothing")")
    }
}
