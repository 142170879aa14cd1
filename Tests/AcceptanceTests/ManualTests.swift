import Foundation
import JSON
import Procession
import Testing

/// What the manual lists, against what the binary has.
@Suite("Manual")
struct ManualTests {
    @Test("operations.md lists every metric, and no other")
    func metrics() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            let page = try SocketClient.call(service.port, "GET", "/metrics", nil).body
            let served = Set(
                String(decoding: page, as: UTF8.self).matches(of: /# TYPE (\S+)/).map { String($0.output.1) })
            let rows = #/\n\| `(procession_\w+)[^`]*` \| (?:counter|gauge|histogram) \|/#
            let listed = Set(try Tutorial.text("docs/operations.md").matches(of: rows).map { String($0.output.1) })
            #expect(served.count > 10)
            #expect(served == listed)
            #expect(service.stop() == 0)
        }
    }

    @Test(
        "the service serves its description and the schema of definitions",
        arguments: [
            ("/openapi.yaml", "openapi.yaml"), ("/definition.schema.json", "docs/definition.schema.json"),
        ])
    func shippedFiles(target: String, path: String) throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            let body = try SocketClient.call(service.port, "GET", target, nil).body
            #expect(String(decoding: body, as: UTF8.self) == (try Tutorial.text(path)))
            #expect(service.stop() == 0)
        }
    }

    @Test("operations.md lists every option of serve with its name in the environment")
    func options() throws {
        let help = try ServiceProcess.run(ServiceProcess.command(["serve", "--help"]))
        let offered = Set(help.output.matches(of: /\n  (--[a-z-]+)/).map { String($0.output.1) })
        var listed: Set<String> = []
        let rows = #/\n\| `(--[a-z-]+)[^`]*` \| `PROCESSION_(\w+)`/#
        for row in try Tutorial.text("docs/operations.md").matches(of: rows) {
            let option = String(row.output.1)
            listed.insert(option)
            let name = option.dropFirst(2).uppercased().replacingOccurrences(of: "-", with: "_")
            #expect(name == row.output.2)
        }
        #expect(offered.count > 5)
        #expect(offered == listed)
    }

    /// Codes of problems that a call can only get when it is written wrongly.
    private static let slips = [
        "malformed_request", "invalid_json", "invalid_request", "unknown_parameter", "not_found",
        "method_not_allowed", "unsupported_media_type",
    ]

    @Test("every call of http.md is one that the service understands")
    func calls() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            let event: JSONValue = ["type": "OrderPlaced", "data": ["order_id": "o99", "total": 1]]
            let receipt = try JSONValue(
                parsing: try SocketClient.call(service.port, "POST", "/events", event.bytes).body)
            let claimed = try JSONValue(
                parsing: try SocketClient.call(service.port, "GET", "/tasks?type=charge-card", nil).body)
            let task = try #require(claimed["tasks"]?[0])
            let process = try #require(receipt["processes"]?[0]?["process_id"]?.stringValue)
            let endpoint: JSONValue = ["url": "https://example.org/", "commands": ["alert-support"]]
            let webhook = try JSONValue(
                parsing: try SocketClient.call(service.port, "POST", "/webhooks", endpoint.bytes).body)
            let webhookID = try #require(webhook["id"]?.stringValue)
            let delivery = try JSONValue(
                parsing: try SocketClient.call(service.port, "POST", "/webhooks/\(webhookID)/test", nil).body)
            let variables = """
                WEBHOOK=\(webhookID)
                DELIVERY=\(delivery["id"]?.stringValue ?? "")
                PROCESS=\(process)
                ID=\(task["task_id"]?.stringValue ?? "")
                TOKEN=\(task["lease"]?["token"]?.stringValue ?? "")
                INCIDENT=\(process)

                """
            var blocks = try Tutorial.text("docs/http.md").components(separatedBy: "```sh\n").dropFirst().map {
                $0.components(separatedBy: "\n```")[0].replacing(/wait=[0-9]+s/, with: "wait=0") + "\n"
            }
            blocks[0] = variables + blocks[0]
            let outputs = try Tutorial.type(
                blocks, into: "\(folder)/calls.sh", at: Tutorial.project, port: service.port)
            #expect(blocks.count > 15)
            for (block, output) in zip(blocks, outputs) where !block.contains("limit=101") {
                let found = Self.slips.filter { output.contains("problem:\($0)\"") }
                #expect(found == [], "\(block)\(output)")
            }
            #expect(service.stop() == 0)
        }
    }

    @Test("the scenarios of the manual pass", arguments: [("docs/scenarios.md", 3), ("docs/migration.md", 1)])
    func scenarios(_ page: String, _ count: Int) throws {
        let blocks = try Tutorial.text(page).components(separatedBy: "```json\n").dropFirst()
        #expect(blocks.count == count)
        for block in blocks {
            let scenario = try Scenario(try JSONValue(parsing: block.components(separatedBy: "\n```")[0]))
            let configuration = try Samples.configuration(for: scenario, store: .memory)
            try ScenarioRunner.run(scenario, on: try InProcessClient(configuration))
        }
    }
}
