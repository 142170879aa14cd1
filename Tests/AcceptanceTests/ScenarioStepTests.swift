import JSON
import Procession
import Testing

/// Steps that hold others, are repeated or make requests: that they can fail, and what is no such step.
@Suite("Steps of scenarios")
struct ScenarioStepTests {
    private static let order: JSONValue = [
        "post": ["id": "e1", "type": "OrderPlaced", "data": ["order_id": "o1", "total": 40]]
    ]

    private static func scenario(_ steps: [JSONValue], stepLimit: Int = 100, isPlain: Bool = false) throws -> Scenario {
        try Scenario(
            ["name": "steps", "definition": "order-fulfilment", "steps": .array([order] + steps)], stepLimit: stepLimit,
            isPlain: isPlain)
    }

    private static func run(_ step: JSONValue) throws {
        let scenario = try scenario([step])
        try ScenarioRunner.run(
            scenario, on: try InProcessClient(try Samples.configuration(for: scenario, store: .memory)))
    }

    @Test(
        "pass and fail",
        arguments: [
            (["request": ["method": "GET", "path": "/livez"]], true),
            (["request": ["method": "GET", "path": "/nowhere"]], false),
            (["request": ["method": "GET", "path": "/nowhere", "expect_status": 404]], true),
            (["request": ["method": "GET", "path": "/nowhere", "expect_status": [200, 204]]], false),
            (
                ["request": ["method": "GET", "path": "/processes/x", "expect_problem": ["process_not_found", 410]]],
                true
            ),
            (["request": ["method": "GET", "path": "/processes/x", "expect_problem": "invalid_request"]], false),
            (
                [
                    "request": [
                        "method": "GET", "path": "/processes/x", "expect_status": 404, "expect_problem": "lease_lost",
                    ]
                ], false
            ),
            (["request": ["method": "GET", "path": "/processes?key=o1", "expect": ["processes": ["$size": 1]]]], true),
            (
                ["request": ["method": "GET", "path": "/processes?key=o1", "expect": ["processes": ["$size": 2]]]],
                false
            ),
            (["request": ["method": "GET", "path": "/processes?=&key=o1", "expect_status": [200, 400]]], true),
            (["request": ["method": "GET", "path": "/processes/{process_id:o2}"]], false),
            (["request": ["method": "GET", "path": "/tasks/{task_id:t}"]], false),
            (["request": ["method": "GET", "path": "/{lease_token:t}"]], false),
            (["request": ["method": "GET", "path": "/{incident_id:o1}"]], false),
            (["request": ["method": "GET", "path": "/{unmatched_id:e1}"]], false),
            (["one_of": [[["expect_tasks": []]], [["expect_tasks": ["charge-card"]]]]], true),
            (["one_of": [[["expect_tasks": []]], [["expect_tasks": ["charge-card"]], ["claim": "none"]]]], false),
            (["parallel": [["claim": "charge-card"], ["expect_process": ["key": "o1"]]]], true),
            (["parallel": [["claim": "charge-card"], ["expect_process": ["key": "o2"]]]], false),
            (["repeat": 3, "step": ["advance": "1s"]], true),
            (["repeat": 2, "step": ["claim": "charge-card"]], false),
        ] as [(JSONValue, Bool)])
    func outcomes(_ step: JSONValue, _ passes: Bool) throws {
        if passes {
            try Self.run(step)
        } else {
            #expect(throws: ScenarioRunner.Failure.self) { try Self.run(step) }
        }
    }

    @Test(
        "what is no step is refused with its place",
        arguments: [
            (["request": ["method": "GET"]], "/steps/1/request"),
            (["request": ["method": "GET", "path": "livez"]], "/steps/1/request"),
            (["request": ["method": "GET", "path": "/", "status": 200]], "/steps/1/request/status"),
            (["request": ["method": "GET", "path": "/", "headers": ["A": 1]]], "/steps/1/request/headers"),
            (["one_of": []], "/steps/1/one_of"), (["one_of": [[]]], "/steps/1/one_of/0"),
            (["parallel": [["claims": "x"]]], "/steps/1/parallel/0/claims"),
            (["repeat": 0, "step": ["advance": "1s"]], "/steps/1/repeat"), (["repeat": 2], "/steps/1/step"),
            (["repeat": 2, "step": ["advance": "1s"], "as": "x"], "/steps/1/as"),
            (["repeat": 100, "step": ["advance": "1s"]], "/steps"),
            (["repeat": 50, "step": ["repeat": 50, "step": ["advance": "1s"]]], "/steps"),
        ] as [(JSONValue, String)])
    func slips(_ step: JSONValue, _ pointer: String) {
        let fault = #expect(throws: Scenario.Fault.self) { try Self.scenario([step]) }
        #expect(fault?.pointer == pointer)
    }

    @Test(
        "a plain scenario, as one that is simulated, has none of them",
        arguments: [
            ["request": ["method": "GET", "path": "/livez"]], ["one_of": [[["advance": "1s"]]]],
            ["parallel": [["advance": "1s"]]], ["repeat": 2, "step": ["advance": "1s"]],
        ] as [JSONValue])
    func plain(_ step: JSONValue) throws {
        #expect(throws: Never.self) { try Self.scenario([step]) }
        #expect(throws: Scenario.Fault.self) { try Self.scenario([step], isPlain: true) }
    }

    @Test("a simulation refuses a request of the scenario's own, and leaves places for ids as they are")
    func simulated() throws {
        let client = try InProcessClient(try Samples.configuration(for: try Self.scenario([]), store: .memory))
        let request: JSONValue = ["request": ["method": "POST", "path": "/clock/advance", "body": ["by": "1h"]]]
        let refused = client.call(
            "POST", "/definitions/order-fulfilment/simulate", ["scenario": ["steps": [Self.order, request]]])
        #expect(refused.status == 400)
        #expect(refused.body["errors"]?[0]?["pointer"] == "/scenario/steps/1/request")
        let place: JSONValue = ["expect_process": ["key": "{process_id:o1}"]]
        let played = client.call(
            "POST", "/definitions/order-fulfilment/simulate", ["scenario": ["steps": [Self.order, place]]])
        #expect(played.body["steps"]?[1]?["passed"] == false)
        let form: JSONValue = ["expect_process": ["key": ["$any": ["o1", "o2"]]]]
        let passed = client.call(
            "POST", "/definitions/order-fulfilment/simulate", ["scenario": ["steps": [Self.order, form]]])
        #expect(passed.body["passed"] == true)
    }
}
