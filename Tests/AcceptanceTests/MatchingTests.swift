import JSON
import Procession
import Testing

/// What scenarios expect, compared with a process that is always the same.
@Suite("Matching in scenarios")
struct MatchingTests {
    /// A place in the data of the process, what is expected there, and whether it is so.
    struct Example: Sendable, CustomStringConvertible {
        let place: String
        let expected: JSONValue
        let passes: Bool

        init(_ place: String, _ expected: JSONValue, _ passes: Bool) {
            self.place = place
            self.expected = expected
            self.passes = passes
        }

        var description: String { "\(place) \(expected.text) \(passes ? "passes" : "fails")" }
    }

    private static let data: JSONValue = [
        "id": "k", "colour": "red", "none": .null, "sizes": [3, 5, 8], "box": ["wide": 2, "high": 1],
        "boxes": [["wide": 2, "lid": true], ["wide": 4]], "empty": [],
    ]

    private static func run(_ steps: [JSONValue]) throws {
        let definition: JSONValue = [
            "name": "thing", "events": ["Made": ["key": "event.data.id", "route": "start"]],
            "data": "${event.data}", "initial": "There", "states": ["There": [:]],
        ]
        let scenario = try Scenario(["name": "matching", "definition": definition, "steps": .array(steps)])
        let client = try InProcessClient(try Samples.configuration(for: scenario, store: .memory))
        try ScenarioRunner.run(scenario, on: client)
    }

    @Test(
        "every form passes and fails as it says",
        arguments: [
            Example("colour", "red", true), Example("colour", "green", false),
            Example("box", ["wide": 2], true), Example("box", ["wide": 3], false),
            Example("sizes", [3, 5, 8], true), Example("sizes", [3, 5], false),
            Example("none", .null, true), Example("absent", .null, true), Example("colour", .null, false),

            Example("colour", ["$any": ["green", "red"]], true), Example("colour", ["$any": ["green", "blue"]], false),
            Example("box", ["$any": [["deep": 1], ["high": 1]]], true), Example("colour", ["$any": []], false),
            Example("absent", ["$any": ["red", .null]], true),

            Example("sizes", ["$contains": 5], true), Example("sizes", ["$contains": 6], false),
            Example("boxes", ["$contains": ["lid": true]], true),
            Example("boxes", ["$contains": ["lid": false]], false),
            Example("sizes", ["$contains": ["$any": [1, 8]]], true), Example("colour", ["$contains": "red"], false),

            Example("sizes", ["$not_contains": 6], true), Example("sizes", ["$not_contains": 5], false),
            Example("boxes", ["$not_contains": ["wide": 3]], true),
            Example("boxes", ["$not_contains": ["wide": 4]], false),
            Example("empty", ["$not_contains": 1], true), Example("absent", ["$not_contains": 1], false),

            Example("sizes", ["$size": 3], true), Example("sizes", ["$size": 2], false),
            Example("box", ["$size": 2], true), Example("empty", ["$size": 0], true),
            Example("colour", ["$size": 3], false), Example("absent", ["$size": 0], false),

            Example("colour", ["$present": true], true), Example("empty", ["$present": true], true),
            Example("none", ["$present": true], false), Example("absent", ["$present": true], false),
        ])
    func forms(_ example: Example) throws {
        let steps: [JSONValue] = [
            ["post": ["id": "e", "type": "Made", "data": Self.data]],
            ["expect_process": ["data": .object(JSONObject(uniqueMembers: [(example.place, example.expected)]))]],
        ]
        if example.passes {
            try Self.run(steps)
        } else {
            #expect(throws: ScenarioRunner.Failure.self) { try Self.run(steps) }
        }
    }

    @Test(
        "a form that is written wrong is refused with its place, as nothing would pass or everything",
        arguments: [
            (["$anny": [1]], "/steps/0/expect_process/data/$anny"), (["$any": 1], "/steps/0/expect_process/data/$any"),
            (["$size": "3"], "/steps/0/expect_process/data/$size"),
            (["$size": -1], "/steps/0/expect_process/data/$size"),
            (["$present": false], "/steps/0/expect_process/data/$present"),
            (["x": ["$not_contains": ["$ann": 1]]], "/steps/0/expect_process/data/x/$not_contains/$ann"),
        ] as [(JSONValue, String)])
    func slips(_ form: JSONValue, _ pointer: String) throws {
        let fault = #expect(throws: Scenario.Fault.self) { try Self.run([["expect_process": ["data": form]]]) }
        #expect(fault?.pointer == pointer)
    }

    @Test("times before and after the start are compared as times, however they are written")
    func times() throws {
        let written: JSONValue = [
            "id": "k", "before": "T-1h", "after": "T+90s", "tag": "T-100", "list": ["T+0s"],
            "old": "1999-01-01T00:00:00Z",
        ]
        let post: JSONValue = ["post": ["id": "e", "type": "Made", "data": written]]
        try Self.run([post, ["expect_process": ["data": ["before": "T-60m", "after": "T+1m30s", "tag": "T-100"]]]])
        #expect(throws: ScenarioRunner.Failure.self) {
            try Self.run([post, ["expect_process": ["data": ["before": "T+1h"]]]])
        }
        #expect(throws: ScenarioRunner.Failure.self) {
            try Self.run([post, ["expect_process": ["data": ["old": "T+0s"]]]])
        }
    }

    @Test("forms inside of forms that compare everything with everything come to an end, and do not pass")
    func effort() throws {
        let many = JSONValue.array((0..<2_000).map { .number(JSONNumber(Int64($0))) })
        let steps: [JSONValue] = [
            ["post": ["id": "e", "type": "Made", "data": ["id": "k", "list": many]]],
            ["expect_process": ["data": ["list": ["$not_contains": ["$any": .array((0..<2_000).map { _ in "x" })]]]]],
        ]
        #expect(throws: ScenarioRunner.Failure.self) { try Self.run(steps) }
    }
}
